//! Threads that do one piece of work after the other.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::Builder;

/// The stack of a thread: as large as that of a program usually is.
const STACK: usize = 8 << 20;

type Work = Box<dyn FnOnce() + Send>;

/// A thread that runs the work it is given. Dropping the handle lets the thread finish its current work and exit;
/// it is not joined.
#[derive(Debug)]
pub(super) struct Worker {
    work: SyncSender<Work>,
}

impl Worker {
    pub(super) fn new() -> Self {
        let (work, todo) = sync_channel::<Work>(1);
        // This name is the one thing that is printed if the stack overflows.
        let thread = Builder::new().name("run".to_owned()).stack_size(STACK);
        let spawned = thread.spawn(move || todo.into_iter().for_each(|work| work()));
        spawned.expect("the system has a thread left");
        Self { work }
    }

    /// Begins a piece of work.
    pub(super) fn begin(&self, work: impl FnOnce() + Send + 'static) {
        self.work.send(Box::new(work)).expect("a thread without work is alive");
    }
}

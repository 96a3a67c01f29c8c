//! Pending occurrences, as they are described when a run does not come to rest.

use super::{Kernel, Payload, Pending};
use crate::kernel::{Instant, NodeId};

/// Whether a pending occurrence keeps a run from being at rest, or from being stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// There is something to do.
    Work,
    /// The node may have something to do when the timer fires.
    Timer,
    /// It repeats for ever and by itself changes nothing.
    Poll,
}

/// A pending occurrence.
#[derive(Clone, Copy, Debug)]
pub struct Awaited<'a, P> {
    /// When it is due.
    pub due: Instant,
    /// The sender; for a timer, the node itself.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// What it keeps the run from.
    pub class: Class,
    /// The message or timer.
    pub payload: &'a P,
}

impl<P: Payload> Kernel<P> {
    /// Every pending occurrence, in order. Held ones are due when the last of the others is.
    pub fn awaited(&self) -> Vec<Awaited<'_, P>> {
        fn awaited<P>((due, pending): (Instant, &Pending<P>)) -> Awaited<'_, P> {
            let Pending { from, to, class, ref payload, .. } = *pending;
            Awaited { due, from, to, class, payload }
        }
        let queued = self.queue.in_order();
        let last = queued.last().map_or(self.now, |(due, _)| *due);
        let held = self.held.iter().map(|pending| (last, pending));
        queued.into_iter().chain(held).map(awaited).collect()
    }
}

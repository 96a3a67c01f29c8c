//! What goes wrong: connections are cut, workers crash and dawdle.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::thread;
use std::time::Duration;

use fastrand::Rng;

use crate::proxy::Proxy;

/// How much goes wrong.
pub(super) struct Chaos {
    is_on: AtomicBool,
    cut_one_in: u32,
    crash_one_in: u32,
    dawdle_one_in: u32,
    pub(super) cuts: AtomicU64,
    pub(super) crashes: AtomicU64,
}

/// The longest time for which a transaction stays open for no reason.
const OPEN_MAX: Duration = Duration::from_millis(10);
/// The longest time between a statement and the cut that is meant for it.
const CUT_MAX: Duration = Duration::from_millis(4);

impl Chaos {
    /// A connection is cut in the course of one of so many statements, a worker crashes at one of so many steps, and one
    /// of so many transactions stays open for a while. 0 is never.
    pub(super) fn new(cut_one_in: u32, crash_one_in: u32, dawdle_one_in: u32) -> Self {
        let (cuts, crashes) = (AtomicU64::new(0), AtomicU64::new(0));
        let is_on = AtomicBool::new(true);
        Self { is_on, cut_one_in, crash_one_in, dawdle_one_in, cuts, crashes }
    }

    /// From now on nothing goes wrong.
    pub(super) fn end(&self) {
        self.is_on.store(false, Ordering::SeqCst);
    }

    /// Whether a worker crashes at this point.
    pub(super) fn crashes(&self, random: &mut Rng) -> bool {
        let crashes = self.happens(self.crash_one_in, random);
        self.crashes.fetch_add(u64::from(crashes), Ordering::Relaxed);
        crashes
    }

    /// Keeps a transaction open for a while, now and then.
    pub(super) fn dawdles(&self, random: &mut Rng) {
        if self.happens(self.dawdle_one_in, random) {
            thread::sleep(OPEN_MAX.mul_f32(random.f32()));
        }
    }

    /// Pauses a worker for longer than its lease, now and then.
    pub(super) fn pauses(&self, random: &mut Rng, lease: Duration) {
        if self.happens(self.crash_one_in.saturating_mul(2), random) {
            thread::sleep(lease + lease / 2);
        }
    }

    /// Has the killer cut the connection of a worker that is about to send a statement, now and then.
    pub(super) fn threatens(&self, worker: usize, killer: &Sender<usize>, random: &mut Rng) {
        if self.happens(self.cut_one_in, random) {
            // Without a killer there is nothing to fear.
            let _ = killer.send(worker);
        }
    }

    /// Cuts the connections of workers that were named, at a random moment.
    pub(super) fn kill(&self, named: &Receiver<usize>, proxies: &[Proxy], random: &mut Rng) {
        for worker in named {
            thread::sleep(CUT_MAX.mul_f32(random.f32()));
            proxies[worker].cut();
            self.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn happens(&self, one_in: u32, random: &mut Rng) -> bool {
        one_in > 0 && self.is_on.load(Ordering::SeqCst) && random.u32(0..one_in) == 0
    }
}

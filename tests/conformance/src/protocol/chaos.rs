//! What goes wrong: connections are cut, workers crash and dawdle.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;

use crate::proxy::Proxy;

/// How much goes wrong.
#[derive(Debug)]
pub(super) struct Chaos {
    is_on: AtomicBool,
    /// A crash happens at one of so many steps.
    one_in: u32,
    pub(super) cuts: AtomicU64,
    pub(super) crashes: AtomicU64,
}

/// The longest time for which a transaction stays open for no reason.
const OPEN_MAX: Duration = Duration::from_millis(5);

impl Chaos {
    pub(super) fn new(one_in: u32) -> Self {
        let (cuts, crashes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { is_on: AtomicBool::new(one_in > 0), one_in, cuts, crashes }
    }

    /// From now on nothing goes wrong.
    pub(super) fn end(&self) {
        self.is_on.store(false, Ordering::SeqCst);
    }

    /// Whether a worker crashes at this point.
    pub(super) fn crashes(&self, random: &mut Rng) -> bool {
        let crashes = self.is_on() && random.u32(0..self.one_in) == 0;
        self.crashes.fetch_add(u64::from(crashes), Ordering::Relaxed);
        crashes
    }

    /// Keeps a transaction open for a while, now and then.
    pub(super) fn dawdles(&self, random: &mut Rng) {
        if self.is_on() && random.u32(0..10) == 0 {
            thread::sleep(OPEN_MAX.mul_f32(random.f32()));
        }
    }

    /// Pauses a worker for longer than its lease, now and then.
    pub(super) fn pauses(&self, random: &mut Rng, lease: Duration) {
        if self.is_on() && random.u32(0..4 * self.one_in) == 0 {
            thread::sleep(lease + lease / 2);
        }
    }

    /// Cuts the connections of one worker after the other.
    pub(super) fn kill(&self, proxies: &[Proxy], every: Duration, random: &mut Rng) {
        while self.is_on() {
            thread::sleep(every.mul_f32(random.f32() * 2.0));
            proxies[random.usize(0..proxies.len())].cut();
            self.cuts.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::SeqCst)
    }
}

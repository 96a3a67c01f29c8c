//! A broker in memory: it delivers at least once, now and then twice or in another order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

/// An event as a message.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) stream: String,
    pub(super) version: i64,
    pub(super) seats: i64,
}

/// A queue for the instances of one consumer.
#[derive(Debug)]
pub(super) struct Bus(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    ready: VecDeque<Letter>,
    /// By tag: who holds it.
    unacked: BTreeMap<u64, (usize, Letter)>,
    tags: u64,
    random: Rng,
}

/// One of so many messages is delivered twice, and one in another order.
const ONE_IN: u32 = 20;
/// How many messages one in another order overtakes at most.
const OVERTAKEN_MAX: usize = 5;

impl Bus {
    pub(super) fn new(seed: u64) -> Self {
        let (ready, unacked, random) = (VecDeque::new(), BTreeMap::new(), Rng::with_seed(seed));
        Self(Mutex::new(Inner { ready, unacked, tags: 0, random }))
    }

    /// Takes a message, for good.
    pub(super) fn publish(&self, letter: Letter) {
        let mut inner = self.inner();
        if inner.random.u32(0..ONE_IN) == 0 {
            inner.ready.push_back(letter.clone());
        }
        let end = inner.ready.len();
        let is_moved = inner.random.u32(0..ONE_IN) == 0;
        let back = if is_moved { inner.random.usize(0..=end.min(OVERTAKEN_MAX)) } else { 0 };
        inner.ready.insert(end - back, letter);
    }

    /// Delivers a message to an instance.
    pub(super) fn take(&self, instance: usize) -> Option<(u64, Letter)> {
        let mut inner = self.inner();
        let letter = inner.ready.pop_front()?;
        inner.tags += 1;
        let tag = inner.tags;
        inner.unacked.insert(tag, (instance, letter.clone()));
        Some((tag, letter))
    }

    /// An instance is done with a message.
    pub(super) fn ack(&self, tag: u64) {
        self.inner().unacked.remove(&tag);
    }

    /// A message is to be delivered again, behind those that may have overtaken. Further back it would keep up all that
    /// come after it in its stream.
    pub(super) fn requeue(&self, tag: u64) {
        let mut inner = self.inner();
        if let Some((_, letter)) = inner.unacked.remove(&tag) {
            let place = inner.ready.len().min(OVERTAKEN_MAX + 1);
            inner.ready.insert(place, letter);
        }
    }

    /// An instance has crashed: what it holds is delivered again.
    pub(super) fn lose(&self, instance: usize) {
        let mut inner = self.inner();
        let held = inner.unacked.extract_if(.., |_, (holder, _)| *holder == instance);
        let held: Vec<_> = held.map(|(_, (_, letter))| letter).collect();
        for letter in held.into_iter().rev() {
            inner.ready.push_front(letter);
        }
    }

    /// How many messages are not acknowledged.
    pub(super) fn len(&self) -> usize {
        let inner = self.inner();
        inner.ready.len() + inner.unacked.len()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

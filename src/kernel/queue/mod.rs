//! The pending occurrences, in total order of (due time, whether they were due before, creation).
//!
//! Payloads stay in place in a slab; only 16-byte keys are ordered:
//!
//! ```text
//!   push ─▶ due within reach? ── yes ──▶ heap ──┐
//!                └── no ──▶ ladder ──▶ run ─────┴─▶ the lesser of two ─▶ pop
//! ```
//!
//! While few are pending, all are within reach and the heap is the whole queue: it is small, fast and
//! copied at once. When it grows past [`FEW`], its keys move to the ladder, which returns them one sorted
//! run at a time. The heap then holds only keys that are due before the run ends.

mod chunks;
mod heap;
mod key;
mod ladder;
mod moves;
mod slab;
#[cfg(test)]
mod tests;

use super::time::Instant;
use heap::Heap;
use key::Key;
use ladder::Ladder;
use slab::Slab;

/// The most payloads that can be pending at once.
pub const MAX_PENDING: usize = 1 << 24;

/// The most keys that the heap holds before they move to the ladder.
const FEW: usize = 128;

/// The first creation numbers are for payloads that come before others that are due at the same time.
const AFTER_EARLY: u64 = 1 << 39;

/// A priority queue of payloads by due time; with equal due times, in order of creation.
#[derive(Clone, Debug)]
pub(super) struct Queue<T> {
    slab: Slab<T>,
    heap: Heap,
    /// The keys that the ladder returned, the first one last.
    run: Vec<Key>,
    ladder: Ladder,
    /// The size at which the keys of the heap move to the ladder.
    heap_max: usize,
    /// How many payloads were added.
    seq: u64,
    /// How many of them come before others that are due at the same time.
    early: u64,
}

impl<T> Queue<T> {
    pub(super) const fn new() -> Self {
        Self {
            slab: Slab::new(),
            heap: Heap::new(),
            run: Vec::new(),
            ladder: Ladder::new(),
            heap_max: FEW,
            seq: 0,
            early: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.slab.len()
    }

    #[inline]
    pub(super) fn next_at(&self) -> Option<Instant> {
        let first = self.first();
        if first == Key::NONE { None } else { Some(Instant::from_nanos(first.at())) }
    }

    /// The next payload, with the time it is due.
    pub(super) fn peek(&self) -> Option<(Instant, &T)> {
        let first = self.first();
        let payload = (first != Key::NONE).then(|| self.slab.get(first.slot()))?;
        Some((Instant::from_nanos(first.at()), payload))
    }

    /// All payloads with the times they are due, in order. Slow: for the end of a run.
    pub(super) fn in_order(&self) -> Vec<(Instant, &T)> {
        let mut keys: Vec<Key> = self.heap.iter().chain(self.run.iter().copied()).collect();
        self.ladder.each(|key| keys.push(key));
        keys.sort_unstable();
        let payload = |key: Key| (Instant::from_nanos(key.at()), self.slab.get(key.slot()));
        keys.into_iter().map(payload).collect()
    }

    /// Adds a payload due at `at`, or returns it when [`MAX_PENDING`] are pending already.
    #[inline]
    pub(super) fn offer(&mut self, at: Instant, payload: T) -> Result<(), T> {
        let slot = self.slab.insert(payload)?;
        self.seq += 1;
        self.push(Key::new(at, AFTER_EARLY + self.seq, slot));
        Ok(())
    }

    /// Adds a payload that was due before and is due again at `at`, before those that are due then for the first
    /// time. Several keep the order in which they are added.
    pub(super) fn offer_again(&mut self, at: Instant, payload: T) -> Result<(), T> {
        let slot = self.slab.insert(payload)?;
        self.early += 1;
        self.push(Key::new(at, self.early, slot));
        Ok(())
    }

    #[inline]
    fn push(&mut self, key: Key) {
        if key.at() > self.ladder.reach() {
            return self.ladder.push(key);
        }
        self.heap.push(key);
        if self.heap.len() > self.heap_max {
            self.spill();
        }
    }

    /// Takes the next payload, with the time it is due.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(Instant, T)> {
        let first = self.take_first()?;
        Some((Instant::from_nanos(first.at()), self.slab.remove(first.slot())))
    }

    /// Takes the first key out of the order; its payload stays.
    #[inline]
    fn take_first(&mut self) -> Option<Key> {
        let first = self.first();
        if first == Key::NONE {
            return None;
        }
        if first == self.heap.first() {
            self.heap.pop();
        } else {
            self.run.pop();
        }
        if self.run.is_empty() && self.heap.len() == 0 {
            self.heap_max = FEW;
            if self.ladder.reach() < u64::MAX {
                self.refill();
            }
        }
        Some(first)
    }

    #[inline]
    fn first(&self) -> Key {
        let heap = self.heap.first();
        self.run.last().map_or(heap, |&run| run.min(heap))
    }

    /// Gets the next run from the ladder as soon as the last one is used up, so that `next_at` needs no
    /// work.
    #[cold]
    fn refill(&mut self) {
        self.ladder.refill(&mut self.run);
        let full = self.run.iter().filter(|key| self.slab.is_full(key.slot())).count();
        assert_eq!(full, self.run.len(), "the slot of a pending key is full");
    }

    /// Moves the keys of the heap to the ladder. If most of them are due at the same time and come back at
    /// once, the heap may grow to twice the size before the next attempt.
    #[cold]
    fn spill(&mut self) {
        let keys = self.run.drain(..).chain(self.heap.drain());
        self.ladder.take_back(keys);
        self.refill();
        self.heap_max = FEW.max(self.run.len() * 2);
    }
}

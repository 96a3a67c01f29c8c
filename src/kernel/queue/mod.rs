//! The pending occurrences, in total order of (due time, creation).
//!
//! Payloads stay where they were put, in a slab; what is ordered are 16-byte keys:
//!
//! ```text
//!   push ─▶ due within reach? ── yes ──▶ heap ──┐
//!                └── no ──▶ ladder ──▶ run ─────┴─▶ the lesser of two ─▶ pop
//! ```
//!
//! While few are pending everything is within reach and the heap is the whole queue: it is small,
//! fast and forks with one copy. When it grows past [`FEW`] its keys go to the ladder, which hands
//! them back a sorted run at a time, and the heap keeps only what falls due before the run ends.

mod key;
mod slab;

mod heap;

mod chunks;
mod ladder;

use super::time::Instant;
use heap::Heap;
use key::Key;
use ladder::Ladder;
use slab::Slab;

/// How many payloads a queue can hold at once.
const MAX_PENDING: usize = 1 << 24;

/// How many keys the heap holds before the ladder gets them.
const FEW: usize = 128;

/// A priority queue of payloads by due time; equal instants keep creation order.
///
/// ```
/// use jetlag::kernel::{Instant, Queue};
/// let mut queue = Queue::new();
/// for (at, what) in [(5, "late"), (2, "soon"), (5, "later")] {
///     queue.push(Instant::from_nanos(at), what);
/// }
/// let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, what)| what).collect();
/// assert_eq!(order, ["soon", "late", "later"]);
/// ```
#[derive(Clone, Debug)]
pub struct Queue<T> {
    slab: Slab<T>,
    heap: Heap,
    /// What the ladder handed out, the first last.
    run: Vec<Key>,
    ladder: Ladder,
    /// How large the heap may grow before the ladder is asked to take its keys.
    heap_max: usize,
    seq: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Queue<T> {
    /// How many can be pending at once: 2^24, whatever memory there is.
    pub const MAX_PENDING: usize = MAX_PENDING;

    /// An empty queue; allocates nothing.
    pub const fn new() -> Self {
        Self {
            slab: Slab::new(),
            heap: Heap::new(),
            run: Vec::new(),
            ladder: Ladder::new(),
            heap_max: FEW,
            seq: 0,
        }
    }

    /// How many are pending.
    #[inline]
    pub const fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether nothing is pending.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.slab.len() == 0
    }

    /// When the next one is due.
    #[inline]
    pub fn next_at(&self) -> Option<Instant> {
        let first = self.first();
        if first == Key::NONE { None } else { Some(Instant::from_nanos(first.at())) }
    }

    /// Adds a payload due at `at`.
    ///
    /// # Panics
    ///
    /// When [`MAX_PENDING`](Self::MAX_PENDING) are pending already; see [`offer`](Self::offer).
    #[inline]
    pub fn push(&mut self, at: Instant, payload: T) {
        let taken = self.offer(at, payload).is_ok();
        assert!(taken, "at most 2^24 pending");
    }

    /// Adds a payload due at `at`, or hands it back when [`MAX_PENDING`](Self::MAX_PENDING) are
    /// pending already.
    #[inline]
    pub fn offer(&mut self, at: Instant, payload: T) -> Result<(), T> {
        let slot = self.slab.insert(payload)?;
        self.seq += 1;
        let key = Key::new(at, self.seq, slot);
        if key.at() > self.ladder.reach() {
            self.ladder.push(key);
            return Ok(());
        }
        self.heap.push(key);
        if self.heap.len() > self.heap_max {
            self.spill();
        }
        Ok(())
    }

    /// Takes the next payload, with the time it is due.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        let first = match self.run.last() {
            Some(&key) if key < self.heap.first() => {
                self.run.pop();
                key
            }
            _ => {
                let key = self.heap.first();
                if key == Key::NONE {
                    return None;
                }
                self.heap.pop();
                key
            }
        };
        if self.run.is_empty() && self.heap.len() == 0 {
            self.refill();
        }
        Some((Instant::from_nanos(first.at()), self.slab.remove(first.slot())))
    }

    #[inline]
    fn first(&self) -> Key {
        let heap = self.heap.first();
        self.run.last().map_or(heap, |&run| run.min(heap))
    }

    /// Asks the ladder for what is next, so that looking at it needs no work.
    #[inline]
    fn refill(&mut self) {
        self.heap_max = FEW;
        if self.ladder.reach() < u64::MAX {
            self.refill_from_ladder();
        }
    }

    #[cold]
    fn refill_from_ladder(&mut self) {
        self.ladder.refill(&mut self.run);
        let full = self.run.iter().filter(|key| self.slab.is_full(key.slot())).count();
        assert_eq!(full, self.run.len(), "the slot of a pending key is full");
    }

    /// Hands the keys of the heap to the ladder. Where that does not help, because most of them are
    /// due at once, the heap may grow to twice the size before it is tried again.
    #[cold]
    fn spill(&mut self) {
        let (heap, run) = (&mut self.heap, &mut self.run);
        self.ladder.take_back(|keep| {
            run.drain(..).for_each(&mut *keep);
            heap.drain(keep);
        });
        self.refill_from_ladder();
        self.heap_max = FEW.max(self.run.len() * 2);
    }
}

#[cfg(test)]
mod tests;

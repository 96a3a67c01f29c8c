//! The pending occurrences, in total order of (due time, creation).

use super::time::Instant;

/// A priority queue of payloads by due time; equal instants keep creation order.
///
/// Payloads stay where they were put, in a slab; what is ordered are 16-byte keys.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    slab: Vec<Option<T>>,
    free: Vec<u32>,
    heap: Vec<Key>,
    seq: u64,
}

/// Due time, then creation number (40 bits) over slab slot (24 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: u64,
    seq_slot: u64,
}

const SLOT_BITS: u32 = 24;

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Queue<T> {
    /// An empty queue; allocates nothing.
    pub const fn new() -> Self {
        Self { slab: Vec::new(), free: Vec::new(), heap: Vec::new(), seq: 0 }
    }

    /// How many are pending.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// When the next one is due.
    #[inline]
    pub fn next_at(&mut self) -> Option<Instant> {
        self.heap.first().map(|key| Instant::from_nanos(key.at))
    }

    /// Adds a payload due at `at`.
    #[inline]
    pub fn push(&mut self, at: Instant, payload: T) {
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slab[slot as usize] = Some(payload);
                slot
            }
            None => {
                self.slab.push(Some(payload));
                u32::try_from(self.slab.len() - 1).expect("fewer than 2^24 pending")
            }
        };
        assert!(slot < 1 << SLOT_BITS, "fewer than 2^24 pending");
        self.seq += 1;
        let key = Key { at: at.as_nanos(), seq_slot: self.seq << SLOT_BITS | u64::from(slot) };
        self.heap.push(key);
        let mut child = self.heap.len() - 1;
        while child > 0 {
            let parent = (child - 1) / 4;
            if self.heap[parent] <= key {
                break;
            }
            self.heap[child] = self.heap[parent];
            child = parent;
        }
        self.heap[child] = key;
    }

    /// Takes the next payload, with the time it is due.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, T)> {
        let first = *self.heap.first()?;
        let last = self.heap.pop()?;
        if !self.heap.is_empty() {
            self.sink(last);
        }
        let slot = (first.seq_slot & ((1 << SLOT_BITS) - 1)) as u32;
        self.free.push(slot);
        let payload = self.slab[slot as usize].take().expect("a key's slot is filled");
        Some((Instant::from_nanos(first.at), payload))
    }

    fn sink(&mut self, key: Key) {
        let len = self.heap.len();
        let mut parent = 0;
        loop {
            let first = parent * 4 + 1;
            if first >= len {
                break;
            }
            let last = (first + 4).min(len);
            let mut least = first;
            for child in first + 1..last {
                if self.heap[child] < self.heap[least] {
                    least = child;
                }
            }
            if key <= self.heap[least] {
                break;
            }
            self.heap[parent] = self.heap[least];
            parent = least;
        }
        self.heap[parent] = key;
    }
}

//! A ladder of buckets, for many keys: they are sorted when they are needed and not before.
//!
//! ```text
//!              rung 2 (finest)      rung 1                 rung 0               top
//!   ─ due ─▶ │▒▒│▒▒│▒▒│▒▒│▒▒│──▶ │████│████│████│──▶ │████████│████████│──▶  unordered
//!             ▲ next to be sorted
//! ```
//!
//! Each rung divides one bucket of the rung above it; the first rung divides the top. A key goes into the
//! finest bucket that covers it, at the cost of one write. A bucket is divided further when its turn comes
//! and it is too full to be sorted at once. Each key therefore moves only a few times, where a heap would
//! move it many times.

use super::chunks::{Chunks, List};
use super::key::Key;

/// The target number of keys in a bucket. Few keys are sorted faster, but buckets take memory.
const AIM: usize = 8;

/// The most keys that are sorted at once; dividing fewer costs more than it saves.
const SORTED: usize = 64;

/// Keys that are due after [`reach`](Self::reach).
#[derive(Clone, Debug)]
pub(super) struct Ladder {
    chunks: Chunks,
    /// The coarsest first. Those from `active` on are unused; they are kept for their memory.
    rungs: Vec<Rung>,
    active: usize,
    top: List,
    /// The last instant that the ladder has returned; the end of time when it is empty.
    reach: u64,
}

/// Buckets of equal width, side by side in time.
#[derive(Clone, Debug)]
struct Rung {
    start: u64,
    /// The last instant of the last bucket, which may be wider than the others.
    through: u64,
    /// The width of a bucket is 2 to the power of this.
    shift: u32,
    /// The number of buckets that have had their turn.
    done: usize,
    buckets: Vec<List>,
}

impl Rung {
    const fn new() -> Self {
        Self { start: 0, through: 0, shift: 0, done: 0, buckets: Vec::new() }
    }

    #[inline]
    fn bucket_mut(&mut self, at: u64) -> &mut List {
        let last = self.buckets.len() - 1;
        let nth = ((at - self.start) >> self.shift).min(last as u64);
        &mut self.buckets[nth as usize]
    }

    /// The next bucket that is not empty, and its last instant.
    fn next(&mut self) -> Option<(List, u64)> {
        let left = &self.buckets[self.done..];
        let nth = self.done + left.iter().position(|bucket| bucket.len() > 0)?;
        self.done = nth + 1;
        let through = if self.done == self.buckets.len() {
            self.through
        } else {
            self.start + ((self.done as u64) << self.shift) - 1
        };
        Some((self.buckets[nth], through))
    }

    /// Spreads buckets over the time from `spread.first` to `through`.
    fn lay_out(&mut self, spread: &Spread, through: u64) {
        let wanted = (spread.len / AIM).max(1) as u64;
        // Twice the mean covers an even distribution and leaves out the outliers of a skewed one.
        let range = through.abs_diff(spread.first);
        let typical = spread.mean.saturating_mul(2).clamp(1, range.max(1));
        let mut shift = 0;
        while typical >> shift > wanted {
            shift += 1;
        }
        let count = (range >> shift).min(wanted * 4) + 1;
        (self.start, self.through, self.shift, self.done) = (spread.first, through, shift, 0);
        self.buckets.clear();
        self.buckets.resize(count as usize, List::EMPTY);
    }
}

/// The distribution of a list of keys in time.
struct Spread {
    len: usize,
    first: u64,
    last: u64,
    /// The mean due time, relative to `first`.
    mean: u64,
}

impl Spread {
    fn of(chunks: &Chunks, list: List) -> Self {
        let (mut first, mut last, mut sum) = (u64::MAX, 0, 0_u128);
        chunks.each(list, |key| {
            first = first.min(key.at());
            last = last.max(key.at());
            sum += u128::from(key.at());
        });
        let len = list.len();
        let mean = (sum / len.max(1) as u128) as u64;
        Self { len, first, last, mean: mean - first }
    }
}

impl Ladder {
    pub(super) const fn new() -> Self {
        Self {
            chunks: Chunks::new(),
            rungs: Vec::new(),
            active: 0,
            top: List::EMPTY,
            reach: u64::MAX,
        }
    }

    /// Keys due up to this instant do not belong to the ladder.
    pub(super) const fn reach(&self) -> u64 {
        self.reach
    }

    /// Adds a key due after [`reach`](Self::reach).
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        for rung in self.rungs[..self.active].iter_mut().rev() {
            if key.at() <= rung.through {
                return self.chunks.push(rung.bucket_mut(key.at()), key);
            }
        }
        self.chunks.push(&mut self.top, key);
    }

    /// Reads all keys, in no order.
    pub(super) fn each(&self, mut each: impl FnMut(Key)) {
        self.chunks.each(self.top, &mut each);
        for rung in &self.rungs[..self.active] {
            for bucket in &rung.buckets[rung.done..] {
                self.chunks.each(*bucket, &mut each);
            }
        }
    }

    /// Takes back keys that are due up to [`reach`](Self::reach), because there are too many of them for
    /// the heap. [`refill`](Self::refill) must follow.
    pub(super) fn take_back(&mut self, keys: impl Iterator<Item = Key>) {
        let mut list = List::EMPTY;
        keys.for_each(|key| self.chunks.push(&mut list, key));
        if self.reach == u64::MAX {
            self.top = list;
            return;
        }
        let spread = Spread::of(&self.chunks, list);
        self.divide(list, &spread, self.reach);
    }

    /// Moves the keys that are due next into `run`, which is empty, the first one last. It stays empty when
    /// no key is left.
    pub(super) fn refill(&mut self, run: &mut Vec<Key>) {
        loop {
            let (list, through) = match self.active.checked_sub(1) {
                None => (std::mem::replace(&mut self.top, List::EMPTY), u64::MAX),
                Some(finest) => match self.rungs[finest].next() {
                    Some(bucket) => bucket,
                    None => {
                        self.active = finest;
                        continue;
                    }
                },
            };
            self.reach = through;
            if list.len() <= SORTED {
                return self.sort(list, run);
            }
            let spread = Spread::of(&self.chunks, list);
            if spread.first == spread.last {
                // Equal instants cannot be divided. Most of them are in order already.
                return self.sort(list, run);
            }
            // The time after the last key of the top is left to the next top.
            let through = if self.active == 0 { spread.last } else { through };
            self.divide(list, &spread, through);
        }
    }

    /// Adds a rung below the others and distributes the keys of `list` to its buckets.
    fn divide(&mut self, mut list: List, spread: &Spread, through: u64) {
        if self.active == self.rungs.len() {
            self.rungs.push(Rung::new());
        }
        let rung = &mut self.rungs[self.active];
        rung.lay_out(spread, through);
        while let Some((keys, len)) = self.chunks.take(&mut list) {
            for key in &keys[..len] {
                self.chunks.push(rung.bucket_mut(key.at()), *key);
            }
        }
        self.active += 1;
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let buckets: usize = self.rungs.iter().map(|rung| rung.buckets.len()).sum();
        self.chunks.bytes() + buckets * size_of::<List>()
    }

    fn sort(&mut self, mut list: List, run: &mut Vec<Key>) {
        while let Some((keys, len)) = self.chunks.take(&mut list) {
            run.extend(keys[..len].iter().rev());
        }
        run.sort_unstable_by(|a, b| b.cmp(a));
    }
}

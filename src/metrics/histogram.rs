//! A log-linear histogram of durations in whole nanoseconds.

use crate::collections::SortedMap;
use crate::kernel::Span;

/// Each power of two has 2 to the power of this many equal buckets, so a reading is at most 1/32 too long.
const SPLIT_BITS: u32 = 5;
const SPLIT: u64 = 1 << SPLIT_BITS;

/// Counts of waits. Most runs have few different waits, and every run has several histograms: only buckets
/// that are used take memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// The counts by bucket.
    counts: SortedMap<u16, u64>,
    total: u64,
    longest: u64,
}

impl Histogram {
    /// Counts one wait.
    pub fn add(&mut self, wait: Span) {
        let ns = wait.as_nanos();
        *self.counts.entry(bucket(ns)).or_default() += 1;
        self.total += 1;
        self.longest = self.longest.max(ns);
    }

    /// The number of waits.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The exact maximum; zero if there are none.
    pub const fn longest(&self) -> Span {
        Span::from_nanos(self.longest)
    }

    /// The wait that `percent` of 100 do not exceed, rounded up to the end of its bucket; `None` if there
    /// are none.
    pub fn at_percent(&self, percent: u64) -> Option<Span> {
        let rank = (u128::from(self.total) * u128::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0_u128;
        self.counts.iter().find_map(|(bucket, count)| {
            seen += u128::from(*count);
            (seen >= rank).then(|| Span::from_nanos(last_of(*bucket).min(self.longest)))
        })
    }
}

/// The bucket of a value.
fn bucket(ns: u64) -> u16 {
    if ns < SPLIT {
        return ns as u16;
    }
    let shift = 63 - ns.leading_zeros() - SPLIT_BITS;
    ((shift as u16 + 1) << SPLIT_BITS) + ((ns >> shift) - SPLIT) as u16
}

/// The greatest value of a bucket.
fn last_of(bucket: u16) -> u64 {
    let bucket = u64::from(bucket);
    if bucket < SPLIT {
        return bucket;
    }
    let shift = (bucket >> SPLIT_BITS) - 1;
    let first = ((bucket & (SPLIT - 1)) + SPLIT) << shift;
    first + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_histogram_has_no_percentiles() {
        assert_eq!(Histogram::default().at_percent(99), None);
    }

    #[test]
    fn percentiles_are_those_of_a_sorted_list() {
        let mut waits = Histogram::default();
        (1..=100).for_each(|n| waits.add(Span::from_millis(n)));
        let exact = |ms: u64, read: Span| {
            let least = Span::from_millis(ms);
            assert!(least <= read && read.as_nanos() <= least.as_nanos() * 33 / 32, "{ms} {read}");
        };
        exact(1, waits.at_percent(0).unwrap());
        exact(50, waits.at_percent(50).unwrap());
        exact(99, waits.at_percent(99).unwrap());
        assert_eq!(waits.at_percent(100), Some(Span::from_millis(100)));
        assert_eq!((waits.total(), waits.longest()), (100, Span::from_millis(100)));
    }

    proptest! {
        #[test]
        fn every_value_is_in_a_bucket_that_ends_at_most_a_32nd_later(ns in any::<u64>(), small in 0..10_000_u64) {
            for ns in [ns, small, u64::MAX] {
                let last = last_of(bucket(ns));
                prop_assert!(last >= ns && last - ns <= ns / 32, "{} {}", ns, last);
                prop_assert!(last == u64::MAX || bucket(last + 1) == bucket(ns) + 1);
            }
        }
    }
}

//! How many different orders the runs of a campaign had, in bounded memory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most orders that are kept.
const KEPT_MAX: usize = 65_536;

/// Counts of orders: hashes of what each node was delivered, in order, without times.
///
/// Kept are the hashes that begin with `level` zero bits: a sample that is a function of the set of orders
/// alone, so that the counts of two campaigns can be added in any order. Of the orders in the sample the
/// counts are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// The number of zero bits.
    level: u32,
    /// How often each order was seen.
    seen: BTreeMap<u64, u32>,
    /// The number of runs that were counted.
    runs: u64,
}

impl Orders {
    /// Counts the order of one run.
    pub fn add(&mut self, order: u64) {
        self.runs += 1;
        self.count(order, 1);
        self.shrink();
    }

    /// Adds what another campaign counted.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        if other.level > self.level {
            self.raise(other.level);
        }
        other.seen.iter().for_each(|(order, times)| self.count(*order, *times));
        self.shrink();
    }

    /// The number of different orders: exact until there are more than are kept, then an estimate.
    pub fn distinct(&self) -> u64 {
        (self.seen.len() as u64) << self.level
    }

    /// Whether [`distinct`](Self::distinct) is an estimate.
    pub const fn is_estimate(&self) -> bool {
        self.level > 0
    }

    /// The estimated probability that the next run has an order that was not seen before, in thousandths:
    /// the share of orders that were seen once (Good and Turing). `None` without runs.
    pub fn unseen_permille(&self) -> Option<u64> {
        let once = self.seen.values().filter(|times| **times == 1).count() as u64;
        ((once << self.level) * 1_000).checked_div(self.runs).map(|share| share.min(1_000))
    }

    fn count(&mut self, order: u64, times: u32) {
        if order.leading_zeros() >= self.level {
            let seen = self.seen.entry(order).or_default();
            *seen = seen.saturating_add(times);
        }
    }

    fn shrink(&mut self) {
        while self.seen.len() > KEPT_MAX {
            self.raise(self.level + 1);
        }
    }

    fn raise(&mut self, level: u32) {
        self.level = level;
        self.seen.retain(|order, _| order.leading_zeros() >= level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Well-spread hashes, some of them often.
    fn hash(nth: u64) -> u64 {
        (nth % 150_000)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(29)
            .wrapping_mul(0xD6E8_FEB8_6659_FD93)
    }

    fn counted(range: std::ops::Range<u64>) -> Orders {
        let mut orders = Orders::default();
        range.for_each(|nth| orders.add(hash(nth)));
        orders
    }

    #[test]
    fn the_sum_of_parts_is_the_whole_in_any_order() {
        let whole = counted(0..200_000);
        assert!(whole.is_estimate() && whole.seen.len() <= KEPT_MAX);
        let [a, b, c] = [0..90_000, 90_000..91_000, 91_000..200_000].map(counted);
        for parts in [[&a, &b, &c], [&c, &a, &b], [&b, &c, &a]] {
            let mut sum = Orders::default();
            parts.into_iter().for_each(|part| sum.merge(part));
            assert_eq!(sum, whole);
        }
    }

    #[test]
    fn a_sample_estimates_how_many_there_are() {
        let few = counted(0..1_000);
        assert_eq!(
            (few.distinct(), few.unseen_permille(), few.is_estimate()),
            (1_000, Some(1_000), false)
        );
        let many = counted(0..300_000).distinct();
        assert!((140_000..160_000).contains(&many), "{many}");
        let twice = counted(0..300_000).unseen_permille();
        assert_eq!(twice, Some(0), "each was seen twice");
        assert_eq!(Orders::default().unseen_permille(), None);
    }
}

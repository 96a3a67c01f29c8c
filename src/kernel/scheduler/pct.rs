//! Probabilistic concurrency testing over chains of causes.
//!
//! A chain is what one thing after another leads to: the first message that a delivery sends continues its
//! chain, and every other begins a new one. Each chain has a random priority, and its messages are all as
//! late as the priority says, so that a chain overtakes another with many messages and not only with one. At
//! a few random points the chain that is being handled gets a priority below all others. A bug that needs
//! `d` orderings is met if its chains draw the right priorities and `d - 1` points fall on the right
//! deliveries.
//!
//! Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010;
//! chains are from Ozkan et al., "Randomized Testing of Distributed Systems with Probabilistic Guarantees",
//! OOPSLA 2018.

use super::Rank;
use crate::kernel::choice::Space;
use crate::kernel::digest::folded_multiply;

/// The ranks of chains as they begin: the highest priority is the lowest rank.
const RANKS: std::ops::RangeInclusive<Rank> = 2..=240;
/// The rank of the first chain that is lowered; of others it is higher.
const LOWERED: Rank = 241;

/// Change points lie among the first 2^4 to 2^13 deliveries: how long a run is shows only at its end.
const SHORTEST: u64 = 4;
const LENGTHS: u64 = 10;

#[derive(Clone, Debug)]
pub(in crate::kernel) struct Pct {
    /// The rank of the chain that is being handled; below all [`RANKS`] if there is none.
    current: Rank,
    /// Whether a message continues it already.
    continued: bool,
    deliveries: u64,
    /// The deliveries at which a chain is lowered, the next one last.
    changes: Vec<u64>,
    /// The rank of the chain that is lowered next.
    lowest: Rank,
}

impl Pct {
    pub(super) fn new(depth: u8, secret: u64) -> Self {
        let point = |nth| {
            let bits = folded_multiply(secret ^ nth, 0x9E37_79B9_7F4A_7C15);
            let length = 1 << (SHORTEST + bits % LENGTHS);
            1 + (bits >> 8) % length
        };
        let mut changes: Vec<u64> = (1..u64::from(depth)).map(point).collect();
        changes.sort_unstable_by_key(|point| std::cmp::Reverse(*point));
        Self { current: 0, continued: false, deliveries: 0, changes, lowest: LOWERED }
    }

    /// How late a message arrives that is sent now, and the rank of its chain.
    pub(super) fn send(&mut self, bits: u64, window: Space) -> (u64, Rank) {
        let (first, last) = (*RANKS.start(), *RANKS.end());
        let rank = if self.continued || self.current < first {
            first + Space::up_to(u64::from(last - first)).sample(bits) as Rank
        } else {
            self.continued = true;
            self.current
        };
        let late =
            u128::from(window.max()) * u128::from(rank - first) / u128::from(Rank::MAX - first);
        (late as u64, rank)
    }

    /// The rank of the chain that is being handled.
    pub(super) const fn chain(&self) -> Rank {
        self.current
    }

    /// An occurrence of a chain is delivered.
    pub(super) fn delivered(&mut self, rank: Rank) {
        (self.current, self.continued) = (rank, false);
        self.deliveries += 1;
        while self.changes.pop_if(|point| *point <= self.deliveries).is_some() {
            self.current = self.lowest;
            self.lowest = self.lowest.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Space = Space::up_to(253_000);

    #[test]
    fn the_first_message_continues_a_chain_and_the_others_begin_new_ones() {
        let mut pct = Pct::new(1, 7);
        let (late, rank) = pct.send(u64::MAX / 2, WINDOW);
        pct.delivered(rank);
        assert_eq!(pct.send(0, WINDOW), (late, rank));
        assert_eq!(pct.send(0, WINDOW), (0, 2), "the highest priority");
        assert_eq!(pct.send(u64::MAX, WINDOW).1, 240);
        assert_eq!(pct.chain(), rank, "a timer continues it, too");
    }

    #[test]
    fn a_lowered_chain_is_later_than_all_others() {
        for secret in 0..100 {
            let mut pct = Pct::new(5, secret);
            let lowered = (0..1 << 14).filter(|_| {
                pct.delivered(2);
                pct.chain() > *RANKS.end()
            });
            assert!((1..=4).contains(&lowered.count()));
            pct.delivered(LOWERED);
            assert!(pct.send(0, WINDOW).0 > 253_000 / 255 * 238);
        }
    }
}

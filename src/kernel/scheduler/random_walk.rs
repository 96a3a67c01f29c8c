//! Random walk: the next delivery is any of those in flight, all about equally likely.
//!
//! The time that a message still needs must not depend on the time that it has taken so far. That is the
//! exponential distribution, here in integers: the logarithm of a random number is the number of its leading
//! zeros, and between two powers of two a straight line.

use crate::kernel::choice::Space;

/// How many times the mean of the distribution, a power of two less likely each, fit into a window. A message
/// in 64 is as late as its link allows because its time would be longer.
const HALVINGS: u64 = 6;

/// Fractions of a halving.
const UNIT: u32 = 16;

/// How late a message arrives.
pub(super) fn lateness(bits: u64, window: Space) -> u64 {
    let zeros = bits.leading_zeros();
    let below = bits.checked_shl(zeros + 1).unwrap_or(0) >> (64 - UNIT);
    let halvings = (u64::from(zeros + 1) << UNIT) - below;
    let late = u128::from(window.max()) * u128::from(halvings) / u128::from(HALVINGS << UNIT);
    window.max().min(late as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Digest;

    #[test]
    fn a_message_is_half_as_likely_to_be_later_by_a_sixth_of_its_window() {
        let window = Space::up_to(600);
        let (mut digest, mut later) = (Digest::default(), [0_u32; 7]);
        for nth in 0..64_000 {
            digest.word(nth);
            let late = lateness(digest.value(), window);
            assert!(late <= 600);
            (0..=6).filter(|sixths| late >= sixths * 100).for_each(|at| later[at as usize] += 1);
        }
        assert_eq!(later[0], 64_000);
        for halved in later.windows(2) {
            let half = halved[0] / 2;
            assert!((half - half / 8..=half + half / 8).contains(&halved[1]), "{later:?}");
        }
        assert_eq!([0, 1, u64::MAX].map(|bits| lateness(bits, window)), [600, 600, 0]);
    }
}

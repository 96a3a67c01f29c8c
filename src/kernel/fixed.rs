//! Logarithms and roots of two in whole numbers, for laws of chance that need them.
//!
//! Floating-point logarithms differ between platforms. These do not: they square and multiply, one binary digit
//! after the other.

/// The binary digits after the point of [`log2`].
pub(crate) const LOG_DIGITS: u32 = 40;
/// The digits after the point in all else.
pub(crate) const DIGITS: u32 = 32;
/// One, with [`DIGITS`].
pub(crate) const ONE: u64 = 1 << DIGITS;

/// The natural logarithm of two, with 63 digits.
const LN_2: u128 = 0x58B9_0BFB_E8E7_BCD5;
/// 1 divided by it, with [`DIGITS`].
const LOG2_E: u128 = 0x1_7154_7653;

/// The 2nd, 4th, 8th, … root of one half, with 63 digits: one for each digit of an exponent.
const ROOTS: [u64; DIGITS as usize] = {
    let mut roots = [0; DIGITS as usize];
    let mut square = 1_u128 << 62;
    let mut nth = 0;
    while nth < roots.len() {
        let root = (square << 63).isqrt();
        roots[nth] = root as u64;
        square = root;
        nth += 1;
    }
    roots
};

/// The logarithm to base two of a number from 1 on, with [`LOG_DIGITS`], rounded down.
pub(crate) const fn log2(number: u64) -> u64 {
    assert!(number > 0, "zero has no logarithm");
    let whole = number.ilog2();
    let mut log = whole as u64;
    // From 1 to below 2, with 63 digits. Its square is 2 or more if the next digit is 1.
    let mut left = (number << (63 - whole)) as u128;
    let mut digit = 0;
    while digit < LOG_DIGITS {
        left = (left * left) >> 63;
        let is_set = left >> 64;
        left >>= is_set;
        log = log << 1 | is_set as u64;
        digit += 1;
    }
    log
}

/// One half to the power of `exponent`, both with [`DIGITS`].
pub(crate) const fn halved(exponent: u64) -> u64 {
    let mut product = 1_u128 << 63;
    let mut nth = 0;
    while nth < ROOTS.len() {
        if exponent >> (DIGITS as usize - 1 - nth) & 1 == 1 {
            product = (product * ROOTS[nth] as u128) >> 63;
        }
        nth += 1;
    }
    let whole = exponent >> DIGITS;
    if whole >= 63 { 0 } else { (product >> (63 - DIGITS) >> whole) as u64 }
}

/// The natural logarithm of a number whose logarithm to base two is given, with [`DIGITS`].
const fn natural(log: u64) -> u64 {
    ((log as u128 * LN_2) >> (63 + LOG_DIGITS - DIGITS)) as u64
}

/// A number divided by the natural logarithm of two; at most [`u64::MAX`].
pub(crate) const fn over_ln_2(number: u64) -> u64 {
    let divided = (number as u128 * LOG2_E) >> DIGITS;
    if divided > u64::MAX as u128 { u64::MAX } else { divided as u64 }
}

/// An exponentially distributed number with mean [`ONE`], from a uniform one of 32 binary digits. 0, the benign
/// value, stands for the mean itself.
pub(crate) const fn exponential(uniform: u32) -> u64 {
    if uniform == 0 {
        return ONE;
    }
    // The logarithm of the middle of an interval of 2^-32.
    let middle = 2 * uniform as u64 - 1;
    natural(((DIGITS as u64 + 1) << LOG_DIGITS) - log2(middle))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Actor, Choices, Entity, NodeId, Overrides, Policy, Site, Space};

    /// Whether two numbers differ by no more than one in `of`.
    fn near(found: u64, expected: u64, of: u64) -> bool {
        found.abs_diff(expected) <= expected / of + 1
    }

    #[test]
    fn logarithms_have_their_known_values() {
        let digits = |log: u64| (log >> (LOG_DIGITS - 32)) as i64;
        // Known to 15 decimal places, times 2^32.
        let known = [(1, 0), (2, 1 << 32), (3, 6_807_362_105), (10, 14_267_572_527)];
        for (number, expected) in known {
            assert!((digits(log2(number)) - expected).abs() <= 1, "{number}");
        }
        assert_eq!(log2(1 << 63) >> LOG_DIGITS, 63);
        assert_eq!(log2(u64::MAX) >> LOG_DIGITS, 63, "rounded down");
    }

    #[test]
    fn powers_of_one_half_have_their_known_values() {
        assert_eq!(halved(0), ONE);
        assert_eq!(halved(ONE), ONE / 2);
        assert_eq!(halved(10 * ONE), ONE / 1024);
        assert!(near(halved(ONE / 2), 3_037_000_499, 1 << 31), "the square root of one half");
        assert!(near(halved(ONE / 10), 4_007_346_184, 1 << 31), "the tenth root");
        assert_eq!(halved(u64::MAX), 0);
    }

    #[test]
    fn a_power_and_its_logarithm_cancel() {
        for exponent in (0..8 * ONE).step_by(ONE as usize / 7) {
            let log = (u64::from(DIGITS) << LOG_DIGITS) - log2(halved(exponent));
            assert!((log >> (LOG_DIGITS - DIGITS)).abs_diff(exponent) <= 512, "{exponent}");
        }
    }

    /// Of −ln(u) at u = q, known to 15 places, times 2^32.
    #[test]
    fn exponential_numbers_have_the_known_quantiles() {
        let at = |quantile: u64, of: u64| {
            exponential((u128::from(quantile) * (1 << 32) / u128::from(of)) as u32)
        };
        let known = [
            (999, 1000, 4_297_116),
            (9, 10, 452_519_969),
            (1, 2, 2_977_044_471),
            (1, 10, 9_889_527_670),
            (1, 100, 19_779_055_341),
            (1, 1000, 29_668_583_011),
        ];
        for (quantile, of, expected) in known {
            assert!(
                near(at(quantile, of), expected, 1 << 20),
                "{quantile}/{of}: {}",
                at(quantile, of)
            );
        }
    }

    #[test]
    fn the_benign_value_is_the_mean_and_the_ends_are_what_they_should_be() {
        assert_eq!(exponential(0), ONE);
        assert_eq!(exponential(u32::MAX), 1, "one and a half of the last digit");
        assert_eq!(exponential(1) >> DIGITS, 22, "33 times the logarithm of two");
    }

    /// Over the whole range, by the midpoints of a million intervals.
    #[test]
    fn the_mean_is_one_and_the_variance_is_one() {
        let count = 1_u64 << 20;
        let numbers = (0..count).map(|nth| exponential((nth << 12 | 1 << 11) as u32));
        let (sum, squares) = numbers.fold((0, 0), |(sum, squares), number| {
            (
                sum + u128::from(number),
                squares + ((u128::from(number) * u128::from(number)) >> DIGITS),
            )
        });
        let (mean, square) =
            ((sum / u128::from(count)) as u64, (squares / u128::from(count)) as u64);
        assert!(near(mean, ONE, 100_000), "the mean is {mean}");
        assert!(near(square, 2 * ONE, 10_000), "the mean of squares is {square}");
    }

    /// What a seed draws: a test of the whole way from key to number.
    #[test]
    fn the_draws_of_a_seed_have_the_mean_and_the_variance_of_the_law() {
        let site = Site::new(40, "test.site");
        let mut choices = Choices::new(Policy::seeded(3), Overrides::default());
        let count = 100_000;
        let (mut sum, mut squares) = (0_u128, 0_u128);
        for nth in 0..count {
            let (actor, space) = (Actor::node(NodeId(1)), Space::up_to(u32::MAX.into()));
            let number =
                u128::from(exponential(choices.draw(site, actor, Entity(nth), space) as u32));
            sum += number;
            squares += (number * number) >> DIGITS;
        }
        let (mean, square) =
            ((sum / u128::from(count)) as u64, (squares / u128::from(count)) as u64);
        // Four standard errors: 4 / √100,000 of the mean, and 4 × √20 / √100,000 of the squares.
        assert!(near(mean, ONE, 79), "{mean}");
        assert!(near(square, 2 * ONE, 35), "{square}");
    }

    #[test]
    fn a_number_divided_by_the_logarithm_of_two_is_known() {
        assert!(near(over_ln_2(ONE), 6_196_328_019, 1 << 31));
        assert_eq!(over_ln_2(u64::MAX), u64::MAX);
    }
}

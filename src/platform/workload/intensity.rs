//! The rate at which customers arrive, as it changes with time.
//!
//! How long it takes until so many further arrivals are to be expected is the inverse of the integral of the rate.
//! With one at a time, arrivals are as even as the rate allows; with exponentially distributed numbers they are a
//! Poisson process of that rate.

use crate::kernel::fixed::{DIGITS, LOG_DIGITS, halved, log2, over_ln_2};
use crate::kernel::{Frequency, Span};

/// The digits after the point of a rate in arrivals per nanosecond. Its square fits into 128 bits.
const RATE_DIGITS: u32 = 62;

/// A rate that may change with time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intensity {
    /// It stays the same.
    Steady(Frequency),
    /// It rises or falls steadily.
    Ramp {
        /// At first.
        from: Frequency,
        /// At the end.
        to: Frequency,
        /// For how long it changes.
        over: Span,
    },
    /// It halves again and again.
    Decay {
        /// At first.
        from: Frequency,
        /// How long it takes until it is half of that.
        half_life: Span,
    },
}

impl Intensity {
    /// How long it takes from `since` its start until `number` further arrivals are to be expected; `None` if that
    /// never happens. The number has [`DIGITS`] after the point.
    pub(crate) fn until(self, number: u64, since: Span) -> Option<Span> {
        match self {
            Self::Steady(rate) => Some(rate.span_of(number, DIGITS)),
            Self::Ramp { from, to, over } => Ramp::new(from, to, over).until(number, since),
            Self::Decay { from, half_life } => {
                let left = left_at(from, half_life, since);
                let after = left.checked_sub(number).filter(|after| *after > 0)?;
                let halvings = u128::from(log2(left) - log2(after));
                let nanos = (halvings * u128::from(half_life.as_nanos())) >> LOG_DIGITS;
                Some(Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
            }
        }
    }

    /// How many arrivals are to be expected in its first `span`, rounded up.
    pub(crate) fn expected(self, span: Span) -> u64 {
        let whole = |number: u128| u64::try_from(number.div_ceil(1 << DIGITS)).unwrap_or(u64::MAX);
        match self {
            Self::Steady(rate) => whole(rate.times_in(span, DIGITS)),
            Self::Ramp { from, to, over: _ } => {
                whole((from.times_in(span, DIGITS) + to.times_in(span, DIGITS)) / 2)
            }
            Self::Decay { from, half_life } => {
                let left = |since| u128::from(left_at(from, half_life, since));
                whole(left(Span::ZERO) - left(span))
            }
        }
    }
}

/// How many arrivals are still to be expected after some time, if the rate halves again and again; with [`DIGITS`].
fn left_at(from: Frequency, half_life: Span, since: Span) -> u64 {
    let times = from.times_in(half_life, DIGITS);
    let all = over_ln_2(u64::try_from(times).unwrap_or(u64::MAX));
    let halvings = (u128::from(since.as_nanos()) << DIGITS) / u128::from(half_life.as_nanos());
    let share = halved(u64::try_from(halvings).unwrap_or(u64::MAX));
    ((u128::from(all) * u128::from(share)) >> DIGITS) as u64
}

/// A rate that changes steadily, in arrivals per nanosecond.
struct Ramp {
    /// At first, with [`RATE_DIGITS`].
    from: i128,
    /// The whole change.
    change: i128,
    over: i128,
}

impl Ramp {
    fn new(from: Frequency, to: Frequency, over: Span) -> Self {
        let rate = |rate: Frequency| rate.times_in(Span::from_nanos(1), RATE_DIGITS) as i128;
        let from = rate(from);
        Self { from, change: rate(to) - from, over: i128::from(over.as_nanos()) }
    }

    /// With the rate r now and its slope s, n arrivals take (√(r² + 2sn) − r) / s. This is 2n / (r + √(r² + 2sn)),
    /// where nothing cancels.
    fn until(&self, number: u64, since: Span) -> Option<Span> {
        let since = i128::from(since.as_nanos()).min(self.over);
        let rate = u128::try_from(self.from + self.change * since / self.over).ok()?;
        let number = i128::from(number);
        // 2sn with twice the digits of the rate. The division comes first where the number could overflow.
        let (whole, rest) = (self.change * number / self.over, self.change * number % self.over);
        let digits = RATE_DIGITS + 1 - DIGITS;
        let gain = whole.checked_mul(1 << digits)?.checked_add((rest << digits) / self.over)?;
        let root = (rate * rate).checked_add_signed(gain)?.isqrt();
        let sum = rate + root;
        let nanos = ((number as u128) << digits).checked_div(sum)?;
        Some(Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::fixed::ONE;

    const SECOND: Span = Span::from_secs(1);

    fn each_second(times: u64) -> Frequency {
        Frequency::new(times, SECOND)
    }

    /// The times of arrivals, one at a time, up to `end`.
    fn arrivals(intensity: Intensity, end: Span) -> Vec<u64> {
        let mut all = Vec::new();
        let mut now = Span::ZERO;
        while let Some(after) = intensity.until(ONE, now) {
            now = now + after;
            if now > end {
                break;
            }
            all.push(now.as_nanos() / 1_000_000);
        }
        all
    }

    #[test]
    fn a_steady_rate_has_even_intervals() {
        let steady = Intensity::Steady(each_second(4));
        assert_eq!(arrivals(steady, SECOND), [250, 500, 750, 1000]);
        assert_eq!(steady.expected(Span::from_millis(900)), 4);
    }

    #[test]
    fn a_ramp_has_the_arrivals_of_its_integral() {
        // 10t + 5t² = n at t = √(1 + n / 5) − 1.
        let ramp =
            Intensity::Ramp { from: each_second(10), to: each_second(110), over: SECOND.times(10) };
        let found = arrivals(ramp, SECOND);
        assert_eq!(
            found,
            [95, 183, 264, 341, 414, 483, 549, 612, 673, 732, 788, 843, 897, 949, 999]
        );
        assert_eq!(ramp.expected(SECOND.times(10)), 600);
        assert!(arrivals(ramp, SECOND.times(10)).len().abs_diff(600) <= 1);
    }

    #[test]
    fn a_ramp_that_falls_is_one_that_rises_seen_from_its_end() {
        let (low, high, over) = (each_second(1), each_second(1000), SECOND);
        let falls = arrivals(Intensity::Ramp { from: high, to: low, over }, over);
        let rises = arrivals(Intensity::Ramp { from: low, to: high, over }, over);
        assert!(falls.len().abs_diff(500) <= 1 && rises.len().abs_diff(500) <= 1);
        assert!(falls[100].abs_diff(1000 - rises[rises.len() - 101]) <= 2);
    }

    #[test]
    fn an_extreme_ramp_neither_overflows_nor_stands_still() {
        let most = Frequency::new(1_000_000_000, SECOND);
        let least = Frequency::new(1, Span::from_secs(3600));
        for (from, to) in [(most, least), (least, most), (most, most), (least, least)] {
            for over in [Span::from_nanos(1), SECOND, Span::from_nanos(u64::MAX / 2)] {
                let ramp = Intensity::Ramp { from, to, over };
                let after = ramp.until(ONE, Span::ZERO);
                assert!(
                    after.is_none_or(|after| after <= Span::from_secs(3601)),
                    "{ramp:?} {after:?}"
                );
            }
        }
    }

    #[test]
    fn a_spike_halves_and_ends() {
        let spike = Intensity::Decay { from: each_second(693), half_life: SECOND };
        let found = arrivals(spike, SECOND.times(60));
        // 693 / ln 2 in all, half of them in each half-life.
        assert_eq!(spike.expected(SECOND.times(60)), 1000);
        assert!(found.len().abs_diff(999) <= 1, "{}", found.len());
        for (after, share) in [(1, 500), (2, 750), (3, 875)] {
            let before = found.iter().filter(|at| **at <= after * 1000).count();
            assert!(before.abs_diff(share) <= 1, "{before} within {after} s");
            assert!(spike.expected(SECOND.times(after)).abs_diff(share as u64) <= 1);
        }
        assert_eq!(spike.until(1001 * ONE, Span::ZERO), None);
    }
}

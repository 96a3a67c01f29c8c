//! How long to wait before the next attempt.

use super::{Space, Span};

/// Exponential back-off: the delay doubles with each attempt, up to a cap.
///
/// ```text
/// delay(n) = min(base × 2ⁿ, cap)      n = 0 after the first attempt
/// ```
///
/// The product saturates, so `n` has no limit. A base above the cap is cut to the cap.
///
/// ```
/// use jetlag::kernel::{Backoff, Span};
/// let backoff = Backoff::capped(Span::from_millis(100), Span::from_secs(1));
/// let delays = [0, 1, 2, 3, 4, 99].map(|n| backoff.delay(n).as_micros() / 1_000);
/// assert_eq!(delays, [100, 200, 400, 800, 1_000, 1_000]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    base: Span,
    cap: Span,
}

/// By how much a choice can prolong a delay. Jitter prevents nodes that failed together from retrying
/// together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// By up to half of the delay.
    Half,
    /// By up to the whole delay.
    Full,
}

impl Backoff {
    /// Delays from `base` up to `cap`.
    pub const fn capped(base: Span, cap: Span) -> Self {
        Self { base, cap }
    }

    /// Delays from `base` up to `base × 2^doublings`.
    pub const fn doubling(base: Span, doublings: u32) -> Self {
        Self { base, cap: base.times(power_of_two(doublings)) }
    }

    /// The delay after attempt `n`, counted from 0.
    pub const fn delay(self, n: u32) -> Span {
        let delay = self.base.times(power_of_two(n));
        if delay.as_nanos() < self.cap.as_nanos() { delay } else { self.cap }
    }

    /// The delay after attempt `n`, prolonged by a choice of whole microseconds. The choice 0 prolongs
    /// nothing.
    pub fn drawn(self, n: u32, jitter: Jitter, draw: impl FnOnce(Space) -> u64) -> Span {
        let delay = self.delay(n);
        let longest = match jitter {
            Jitter::Half => delay.as_micros() / 2,
            Jitter::Full => delay.as_micros(),
        };
        delay + Span::from_micros(draw(Space::up_to(longest)))
    }
}

/// 2ⁿ, or the largest number if that is larger.
const fn power_of_two(n: u32) -> u64 {
    if n < u64::BITS { 1 << n } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Span = Span::from_secs(1);

    #[test]
    fn a_delay_doubles_up_to_its_cap() {
        let seconds = |backoff: Backoff| [0, 1, 2, 3, 4].map(|n| backoff.delay(n).as_micros());
        let cap = Span::from_micros(5_500_000);
        let capped = seconds(Backoff::capped(SECOND, cap));
        assert_eq!(capped, [1_000_000, 2_000_000, 4_000_000, 5_500_000, 5_500_000]);
        let doubled = seconds(Backoff::doubling(SECOND, 2));
        assert_eq!(doubled, [1_000_000, 2_000_000, 4_000_000, 4_000_000, 4_000_000]);
    }

    #[test]
    fn a_base_above_the_cap_is_cut_to_the_cap() {
        assert_eq!(Backoff::capped(Span::from_secs(9), SECOND).delay(0), SECOND);
    }

    #[test]
    fn delays_saturate_and_never_wrap() {
        let endless = Backoff::capped(SECOND, Span::MAX);
        assert_eq!(endless.delay(33).as_nanos(), 1_000_000_000 << 33);
        for n in [35, 63, 64, 65, u32::MAX] {
            assert_eq!(endless.delay(n), Span::MAX);
            assert_eq!(Backoff::doubling(SECOND, n).delay(n), Span::MAX);
            assert_eq!(Backoff::capped(Span::ZERO, SECOND).delay(n), Span::ZERO);
        }
    }

    #[test]
    fn jitter_is_at_most_its_share_of_the_delay() {
        let backoff = Backoff::capped(SECOND, Span::from_secs(3));
        for (jitter, longest) in [(Jitter::Half, 4_500), (Jitter::Full, 6_000)] {
            assert_eq!(backoff.drawn(7, jitter, |_| 0), Span::from_secs(3));
            let drawn = backoff.drawn(7, jitter, Space::max);
            assert_eq!(drawn, Span::from_millis(longest));
        }
    }
}

//! How often something happens.

use super::Span;

/// So many times in a span. Never zero times, and at most once per nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frequency {
    times: u64,
    per: Span,
}

impl Frequency {
    /// So many times in a span.
    ///
    /// # Panics
    ///
    /// When it is zero times, or more than once per nanosecond.
    pub const fn new(times: u64, per: Span) -> Self {
        assert!(times > 0, "a frequency is greater than zero");
        assert!(times <= per.as_nanos(), "a frequency is at most one per nanosecond");
        Self { times, per }
    }

    /// The time from one to the next, in whole nanoseconds.
    pub const fn every(self) -> Span {
        Span::from_nanos(self.per.as_nanos() / self.times)
    }

    /// Whether it is the same, perhaps with another number of times in another span.
    pub const fn is_as_often_as(self, other: Self) -> bool {
        let (ours, theirs) = (self.per.as_nanos() as u128, other.per.as_nanos() as u128);
        self.times as u128 * theirs == other.times as u128 * ours
    }

    /// The number of times in a span, times 2^`digits` and rounded down; at most [`u128::MAX`].
    pub(crate) const fn times_in(self, span: Span, digits: u32) -> u128 {
        let per = self.per.as_nanos() as u128;
        let product = self.times as u128 * span.as_nanos() as u128;
        ((product / per) << digits) + (((product % per) << digits) / per)
    }

    /// How long it takes until it happened a number of times, which has `digits` after the point.
    pub(crate) const fn span_of(self, number: u64, digits: u32) -> Span {
        let nanos = (number as u128 * self.per.as_nanos() as u128 / self.times as u128) >> digits;
        Span::from_nanos(if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_numbers_of_times_are_exact() {
        let often = Frequency::new(3, Span::from_secs(1));
        assert_eq!(often.every(), Span::from_nanos(333_333_333));
        assert_eq!(often.times_in(Span::from_secs(2), 0), 6);
        assert_eq!(often.times_in(Span::from_millis(500), 1), 3);
        assert_eq!(often.span_of(3 << 32, 32), Span::from_secs(1));
        assert_eq!(often.span_of(1 << 32, 32), often.every());
        assert!(often.is_as_often_as(Frequency::new(180, Span::from_secs(60))));
        assert!(!often.is_as_often_as(Frequency::new(3, Span::from_secs(60))));
    }

    #[test]
    fn the_most_and_the_least_frequent_do_not_overflow() {
        let most = Frequency::new(3_600_000_000_000, Span::from_secs(3600));
        assert_eq!(most.times_in(Span::MAX, 32), u128::from(u64::MAX) << 32);
        assert_eq!(most.span_of(u64::MAX, 32), Span::from_nanos(u64::from(u32::MAX)));
        let least = Frequency::new(1, Span::from_secs(3600));
        assert_eq!(least.span_of(u64::MAX, 0), Span::MAX);
    }
}

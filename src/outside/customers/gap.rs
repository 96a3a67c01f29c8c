//! The time between two arrivals of a workload, as a choice encodes it.

use crate::kernel::{Site, Span};

/// When the next customer arrives: 0 after the usual interval, then after whole intervals from none on, then after
/// fractions of one.
pub(crate) const CUSTOMER_GAP: Site = Site::new(23, "customer.gap");

/// The most intervals.
const TIMES_MAX: u64 = 63;
/// Into how many parts an interval is divided.
const PARTS: u64 = 64;

/// The time from one arrival to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Gap {
    /// The usual interval.
    #[default]
    Usual,
    /// This many intervals.
    Times(u64),
    /// This many parts of one, at least one and fewer than all.
    Parts(u64),
}

impl Gap {
    /// The largest value of a choice.
    pub(super) const MOST: u64 = TIMES_MAX + PARTS;

    pub(super) const fn encode(self) -> u64 {
        match self {
            Self::Usual => 0,
            Self::Times(times) => 1 + times,
            Self::Parts(parts) => 1 + TIMES_MAX + parts,
        }
    }

    pub(super) const fn decode(value: u64) -> Self {
        match value {
            0 => Self::Usual,
            times if times <= 1 + TIMES_MAX => Self::Times(times - 1),
            parts => Self::Parts(parts - 1 - TIMES_MAX),
        }
    }

    /// Its length, if the usual interval is this long.
    pub(super) fn of(self, usual: Span) -> Span {
        match self {
            Self::Usual => usual,
            Self::Times(times) => usual.times(times),
            Self::Parts(parts) => Span::from_nanos(usual.as_nanos() / PARTS * parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_a_gap_and_0_is_the_usual_one() {
        assert_eq!(Gap::default().encode(), 0);
        for value in 0..=Gap::MOST {
            assert_eq!(Gap::decode(value).encode(), value);
        }
    }

    #[test]
    fn a_gap_is_none_or_some_intervals_or_a_part_of_one() {
        let usual = Span::from_millis(64);
        let of = |gap: Gap| gap.of(usual).as_nanos() / 1_000_000;
        let gaps = [Gap::Usual, Gap::Times(0), Gap::Times(63), Gap::Parts(1), Gap::Parts(63)];
        assert_eq!(gaps.map(of), [64, 0, 63 * 64, 1, 63]);
        assert_eq!(Gap::decode(Gap::MOST), Gap::Parts(PARTS - 1));
    }
}

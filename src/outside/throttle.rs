//! How much a service accepts: so many requests at once, and so many in a second.

use crate::kernel::{Instant, Span};
use crate::platform::ServiceSettings;

/// Counts what a service has accepted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Throttle {
    /// The second of its clock in which it has last accepted a request.
    second: u64,
    /// How many it has accepted in that second.
    accepted: u32,
    /// How many it works on.
    working: u32,
}

impl Throttle {
    /// Accepts a request, unless that would be one too many.
    pub(super) fn accept(&mut self, limits: &ServiceSettings, now: Instant) -> bool {
        let second = now.as_nanos() / Span::from_secs(1).as_nanos();
        if second != self.second {
            (self.second, self.accepted) = (second, 0);
        }
        let fits = |limit: Option<u32>, count| limit.is_none_or(|most| count < most);
        let accepts =
            fits(limits.concurrency, self.working) && fits(limits.per_second, self.accepted);
        if accepts {
            self.accepted = self.accepted.saturating_add(1);
            self.working = self.working.saturating_add(1);
        }
        accepts
    }

    /// A request that was accepted is done with.
    pub(super) fn done(&mut self) {
        self.working -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Span::from_millis(millis)
    }

    #[test]
    fn without_limits_everything_is_accepted() {
        let (mut throttle, limits) = (Throttle::default(), ServiceSettings::default());
        assert!((0..10_000).all(|_| throttle.accept(&limits, at(5))));
    }

    #[test]
    fn requests_beyond_the_concurrency_are_turned_away_until_one_is_done() {
        let limits = ServiceSettings { concurrency: Some(2), per_second: None };
        let mut throttle = Throttle::default();
        assert_eq!([1, 2, 3].map(|_| throttle.accept(&limits, at(0))), [true, true, false]);
        throttle.done();
        assert_eq!([1, 2].map(|_| throttle.accept(&limits, at(0))), [true, false]);
    }

    #[test]
    fn each_second_of_the_clock_has_its_own_count() {
        let limits = ServiceSettings { concurrency: None, per_second: Some(2) };
        let mut throttle = Throttle::default();
        let accepted = [0, 500, 999, 1000, 1001, 1002].map(|ms| throttle.accept(&limits, at(ms)));
        assert_eq!(accepted, [true, true, false, true, true, false]);
    }
}

//! How the order of deliveries is drawn.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How the order of deliveries is drawn. All other choices are drawn in the same way by each of them, except
/// [`Benign`](Self::Benign).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Schedule {
    /// Every choice is benign unless it is forced: the default order.
    Benign,
    /// Every message takes a random time within what its link allows.
    #[default]
    Latency,
    /// The next delivery is any of those in flight, all about equally likely.
    RandomWalk,
    /// Partial order sampling: a message with which another delivery at its receiver has raced is placed
    /// anew within what its link allows.
    Pos,
    /// Probabilistic concurrency testing: every chain of causes has a random priority, which is lowered at
    /// this number of random points less one.
    Pct(u8),
    /// The seed draws one of the others.
    Mixture,
}

/// A name that is not that of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("write latency, random-walk, pos, pct-1 to pct-{deepest}, or mixture", deepest = Schedule::DEEPEST)]
pub struct UnknownSchedule;

impl Schedule {
    /// The greatest depth of [`Pct`](Self::Pct) that a mixture draws, or that has a name.
    const DEEPEST: u8 = 5;

    /// The schedules that have a name, in the order of the enum.
    pub fn all() -> impl Iterator<Item = Self> {
        let pct = (1..=Self::DEEPEST).map(Self::Pct);
        let before = [Self::Latency, Self::RandomWalk, Self::Pos];
        before.into_iter().chain(pct).chain([Self::Mixture])
    }

    /// The schedule of a run: itself, or the one that a mixture draws with these bits. Each kind is drawn
    /// equally often.
    pub(super) const fn drawn(self, bits: u64) -> Self {
        match self {
            Self::Mixture => match bits % 4 {
                0 => Self::Latency,
                1 => Self::RandomWalk,
                2 => Self::Pos,
                _ => Self::Pct(1 + (bits / 4 % Self::DEEPEST as u64) as u8),
            },
            other => other,
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Benign => f.pad("benign"),
            Self::Latency => f.pad("latency"),
            Self::RandomWalk => f.pad("random-walk"),
            Self::Pos => f.pad("pos"),
            Self::Pct(depth) => f.pad(&format!("pct-{depth}")),
            Self::Mixture => f.pad("mixture"),
        }
    }
}

impl FromStr for Schedule {
    type Err = UnknownSchedule;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let benign = [Self::Benign].into_iter();
        Self::all()
            .chain(benign)
            .find(|schedule| schedule.to_string() == text)
            .ok_or(UnknownSchedule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_it_is_written() {
        for schedule in Schedule::all().chain([Schedule::Benign]) {
            assert_eq!(schedule.to_string().parse(), Ok(schedule));
        }
        let wrong = "pct-6".parse::<Schedule>().unwrap_err().to_string();
        assert_eq!(wrong, "write latency, random-walk, pos, pct-1 to pct-5, or mixture");
    }

    #[test]
    fn a_mixture_draws_every_other_schedule() {
        for schedule in Schedule::all().filter(|schedule| *schedule != Schedule::Mixture) {
            let drawn = (0..20).filter(|bits| Schedule::Mixture.drawn(*bits) == schedule).count();
            let expected = if let Schedule::Pct(_) = schedule { 1 } else { 5 };
            assert_eq!(drawn, expected, "{schedule}");
            assert_eq!(schedule.drawn(1), schedule);
        }
    }
}

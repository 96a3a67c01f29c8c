//! What is kept of an enumeration, to continue it, or to put it together from its shards.

use serde::{Deserialize, Serialize};

use super::{Level, Plan};
use crate::explore::{FileId, Finding, Shard};
use crate::kernel::Fault;

/// The version of the form in which states are written.
const FORMAT: u32 = 1;

/// An enumeration as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The version of its form.
    pub format: u32,
    /// The build of the program: another one may behave differently, so that nothing is continued.
    pub build: String,
    /// The enumeration.
    pub id: EnumerationId,
    /// The shard that it is the result of.
    pub shard: Shard,
    /// The sums over the runs by the number of their deviations, from 0.
    pub levels: Vec<Level>,
    /// The number of runs with one deviation; `None` if nothing departs from the default run, because it failed.
    pub singles: Option<u64>,
    /// How many of these deviations are not combined with others.
    pub pointless: u64,
    /// Where the last of these levels goes on; `None` if it is complete.
    pub next: Option<Cursor>,
    /// The failures, in the order in which they are met.
    pub found: Vec<Found>,
}

/// What an enumeration is: everything that decides which runs it makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumerationId {
    /// The version of Jetlag.
    pub version: String,
    /// The scenario file.
    pub file: FileId,
    /// The name of the scenario.
    pub name: String,
    /// The most deviations in a run.
    pub depth: usize,
    /// The faults that are tried.
    pub faults: Vec<String>,
    /// Whether the order of deliveries is tried.
    pub order: bool,
    /// Whether settings are made small.
    #[serde(default)]
    pub settings: bool,
    /// The name of what everything tried is about; `None` for no such limit.
    pub about: Option<String>,
    /// Whether deviations are left out that change nothing but times.
    pub skips: bool,
}

/// A place between two pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The place of the run that is departed from.
    pub place: Vec<u32>,
    /// The number of the next piece of its forks.
    pub piece: u64,
}

/// A failure, and where it was met first. Its `run` says nothing: its place does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The place of the first run that failed so.
    pub place: Vec<u32>,
    /// The failure.
    pub finding: Finding,
}

impl State {
    /// An enumeration that has not begun.
    pub fn new(plan: &Plan<'_>, shard: Shard, build: &str) -> Self {
        Self {
            format: FORMAT,
            build: build.to_owned(),
            id: EnumerationId::of(plan),
            shard,
            levels: Vec::new(),
            singles: Some(0),
            pointless: 0,
            next: None,
            found: Vec::new(),
        }
    }

    /// The same if it is that of the same shard of the same enumeration and build; else one that has not begun.
    #[must_use]
    pub fn continued(self, plan: &Plan<'_>, shard: Shard, build: &str) -> Self {
        let new = Self::new(plan, shard, build);
        if self.is_of_same(&new) && self.shard == shard { self } else { new }
    }

    /// Whether another state is that of the same enumeration and build.
    pub(super) fn is_of_same(&self, other: &Self) -> bool {
        (self.format, &self.build, &self.id) == (other.format, &other.build, &other.id)
    }

    /// The number of runs.
    pub fn runs(&self) -> u64 {
        self.levels.iter().map(|level| level.runs).sum()
    }

    /// Whether all runs were made.
    pub fn is_complete(&self) -> bool {
        let levels = if self.singles.is_none() { 1 } else { self.id.depth + 1 };
        self.next.is_none() && self.levels.len() >= levels
    }

    /// About how many runs there are with so many deviations, and how many are left out besides, in all shards.
    pub fn about(&self, deviations: usize) -> (u64, u64) {
        let (all, some) = (self.singles.unwrap_or(0), deviations as u64);
        let combined = if deviations > 1 { all - self.pointless } else { all };
        let made = combinations(combined, some);
        (made, combinations(all, some).saturating_sub(made))
    }

    /// About how many runs are missing with as many deviations as the last one.
    pub(super) fn missing(&self) -> u64 {
        let Some(last) = self.levels.last() else { return 1 };
        let (about, _) = self.about(self.levels.len() - 1);
        (about / self.shard.count()).saturating_sub(last.runs)
    }

    /// Adds failures of one kind.
    pub(super) fn add(&mut self, found: Found) {
        let identity = found.finding.failure.identity();
        let known =
            self.found.iter_mut().find(|known| known.finding.failure.identity() == identity);
        match known {
            Some(known) => {
                let times = known.finding.times + found.finding.times;
                if found.order() < known.order() {
                    *known = found;
                }
                known.finding.times = times;
            }
            None => self.found.push(found),
        }
        self.found.sort_by(|one, other| one.order().cmp(&other.order()));
    }
}

impl Found {
    /// Runs with fewer deviations come first.
    fn order(&self) -> (usize, &[u32]) {
        (self.place.len(), &self.place)
    }
}

impl EnumerationId {
    fn of(plan: &Plan<'_>) -> Self {
        let Plan { scenario, scope, depth, .. } = plan;
        let name = |fault: &&Fault| fault.name.to_owned();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            file: FileId::of(*scenario),
            name: scenario.name().to_owned(),
            depth: *depth,
            faults: scope.faults.iter().map(name).collect(),
            order: scope.order,
            settings: scope.settings,
            about: scope.about.map(|about| scenario.lexicon().entity_name(about)),
            skips: scope.skips,
        }
    }
}

/// In how many ways `some` of `all` things can be taken.
pub(super) fn combinations(all: u64, some: u64) -> u64 {
    let taken = (0..some).try_fold(1_u128, |ways, nth| {
        Some(ways.checked_mul(u128::from(all.saturating_sub(nth)))? / u128::from(nth + 1))
    });
    taken.and_then(|ways| u64::try_from(ways).ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_counted() {
        assert_eq!([0, 1, 2, 3].map(|some| combinations(5, some)), [1, 5, 10, 10]);
        assert_eq!(combinations(1, 2), 0);
        assert_eq!(combinations(3_733, 2), 6_965_778);
        assert_eq!(combinations(u64::MAX, 8), u64::MAX);
    }
}

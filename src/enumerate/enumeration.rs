//! Level by level: the runs with no deviation, with one, with two.

use std::collections::BTreeSet;
use std::time::Duration;

use rayon::prelude::*;

use super::parent::{Cut, End, Parent};
use super::plan::Plan;
use super::pointless::pointless;
use super::state::{Cursor, Found};
use super::walk::Walk;
use super::{Deviation, Host, Level, State};
use crate::capsule::record;
use crate::explore::{Failure, Finding, Shard, pool};
use crate::session::{Fork, RunOutcome, RunRequest, Verdict};

/// How many runs of one parent are made one after the other, by one thread and by one shard.
const PIECE: usize = 256;
/// How many pieces are begun before it is asked whether to stop. Of those begun all are finished, so that what is
/// counted does not depend on threads.
const AT_ONCE: usize = 8;

/// The outcome of an enumeration.
#[derive(Clone, Debug)]
pub struct Enumerated {
    /// How far it has come, and what it found.
    pub state: State,
    /// Why it ended.
    pub ended: Ended,
    /// The wall-clock time it took, if that was requested.
    pub took: Option<Duration>,
}

/// Why an enumeration ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// All runs were made.
    Complete,
    /// It was stopped. About this many runs are missing with as many deviations as the last one.
    Stopped(u64),
    /// A run broke off for a reason that others would have too.
    Broken(Box<RunOutcome>),
}

impl Enumerated {
    /// The greatest number of deviations of which all runs were made; `None` if not even the default run was.
    pub fn complete(&self) -> Option<usize> {
        let levels = self.state.levels.len();
        let complete = if self.state.next.is_some() { levels.saturating_sub(1) } else { levels };
        complete.checked_sub(1)
    }

    /// The verdict on all runs together.
    pub fn verdict(&self) -> Verdict {
        match (&self.ended, self.found()) {
            (Ended::Stopped(_), _) => Verdict::Interrupted,
            (Ended::Broken(run), Verdict::Held) => run.verdict(),
            (Ended::Complete | Ended::Broken(_), found) => found,
        }
    }

    /// The verdict on the runs that were made.
    pub fn found(&self) -> Verdict {
        let kinds = self.state.found.iter().map(|found| found.finding.failure.kind);
        kinds.max().map_or(Verdict::Held, |kind| kind.verdict())
    }
}

/// Makes all runs of a plan that `state` lacks, on this many threads. Their number has no influence on the result.
pub fn enumerate(plan: &Plan<'_>, mut state: State, jobs: usize, host: &dyn Host) -> Enumerated {
    let ended = pool(jobs).install(|| match state.complete(plan, host) {
        Ok(()) => Ended::Complete,
        Err(Cut::Interrupted) => Ended::Stopped(state.missing()),
        Err(Cut::Broken(run)) => Ended::Broken(run),
    });
    Enumerated { state, ended, took: None }
}

impl State {
    /// Makes the runs that are missing.
    fn complete(&mut self, plan: &Plan<'_>, host: &dyn Host) -> Result<(), Cut> {
        if self.is_complete() {
            return Ok(());
        }
        host.begins(0, 1, 0);
        let root = Parent::root(plan)?;
        if self.levels.is_empty() {
            self.default_run(plan, &root, host);
        }
        let Ok(root) = root else { return Ok(()) };
        let mut left_out = BTreeSet::new();
        while !self.is_complete() {
            if self.next.is_none() {
                self.levels.push(Level::default());
                self.next = Some(Cursor::default());
            }
            let deviations = self.levels.len() - 1;
            if deviations > 1 && plan.scope.skips && left_out.is_empty() {
                left_out = pointless(plan, &root, host)?;
                self.pointless = left_out.len() as u64;
            }
            let about = self.about(deviations).0 / self.shard.count();
            host.begins(deviations, about, self.last().runs);
            self.level(plan, &root, &left_out, host)?;
            self.next = None;
            host.reached(self);
        }
        Ok(())
    }

    /// The run without deviations. It is counted in the first shard.
    fn default_run(&mut self, plan: &Plan<'_>, root: &Result<Parent, End>, host: &dyn Host) {
        self.levels.push(Level::default());
        self.singles = root.as_ref().ok().map(|root| root.forks.len() as u64);
        if self.shard.index() == 0 {
            let end = root.as_ref().map_or_else(End::clone, Parent::end);
            self.note(plan, (&[], Vec::new()), &end, host);
        }
        host.ran();
    }

    /// The rest of the runs of the last level.
    fn level(
        &mut self,
        plan: &Plan<'_>,
        root: &Parent,
        left_out: &BTreeSet<Deviation>,
        host: &dyn Host,
    ) -> Result<(), Cut> {
        let from = self.next.clone().unwrap_or_default();
        let fewer = self.levels.len() - 2;
        let mut walk = Walk::new(plan, left_out, (fewer, &from.place), root.clone())?;
        let mut is_first = true;
        loop {
            let parents = walk.next(host)?;
            if parents.is_empty() {
                return Ok(());
            }
            let forks: Vec<Vec<(u32, Fork)>> = parents.iter().map(|it| walk.made(it)).collect();
            let mut pieces = pieces(&parents, &forks);
            pieces.retain(|piece| piece.is_of(self.shard));
            if std::mem::take(&mut is_first) {
                pieces
                    .retain(|piece| piece.parent.place != from.place || piece.number >= from.piece);
            }
            for pieces in pieces.chunks(AT_ONCE) {
                if host.stop() {
                    return Err(Cut::Interrupted);
                }
                let ends: Result<Vec<Vec<End>>, Cut> =
                    pieces.par_iter().map(|piece| piece.ends(plan, host)).collect();
                for (piece, ends) in pieces.iter().zip(ends?) {
                    for ((nth, fork), end) in piece.forks.iter().zip(ends) {
                        let place = [&piece.parent.place[..], &[*nth]].concat();
                        self.note(plan, (&piece.parent.path_of(fork), place), &end, host);
                    }
                    let place = piece.parent.place.clone();
                    self.next = Some(Cursor { place, piece: piece.number + 1 });
                }
                host.reached(self);
            }
        }
    }

    fn last(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the level has begun")
    }

    /// Counts a run, and records it if it is the first that failed so.
    fn note(
        &mut self,
        plan: &Plan<'_>,
        (path, place): (&[Deviation], Vec<u32>),
        end: &End,
        host: &dyn Host,
    ) {
        self.last().add(end);
        let Some(failure) = &end.failure else { return };
        let identity = failure.identity();
        match self.found.iter_mut().find(|it| it.finding.failure.identity() == identity) {
            Some(known) => known.finding.times += 1,
            None => {
                let finding = finding(plan, path, failure);
                host.found(&finding);
                self.found.push(Found { place, finding });
            }
        }
    }
}

/// Several runs with the same parent.
#[derive(Debug)]
struct Piece<'a> {
    parent: &'a Parent,
    /// Its number among the pieces of this parent.
    number: u64,
    /// What the runs depart with, with its number.
    forks: &'a [(u32, Fork)],
}

/// What departs from these runs, in pieces.
fn pieces<'a>(parents: &'a [Parent], forks: &'a [Vec<(u32, Fork)>]) -> Vec<Piece<'a>> {
    let of = |(parent, forks): (&'a Parent, &'a Vec<(u32, Fork)>)| {
        let numbered = (0..).zip(forks.chunks(PIECE));
        numbered.map(move |(number, forks)| Piece { parent, number, forks })
    };
    parents.iter().zip(forks).flat_map(of).collect()
}

impl Piece<'_> {
    /// Whether a shard makes its runs.
    fn is_of(&self, shard: Shard) -> bool {
        let place = self.parent.place.iter().map(|nth| u64::from(*nth)).sum::<u64>();
        shard.has(place + self.number)
    }

    /// Makes its runs.
    fn ends(&self, plan: &Plan<'_>, host: &dyn Host) -> Result<Vec<End>, Cut> {
        let forks: Vec<Fork> = self.forks.iter().map(|(_, fork)| *fork).collect();
        self.parent.fork(plan, &forks, host)
    }
}

/// A failure that was not met before, with the capsule of its run.
fn finding(plan: &Plan<'_>, path: &[Deviation], failure: &Failure) -> Finding {
    let request = RunRequest { decisions: true, ..plan.request(path) };
    let outcome = plan.scenario.run(&request);
    let file = outcome.subject.file.clone();
    let capsule = record(plan.scenario, &outcome).text();
    Finding { failure: failure.clone(), run: 0, file, times: 1, capsule }
}

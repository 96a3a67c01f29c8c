//! Level by level: the runs with no deviation, with one, with two.

use std::collections::BTreeSet;
use std::time::Duration;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::parent::{Child, Cut, End, Parent, children, departures};
use super::plan::Plan;
use super::{Deviation, Host, Level};
use crate::capsule::record;
use crate::explore::{Failure, Finding, pool};
use crate::session::{RunOutcome, RunRequest, Verdict};

/// How many runs are departed from before it is asked whether to stop. Of those begun all are finished, so that
/// what is counted does not depend on threads.
const AT_ONCE: usize = 16;

/// The outcome of an enumeration.
#[derive(Clone, Debug)]
pub struct Enumerated {
    /// The name of the scenario.
    pub name: String,
    /// How many kinds of fault were tried.
    pub kinds: usize,
    /// Whether the order of deliveries was tried.
    pub order: bool,
    /// The name of what everything tried is about; `None` for no such limit.
    pub about: Option<String>,
    /// The sums over the runs by the number of their deviations, from 0.
    pub levels: Vec<Level>,
    /// The most deviations that were asked for.
    pub depth: usize,
    /// The failures, in the order in which they were met. The runs are counted from 0.
    pub findings: Vec<Finding>,
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
    /// The number of runs.
    pub fn runs(&self) -> u64 {
        self.levels.iter().map(|level| level.runs).sum()
    }

    /// The greatest number of deviations of which all runs were made; `None` if not even the default run was.
    pub fn complete(&self) -> Option<usize> {
        let levels = match self.ended {
            Ended::Complete => self.levels.len(),
            Ended::Stopped(_) | Ended::Broken(_) => self.levels.len().saturating_sub(1),
        };
        levels.checked_sub(1)
    }

    /// The verdict on all runs together.
    pub fn verdict(&self) -> Verdict {
        let kinds = self.findings.iter().map(|finding| finding.failure.kind);
        let found = kinds.max().map_or(Verdict::Held, |kind| kind.verdict());
        match (&self.ended, found) {
            (Ended::Stopped(_), _) => Verdict::Interrupted,
            (Ended::Broken(run), Verdict::Held) => run.verdict(),
            (Ended::Complete | Ended::Broken(_), found) => found,
        }
    }
}

/// Makes all runs of a plan, on this many threads. Their number has no influence on the result.
pub fn enumerate(plan: &Plan<'_>, jobs: usize, host: &dyn Host) -> Enumerated {
    let pool = pool(jobs);
    let mut all = Enumerated::of(plan);
    let mut next = match all.default_run(plan, host) {
        Ok(next) => next,
        Err(cut) => {
            all.ended = cut.ended(1);
            return all;
        }
    };
    for deviations in 1..=plan.depth {
        host.begins(deviations, next.about());
        let begun = (next.about(), std::mem::take(&mut next.parents));
        if let Err(cut) = all.level(plan, &begun.1, &mut next, (&pool, host)) {
            let made = all.levels.last().map_or(0, |level| level.runs);
            all.ended = cut.ended(begun.0.saturating_sub(made));
            return all;
        }
    }
    all
}

/// What the runs with one deviation more are made from.
#[derive(Debug, Default)]
struct Next {
    /// The runs that they depart from.
    parents: Vec<Parent>,
    /// About how many are left out with the runs that are not departed from.
    skipped: u64,
    /// The single deviations that change timing only, or no more than another size of the same fault does. They
    /// are not combined with others.
    pointless: BTreeSet<Deviation>,
}

impl Next {
    /// About how many runs that gives.
    fn about(&self) -> u64 {
        self.parents.iter().map(|parent| parent.about).sum()
    }
}

impl Cut {
    fn ended(self, missing: u64) -> Ended {
        match self {
            Self::Interrupted => Ended::Stopped(missing),
            Self::Broken(run) => Ended::Broken(run),
        }
    }
}

impl Enumerated {
    /// Of a plan of which no run was made yet.
    fn of(plan: &Plan<'_>) -> Self {
        let lexicon = plan.scenario.lexicon();
        Self {
            name: plan.scenario.name().to_owned(),
            kinds: plan.scope.faults.len(),
            order: plan.scope.order,
            about: plan.scope.about.map(|about| lexicon.entity_name(about)),
            levels: Vec::new(),
            depth: plan.depth,
            findings: Vec::new(),
            ended: Ended::Complete,
            took: None,
        }
    }

    /// The run without deviations; nothing departs from it if it failed.
    fn default_run(&mut self, plan: &Plan<'_>, host: &dyn Host) -> Result<Next, Cut> {
        host.begins(0, 1);
        self.levels.push(Level::default());
        let (outcome, tried) = departures(plan, &[]);
        let about = tried.len() as u64;
        let end = End::of(outcome)?;
        host.ran();
        self.note(plan, &[], &end, host);
        let parent = end.failure.is_none().then(|| Parent { path: Vec::new(), about });
        Ok(Next { parents: Vec::from_iter(parent), ..Next::default() })
    }

    /// The runs with one deviation more than those of `parents`. Adds what the next ones are made from.
    fn level(
        &mut self,
        plan: &Plan<'_>,
        parents: &[Parent],
        next: &mut Next,
        (pool, host): (&ThreadPool, &dyn Host),
    ) -> Result<(), Cut> {
        self.levels.push(Level { skipped: std::mem::take(&mut next.skipped), ..Level::default() });
        let is_last = self.levels.len() > plan.depth;
        for parents in parents.chunks(AT_ONCE) {
            if host.stop() {
                return Err(Cut::Interrupted);
            }
            let one = |parent: &Parent| children(plan, parent, &next.pointless, host);
            let ran: Result<Vec<(Vec<Child>, u64)>, Cut> =
                pool.install(|| parents.par_iter().map(one).collect());
            for (parent, (children, skipped)) in parents.iter().zip(ran?) {
                self.last().skipped += skipped;
                let all = children.len() as u64;
                for (about, child) in (0..all).rev().zip(&children) {
                    let path = [&parent.path[..], &[child.deviation]].concat();
                    self.note(plan, &path, &child.end, host);
                    if child.is_same {
                        self.last().same += 1;
                        next.skipped += about;
                        if parent.path.is_empty() {
                            next.pointless.insert(child.deviation);
                        }
                    } else if !is_last && child.end.failure.is_none() {
                        next.parents.push(Parent { path, about });
                    }
                }
            }
        }
        Ok(())
    }

    fn last(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the level has begun")
    }

    /// Counts a run, and records it if it is the first that failed so.
    fn note(&mut self, plan: &Plan<'_>, path: &[Deviation], end: &End, host: &dyn Host) {
        let run = self.runs();
        self.last().add(end);
        let Some(failure) = &end.failure else { return };
        let is_same = |known: &&mut Finding| known.failure.identity() == failure.identity();
        match self.findings.iter_mut().find(is_same) {
            Some(known) => known.times += 1,
            None => {
                let finding = finding(plan, path, (failure, run));
                host.found(&finding);
                self.findings.push(finding);
            }
        }
    }
}

/// A failure that was not met before, with the capsule of its run.
fn finding(plan: &Plan<'_>, path: &[Deviation], (failure, run): (&Failure, u64)) -> Finding {
    let request = RunRequest { decisions: true, ..plan.request(path) };
    let outcome = plan.scenario.run(&request);
    let file = outcome.subject.file.clone();
    let capsule = record(plan.scenario, &outcome).text();
    Finding { failure: failure.clone(), run, file, times: 1, capsule }
}

//! One campaign that ends with its first failure.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::Strategy;
use super::form::form;
use crate::enumerate::{self, Scope};
use crate::explore::{self, Extent, Finding, Settings, Shard};
use crate::kernel::Schedule;
use crate::model::Defect;
use crate::session::{AnyScenario, Faults, RunRequest};
use crate::shrink::{Effort, Shrunk, shrink};

/// How far apart the seeds of two campaigns are: further than any campaign goes.
const SEEDS_APART: u64 = 1 << 32;
/// A capsule with more bytes is not shrunk: it is that of a run that went on until its budget was used up.
const CAPSULE_MAX: usize = 1 << 20;
/// How many occurrences shrinking may take.
const OCCURRENCES_MAX: u64 = 30_000_000;
/// The most deviations that an enumeration combines.
const DEPTH_MAX: usize = 2;

/// The result of one campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The defect.
    pub defect: String,
    /// The strategy.
    pub strategy: String,
    /// The number of the campaign, from 0.
    pub campaign: u64,
    /// The program and the scenarios, as a hash: only trials of the same ones can be put together.
    #[serde(default)]
    pub worlds: String,
    /// The most runs that it could make.
    pub cap: u64,
    /// The number of its first run that failed; absent if it found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u64>,
    /// The property that spoke first in that run, or what stands for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// The deviations in that run, and in the shrunk one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviations: Option<(u64, u64)>,
    /// The runs that shrinking it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replays: Option<u32>,
    /// The kinds of the deviations in the shrunk run; empty if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The seconds that it took on one thread.
    pub seconds: f64,
}

/// The scenarios with a defect in them.
pub struct Bench<'a> {
    /// The defect.
    pub defect: &'static Defect,
    /// The scenarios.
    pub scenarios: Vec<Box<dyn AnyScenario>>,
    /// The program and the scenarios, as a hash.
    pub worlds: &'a str,
    /// Loads a capsule.
    pub load: &'a (dyn Fn(&str) -> Option<Box<dyn AnyScenario>> + Sync),
    /// Whether somebody has interrupted it.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl Bench<'_> {
    /// The campaigns of these scenarios: what their runs cost is learnt once, on this many threads. `None` if no
    /// scenario allows faults.
    pub fn plan(&self, jobs: usize) -> Option<explore::Plan<'_>> {
        let fuzzed = self.scenarios.iter().map(|scenario| &**scenario);
        let fuzzed: Vec<&dyn AnyScenario> = fuzzed.filter(|it| it.allows_faults()).collect();
        let settings = Settings::default();
        (!fuzzed.is_empty()).then(|| explore::Plan::new(fuzzed, settings, jobs))
    }

    /// Makes a campaign of a [`plan`](Self::plan); `None` if somebody interrupts it. The seconds are left at zero.
    pub fn trial(
        &self,
        plan: Option<&explore::Plan<'_>>,
        (strategy, campaign): (Strategy, u64),
        cap: u64,
    ) -> Option<Trial> {
        let found = match strategy {
            Strategy::Fuzz(schedule) => {
                plan.and_then(|plan| self.fuzzed(plan, schedule, campaign, cap))
            }
            Strategy::Enumerate => self.enumerated(cap),
        };
        let mut trial = Trial {
            defect: self.defect.id.to_owned(),
            strategy: strategy.to_string(),
            campaign,
            worlds: self.worlds.to_owned(),
            cap,
            runs: None,
            property: None,
            deviations: None,
            replays: None,
            form: None,
            seconds: 0.0,
        };
        if let Some((runs, finding)) = found {
            (trial.runs, trial.property) = (Some(runs), Some(finding.failure.property));
            if let Some(shrunk) = self.shrunk(&finding.capsule) {
                let (before, after) = (shrunk.before.deviations(), shrunk.sizes().deviations());
                trial.deviations = Some((before as u64, after as u64));
                trial.replays = Some(shrunk.replays);
                trial.form = Some(form(&shrunk.capsule.file));
            }
        }
        (!(self.stop)()).then_some(trial)
    }

    fn fuzzed(
        &self,
        plan: &explore::Plan<'_>,
        schedule: Schedule,
        campaign: u64,
        cap: u64,
    ) -> Option<(u64, Finding)> {
        let seed = 1 + campaign * SEEDS_APART;
        let settings = Settings { seed, schedule, ..Settings::default() };
        let plan = plan.with(settings);
        let state = explore::State::new(&plan, "");
        let found = explore::campaign(&plan, state, Extent::of_runs(cap), &First::new(self.stop));
        let first = found.tally.findings.values().min_by_key(|finding| finding.run)?;
        Some((first.run + 1, first.clone()))
    }

    /// The scenarios in order of the occurrences of their default runs, with one deviation and then with two.
    fn enumerated(&self, cap: u64) -> Option<(u64, Finding)> {
        let cost = |scenario: &dyn AnyScenario| scenario.run(&scenario.request()).occurrences;
        let mut worlds: Vec<(u64, &dyn AnyScenario)> = self
            .scenarios
            .iter()
            .filter(|scenario| scenario.allows_faults())
            .map(|scenario| (cost(&**scenario), &**scenario))
            .collect();
        worlds.sort_by_key(|(cost, _)| *cost);
        let mut made = 0;
        for depth in 0..=DEPTH_MAX {
            for (_, scenario) in &worlds {
                let scripted = scenario.faults(Faults::Scripted).len();
                let faults = scenario.faults(Faults::Fuzzed).split_off(scripted);
                let scope =
                    Scope { faults, order: true, settings: true, about: None, skips: false };
                let plan = enumerate::Plan::new(*scenario, scope, depth);
                let state = enumerate::State::new(&plan, Shard::WHOLE, "");
                let host = Counting { left: Mutex::new(cap - made), first: First::new(self.stop) };
                let all = enumerate::enumerate(&plan, state, 1, &host);
                if let Some(first) = all.state.found.first() {
                    // A place of one number is that of a run with one deviation, after the default run.
                    let place = first.place.first().filter(|_| first.place.len() <= 1);
                    let runs = place.map_or(all.state.runs(), |nth| u64::from(*nth) + 2);
                    return Some((made + runs, first.finding.clone()));
                }
                made += all.state.runs();
                if (self.stop)() || made >= cap {
                    return None;
                }
            }
        }
        None
    }

    /// What shrinking leaves of a capsule; `None` if it is too large.
    fn shrunk(&self, capsule: &str) -> Option<Shrunk> {
        if capsule.len() > CAPSULE_MAX {
            return None;
        }
        let scenario = (self.load)(capsule)?;
        let request = scenario.request();
        let one = scenario.run(&RunRequest { bare: true, ..request.clone() }).occurrences.max(1);
        let most = u64::from(Effort::default().replays);
        let replays = u32::try_from((OCCURRENCES_MAX / one).clamp(1, most)).unwrap_or(1);
        let effort = Effort { replays, jobs: 1 };
        shrink(&*scenario, &request, effort, self.stop).ok()
    }
}

/// Ends a campaign with its first failure.
struct First<'a> {
    has_failed: AtomicBool,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> First<'a> {
    fn new(stop: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { has_failed: AtomicBool::new(false), stop }
    }

    fn is_over(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed) || (self.stop)()
    }

    fn fails(&self) {
        self.has_failed.store(true, Ordering::Relaxed);
    }
}

impl explore::Host for First<'_> {
    fn stop(&self) -> Option<explore::Ended> {
        self.is_over().then_some(explore::Ended::TimeUp)
    }

    fn found(&self, _finding: &Finding) {
        self.fails();
    }
}

/// The same for an enumeration, which also ends after so many runs.
struct Counting<'a> {
    left: Mutex<u64>,
    first: First<'a>,
}

impl enumerate::Host for Counting<'_> {
    fn stop(&self) -> bool {
        self.first.is_over() || *self.left.lock().expect("no thread has panicked") == 0
    }

    fn ran(&self) {
        let mut left = self.left.lock().expect("no thread has panicked");
        *left = left.saturating_sub(1);
    }

    fn found(&self, _finding: &Finding) {
        self.first.fails();
    }
}

//! What each run of a campaign is.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::weights::Weights;
use super::{CampaignId, FileId, Universe};
use crate::collections::Table;
use crate::kernel::Schedule;
use crate::session::{AnyScenario, Faults, Feature, FeatureKind, RunRequest};

/// What the set-up of a run costs, in occurrences.
const SET_UP: u64 = 300;
/// What the runs of a batch cost, in occurrences, if it has several: little, so that threads share a round evenly.
const BATCH: u64 = 20_000;

/// How a campaign draws its runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The seed of run 0; each further run takes the next one.
    pub seed: u64,
    /// How the order of deliveries is drawn.
    pub schedule: Schedule,
    /// The number of runs in a block.
    pub block: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 1, schedule: Schedule::Mixture, block: super::BLOCK_RUNS }
    }
}

/// The runs of a campaign, by number.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    scenarios: Vec<&'a dyn AnyScenario>,
    settings: Settings,
    weights: Weights,
    /// The number of runs of each scenario that share a batch.
    batches: Vec<usize>,
    id: CampaignId,
    universe: Universe,
    /// The features of the universe, in the same order.
    features: Vec<Feature>,
    /// The number of each.
    numbers: Table<Feature, u32>,
    /// The number of the first claim of each scenario.
    claims: Vec<usize>,
}

impl<'a> Plan<'a> {
    /// A campaign over these scenarios, of which there must be one at least. Each is run twice to learn what
    /// a run of it costs, on this many threads.
    pub fn new(scenarios: Vec<&'a dyn AnyScenario>, settings: Settings, jobs: usize) -> Self {
        assert!(!scenarios.is_empty(), "a campaign needs a scenario");
        let cost = |scenario: &&dyn AnyScenario| cost(*scenario, &settings);
        let costs: Vec<u64> = pool(jobs).install(|| scenarios.par_iter().map(cost).collect());
        let id = CampaignId {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: settings.seed,
            policy: settings.schedule.to_string(),
            block: settings.block,
            files: scenarios.iter().map(|scenario| FileId::of(*scenario)).collect(),
        };
        let features = scenarios.iter().flat_map(|scenario| scenario.reachable());
        let features: Vec<Feature> = features.collect::<BTreeSet<_>>().into_iter().collect();
        let universe = Universe::of(&scenarios, &features);
        let mut numbers = Table::default();
        (0..).zip(&features).for_each(|(number, feature)| numbers.insert(*feature, number));
        let claims = scenarios.iter().scan(0, |upto, scenario| {
            let first = *upto;
            *upto += scenario.claims().len();
            Some(first)
        });
        let claims = claims.collect();
        let weights = Weights::of(&costs);
        let batches = costs.iter().map(|cost| (BATCH / cost).max(1) as usize).collect();
        Self { scenarios, settings, weights, batches, id, universe, features, numbers, claims }
    }

    /// Other runs of the same scenarios, with the same shares.
    #[must_use]
    pub fn with(&self, settings: Settings) -> Self {
        let mut plan = self.clone();
        (plan.id.seed, plan.id.block) = (settings.seed, settings.block);
        plan.id.policy = settings.schedule.to_string();
        plan.settings = settings;
        plan
    }

    /// What decides on the runs.
    pub const fn id(&self) -> &CampaignId {
        &self.id
    }

    /// What the runs could do.
    pub const fn universe(&self) -> &Universe {
        &self.universe
    }

    /// The number of runs in a block.
    pub(super) const fn block(&self) -> u64 {
        self.settings.block
    }

    /// The number of scenarios.
    pub(super) const fn files(&self) -> usize {
        self.scenarios.len()
    }

    /// A scenario by its number.
    pub(super) fn scenario(&self, file: usize) -> &'a dyn AnyScenario {
        self.scenarios[file]
    }

    /// The seed of a run.
    pub(super) const fn seed(&self, run: u64) -> u64 {
        self.settings.seed.wrapping_add(run)
    }

    /// The number of the scenario of a run.
    pub(super) fn file(&self, run: u64) -> usize {
        self.weights.file(self.seed(run))
    }

    /// The number of runs of a scenario that share a batch.
    pub(super) fn batch(&self, file: usize) -> usize {
        self.batches[file]
    }

    /// The number of a feature in the universe.
    pub(super) fn feature(&self, feature: &Feature) -> Option<u32> {
        self.numbers.get(feature).copied()
    }

    /// Whether runs that reach a feature for the first time are departed from.
    pub(super) fn is_searched_for(&self, feature: u32) -> bool {
        match self.features[feature as usize].kind {
            FeatureKind::Event | FeatureKind::Rejection => true,
            FeatureKind::Stimulus | FeatureKind::FaultDuring => true,
            FeatureKind::FaultFired | FeatureKind::FaultSeen => false,
        }
    }

    /// The number of a claim in the universe: the one with this number in its file.
    pub(super) fn claim(&self, file: usize, nth: usize) -> u32 {
        (self.claims[file] + nth) as u32
    }

    /// A run that departs from no other.
    pub(super) fn request(&self, run: u64) -> RunRequest {
        RunRequest { bare: true, reached: true, ..fuzzed(self.seed(run), &self.settings) }
    }
}

/// This many threads.
pub(crate) fn pool(jobs: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(jobs).build().expect("the system has threads left")
}

fn fuzzed(seed: u64, settings: &Settings) -> RunRequest {
    RunRequest { faults: Faults::Fuzzed, schedule: settings.schedule, ..RunRequest::of_seed(seed) }
}

/// What a run costs: that of the file and a fuzzed one.
fn cost(scenario: &dyn AnyScenario, settings: &Settings) -> u64 {
    let occurrences =
        |request: RunRequest| scenario.run(&RunRequest { bare: true, ..request }).occurrences;
    let scripted = occurrences(scenario.request());
    SET_UP + (scripted + occurrences(fuzzed(settings.seed, settings))) / 2
}

//! What a seed decides can be repeated from its decisions alone: what only steers them (which faults a run has,
//! where they are concentrated, which customers meet) leaves no other trace.

use std::collections::BTreeSet;
use std::sync::Arc;

use jetlag::domains::{Accounts, Flights, Orders};
use jetlag::internals::kernel::{Choices, Holds, Overrides, Policy};
use jetlag::internals::platform::Plan;
use jetlag::internals::world::simulation;
use jetlag::scenario::{Scenario, ScenarioDomain};

/// The digest, the number of occurrences and the faults of a run, and what it decided.
fn run<D: ScenarioDomain>(
    plan: &Arc<Plan<D>>,
    policy: Policy,
    overrides: Overrides,
) -> ((u64, u64, String), Overrides) {
    let mut choices = Choices::new(policy, overrides);
    choices.listen();
    let mut simulation = simulation(plan, choices, Holds::default(), ());
    simulation.run(&plan.budget);
    let kernel = &simulation.kernel;
    let decisions = kernel.choices().decisions().iter();
    let decisions = decisions.filter(|decision| decision.value > 0);
    let decided = decisions.map(|decision| (decision.key, decision.value)).collect();
    let fired = format!("{:?}", kernel.ledger().fired);
    ((kernel.digest().value(), kernel.steps(), fired), decided)
}

/// Runs a file with many seeds, each also from its decisions alone; the number of different runs.
fn repeated<D: ScenarioDomain>(path: &str, seeds: std::ops::Range<u64>) -> usize {
    let text = std::fs::read(path).expect("the file is there");
    let plan = Scenario::<D>::load(path, &text).expect("it is valid").fuzzed;
    let mut digests = BTreeSet::new();
    for seed in seeds {
        let (seeded, decided) = run(&plan, Policy::seeded(seed), Overrides::default());
        let (repeated, again) = run(&plan, Policy::Benign, decided.clone());
        assert_eq!(seeded, repeated, "{path}, seed {seed}");
        assert_eq!(decided, again, "{path}, seed {seed}");
        digests.insert(seeded.0);
    }
    digests.len()
}

#[test]
fn a_run_repeats_from_its_decisions_alone() {
    assert_eq!(repeated::<Flights>("scenarios/flights/hold_expires_mid_payment.ron", 0..150), 150);
    assert_eq!(repeated::<Flights>("scenarios/flights/cache_stampede.ron", 0..6), 6);
    assert_eq!(repeated::<Orders>("scenarios/orders/cancel_vs_ship_race.ron", 0..40), 40);
    assert_eq!(repeated::<Accounts>("scenarios/accounts/chaos.ron", 0..40), 40);
}

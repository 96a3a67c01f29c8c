//! What a seed decides can be repeated from its decisions alone: what only steers them (which faults a run has,
//! where they are concentrated, which customers meet) leaves no other trace.

use std::collections::BTreeSet;
use std::sync::Arc;

use jetlag::domains::{Accounts, Flights, Orders};
use jetlag::internals::kernel::{Choices, DELAY, Holds, Overrides, Policy};
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

type Decided = Vec<(&'static str, u32, u64)>;

/// What seeds decide in a file, apart from latencies: the name of each site, the number of the entity, and the
/// value.
fn decided(text: &str, seeds: std::ops::Range<u64>) -> Vec<Decided> {
    let plan = Scenario::<Accounts>::load("a.ron", text.as_bytes()).expect("it is valid").fuzzed;
    let of_seed = |seed| {
        let mut choices = Choices::new(Policy::seeded(seed), Overrides::default());
        choices.listen();
        let mut simulation = simulation(&plan, choices, Holds::default(), ());
        simulation.run(&plan.budget);
        let decisions = simulation.kernel.choices().decisions().iter();
        let named = decisions.map(|decision| {
            (decision.key.site.name(), decision.key.entity.0 as u32, decision.value)
        });
        named.collect()
    };
    seeds.map(of_seed).collect()
}

/// Six customers of a bank, with `fuzz`.
fn bank(fuzz: &str) -> String {
    format!(
        "(name: \"bank\", domain: Accounts(), fuzz: (faults: [Link, Store], budget: 8, {fuzz}),
          workload: (customers: 6, rate: \"20/s\", lasts: \"1s\", mix: [(3, Bank), (1, MyAccounts)]))"
    )
}

fn values(decided: &Decided, site: &str) -> Vec<u64> {
    decided.iter().filter(|(name, ..)| *name == site).map(|(.., value)| *value).collect()
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
        assert!(decided == again, "{path}, seed {seed}: other choices");
        digests.insert(seeded.0);
    }
    digests.len()
}

#[test]
fn a_run_repeats_from_its_decisions_alone() {
    assert_eq!(repeated::<Flights>("scenarios/flights/hold_expires_mid_payment.ron", 0..50), 50);
    assert_eq!(repeated::<Flights>("scenarios/flights/cache_stampede.ron", 0..2), 2);
    assert_eq!(repeated::<Orders>("scenarios/orders/cancel_vs_ship_race.ron", 0..15), 15);
    assert_eq!(repeated::<Accounts>("scenarios/accounts/chaos.ron", 0..15), 15);
    // Several workloads, in which customers come once or act again and again.
    assert_eq!(repeated::<Orders>("scenarios/orders/on_sale.ron", 0..10), 10);
    assert_eq!(repeated::<Orders>("scenarios/orders/closed_loop_of_browsers.ron", 0..10), 10);
}

#[test]
fn customers_are_few_come_at_once_and_want_the_same_unless_the_workload_is_as_written() {
    let runs = decided(&bank("settings: AsWritten"), 0..120);
    let count = |is: &dyn Fn(&Decided) -> bool| runs.iter().filter(|run| is(run)).count();
    let as_usual = |run: &Decided| {
        values(run, "customer.who")
            .iter()
            .chain(&values(run, "customer.gap"))
            .all(|value| *value == 0)
    };
    let few = |run: &Decided| values(run, "customer.who").iter().any(|value| *value > 1);
    let at_once = |run: &Decided| values(run, "customer.gap").contains(&1);
    let alike = |run: &Decided| {
        let randoms = values(run, "customer.random");
        randoms.chunks_exact(2).all(|pair| pair[0] == pair[1])
    };
    assert!((50..90).contains(&count(&as_usual)), "{}", count(&as_usual));
    let a_part_later = |run: &Decided| values(run, "customer.gap").iter().any(|value| *value > 64);
    let counts = [count(&few), count(&at_once), count(&a_part_later), count(&alike)];
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
    for run in decided(&bank("workload: AsWritten"), 0..20) {
        assert!(as_usual(&run));
    }
}

#[test]
fn lines_of_a_script_are_left_out_unless_the_workload_is_as_written() {
    let left_out = |fuzz: &str| {
        let line = |nth| format!("(at: \"{nth}s\", who: \"ana\", does: MyAccounts)");
        let script = (0..8).map(line).collect::<Vec<_>>().join(", ");
        let file = format!(
            "(name: \"lines\", domain: Accounts(), script: [{script}],
              fuzz: (faults: [Link], budget: 2, {fuzz}))"
        );
        let of_run = |run: &Decided| values(run, "customer.line").iter().sum::<u64>();
        decided(&file, 0..200).iter().map(of_run).collect::<Vec<_>>()
    };
    let lines = left_out("");
    let whole = lines.iter().filter(|left_out| **left_out == 0).count();
    assert!((140..180).contains(&whole), "{whole} of 200 runs");
    assert!(lines.contains(&1) && lines.iter().any(|left_out| *left_out > 3), "{lines:?}");
    assert_eq!(left_out("workload: AsWritten"), [0; 200]);
}

#[test]
fn settings_become_small_unless_they_are_as_written() {
    let any_small = |run: &Decided| values(run, "setting.small").contains(&1);
    assert!(decided(&bank(""), 0..20).iter().any(any_small));
    assert!(!decided(&bank("settings: AsWritten"), 0..20).iter().any(any_small));
}

#[test]
fn faults_fall_together_on_one_conversation_and_delays_end_at_deadlines() {
    let runs = decided(&bank(""), 0..600);
    let faults = [
        "link.drop",
        "link.duplicate",
        "link.reorder",
        "store.slow-commit",
        "store.connection-cut",
    ];
    let together = |run: &&Decided| {
        let fired = run.iter().filter(|(name, _, value)| faults.contains(name) && *value > 0);
        let about: Vec<u32> = fired.map(|(_, number, _)| *number).collect();
        about.len() > 2 && about.iter().all(|number| *number == about[0])
    };
    let aimed = |run: &&Decided| {
        let delays = values(run, "link.delay");
        delays.iter().any(|delay| *delay > 0 && !DELAY.sizes.contains(delay))
    };
    // By chance alone, hardly any run has three faults on one customer's account.
    assert!(runs.iter().filter(together).count() > 10);
    assert!(runs.iter().filter(aimed).count() > 20);
}

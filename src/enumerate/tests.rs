//! Enumerations of tiny worlds of the toy domain, against the same made without any order of deviations.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::deviation::deviations;
use super::parent::Parent;
use super::*;
use crate::domains::Flights;
use crate::explore::{Finding, Shard};
use crate::kernel::Fault;
use crate::scenario::Scenario;
use crate::session::{AnyScenario, Faults, Fork, Identity, RunOutcome, RunRequest, Verdict};
use crate::testing::{Counting, TOO_MUCH};

/// Two customers add; the second one adds this much.
fn scenario(amount: i64, faults: &str) -> Scenario<Counting> {
    let add = |who, amount| {
        format!("(at: \"0s\", who: \"{who}\", does: Add(counter: 0, amount: {amount})), ")
    };
    load(&(add("ana", 1) + &add("ben", amount)), faults)
}

fn load(script: &str, faults: &str) -> Scenario<Counting> {
    let text = format!(
        "(name: \"sums\", domain: Counting, script: [{script}], \
         fuzz: (faults: [{faults}], budget: 4))"
    );
    Scenario::load("sums.ron", text.as_bytes()).expect("it is valid")
}

fn scope(scenario: &dyn AnyScenario) -> Scope {
    let faults: Vec<&'static Fault> = scenario.faults(Faults::Fuzzed);
    Scope { faults, order: true, settings: false, about: None, skips: false }
}

fn all(scenario: &dyn AnyScenario, scope: Scope, depth: usize) -> Enumerated {
    let plan = Plan::new(scenario, scope, depth);
    enumerate(&plan, State::new(&plan, Shard::WHOLE, ""), 1, &())
}

/// The run with these deviations, with its order.
fn run(plan: &Plan<'_>, path: &[Deviation]) -> RunOutcome {
    plan.scenario.run(&RunRequest { reached: true, ..plan.request(path) })
}

/// The run with these deviations; it held.
fn parent(plan: &Plan<'_>, path: &[Deviation]) -> Parent {
    let root = Parent::root(plan).expect("it ends").expect("it holds");
    path.iter().fold(root, |parent, made| {
        let nth = parent.forks.iter().position(|fork| Deviation::of(fork) == *made);
        parent.child(plan, nth.expect("it is tried")).expect("it ends").expect("it holds")
    })
}

/// How runs ended: the order at each node, and the failure.
type Ends = BTreeSet<(u64, Option<Identity>)>;

/// The ends of the runs with up to two deviations, and the sets of deviations that were tried; `next` says what is
/// tried after one.
fn ends(
    plan: &Plan<'_>,
    next: impl Fn(&Plan<'_>, &[Deviation]) -> Vec<Deviation>,
) -> (Ends, Vec<BTreeSet<Deviation>>) {
    let (mut ends, mut sets) = (Ends::new(), Vec::new());
    let mut todo = vec![Vec::new()];
    while let Some(path) = todo.pop() {
        let outcome = run(plan, &path);
        ends.insert((outcome.order, Identity::of(&outcome)));
        if path.len() < 2 {
            todo.extend(next(plan, &path).into_iter().map(|next| [&path[..], &[next]].concat()));
        }
        sets.push(path.into_iter().collect());
    }
    (ends, sets)
}

/// All deviations that are possible in a run, wherever they are: with them every pair is made twice.
fn anywhere(plan: &Plan<'_>, path: &[Deviation]) -> Vec<Deviation> {
    let outcome = plan.scenario.run(&plan.logged(path));
    let all = deviations(&plan.scope, &outcome).into_iter().map(|(_, it)| it);
    all.filter(|it| path.iter().all(|made| made.key != it.key)).collect()
}

#[test]
fn each_pair_of_deviations_is_tried_once_and_none_is_missed() {
    let scenario = load("(at: \"0s\", who: \"ana\", does: Add(counter: 0, amount: 1))", "Drop");
    let plan = Plan::new(&scenario, scope(&scenario), 2);
    let (every, twice) = ends(&plan, anywhere);
    let tried = |plan: &Plan<'_>, path: &[Deviation]| {
        parent(plan, path).forks.iter().map(Deviation::of).collect()
    };
    let (found, once) = ends(&plan, tried);
    assert_eq!(every.difference(&found).count(), 0, "of {} ends", every.len());
    let distinct: BTreeSet<_> = once.iter().collect();
    assert_eq!(distinct.len(), once.len(), "no set is tried twice");
    assert!(once.len() < twice.len() * 7 / 10, "{} runs instead of {}", once.len(), twice.len());
    let all = all(&scenario, scope(&scenario), 2);
    assert_eq!((all.state.runs(), all.state.levels.len()), (once.len() as u64, 3));
    assert_eq!((all.verdict(), all.complete()), (Verdict::Held, Some(2)));
    let singles = once.iter().filter(|set| set.len() == 1).count() as u64;
    assert_eq!(all.state.levels[1].runs, singles);
}

#[test]
fn what_is_left_out_for_timing_has_the_same_ends_here() {
    let scenario = scenario(2, "Delay");
    let scope =
        Scope { order: false, about: scenario.lexicon().entity_named("ben"), ..scope(&scenario) };
    let whole = all(&scenario, scope.clone(), 2);
    let quick = all(&scenario, Scope { skips: true, ..scope }, 2);
    assert!(quick.state.runs() < whole.state.runs());
    let orders = |all: &Enumerated, level: usize| all.state.levels[level].orders.distinct();
    assert_eq!((quick.verdict(), orders(&quick, 1)), (whole.verdict(), orders(&whole, 1)));
    let (made, left_out) = quick.state.about(2);
    assert!(left_out > 0 && made + left_out == whole.state.about(2).0);
    assert_eq!(whole.state.about(2).1, 0);
}

#[test]
fn a_logged_run_is_the_same_run() {
    let scenario = scenario(2, "All");
    let scope = scope(&scenario);
    let plan = Plan::new(&scenario, scope.clone(), 2);
    let default = AnyScenario::run(&scenario, &plan.logged(&[]));
    assert_eq!(default.digest, AnyScenario::run(&scenario, &plan.request(&[])).digest);
    for deviation in deviations(&scope, &default).into_iter().map(|(_, it)| it).step_by(29) {
        let run = |request| AnyScenario::run(&scenario, &request).digest;
        assert_eq!(
            run(plan.logged(&[deviation])),
            run(plan.request(&[deviation])),
            "{deviation:?}"
        );
    }
}

#[test]
fn a_run_that_departs_from_another_is_the_same_as_from_the_beginning() {
    let mut of = [0, 0];
    let scripted = r#"faults: [(inject: Pause, node: "store", from: "1s", times: 3)],"#;
    let toys = ["", scripted].map(|scripted| {
        let text = format!(
            r#"(name: "sums", domain: Counting, {scripted} fuzz: (faults: [All], budget: 4),
            script: [(at: "0s", who: "ana", does: Add(counter: 0, amount: 1))])"#
        );
        Scenario::<Counting>::load("sums.ron", text.as_bytes()).expect("it is valid")
    });
    let (fragile, narrow) = fragile();
    let toys = toys.iter().map(|toy| (toy as &dyn AnyScenario, scope(toy), 7));
    for (scenario, scope, every) in toys.chain([(&fragile as &dyn AnyScenario, narrow, 1)]) {
        let plan = Plan::new(scenario, scope, 2);
        let root = parent(&plan, &[]);
        let path = |parent: &Parent| parent.path_of(&parent.forks[parent.forks.len() / 3]);
        for parent in [root.clone(), parent(&plan, &path(&root))] {
            let forks: Vec<Fork> = parent.forks.iter().copied().step_by(every).collect();
            let mut forked = Vec::new();
            plan.scenario.fork(&plan.trunk(&parent.path), &forks, &mut |run| {
                forked.push(run);
                true
            });
            for (fork, forked) in forks.iter().zip(&forked) {
                let whole = run(&plan, &parent.path_of(fork));
                let seen = (forked.digest, forked.occurrences, forked.order);
                assert_eq!(seen, (whole.digest, whole.occurrences, whole.order), "{fork:?}");
                let failed = forked.failed.as_ref().map(|failed| Identity::of(failed));
                assert_eq!(failed.flatten(), Identity::of(&whole), "{fork:?}");
                of[usize::from(forked.failed.is_some())] += 1;
            }
            assert_eq!(forked.len(), forks.len());
        }
    }
    assert!(of[0] > 300 && of[1] > 0, "{of:?} held and failed");
}

#[test]
fn a_message_comes_after_another_at_its_node_if_its_link_allows() {
    let scenario = scenario(2, "Drop");
    let scope = Scope { faults: Vec::new(), ..scope(&scenario) };
    let plan = Plan::new(&scenario, scope.clone(), 1);
    let default = AnyScenario::run(&scenario, &plan.logged(&[]));
    let tried = deviations(&scope, &default);
    assert!(!tried.is_empty());
    let mut differ = 0;
    for (_, deviation) in &tried {
        let outcome = run(&plan, &[*deviation]);
        differ += u64::from(outcome.order != default.order);
    }
    assert!(differ * 2 > tried.len() as u64, "{differ} of {} changed the order", tried.len());
}

/// Remembers what was found.
#[derive(Debug, Default)]
struct Diary(Mutex<Vec<Finding>>);

impl Host for Diary {
    fn found(&self, finding: &Finding) {
        self.0.lock().expect("no panic before").push(finding.clone());
    }
}

#[test]
fn each_setting_that_can_be_small_is_a_deviation_whatever_everything_else_is_about() {
    let scenario = scenario(2, "Drop");
    let about = AnyScenario::lexicon(&scenario).entity_named("ben");
    let scope = Scope { faults: Vec::new(), order: false, settings: true, about, skips: false };
    let runs = |depth| all(&scenario, scope.clone(), depth).state.levels.last().map(|it| it.runs);
    assert_eq!((runs(1), runs(2)), (Some(11), Some(11 * 10 / 2)));
}

#[test]
fn a_default_run_that_fails_ends_it() {
    let scenario = scenario(TOO_MUCH, "Drop");
    let diary = Diary::default();
    let plan = Plan::new(&scenario, scope(&scenario), 2);
    let found = enumerate(&plan, State::new(&plan, Shard::WHOLE, ""), 2, &diary);
    assert_eq!((found.verdict(), found.state.runs()), (Verdict::Failed, 1));
    let told = diary.0.into_inner().expect("no panic before");
    let found: Vec<Finding> = found.state.found.into_iter().map(|found| found.finding).collect();
    assert_eq!(told, found);
    assert!(told[0].capsule.contains("modest"), "{}", told[0].capsule);
}

#[test]
fn the_number_of_threads_decides_nothing() {
    let scenario = scenario(2, "Drop");
    let of = |jobs| {
        let plan = Plan::new(&scenario, scope(&scenario), 2);
        enumerate(&plan, State::new(&plan, Shard::WHOLE, ""), jobs, &()).state
    };
    let one = of(1);
    assert!(one.levels[2].runs > 100);
    assert_eq!(of(3), one);
}

/// Stops after this many runs.
#[derive(Debug)]
struct Impatient {
    most: u64,
    ran: AtomicU64,
}

impl Impatient {
    fn after(most: u64) -> Self {
        Self { most, ran: AtomicU64::new(0) }
    }
}

impl Host for Impatient {
    fn stop(&self) -> bool {
        self.ran.load(Ordering::Relaxed) > self.most
    }

    fn ran(&self) {
        self.ran.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn one_that_is_stopped_says_how_far_it_came() {
    let scenario = scenario(2, "Drop");
    let whole = all(&scenario, scope(&scenario), 2).state;
    let plan = Plan::new(&scenario, scope(&scenario), 2);
    let begun = State::new(&plan, Shard::WHOLE, "");
    let part = enumerate(&plan, begun, 1, &Impatient::after(1_000));
    let Ended::Stopped(missing) = part.ended else { panic!("{:?}", part.ended) };
    assert_eq!((part.complete(), part.verdict()), (Some(1), Verdict::Interrupted));
    assert_eq!(part.state.levels[..2], whole.levels[..2]);
    let about = part.state.levels[2].runs + missing;
    assert!(part.state.levels[2].runs < about);
    let exact = whole.levels[2].runs;
    assert!(about * 2 > exact && about < exact * 2, "about {about} of {exact}");
}

/// A scenario in which a copy of the capture arrives late, and fails if its key is forgotten by then. With faults
/// about its saga only.
fn fragile() -> (Scenario<Flights>, Scope) {
    let text = r#"(
        name: "captured twice",
        domain: Flights(
            vendors: [(id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 1, fare: "420.00 EUR")])],
            payment: (key_life: "10s"),
        ),
        script: [(at: "0s", who: "ana", does: Book)],
        faults: [(inject: Duplicate, to: "PSP", skip: 1, times: 1, by: "20s")],
        fuzz: (faults: [KeysPruned, Drop], budget: 4),
    )"#;
    let scenario = Scenario::load("twice.ron", text.as_bytes()).expect("it is valid");
    let about = AnyScenario::lexicon(&scenario).entity_named("s-1");
    let faults = AnyScenario::faults(&scenario, Faults::Fuzzed).split_off(1);
    (scenario, Scope { faults, order: false, settings: false, about, skips: false })
}

#[test]
fn one_that_is_stopped_again_and_again_comes_to_the_same() {
    let (scenario, scope) = fragile();
    let plan = Plan::new(&scenario, scope.clone(), 2);
    let whole = all(&scenario, scope, 2).state;
    let failed: u64 = whole.levels.iter().map(|level| level.failed).sum();
    assert!(failed > 0 && whole.runs() > 500, "{failed} of {}", whole.runs());
    for most in [0, 100] {
        let (mut state, mut times) = (State::new(&plan, Shard::WHOLE, ""), 0);
        while !state.is_complete() {
            let written = serde_json::to_string(&state).expect("it can be written");
            let read: State = serde_json::from_str(&written).expect("it can be read");
            assert_eq!(read, state);
            state = enumerate(
                &plan,
                read.continued(&plan, Shard::WHOLE, ""),
                2,
                &Impatient::after(most),
            )
            .state;
            times += 1;
        }
        assert!(times > 2, "it was stopped {times} times");
        assert_eq!(state, whole, "after more than {most} runs");
        let other = state.clone().continued(&plan, Shard::WHOLE, "another build");
        assert_eq!(other.runs(), 0, "another build may do something else");
        assert_eq!(state.continued(&plan, Shard::WHOLE, ""), whole);
    }
}

#[test]
fn shards_are_the_whole_together() {
    let (scenario, scope) = fragile();
    let plan = Plan::new(&scenario, scope.clone(), 2);
    let whole = all(&scenario, scope, 2).state;
    for count in [1, 3, 10] {
        let mut merge = Merge::default();
        for index in (0..count).rev() {
            let shard = Shard::new(index, count).expect("there is one");
            let part = enumerate(&plan, State::new(&plan, shard, ""), 1, &()).state;
            let fair = whole.runs() / count;
            assert!(count > 3 || part.runs() * 2 > fair && part.runs() < 2 * fair, "{shard}");
            merge.add("a", part.clone()).expect("it is of the same");
            merge.add("b", part).expect("a copy is no contradiction");
        }
        let merged = merge.end().expect("there are results");
        assert_eq!(merged.copies.len() as u64, count);
        assert!(merged.missing.is_empty() && merged.unfinished.is_empty());
        assert_eq!(merged.all.state, whole, "{count} shards");
        assert_eq!(merged.all.verdict(), Verdict::Failed);
    }
}

#[test]
fn what_shards_lack_is_said() {
    let (scenario, scope) = fragile();
    let plan = Plan::new(&scenario, scope, 2);
    let shard = |index| Shard::new(index, 3).expect("there is one");
    let mut merge = Merge::default();
    let whole = enumerate(&plan, State::new(&plan, shard(0), ""), 1, &()).state;
    let part = enumerate(&plan, State::new(&plan, shard(2), ""), 1, &Impatient::after(500)).state;
    assert!(!part.is_complete());
    merge.add("whole", whole.clone()).expect("it is of the same");
    merge.add("part", part.clone()).expect("it is of the same");
    let other = State::new(&Plan::new(&scenario, plan.scope.clone(), 1), shard(1), "");
    let error = merge.add("other", other).expect_err("another depth").to_string();
    assert_eq!(error, "other and whole are not of the same enumeration");
    let again = State { levels: part.levels[..1].to_vec(), ..part };
    let error = merge.add("again", again).expect_err("other runs").to_string();
    assert_eq!(error, "again and part are different results of shard 2/3");
    let merged = merge.end().expect("there are results");
    assert_eq!((merged.missing, merged.unfinished), (vec![shard(1)], vec![shard(2)]));
    assert_eq!(merged.all.complete(), None);
    assert_eq!(merged.all.found(), Verdict::Failed);
    assert!(matches!(merged.all.ended, Ended::Stopped(_)));
}

#[test]
fn only_what_is_about_one_thing_is_tried() {
    let scenario = scenario(2, "Drop");
    let about = scenario_entity(&scenario);
    let scope = Scope { about: Some(about), ..scope(&scenario) };
    let plan = Plan::new(&scenario, scope.clone(), 1);
    let tried = deviations(&scope, &AnyScenario::run(&scenario, &plan.logged(&[])));
    assert!(!tried.is_empty() && tried.iter().all(|(_, it)| it.key.entity == about));
    let more = all(&scenario, Scope { about: None, ..scope }, 1).state.runs();
    assert!((tried.len() as u64) < more - 1);
}

fn scenario_entity(scenario: &dyn AnyScenario) -> crate::kernel::Entity {
    scenario.lexicon().entity_named("ben").expect("a customer")
}

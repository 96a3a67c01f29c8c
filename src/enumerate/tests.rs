//! Enumerations of tiny worlds of the toy domain, against the same made without any order of deviations.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::deviation::deviations;
use super::parent::departures;
use super::*;
use crate::explore::Finding;
use crate::kernel::Fault;
use crate::scenario::Scenario;
use crate::session::{AnyScenario, Faults, Identity, Verdict};
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
    Scope { faults, order: true, about: None, skips: false }
}

fn all(scenario: &dyn AnyScenario, scope: Scope, depth: usize) -> Enumerated {
    enumerate(&Plan::new(scenario, scope, depth), 1, &())
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
        let outcome = plan.scenario.run(&plan.request(&path));
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
    let (found, once) = ends(&plan, |plan, path| departures(plan, path).1);
    assert_eq!(every.difference(&found).count(), 0, "of {} ends", every.len());
    let distinct: BTreeSet<_> = once.iter().collect();
    assert_eq!(distinct.len(), once.len(), "no set is tried twice");
    assert!(once.len() < twice.len() * 7 / 10, "{} runs instead of {}", once.len(), twice.len());
    let all = all(&scenario, scope(&scenario), 2);
    assert_eq!((all.runs(), all.levels.len()), (once.len() as u64, 3));
    assert_eq!((all.verdict(), all.complete()), (Verdict::Held, Some(2)));
    let singles = once.iter().filter(|set| set.len() == 1).count() as u64;
    assert_eq!(all.levels[1].runs, singles);
}

#[test]
fn what_is_left_out_for_timing_has_the_same_ends_here() {
    let scenario = scenario(2, "Delay");
    let scope =
        Scope { order: false, about: scenario.lexicon().entity_named("ben"), ..scope(&scenario) };
    let whole = all(&scenario, scope.clone(), 2);
    let quick = all(&scenario, Scope { skips: true, ..scope }, 2);
    assert!(quick.runs() < whole.runs(), "{} of {}", quick.runs(), whole.runs());
    let orders = |all: &Enumerated, level: usize| all.levels[level].orders.distinct();
    assert_eq!((quick.verdict(), orders(&quick, 1)), (whole.verdict(), orders(&whole, 1)));
    assert!(quick.levels[2].skipped > 0);
    assert_eq!(whole.levels[2].skipped, 0);
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
fn a_message_comes_after_another_at_its_node_if_its_link_allows() {
    let scenario = scenario(2, "Drop");
    let scope = Scope { faults: Vec::new(), ..scope(&scenario) };
    let plan = Plan::new(&scenario, scope.clone(), 1);
    let default = AnyScenario::run(&scenario, &plan.logged(&[]));
    let tried = deviations(&scope, &default);
    assert!(!tried.is_empty());
    let mut differ = 0;
    for (_, deviation) in &tried {
        let outcome = AnyScenario::run(&scenario, &plan.request(&[*deviation]));
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
fn a_default_run_that_fails_ends_it() {
    let scenario = scenario(TOO_MUCH, "Drop");
    let diary = Diary::default();
    let found = enumerate(&Plan::new(&scenario, scope(&scenario), 2), 2, &diary);
    assert_eq!((found.verdict(), found.runs()), (Verdict::Failed, 1));
    let told = diary.0.into_inner().expect("no panic before");
    assert_eq!(told, found.findings);
    assert!(told[0].capsule.contains("modest"), "{}", told[0].capsule);
}

#[test]
fn the_number_of_threads_decides_nothing() {
    let scenario = scenario(2, "Drop");
    let of = |jobs| {
        let all = enumerate(&Plan::new(&scenario, scope(&scenario), 2), jobs, &());
        (all.levels, all.findings)
    };
    let one = of(1);
    assert!(one.0[2].runs > 100);
    assert_eq!(of(3), one);
}

/// Stops after some runs.
#[derive(Debug)]
struct Impatient(std::sync::atomic::AtomicU64);

impl Host for Impatient {
    fn stop(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed) > 100
    }

    fn ran(&self) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn one_that_is_stopped_says_how_far_it_came() {
    let scenario = scenario(2, "Drop");
    let whole = all(&scenario, scope(&scenario), 2);
    let plan = Plan::new(&scenario, scope(&scenario), 2);
    let part = enumerate(&plan, 1, &Impatient(std::sync::atomic::AtomicU64::new(0)));
    let Ended::Stopped(missing) = part.ended else { panic!("{:?}", part.ended) };
    assert_eq!((part.complete(), part.verdict()), (Some(1), Verdict::Interrupted));
    assert_eq!(part.levels[..2], whole.levels[..2]);
    let about = part.levels[2].runs + missing;
    assert!(part.levels[2].runs < about);
    let exact = whole.levels[2].runs;
    assert!(about * 2 > exact && about < exact * 2, "about {about} of {exact}");
}

#[test]
fn only_what_is_about_one_thing_is_tried() {
    let scenario = scenario(2, "Drop");
    let about = scenario_entity(&scenario);
    let scope = Scope { about: Some(about), ..scope(&scenario) };
    let plan = Plan::new(&scenario, scope.clone(), 1);
    let tried = deviations(&scope, &AnyScenario::run(&scenario, &plan.logged(&[])));
    assert!(!tried.is_empty() && tried.iter().all(|(_, it)| it.key.entity == about));
    let more = all(&scenario, Scope { about: None, ..scope }, 1).runs();
    assert!((tried.len() as u64) < more - 1);
}

fn scenario_entity(scenario: &dyn AnyScenario) -> crate::kernel::Entity {
    scenario.lexicon().entity_named("ben").expect("a customer")
}

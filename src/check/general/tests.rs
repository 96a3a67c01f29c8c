//! A whole history, and a whole platform.

use std::sync::Arc;

use super::General;
use crate::check::testing::{Counted, Counters, History, counter, saga};
use crate::check::{Archive, Checker, Checks, Findings};
use crate::kernel::{
    CRASH_AFTER, CRASH_BEFORE, CRASH_BETWEEN, Choices, DELAY, DROP, DUPLICATE, Fault, FaultLedger,
    FaultPlan, Frequency, Fuzz, Holds, Instant, NodeId, Overrides, PARTITION, Policy, REORDER,
    ScriptedFault, Simulation, Span, Stop,
};
use crate::model::{
    Answer, AppendOutcome, AsOf, CustomerId, EffectId, Fact, Owed, Record, Version, Vocabulary,
};
use crate::platform::faults::{
    COMMIT_REFUSED, COMMIT_REPLY_LOST, CONNECTION_CUT, SERIALIZATION_FAILURE, SLOW_COMMIT,
};
use crate::platform::{Cue, Intensity, Loop, Map, Plan, Spacing, Workload};
use crate::testing::{Add, Counting, Event, NOTEWORTHY, Query, plan};
use crate::world::{Listener, World, simulation};

/// The properties that a history without queries never checks.
const UNCHECKED: [&str; 14] = [
    "linearizable",
    "upcast-equals-native",
    "no-deadlock",
    "handed-over-with-cause",
    "read-your-writes",
    "monotonic-reads",
    "pushed-up-to-date",
    "on-demand",
    "read-through",
    "whole-transactions",
    "as-of",
    "cache-coherent",
    "erased",
    "answered-in-time",
];

/// Two counters, written by two commands, followed by sagas to their end, applied by every view.
fn whole() -> History {
    let mut history = History::default();
    history.append(1, &[(counter(0), Counted::Added(1)), (counter(1), Counted::Added(2))]);
    history.progress(0, Counted::Began);
    let (effect, saga) = (EffectId { saga: saga(0), version: Version(1), nth: 0 }, saga(0));
    history.fact(Fact::SagaCommanded { effect, command: 0, again: false });
    history.fact(Fact::TimerSet { saga, timer: 0, due: Instant::ZERO });
    history.fact(Fact::TimerFired { saga, timer: 0, due: Instant::ZERO });
    history.append(2, &[(counter(0), Counted::Added(3))]);
    history.progress(1, Counted::Began);
    history.progress(1, Counted::Ended);
    history.progress(0, Counted::Ended);
    history.settle();
    history
}

#[test]
fn a_whole_history_is_accepted_and_every_property_that_it_concerns_is_checked() {
    let findings = whole().checked::<General<Counters>>();
    assert_eq!(findings.violations(), []);
    for property in General::<Counters>::PROPERTIES {
        let unchecked = ["snapshot-equals-fold"].iter().chain(&UNCHECKED);
        let expected = unchecked.into_iter().any(|id| *id == property.id);
        let count = findings.checks(property);
        assert_eq!(count == 0, expected, "{}: {count}", property.id);
    }
}

#[test]
fn the_cause_is_reported_before_its_consequences() {
    let mut history = whole();
    history.log.pop();
    history.rejected_by::<General<Counters>>("dense-versions", "s-0 became visible up to v2");
}

#[test]
fn a_clone_checks_for_itself() {
    let history = whole();
    let (mut general, mut findings) = history.observed::<General<Counters>>();
    let mut clone = general.clone();
    let mut findings_of_clone = Findings::default();
    let record = &history.records()[1];
    history.observe(&mut clone, &history.archive(), record, &mut findings_of_clone);
    let rejected = findings_of_clone.violations().iter().map(|violation| violation.property.id);
    assert_eq!(rejected.collect::<Vec<_>>(), ["dense-versions"]);
    history.at_rest(&mut general, &mut findings);
    assert_eq!(findings.violations(), []);
}

/// Writes down what a platform at work states.
#[derive(Clone, Debug, Default)]
struct Clerk(Vec<Record<Counting>>);

impl Listener<Counting> for Clerk {
    fn hear(&mut self, _: &Counting, record: &Record<Counting>) {
        self.0.push(record.clone());
    }
}

/// Customers who race for a few counters, some of them below zero, while all links jitter.
fn crowded() -> Plan<Counting> {
    let mut plan = Arc::unwrap_or_clone(plan());
    plan.network.jitter = Span::from_millis(6);
    plan.settings.snapshot_every = 5;
    let cue = |nth: u32| Cue {
        at: Instant::ZERO + Span::from_micros(u64::from(nth) * 300),
        who: CustomerId(nth % 40),
        action: Add { counter: nth % 4, amount: 3 - i64::from(nth % 5) },
    };
    plan.domain.curious = true;
    plan.settings.query_apis = 2;
    plan.settings.projectors.page = 7;
    plan.script = (0..120).map(cue).collect();
    plan.names.customers = (0..40).map(|nth| format!("customer {nth}")).collect();
    plan.workloads = vec![Workload {
        first: CustomerId(40),
        customers: 20,
        turns: Loop::Open {
            intensity: Intensity::Steady(Frequency::new(1, Span::from_millis(2))),
            spacing: Spacing::Groups(1),
            returning: true,
        },
        from: Instant::ZERO,
        until: Instant::ZERO + Span::from_millis(200),
        mix: vec![(3, Add { counter: 1, amount: 2 }), (1, Add { counter: 9, amount: -1 })],
    }];
    plan
}

/// A run of the crowded plan that came to rest.
fn rested(plan: &Arc<Plan<Counting>>, seed: u64) -> Simulation<World<Counting, Clerk>> {
    let choices = Choices::new(Policy::seeded(seed), Overrides::default());
    let mut run = simulation(plan, choices, Holds::default(), Clerk::default());
    assert_eq!(run.run(&plan.budget), Stop::AtRest, "seed {seed}");
    run
}

/// What is made of these records, and of what is left of the run.
fn checked(run: &Simulation<World<Counting, Clerk>>, records: &[Record<Counting>]) -> Findings {
    let rest = run.model.rest(&run.kernel);
    let words = Vocabulary { domain: rest.domain, names: rest.names };
    let (mut general, mut findings) = (General::default(), Findings::default());
    let mut archive = Archive::default();
    for record in records {
        archive.note(record);
        let mut checks = Checks::new(words, &archive, record.at, record.step, &mut findings);
        general.observe(record, &mut checks.part::<General<_>>(&mut 0));
    }
    let mut checks = Checks::new(words, &archive, rest.at, rest.step, &mut findings);
    general.at_rest(&rest, &mut checks.part::<General<_>>(&mut 0));
    findings
}

#[test]
fn a_correct_platform_is_accepted_under_any_jitter() {
    let plan = Arc::new(crowded());
    for seed in 0..30 {
        let run = rested(&plan, seed);
        let records = &run.model.listener().0;
        let findings = checked(&run, records);
        assert_eq!(findings.violations(), [], "seed {seed}");
        let properties = General::<Counting>::PROPERTIES.iter();
        let unchecked = properties.filter(|property| findings.checks(property) == 0);
        assert_eq!(
            unchecked.map(|property| property.id).collect::<Vec<_>>(),
            [
                "upcast-equals-native",
                "handed-over-with-cause",
                "pushed-up-to-date",
                "read-through",
                "whole-transactions",
                "as-of",
                "linearizable",
                "erased"
            ]
        );
        let conflict = |record: &Record<_>| matches!(record.fact, Fact::Aborted { .. });
        assert!(records.iter().any(conflict), "seed {seed} has no race");
    }
}

/// The crowded plan, in which this happens.
fn with_faults(scripted: Vec<ScriptedFault>) -> Arc<Plan<Counting>> {
    let mut plan = crowded();
    let recovery_from = Instant::ZERO + Span::from_secs(10);
    plan.faults = FaultPlan { scripted, fuzz: Fuzz::default(), recovery_from };
    Arc::new(plan)
}

fn scripted(fault: &'static Fault, node: NodeId, skip: u64, times: u64) -> ScriptedFault {
    ScriptedFault { node: Some(node), skip, times, ..ScriptedFault::always(fault) }
}

/// Runs a plan to its end and has it checked; what became of the faults in it.
#[track_caller]
fn accepted(plan: &Arc<Plan<Counting>>, seed: u64) -> FaultLedger {
    let run = rested(plan, seed);
    let findings = checked(&run, &run.model.listener().0);
    assert_eq!(findings.violations(), [], "seed {seed}, {:?}", plan.faults.scripted);
    run.kernel.ledger()
}

#[test]
fn a_correct_platform_is_accepted_under_all_faults_of_transactions() {
    let map = Map::new(&*plan());
    let faults = [
        &COMMIT_REPLY_LOST,
        &CONNECTION_CUT,
        &COMMIT_REFUSED,
        &SLOW_COMMIT,
        &SERIALIZATION_FAILURE,
    ];
    for seed in 0..20 {
        let scripted = faults
            .iter()
            .zip(0..)
            .map(|(fault, nth)| scripted(fault, map.store(), seed * 3 + nth * 7, 5));
        let fired = accepted(&with_faults(scripted.collect()), seed).scripted;
        assert!(fired.iter().all(|record| record.fired == 5), "seed {seed}: {fired:?}");
    }
}

#[test]
fn wherever_the_store_or_an_instance_crashes_a_correct_platform_is_accepted() {
    let map = Map::new(&*plan());
    for fault in [&CRASH_BEFORE, &CRASH_BETWEEN, &CRASH_AFTER] {
        for (node, step) in [(map.store(), 13), (map.command_api(0), 5), (map.query_api(0), 17)] {
            for skip in (0..300).step_by(step) {
                let plan = with_faults(vec![scripted(fault, node, skip, 1)]);
                let fired = accepted(&plan, skip).scripted[0].fired;
                assert_eq!(fired, 1, "{} after {skip}", fault.name);
            }
        }
    }
}

/// Bends the records at one place, and gives the properties that are violated then.
fn bent(
    wanted: fn(&Fact<Counting>) -> bool,
    bend: fn(&mut Vec<Record<Counting>>, usize),
) -> Vec<Vec<&'static str>> {
    let run = rested(&Arc::new(crowded()), 7);
    let honest = &run.model.listener().0;
    let places = (0..honest.len()).filter(|&index| wanted(&honest[index].fact));
    let violated = |place| {
        let mut records = honest.clone();
        bend(&mut records, place);
        let findings = checked(&run, &records);
        findings.violations().iter().map(|violation| violation.property.id).collect()
    };
    places.step_by(11).map(violated).collect()
}

fn leave_out(records: &mut Vec<Record<Counting>>, place: usize) {
    records.remove(place);
}

fn repeat(records: &mut Vec<Record<Counting>>, place: usize) {
    records.insert(place, records[place].clone());
}

#[test]
fn a_changed_fact_anywhere_is_rejected() {
    let rejects = |violated: Vec<Vec<&'static str>>, property: &str| {
        assert!(violated.len() > 3, "too few places for {property}");
        for violated in violated {
            assert!(violated.contains(&property), "{property} is not among {violated:?}");
        }
    };
    let stored = |fact: &Fact<_>| matches!(fact, Fact::Stored(_));
    rejects(bent(stored, leave_out), "dense-versions");
    rejects(bent(stored, repeat), "dense-versions");
    rejects(bent(stored, repeat), "command-once");
    let applied = |fact: &Fact<_>| matches!(fact, Fact::Applied { .. });
    rejects(bent(applied, leave_out), "no-lost-event");
    rejects(bent(applied, repeat), "in-order-apply");
    let committed = |fact: &Fact<_>| matches!(fact, Fact::Committed { .. });
    rejects(bent(committed, leave_out), "acknowledged-once");
    rejects(bent(committed, repeat), "command-once");
    let allocated = |fact: &Fact<_>| matches!(fact, Fact::Allocated { .. });
    rejects(bent(allocated, repeat), "dense-versions");
    let appended = |fact: &Fact<_>| {
        matches!(fact, Fact::Acknowledged { outcome: AppendOutcome::Appended, .. })
    };
    let deny = |records: &mut Vec<Record<Counting>>, place: usize| {
        if let Fact::Acknowledged { outcome, .. } = &mut records[place].fact {
            *outcome = AppendOutcome::Conflict;
        }
    };
    rejects(bent(appended, deny), "acknowledged-once");
    let hurry = |records: &mut Vec<Record<Counting>>, place: usize| {
        if let Fact::Applied { checkpoint, upto, .. } = &mut records[place].fact {
            *checkpoint = checkpoint.next();
            upto.0 += 40;
        }
    };
    rejects(bent(applied, hurry), "checkpoint-behind");
}

#[test]
fn a_correct_platform_is_accepted_under_faults_of_nodes_links_and_store() {
    let mut drawn = 0;
    for seed in 0..40 {
        let mut plan = crowded();
        let faults = vec![
            &DELAY,
            &DROP,
            &DUPLICATE,
            &REORDER,
            &PARTITION,
            &COMMIT_REPLY_LOST,
            &CONNECTION_CUT,
            &COMMIT_REFUSED,
            &SLOW_COMMIT,
            &SERIALIZATION_FAILURE,
            &CRASH_BEFORE,
            &CRASH_BETWEEN,
            &CRASH_AFTER,
        ];
        let (fuzz, recovery_from) =
            (Fuzz { faults, budget: 30 }, Instant::ZERO + Span::from_secs(10));
        plan.faults = FaultPlan { scripted: Vec::new(), fuzz, recovery_from };
        let fired = accepted(&Arc::new(plan), seed).fired;
        drawn += fired.iter().map(|at| at.fired).sum::<u64>();
    }
    assert!(drawn > 200, "only {drawn} faults in all");
}

/// The crowded plan in which customers, after each command, ask what has become of it: their total,
/// pinned to the write side, and what it was at moments, when they are told.
fn curious(asks: Vec<Query>) -> Plan<Counting> {
    let mut plan = crowded();
    plan.settings.clients.pin = Some(Span::from_millis(50));
    plan.domain.curious = false;
    plan.domain.asks = asks;
    plan
}

fn moments() -> Vec<Query> {
    let at = |ms| AsOf::Instant(Instant::ZERO + Span::from_millis(ms));
    let versions = [0, 1, 4, 5, 7, 30].map(|version| AsOf::Version(Version(version)));
    let moments = [at(20), at(40), at(80), AsOf::Now].into_iter().chain(versions);
    let past = moments.map(|as_of| Query::TotalAt(1, as_of));
    (0..4).map(Query::Total).chain(past).collect()
}

fn count_of(findings: &Findings, id: &str) -> u64 {
    let property = General::<Counting>::PROPERTIES.iter().find(|property| property.id == id);
    findings.checks(property.expect("a general property"))
}

#[test]
fn pinned_reads_and_reads_of_the_past_are_correct_under_any_jitter() {
    let plan = Arc::new(curious(moments()));
    for seed in 0..10 {
        let run = rested(&plan, seed);
        let records = &run.model.listener().0;
        let findings = checked(&run, records);
        assert_eq!(findings.violations(), [], "seed {seed}");
        assert!(count_of(&findings, "as-of") > 500, "seed {seed}");
        let pinned = |record: &&Record<Counting>| {
            matches!(
                &record.fact,
                Fact::Told { owed: Owed::Pinned(_), answer: Answer::Shown(Query::Total(_), _), .. }
            )
        };
        assert!(records.iter().filter(pinned).count() > 50, "seed {seed}");
        let from_snapshots = |record: &&Record<Counting>| {
            matches!(record.fact, Fact::Recalled { .. })
                && records.iter().any(|other| {
                    other.step == record.step
                        && matches!(other.fact, Fact::Restored { snapshot: Some(_), .. })
                })
        };
        assert!(records.iter().filter(from_snapshots).count() > 10, "seed {seed}");
    }
}

#[test]
fn what_was_recorded_at_the_very_moment_is_part_of_it() {
    let mut plan = crowded();
    plan.network.jitter = Span::ZERO;
    plan.settings.store.jitter = Span::ZERO;
    plan.workloads.clear();
    plan.domain.curious = false;
    let run = rested(&Arc::new(plan.clone()), 0);
    let recorded = run.model.listener().0.iter().filter_map(|record| match &record.fact {
        Fact::Stored(event) if event.stream.number == 1 && event.stream.category.0 == 0 => {
            Some(event.metadata.recorded_at)
        }
        _ => None,
    });
    plan.domain.asks = recorded.take(10).map(|at| Query::TotalAt(1, AsOf::Instant(at))).collect();
    let run = rested(&Arc::new(plan), 0);
    let findings = checked(&run, &run.model.listener().0);
    assert_eq!(findings.violations(), []);
    assert!(count_of(&findings, "as-of") > 300);
}

#[test]
fn pinned_reads_and_reads_of_the_past_are_correct_under_losses_and_crashes() {
    let plan = curious(moments());
    for seed in 0..6 {
        let mut plan = plan.clone();
        let faults = vec![
            &DROP,
            &DUPLICATE,
            &DELAY,
            &REORDER,
            &PARTITION,
            &CRASH_BEFORE,
            &CRASH_BETWEEN,
            &CRASH_AFTER,
        ];
        let (fuzz, recovery_from) =
            (Fuzz { faults, budget: 30 }, Instant::ZERO + Span::from_millis(400));
        plan.faults = FaultPlan { scripted: Vec::new(), fuzz, recovery_from };
        let run = rested(&Arc::new(plan), seed);
        let findings = checked(&run, &run.model.listener().0);
        assert_eq!(findings.violations(), [], "seed {seed}");
        assert!(count_of(&findings, "as-of") > 300, "seed {seed}");
    }
}

#[test]
fn events_that_were_split_since_are_read_alike_by_all_readers() {
    let mut plan = curious(moments());
    plan.settings.schema.deploy = Some(Span::from_millis(60));
    for cue in plan.script.iter_mut().step_by(2) {
        cue.action.amount = NOTEWORTHY;
    }
    let mut before = 0;
    for seed in 0..10 {
        let mut plan = plan.clone();
        if seed % 2 == 1 {
            let faults =
                vec![&DROP, &DUPLICATE, &DELAY, &CRASH_BEFORE, &CRASH_BETWEEN, &CRASH_AFTER];
            let recovery_from = Instant::ZERO + Span::from_millis(400);
            let fuzz = Fuzz { faults, budget: 30 };
            plan.faults = FaultPlan { scripted: Vec::new(), fuzz, recovery_from };
        }
        let run = rested(&Arc::new(plan), seed);
        let records = &run.model.listener().0;
        let findings = checked(&run, records);
        assert_eq!(findings.violations(), [], "seed {seed}");
        let stored = |wanted: fn(&Event) -> bool| {
            let is = |record: &&Record<Counting>| matches!(&record.fact, Fact::Stored(stored) if wanted(&stored.event));
            records.iter().filter(is).count()
        };
        let split = stored(|event| matches!(event, Event::Moved { .. }));
        let both = stored(|event| matches!(event, Event::Noted(_)));
        assert!(both > 5, "seed {seed}: {both} after the deploy");
        assert!(count_of(&findings, "upcast-equals-native") >= split as u64, "seed {seed}");
        before += split;
        assert!(count_of(&findings, "as-of") > 300, "seed {seed}");
    }
    assert!(before > 50, "only {before} before the deploy, in all runs");
}

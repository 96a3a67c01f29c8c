//! The toy domain in scenario files: views of all three strategies.

use serde::{Deserialize, Serialize};

use crate::model::Answer;
use crate::scenario::{Complaints, OutcomeLabel, Place, ScenarioDomain, WaitLabel};
use crate::testing::{Add, Counting, counting};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Setup {
    Counting,
}

/// Adds to a counter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ScriptAction {
    Add { counter: u32, amount: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Command,
    Shown,
    NotYet,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Wait {
    Look,
}

impl ScenarioDomain for Counting {
    type Setup = Setup;
    type ScriptAction = ScriptAction;
    type Outcome = Outcome;
    type Wait = Wait;
    type Properties = crate::testing::Modest;

    fn build(Setup::Counting: &Setup, _: u32, _: &Place, _: &mut Complaints) -> Option<Self> {
        Some(Self { curious: true, ..counting() })
    }

    fn resolve(&self, line: &ScriptAction, _: &Place, _: &mut Complaints) -> Option<Add> {
        let ScriptAction::Add { counter, amount } = *line;
        Some(Add { counter, amount })
    }
}

impl OutcomeLabel<Counting> for Outcome {
    fn of(answer: &Answer<Counting>) -> Self {
        match answer {
            Answer::Command(..) => Self::Command,
            Answer::Shown(..) => Self::Shown,
            Answer::NotYet(_) => Self::NotYet,
            Answer::TryLater(_) | Answer::Erased | Answer::Silence => Self::Other,
        }
    }
}

impl WaitLabel<Counting> for Wait {
    fn of(answer: &Answer<Counting>) -> Option<Self> {
        matches!(answer, Answer::Shown(..)).then_some(Self::Look)
    }
}

mod tests {
    use super::*;
    use crate::kernel::{ChoiceKey, Fired, Overrides, Span, Step, Stop};
    use crate::metrics::ViewReads;
    use crate::model::Fact;
    use crate::scenario::{Probe, Scenario};
    use crate::session::{
        Faults, Finished, RunOutcome, RunRequest, StopAt, Times, Verdict, execute, run,
    };
    use crate::testing::{HEADS, RECALLED, TOTALS};
    use crate::trace::Detail;

    fn load(fields: &str) -> Result<Scenario<Counting>, Vec<String>> {
        let text = format!("(name: \"views\", domain: Counting, {fields})");
        let probe = Probe::new("views.ron", text.as_bytes()).expect("the text can be read");
        probe.load().map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
    }

    /// Customers add to two counters, or request a withdrawal that is refused. Each of them then reads every
    /// view. A customer whose command was accepted reads with a token; only the others see stale rows.
    const RUSH: &str = r#"
        platform: (query_apis: 2),
        workload: (customers: 400, rate: "200/s", lasts: "2s", mix: [
            (1, Add(counter: 0, amount: 1)),
            (1, Add(counter: 1, amount: 2)),
            (1, Add(counter: 0, amount: -9000)),
        ]),"#;

    fn finished(fields: &str) -> Finished<Counting> {
        let scenario = load(fields).expect("a scenario");
        let finished = execute(&scenario, &RunRequest::of_seed(3));
        assert_eq!(finished.violations, []);
        finished
    }

    #[test]
    fn views_of_three_strategies_differ_in_how_old_and_how_slow_they_are() {
        let rush = finished(RUSH);
        let [outbox, synchronous, on_demand] =
            [TOTALS, HEADS, RECALLED].map(|view| rush.observed.reads[usize::from(view.0)].clone());
        let zero = |reads: &ViewReads| reads.staleness.longest() == Span::ZERO;
        assert!([&outbox, &synchronous, &on_demand].iter().all(|reads| reads.waits.total() > 300));
        assert!(zero(&synchronous), "what is kept in the transaction is never old");
        assert!(!zero(&outbox), "what goes through the broker is");
        let half = |reads: &ViewReads| reads.waits.at_percent(50);
        assert!(half(&synchronous) < half(&on_demand), "a catch-up waits for the one before it");
    }

    #[test]
    fn every_view_keeps_its_promises_under_any_fault() {
        let few = RUSH.replace("query_apis: 2", "query_apis: 2, projectors: (page: 5)");
        let any = "fuzz: (faults: [All], budget: 12)";
        let scenario = load(&format!("{few} {any}")).expect("a scenario");
        let mut fired = 0;
        for seed in 0..100 {
            let request = RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) };
            let finished = execute(&scenario, &request);
            assert_eq!((finished.stop, finished.violations), (Stop::AtRest, vec![]), "seed {seed}");
            fired += finished.faults.fired.iter().map(|at| at.fired).sum::<u64>();
        }
        assert!(fired > 40, "only {fired} faults fired");
    }

    #[test]
    fn a_request_and_its_outcome_can_be_sent_to_another_thread() {
        fn is_sent<T: Send + 'static>() {}
        is_sent::<RunRequest>();
        is_sent::<RunOutcome>();
    }

    #[test]
    fn a_request_says_how_far_a_run_goes_and_what_is_kept_of_it() {
        let scenario = load(RUSH).expect("a scenario");
        let whole = run(&scenario, &RunRequest::of_seed(3));
        assert!(whole.story.is_none() && whole.described.is_empty());
        let stop_at = StopAt { step: Some(Step(500)), time: None };
        let part = run(
            &scenario,
            &RunRequest {
                stop_at,
                detail: Some(Detail::Story),
                describe: vec!["store".to_owned()],
                ..whole.request.clone()
            },
        );
        assert_eq!((part.occurrences, part.stop), (500, Stop::OutOfOccurrences));
        assert_eq!(part.verdict(), Verdict::Held, "it was stopped on request");
        assert!(part.ended_at < whole.ended_at && part.described[0].is_some());
        assert!(!part.story.expect("a story was requested").lines().is_empty());
    }

    #[test]
    fn a_fault_that_a_request_forces_happens_without_a_script() {
        let scenario = load(&format!("{RUSH} fuzz: (faults: [Drop], budget: 4)"));
        let scenario = scenario.expect("a scenario");
        let fuzzed = (0..100).find_map(|seed| {
            let detail = Some(Detail::Everything);
            let request =
                RunRequest { faults: Faults::Fuzzed, detail, ..RunRequest::of_seed(seed) };
            let records = execute(&scenario, &request).trace.expect("a trace").records;
            records.into_iter().find_map(|record| match record.fact {
                Fact::Fault(fired) => Some((seed, fired)),
                _ => None,
            })
        });
        let (seed, Fired { fault, actor, entity, .. }) = fuzzed.expect("a seed draws a fault");
        let scripted = RunRequest::of_seed(seed);
        assert_eq!(run(&scenario, &scripted).fired, []);
        let key = ChoiceKey { site: fault.site, actor, entity, nth: 0 };
        let forced = RunRequest { overrides: Overrides::from_iter([(key, 1)]), ..scripted };
        let fired = run(&scenario, &forced).fired;
        assert_eq!((fired.len(), fired[0].fault, fired[0].fired), (1, fault, 1));
    }

    #[test]
    fn synchronous_rows_make_every_writer_slower() {
        let writes = |row: &str| {
            let script = r#"script: [(who: "ana", does: Add(counter: 0, amount: 1))]"#;
            let store = format!("platform: (store: (row: \"{row}\")),");
            finished(&format!("{store} {script}")).ended_at
        };
        assert!(writes("50ms") > writes("0s") + Span::from_millis(45));
    }

    #[test]
    fn the_outcome_has_figures_for_each_view() {
        let expect = r#"expect: [
            Staleness(view: "Heads", at_most: "0s"),
            Staleness(view: "Totals", at_least: "1ms"),
            Reads(view: "Recalled", at_least: 300),
        ]"#;
        let scenario = load(&format!("{RUSH} {expect}")).expect("a scenario");
        let outcome = run(&scenario, &RunRequest { repeat: true, ..RunRequest::of_seed(3) });
        assert_eq!(outcome.verdict(), Verdict::Held, "{outcome:?}");
        let micros = |times: Option<Times>| {
            let Times { p50, p99, max } = times.expect("it was measured");
            [p50, p99, max].map(|span| span.as_nanos().div_ceil(1_000))
        };
        let rows = outcome.views.into_iter().map(|view| {
            let (waits, staleness) = (micros(view.waits), micros(view.staleness));
            (view.view, view.strategy, view.reads, view.not_yet, waits, staleness)
        });
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [
                ("Totals", "outbox", 400, 2, [12_321, 17_302, 18_824], [0, 42_992, 45_107]),
                ("Heads", "synchronous", 400, 0, [12_321, 16_516, 18_078], [0, 0, 0]),
                ("Recalled", "on demand", 400, 0, [13_108, 20_972, 22_888], [0, 0, 0]),
            ]
        );
    }

    #[test]
    fn a_staleness_expectation_that_is_not_met_says_the_staleness() {
        let expect = r#"expect: [Staleness(at_most: "0s"), Staleness(at_least: "1h")]"#;
        let scenario = load(&format!("{RUSH} {expect}")).expect("a scenario");
        let outcomes = scenario.judge(&finished(RUSH).observed, &[]);
        assert!(outcomes.iter().all(|outcome| !outcome.met));
        assert_eq!(outcomes[0].expected, "greatest staleness of at most 0.000s at every view");
        assert!(outcomes[0].seen.ends_with(" at Totals"), "{}", outcomes[0].seen);
    }

    #[test]
    fn an_expectation_of_the_staleness_of_a_view_without_reads_is_not_met() {
        let scenario = load(r#"expect: [Staleness(view: "Heads", at_most: "0s")]"#);
        let outcomes = scenario.expect("a scenario").judge(&finished("").observed, &[]);
        assert_eq!((outcomes[0].met, &*outcomes[0].seen), (false, "nothing"));
    }

    #[test]
    fn an_invalid_statement_about_a_view_is_a_diagnostic() {
        let wrong = |fields: &str| load(fields).expect_err("it is wrong").join("\n");
        for (fields, says) in [
            (r#"operations: [(rebuild: "Heads")]"#, "Heads is synchronous and has no projector"),
            (r#"operations: [(rebuild: "Recalled")]"#, "Recalled is on demand and has no"),
            (r#"expect: [Lag(view: "Heads", is: 0)]"#, "has no projector that could lag"),
            (r#"expect: [Staleness(view: "Hoods", at_most: "0s")]"#, "Hoods"),
            (r#"expect: [Staleness(view: "Heads")]"#, "this expectation has no bound"),
            (r#"expect: [Staleness(at_least: "2s", at_most: "1s")]"#, "greater than `at_most`: 2"),
            (r#"expect: [Reads(view: "Hoods", is: 0)]"#, "Hoods"),
        ] {
            assert!(wrong(fields).contains(says), "{}", wrong(fields));
        }
    }
}

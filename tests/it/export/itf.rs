//! The trace of states, read by the crate `itf`.

use std::collections::{BTreeMap, BTreeSet};

use itf::de::{As, Integer, Same};
use jetlag::export::NotExported;
use jetlag::model::FactKind;
use serde::Deserialize;

use super::{Run, message, run, shipped};

/// A state, as a consumer of the format would declare it.
#[derive(Clone, Debug, Deserialize)]
struct State {
    #[serde(with = "As::<Integer>")]
    step: u64,
    #[serde(with = "As::<Integer>")]
    at_ns: u64,
    node: String,
    message: String,
    class: String,
    from: String,
    about: String,
    #[serde(with = "As::<BTreeMap<Same, Integer>>")]
    events: BTreeMap<String, u64>,
    #[serde(with = "As::<BTreeMap<Same, Integer>>")]
    applied: BTreeMap<String, u64>,
    #[serde(with = "As::<Integer>")]
    faults: u64,
    down: BTreeSet<String>,
    violated: BTreeSet<String>,
}

fn states(run: &Run) -> Vec<State> {
    let text = jetlag::export::itf(&run.course()).expect("the run is short");
    let trace: itf::Trace<State> = itf::trace_from_str(&text).expect("a trace");
    let variables = [
        "step", "at_ns", "node", "message", "class", "from", "about", "events", "applied",
        "faults", "down", "violated",
    ];
    assert_eq!(trace.vars, variables);
    let typed: BTreeSet<&str> = trace.meta.var_types.keys().map(String::as_str).collect();
    assert_eq!(typed, BTreeSet::from(variables));
    assert_eq!(trace.meta.format.as_deref(), Some("ITF"));
    for (nth, state) in (0..).zip(&trace.states) {
        assert_eq!((state.meta.index, state.value.step), (Some(nth), nth));
    }
    trace.states.into_iter().map(|state| state.value).collect()
}

/// Compares the states with the run.
pub(super) fn check(run: &Run) {
    let (states, outcome) = (states(run), &run.outcome);
    let story = outcome.story.as_ref().expect("a story").lines();
    assert_eq!(
        states.len(),
        outcome.deliveries.len() + 1,
        "a state after each step, and the first"
    );
    assert_eq!(states[0].class, "start");
    for (state, delivered) in states[1..].iter().zip(&outcome.deliveries) {
        assert_eq!(state.at_ns, delivered.at.as_nanos());
        assert_eq!(
            (state.node.as_str(), state.message.as_str()),
            (run.node(delivered), message(delivered))
        );
        assert_eq!(state.from, run.from(delivered).unwrap_or_default());
        let about = run.scenario.lexicon().entity_name(delivered.key.entity);
        assert_eq!(state.about, about);
    }
    for pair in states.windows(2) {
        assert!(pair[0].faults <= pair[1].faults && pair[0].violated.is_subset(&pair[1].violated));
        let grows = |now: &BTreeMap<String, u64>, then: &BTreeMap<String, u64>| {
            now.iter().all(|(name, count)| then.get(name).is_some_and(|later| later >= count))
        };
        assert!(
            grows(&pair[0].events, &pair[1].events) && grows(&pair[0].applied, &pair[1].applied)
        );
    }
    let last = states.last().expect("there is a first state");
    let count =
        |kinds: &[FactKind]| story.iter().filter(|line| kinds.contains(&line.kind)).count() as u64;
    let stored = count(&[FactKind::Stored]);
    assert_eq!(last.events.values().sum::<u64>(), stored, "{}", run.file);
    // What the store loses when it goes back is stored, and not in the log at the end.
    assert!(stored == outcome.events || run.goes_back(), "{}", run.file);
    assert_eq!(
        last.applied.values().sum::<u64>(),
        count(&[FactKind::Applied, FactKind::AppliedInline])
    );
    assert_eq!(last.faults, count(&[FactKind::Fault]), "{}", run.file);
    let violated = outcome.violations.iter().flat_map(|violated| {
        std::iter::once(violated.property).chain(violated.also.iter().map(|also| also.property))
    });
    let violated: BTreeSet<String> = violated.map(str::to_owned).collect();
    assert_eq!(last.violated, violated, "{}", run.file);
}

#[test]
fn the_states_of_every_shipped_run_say_what_is_true() {
    shipped().iter().for_each(check);
}

#[test]
fn a_run_of_many_steps_is_refused() {
    let run = run("scenarios/orders/rebuild.ron");
    let count = run.outcome.deliveries.len();
    let (format, what) = ("a trace of states", "steps");
    let refused = NotExported::TooLong { format, what, count, most: 10_000 };
    assert_eq!(jetlag::export::itf(&run.course()), Err(refused));
}

#[test]
fn a_node_is_down_from_its_crash_to_its_restart() {
    let run = run("scenarios/flights/saga_orchestrator_crash_at_every_step.ron");
    let states = states(&run);
    let saga = |state: &State| state.down.contains("saga");
    assert!(states.iter().any(saga) && !saga(&states[0]) && !saga(states.last().expect("a state")));
    let back = states.windows(2).filter(|pair| saga(&pair[0]) && !saga(&pair[1])).count();
    let restarts =
        run.outcome.deliveries.iter().filter(|delivered| message(delivered) == "Restarted");
    assert_eq!(back, restarts.count(), "it is back in each restart");
    for pair in states.windows(2).filter(|pair| saga(&pair[0])) {
        assert!(pair[1].node != "saga" || pair[1].message == "Restarted", "{:?}", pair[1]);
    }
}

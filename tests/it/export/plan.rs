//! The plan, validated against its published schema and compared with the run.

use std::sync::OnceLock;

use jetlag::internals::kernel::Decision;
use jetlag::session::site_named;
use jsonschema::Validator;
use serde_json::Value;

use super::{Run, message, run, shipped};

const SCHEMA: &str = include_str!("../../../docs/plan.schema.json");

fn schema() -> &'static Validator {
    static SCHEMA_OF_PLANS: OnceLock<Validator> = OnceLock::new();
    SCHEMA_OF_PLANS.get_or_init(|| {
        let schema = serde_json::from_str(SCHEMA).expect("JSON");
        jsonschema::validator_for(&schema).expect("a schema")
    })
}

fn plan(run: &Run) -> Value {
    let text = jetlag::export::plan(&run.course());
    let plan = serde_json::from_str(&text).expect("JSON");
    let wrong: Vec<String> = schema().iter_errors(&plan).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{}: {wrong:?}", run.file);
    plan
}

fn steps(plan: &Value) -> &[Value] {
    plan["steps"].as_array().expect("steps")
}

fn actions<'a>(plan: &'a Value, action: &str) -> Vec<&'a Value> {
    steps(plan).iter().filter(|step| step["action"] == action).collect()
}

/// Compares the steps with the run.
pub(super) fn check(run: &Run) {
    let (plan, outcome) = (plan(run), &run.outcome);
    let number = |step: &Value| step["step"].as_u64().expect("a number");
    assert!(steps(&plan).is_sorted_by_key(number), "{}", run.file);
    for step in steps(&plan) {
        let at = match number(step) as usize {
            0 => 0,
            nth => outcome.deliveries[nth - 1].at.as_nanos(),
        };
        let is_at_end = step["action"] == "expect";
        assert!(is_at_end || step["at_ns"].as_u64() == Some(at), "{step}");
    }

    let mut faults =
        ["drop", "duplicate", "crash", "fault"].map(|action| actions(&plan, action)).concat();
    faults.extend(actions(&plan, "delay").into_iter().filter(|delay| delay["is_fault"] == true));
    let fired: u64 = outcome.fired.iter().map(|fired| fired.fired).sum();
    assert_eq!(faults.len() as u64, fired, "{}", run.file);
    let restarts = outcome.deliveries.iter().filter(|delivered| message(delivered) == "Restarted");
    let restarts: Vec<&str> = restarts.map(|delivered| run.node(delivered)).collect();
    let restarted: Vec<&str> = actions(&plan, "restart")
        .iter()
        .map(|step| step["node"].as_str().expect("a node"))
        .collect();
    assert_eq!(restarted, restarts, "{}", run.file);
    // An operator stops the whole platform before the store goes back.
    assert!(actions(&plan, "crash").len() >= restarts.len() || run.goes_back(), "{}", run.file);

    let lexicon = run.scenario.lexicon();
    let (who, does) = (lexicon.lines(), lexicon.deeds());
    for deed in actions(&plan, "do") {
        let Some(line) = deed["line"].as_u64() else { continue };
        assert_eq!(deed["who"], who[line as usize - 1], "{deed}");
        let name = match &deed["does"] {
            Value::String(name) => name,
            Value::Object(named) => named.keys().next().expect("a name"),
            other => panic!("{other}"),
        };
        let said = &does[line as usize - 1];
        assert_eq!(said.split('(').next(), Some(name.as_str()), "{deed}");
    }
    let line = site_named("customer.line").expect("the site at which lines are left out");
    let takes_place = |drawn: &&Decision| drawn.key.site == line && drawn.value == 0;
    let lines = outcome.decisions.iter().flatten().filter(takes_place).count();
    let told = actions(&plan, "do").into_iter().filter(|deed| deed["line"].is_u64()).count();
    assert_eq!(told, lines, "{}", run.file);

    let (holds, releases) = (actions(&plan, "hold"), actions(&plan, "release"));
    let message = |step: &&Value| step["message"].to_string();
    let sorted = |steps: &[&Value]| {
        let mut messages: Vec<String> = steps.iter().map(message).collect();
        messages.sort_unstable();
        messages
    };
    assert_eq!(sorted(&holds), sorted(&releases), "what waits goes on");
    for hold in &holds {
        let release = releases.iter().find(|release| release["message"] == hold["message"]);
        assert!(number(hold) <= number(release.expect("it goes on")), "{hold}");
    }

    let expected = actions(&plan, "expect");
    let count = expected.len();
    assert!(
        steps(&plan)[steps(&plan).len() - count..].iter().all(|step| step["action"] == "expect")
    );
    let judged = outcome.checks.iter().filter(|checked| checked.checks > 0).count();
    if outcome.violations.is_empty() && outcome.missed.is_empty() && outcome.unrest.is_none() {
        assert!(expected.iter().all(|expect| expect["held"] == true), "{}", run.file);
        assert_eq!(count, judged, "{}", run.file);
    } else {
        assert!(expected.iter().all(|expect| expect["held"] == false), "{}", run.file);
        for violated in &outcome.violations {
            let of = expected.iter().find(|expect| expect["property"] == violated.property);
            assert_eq!(of.expect("it is listed")["saw"], violated.says, "{}", run.file);
        }
    }
}

#[test]
fn the_plan_of_every_shipped_run_follows_the_schema_and_the_run() {
    shipped().iter().for_each(check);
}

#[test]
fn the_plan_of_a_shrunk_failure_is_short_and_names_all_that_matters() {
    let plan = plan(&run("examples/captured_twice.shrunk.ron"));
    let seen: Vec<&str> =
        steps(&plan).iter().map(|step| step["action"].as_str().expect("an action")).collect();
    assert_eq!(seen, ["do", "do", "do", "duplicate", "fault", "expect", "expect"]);
    let copy = actions(&plan, "duplicate")[0];
    let message = serde_json::json!({
        "message": "Call", "from": "saga", "to": "PSP", "about": "s-1", "nth": 1
    });
    assert_eq!((&copy["message"], &copy["by_ns"]), (&message, &20_000_000_000_u64.into()));
}

#[test]
fn a_wait_is_a_hold_and_a_release() {
    for run in super::with_holds() {
        check(&run);
        let (holds, waited) = (actions(&plan(&run), "hold").len(), super::waited(&run));
        assert!(holds == waited && holds > 0, "{}: {holds} of {waited}", run.file);
    }
}

#[test]
fn a_crash_has_a_moment_and_a_restart() {
    let plan = plan(&run("scenarios/flights/saga_orchestrator_crash_at_every_step.ron"));
    let moments: std::collections::BTreeSet<&str> = actions(&plan, "crash")
        .iter()
        .map(|crash| crash["moment"].as_str().expect("a moment"))
        .collect();
    assert!(!moments.is_empty(), "{moments:?}");
    assert_eq!(actions(&plan, "crash").len(), actions(&plan, "restart").len());
}

#[test]
fn the_schema_rejects_what_is_no_plan() {
    let plan = plan(&run("examples/captured_twice.shrunk.ron"));
    let is_valid = |change: &dyn Fn(&mut Value)| {
        let mut changed = plan.clone();
        change(&mut changed);
        schema().is_valid(&changed)
    };
    assert!(is_valid(&|_| ()));
    assert!(!is_valid(&|plan| plan["version"] = 2.into()));
    assert!(!is_valid(&|plan| plan["steps"][0]["action"] = "jump".into()));
    assert!(!is_valid(&|plan| plan["steps"][3]["message"]["size"] = 1.into()));
    assert!(!is_valid(&|plan| drop(
        plan["steps"][3].as_object_mut().expect("a step").remove("by_ns")
    )));
}

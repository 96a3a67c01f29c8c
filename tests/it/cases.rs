//! Inputs that once went wrong, one test each. The files are in `tests/cases`.

use std::path::Path;

use jetlag::domains::harness;
use jetlag::session::{AnyScenario, RunOutcome, RunRequest, Verdict};
use jetlag::trace::Detail;

/// A case as a scenario, or the diagnostics.
fn load(name: &str) -> Result<Box<dyn AnyScenario>, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    harness().read(&path).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
}

/// A run of a case with its own seed, with its story.
fn told(name: &str) -> (RunOutcome, String) {
    let scenario = load(name).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let detail = Some(Detail::Story);
    let run = scenario.run(&RunRequest { detail, ..RunRequest::of_seed(1) });
    let story = run.story.as_ref().expect("a story was requested").page().to_string();
    (run, story)
}

#[test]
fn cache_down() {
    let (run, story) = told("cache_down.ron");
    assert_eq!(run.verdict(), Verdict::Held, "{story}");
    assert!(!story.contains("waited in vain") && !story.contains("try later"), "{story}");
    for seen in ["sees all flights: 1 of 1", "sees my bookings: nothing"] {
        assert!(story.contains(seen), "{seen} is not in {story}");
    }
}

#[test]
fn on_demand_behind_a_slow_stranger() {
    let (run, story) = told("on_demand_behind_a_slow_stranger.ron");
    assert_eq!(run.verdict(), Verdict::Held, "{story}");
    assert!(story.contains("not yet"), "{story}");
}

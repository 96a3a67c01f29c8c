//! Inputs that once went wrong, one test each. The files are in `tests/cases`.

use std::path::Path;

use jetlag::domains::harness;
use jetlag::internals::kernel::{Instant, Span, Stop};
use jetlag::session::{AnyScenario, Faults, RunOutcome, RunRequest, Verdict};
use jetlag::trace::Detail;

/// A case as a scenario, or the diagnostics.
fn load(name: &str) -> Result<Box<dyn AnyScenario>, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    harness().read(&path).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
}

/// A run of a case with the faults of its script.
fn scripted(name: &str) -> RunOutcome {
    let scenario = load(name).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    scenario.run(&RunRequest::of_seed(1))
}

/// Runs of a case with the first seeds, fuzzed.
fn fuzzed(name: &str, seeds: u64) -> Vec<RunOutcome> {
    let scenario = load(name).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let request = |seed| RunRequest { faults: Faults::Fuzzed, ..RunRequest::of_seed(seed) };
    (0..seeds).map(|seed| scenario.run(&request(seed))).collect()
}

fn hours(hours: u64) -> Instant {
    Instant::ZERO + Span::from_secs(3600 * hours)
}

#[test]
fn hold_of_a_day() {
    for run in fuzzed("hold_of_a_day.ron", 3) {
        assert_eq!((run.verdict(), run.stop), (Verdict::Held, Stop::AtRest));
        assert!(run.ended_at >= hours(24), "the hold has expired: {}", run.ended_at);
    }
}

#[test]
fn endless_delay() {
    let wrong = load("endless_delay.ron").expect_err("no run could come to rest").join("\n");
    assert!(wrong.contains("a fault lasts at most 8760h, a year"), "{wrong}");
    assert!(wrong.contains("endless_delay.ron:1:"), "{wrong}");
}

#[test]
fn quiet_ignored() {
    let wrong = load("quiet_ignored.ron").expect_err("a hold lasts longer than that").join("\n");
    let says = "the platform cannot come to rest within 1ns: `domain.hold` takes 15m";
    assert!(wrong.contains(says) && wrong.contains("`quiet: \"2h\"` or more"), "{wrong}");
}
#[test]
fn asked_too_soon() {
    assert_eq!(
        scripted("asked_too_soon.ron").verdict(),
        Verdict::Held,
        "the lag fires, one ticket"
    );
}

#[test]
fn transfer_after_cancel() {
    assert_eq!(scripted("transfer_after_cancel.ron").verdict(), Verdict::Held);
    for run in fuzzed("transfer_after_cancel.ron", 20) {
        assert_eq!(run.verdict(), Verdict::Held, "seed {}", run.request.seed);
    }
}

/// A run of a case with its own seed, with its story.
fn told(name: &str) -> (RunOutcome, String) {
    let scenario = load(name).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    story_of(&*scenario)
}

fn story_of(scenario: &dyn AnyScenario) -> (RunOutcome, String) {
    let detail = Some(Detail::Story);
    let run = scenario.run(&RunRequest { detail, ..RunRequest::of_seed(1) });
    let story = run.story.as_ref().expect("a story was requested").page().to_string();
    (run, story)
}

#[test]
fn cache_down() {
    let (run, story) = told("cache_down.ron");
    assert_eq!(run.verdict(), Verdict::Held, "{story}");
    assert!(!story.contains("times out waiting") && !story.contains("try later"), "{story}");
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

#[test]
fn second_card() {
    let (run, story) = told("second_card.ron");
    assert_eq!(run.verdict(), Verdict::Held, "{story}");
    for part in ["declined to authorise", "with card 2"] {
        assert!(story.contains(part), "{part} is not in {story}");
    }
    for run in fuzzed("second_card.ron", 50) {
        assert_eq!(run.verdict(), Verdict::Held, "seed {}", run.request.seed);
    }
}

#[test]
fn authorisation_lapses() {
    let (run, story) = told("authorisation_lapses.ron");
    assert_eq!(run.verdict(), Verdict::Held, "{story}");
    assert!(story.contains("OrderShipped"), "in time: {story}");
    // What is reserved lapses before the provider has answered.
    let text = include_str!("../cases/authorisation_lapses.ron").replace("168h", "10ms");
    let late = harness().load("authorisation_lapses.ron", text.as_bytes()).expect("a scenario");
    let (run, story) = story_of(&*late);
    assert_eq!(run.verdict(), Verdict::Held, "{story}");
    assert!(story.contains("OrderCancelled") && !story.contains("OrderShipped"), "{story}");
}

#[test]
fn own_writes_by_number() {
    for what in ["booking", "order", "transfer"] {
        let (run, story) = told(&format!("own_{what}_by_number.ron"));
        assert_eq!(run.verdict(), Verdict::Held, "{story}");
    }
}

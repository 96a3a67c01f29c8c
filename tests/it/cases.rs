//! Inputs that once went wrong, one test each. The files are in `tests/cases`.

use std::path::Path;

use jetlag::domains::harness;
use jetlag::internals::kernel::{Instant, Span, Stop};
use jetlag::session::{AnyScenario, Faults, RunOutcome, RunRequest, Verdict};

/// A case as a scenario, or the diagnostics.
fn load(name: &str) -> Result<Box<dyn AnyScenario>, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    harness().read(&path).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
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

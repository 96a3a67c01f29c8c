//! captured twice
//!
//! This run failed. single-capture: b-1 was captured twice, the second time 420.00 EUR. The
//! test fails as long as it does.
//!
//! Written by `jetlag export`, version 0.1.0. Put this file into the folder `tests` of a crate
//! that depends on `jetlag`. For the story of the run, save the text in `RUN` as a file and use
//! `jetlag replay`.
//!
//!     cargo test captured_twice_holds

use jetlag::report::{Entry, Palette, Report, text};
use jetlag::session::Verdict;

const FILE: &str = "captured_twice.ron";

/// The run: a scenario.
const RUN: &str = r#"// A payment provider remembers idempotency keys for ten seconds. The network delivers a capture again
// twenty seconds later. This scenario fails on purpose: README.md explains why.
(
    name: "captured twice",
    about: "A capture arrives again after the provider has removed its idempotency key.",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 1, fare: "420.00 EUR")])],
        payment: (key_life: "10s"),
    ),
    script: [(at: "0s", who: "ana", does: Book)],
    faults: [
        (inject: Duplicate, to: "PSP", skip: 1, times: 1, by: "20s"), // the first is the authorisation
        (inject: KeysPruned, node: "PSP"),
    ],
)
"#;

#[test]
fn captured_twice_holds() {
    let harness = jetlag::domains::harness();
    let scenario = harness.load(FILE, RUN.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let run = scenario.run(&scenario.request());
    let held = run.verdict() == Verdict::Held;
    let report = Report::of(Entry::Run(Box::new(run)));
    assert!(held, "\n{}", text(&report, &Palette::default()));
}

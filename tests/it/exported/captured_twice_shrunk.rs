//! captured twice
//!
//! This run failed. single-capture: b-1 was captured twice, the second time 420.00 EUR. The
//! test fails as long as it does.
//!
//! Written by `jetlag export`, version 0.1.0. Put this file into the folder `tests` of a crate
//! that depends on `jetlag`. For the story of the run, save the text in `RUN` as a file and use
//! `jetlag replay`.
//!
//!     cargo test captured_twice_shrunk_holds

use jetlag::report::{Entry, Palette, Report, text};

const FILE: &str = "captured_twice.shrunk.ron";

/// The run: a capsule, with its scenario in it.
const RUN: &str = r##"// captured twice
// fails: single-capture: b-1 was captured twice, the second time 420.00 EUR
Capsule(
    jetlag: "0.1.0",
    scenario: Inline(r#"// A payment provider remembers idempotency keys for ten seconds. The network delivers a capture again
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
"#),
    seed: 1,
    expect: Fails(
        property: "single-capture",
        roles: "booking was captured twice, the second time # EUR",
        says: "b-1 was captured twice, the second time 420.00 EUR",
    ),
    script: [
        (line: 1, who: "ana"),
    ],
    faults: [
        (fault: Duplicate, at: "PSP", from: "saga", during: "Call", about: "s-1", nth: 1, size: "20s", of: ["100ms", "1ms", "3s", "20s"]),
        (fault: KeysPruned, at: "PSP", during: "Serve", about: "s-1", nth: 0),
    ],
    digest: "ed5df6aa3e63a7fc",
    occurrences: 476,
    course: [
        (30, "527bac79aaf1d695"),
        (60, "4f181f97d8a35892"),
        (90, "555e8a0acd85d993"),
        (120, "09982567f0b4ee02"),
        (150, "a03a765bfd746ba0"),
        (180, "49e43474cfac5282"),
        (210, "9e086648ce67df03"),
        (240, "4d052cc9cfc159fe"),
        (270, "a652a870eb105a35"),
        (300, "63a2595d0acaa0ba"),
        (330, "fb6b4ca36efdadcf"),
        (360, "8fbe082ef211cadb"),
        (390, "6f549b05125ad3f5"),
        (420, "3537855d144524d6"),
        (450, "f949eea28ff7970e"),
    ],
)
"##;

#[test]
fn captured_twice_shrunk_holds() {
    let harness = jetlag::domains::harness();
    let scenario = harness.load(FILE, RUN.as_bytes());
    let scenario = scenario.unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let run = scenario.run(&scenario.request());
    let held = run.violations.is_empty() && run.unrest.is_none() && run.broken.is_none();
    let report = Report::of(Entry::Run(Box::new(run)));
    assert!(held, "\n{}", text(&report, &Palette::default()));
}

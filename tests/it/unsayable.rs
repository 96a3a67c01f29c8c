//! Situations that a file cannot say: it is told what is missing, and where that is documented. The files are
//! in `tests/cases`.

use std::path::Path;

use jetlag::domains::harness;
use jetlag::internals::kernel::Stop;
use jetlag::model::is_unprintable;

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name)
}

/// The diagnostics of a file that does not load.
fn wrong(name: &str) -> String {
    let wrong = harness().read(&path(name)).expect_err("it cannot be said");
    wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn authorisations_that_lapse_in_another_domain() {
    let text = r#"(name: "lapses", domain: BoxOffice(payment: (authorisation_life: "168h")))"#;
    let wrong = harness().load("lapses.ron", text.as_bytes()).expect_err("it cannot be said");
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    let hint =
        "authorisations expire only in flights and orders in this version: docs/limits.md#money";
    assert!(wrong.iter().any(|wrong| wrong.contains(hint)), "{wrong:?}");
}

#[test]
fn write_skew() {
    let wrong = wrong("write_skew.ron");
    assert!(wrong.contains("there is no domain `Shop`"), "{wrong}");
    let hint = "a program runs the domains that it was built with: docs/limits.md#domains";
    assert!(wrong.contains(hint), "{wrong}");
}

#[test]
fn on_sale_spike() {
    let scenario = harness().read(&path("on_sale_spike.ron")).expect("it can be said");
    let run = scenario.run(&scenario.request());
    assert_eq!((run.stop, run.violations), (Stop::AtRest, vec![]));
    // Without a capacity the wait of the many is not that of an overloaded server, which the documentation says;
    // `scenarios/flights/on_sale_spike.ron` has arrivals as people arrive, and nodes that are slowed by load.
    let limits = include_str!("../../docs/limits.md");
    assert!(limits.contains("Unless a scenario gives nodes a [capacity](scenarios.md#capacity)"));
}

#[test]
fn escape_in_a_name() {
    let wrong = wrong("escape_in_a_name.ron");
    assert!(wrong.contains("this contains a character that cannot be printed"), "{wrong}");
    assert!(!wrong.contains(|c| c != '\n' && is_unprintable(c)), "{wrong:?}");
}

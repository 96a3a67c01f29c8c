//! The defects that can be put into the platform: each is found by its property, and by nothing without it.

use std::fs;

use jetlag::domains;
use jetlag::harness::AnyScenario;
use jetlag::session::Verdict;

use crate::docs::root;

fn load(path: &str, text: &str) -> Box<dyn AnyScenario> {
    let loaded = domains::harness().load(path, text.as_bytes());
    loaded.unwrap_or_else(|wrong| panic!("{}", wrong[0]))
}

/// The text of a scenario without its defects, and the property that they violate.
fn without_defects(text: &str, id: &str) -> (String, String) {
    let line = format!("    defects: [\"{id}\"],\n");
    let (before, after) = text.split_once(&line).unwrap_or_else(|| panic!("no line {line}"));
    let (fails, after) = after.split_once('\n').expect("a line follows");
    let property = fails.strip_prefix("    fails: \"").and_then(|rest| rest.strip_suffix("\","));
    let property = property.unwrap_or_else(|| panic!("{fails}"));
    (format!("{before}{after}"), property.to_owned())
}

#[test]
fn each_defect_has_a_scenario_that_fails_by_its_property_and_holds_without_it() {
    for defect in domains::harness().defects() {
        let id = defect.id;
        let path = format!("scenarios/defects/{id}.ron");
        let text = fs::read_to_string(root().join(&path));
        let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
        let (sound, property) = without_defects(&text, id);
        assert!(defect.caught_by.contains(&&*property), "{id} is not known to violate {property}");
        let broken = load(&path, &text);
        let outcome = broken.run(&broken.request());
        assert!(outcome.violates(&property), "{id} does not violate {property}");
        assert_eq!(outcome.verdict(), Verdict::Held, "{id} fails as its file says");
        let sound = load(&path, &sound);
        let outcome = sound.run(&sound.request());
        let says = (&outcome.violations, &outcome.missed);
        assert_eq!(outcome.verdict(), Verdict::Held, "{path} without {id}: {says:?}");
        // A file that says that it fails, and does not, is no success.
        let wrong = text.replace(&format!("    defects: [\"{id}\"],\n"), "");
        let wrong = load(&path, &wrong);
        let outcome = wrong.run(&wrong.request());
        assert_eq!(outcome.verdict(), Verdict::Failed, "{path} with nothing to fail");
        assert!(outcome.missed.iter().any(|missed| missed.says.contains("and it holds")), "{id}");
    }
}

#[test]
fn each_scenario_of_a_defect_has_a_defect() {
    let all = domains::harness().defects();
    let files = fs::read_dir(root().join("scenarios/defects")).expect("the folder is there");
    for file in files {
        let name = file.expect("a file").file_name().into_string().expect("UTF-8");
        let id = name.strip_suffix(".ron").expect("a scenario");
        assert!(all.iter().any(|defect| defect.id == id), "{name}");
    }
}

#[test]
fn a_defect_that_is_not_there_is_told_with_one_that_is() {
    let text = r#"(name: "none", domain: Accounts(accounts: ["a"]), defects: ["ack-before-aply"], fails: "drain")"#;
    let wrong = domains::harness().load("none.ron", text.as_bytes()).expect_err("two mistakes");
    let says: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert!(says[0].contains("there is no defect `ack-before-aply`"), "{}", says[0]);
    assert!(says[0].contains("did you mean `ack-before-apply`?"), "{}", says[0]);
    assert!(says[1].contains("there is no property `drain`"), "{}", says[1]);
    assert!(says[1].contains("did you mean `drains`?"), "{}", says[1]);
}

/// Scenarios of bugs that were fixed, each with a defect of the mechanism that it is about.
const REACHED: &[(&str, &str, &str)] = &[
    ("cache_coherent_with_old_news", "neither-ack-nor-nack", "no-lost-event"),
    ("no_orphan_of_a_late_answer", "timeout-is-failure", "no-orphan"),
    ("no_orphan_of_what_nobody_knows", "timeout-is-failure", "no-orphan"),
    ("projector_waits_for_what_was_applied", "resubscribe-forgotten", "no-lost-event"),
    ("saga_terminates", "command-not-recorded", "command-once"),
    ("saga_terminates_after_a_late_append", "takeover-not-fenced", "saga-terminates"),
    ("single_flight", "no-single-flight", "single-flight"),
    ("step_once_after_an_end", "calls-again-after-restart", "step-once"),
    ("timer_honest_of_a_saga_that_goes_on", "one-timeout-clears-all", "saga-terminates"),
];

#[test]
fn scenarios_of_fixed_bugs_still_reach_what_they_are_about() {
    for (name, defect, property) in REACHED {
        let path = format!("scenarios/regressions/{name}.ron");
        let text = fs::read_to_string(root().join(&path)).expect("the scenario is there");
        let mut scenario = load(&path, &text);
        scenario.plant(defect).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let outcome = scenario.run(&scenario.request());
        assert!(outcome.violates(property), "{name} with {defect} does not violate {property}");
    }
}

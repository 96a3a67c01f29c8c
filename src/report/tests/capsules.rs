//! Runs that replay a capsule, in every format.

use serde_json::{Value, json};

use super::{held, of, violated};
use crate::report::{Palette, Report, github, json, jsonl, junit, text};
use crate::session::{Reproduced, Reproduction, RunOutcome, Verdict};

/// A run that replays a capsule.
fn replayed(run: RunOutcome, result: Reproduced) -> Report {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let is_other = result != Reproduced::Exactly;
    let only_if_other = |text: &[&str]| words(if is_other { text } else { &[] });
    let reproduction = Reproduction {
        result,
        expected: "single-capture: b-1 was captured twice".to_owned(),
        changed: only_if_other(&["trips/last seat.ron has changed since"]),
        ends: (result == Reproduced::Not).then(|| "every property held".to_owned()),
        departs: only_if_other(&["the runs differ by step 12"]),
        unused: only_if_other(&["never drawn: Drop at PSP, nth 2"]),
    };
    Report::of(of(RunOutcome { reproduction: Some(reproduction), ..run }))
}

/// The result of a capsule as JSON, alone and in a line.
fn as_json(report: &Report) -> Value {
    let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let whole = parse(&json(report))["entries"][0]["reproduction"].clone();
    let line = jsonl(report).lines().nth(1).map(parse).expect("an entry");
    assert_eq!(line["reproduction"], whole);
    whole
}

#[test]
fn a_run_that_replays_no_capsule_says_nothing_of_one() {
    let report = Report::of(of(held()));
    assert_eq!(as_json(&report), Value::Null);
    assert!(!json(&report).contains("reproduction"), "the field is absent");
    assert!(!junit(&report).contains("reproduc"), "{}", junit(&report));
}

#[test]
fn a_failure_that_is_reproduced_is_reported_as_any_failure() {
    let report = replayed(violated(), Reproduced::Exactly);
    let expected = "single-capture: b-1 was captured twice";
    assert_eq!(
        as_json(&report),
        json!({
            "result": "reproduced", "expected": expected,
            "ends": null, "changed": [], "departs": [], "unused": [],
        })
    );
    let junit = junit(&report);
    assert!(junit.contains(r#"<property name="reproduction" value="reproduced"/>"#), "{junit}");
    assert!(junit.contains(r#"tests="3" skipped="0" errors="0" failures="1""#), "{junit}");
    let commands = github(&report);
    assert!(commands.starts_with("::error file=trips/last seat.ron,title=money-conserved::b-7"));
    assert_eq!(commands.lines().count(), 2, "{commands}");
}

#[test]
fn a_run_that_is_reproduced_in_effect_says_what_is_different() {
    let report = replayed(held(), Reproduced::InEffect);
    let found = as_json(&report);
    assert_eq!(found["result"], "reproduced_in_effect");
    assert_eq!(found["changed"], json!(["trips/last seat.ron has changed since"]));
    assert!(junit(&report).contains(r#"tests="3" skipped="0" errors="0" failures="0""#));
    assert_eq!(
        github(&report),
        "::warning file=trips/last seat.ron,title=reproduced in effect::reproduced in effect; expected: \
         single-capture: b-1 was captured twice%0Atrips/last seat.ron has changed since%0Athe runs differ by \
         step 12%0Anever drawn: Drop at PSP, nth 2%0Areplay: jetlag replay 'trips/last seat.ron' --seed 7\n\
         ::notice title=jetlag::1 scenario: 1 held\n"
    );
}

#[test]
fn a_capsule_that_is_not_reproduced_is_an_error_and_no_failure() {
    // The other run violates something else: that is no failure of what is tested either.
    for (run, skipped) in [(held(), 0), (violated(), 1)] {
        let report = replayed(run, Reproduced::Not);
        assert_eq!(report.verdict(), Verdict::Open);
        let found = as_json(&report);
        assert_eq!(found["result"], "not_reproduced");
        assert_eq!(found["ends"], "every property held");
        assert_eq!(found["departs"], json!(["the runs differ by step 12"]));
        assert_eq!(found["unused"], json!(["never drawn: Drop at PSP, nth 2"]));
        let junit = junit(&report);
        let counts = format!(r#"tests="3" skipped="{skipped}" errors="1" failures="0""#);
        assert!(junit.contains(&counts), "{junit}");
        assert!(junit.contains(r#"<error message="not reproduced""#), "{junit}");
        assert!(junit.contains("it ends in another way: every property held\nthe runs"), "{junit}");
        let commands = github(&report);
        assert!(commands.starts_with("::error file=trips/last seat.ron,title=not reproduced::"));
        assert_eq!(commands.lines().count(), 2, "{commands}");
    }
}

#[test]
fn a_run_that_is_broken_again_is_a_failure() {
    let report = replayed(violated(), Reproduced::Broken);
    assert_eq!(as_json(&report)["result"], "broken_again");
    let junit = junit(&report);
    assert!(junit.contains(r#"tests="3" skipped="0" errors="0" failures="2""#), "{junit}");
    let commands = github(&report);
    let titles = |title: &str| commands.matches(&format!("title={title}::")).count();
    assert_eq!((titles("broken again"), titles("money-conserved")), (1, 1), "{commands}");
}

#[test]
fn of_many_entries_without_effect_people_are_told_the_first() {
    let mut report = replayed(held(), Reproduced::InEffect);
    let crate::report::Entry::Run(run) = &mut report.entries[0] else { panic!("a run") };
    let found = run.reproduction.as_mut().expect("a capsule");
    found.unused = (0..9).map(|nth| format!("never drawn: Drop at PSP, nth {nth}")).collect();
    let text = text(&report, &Palette::default());
    assert!(text.contains("nth 5\n  and 3 more entries without effect\n"), "{text}");
    assert_eq!(as_json(&report)["unused"].as_array().map(Vec::len), Some(9), "programs get all");
}

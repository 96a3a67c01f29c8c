//! Reports of hand-made runs: what a failure looks like, in every format.

use super::{
    Asked, Awaited, Checked, Entry, Invalid, Missed, Palette, Repeat, Report, Run, Subject, Sweep,
    Verdict, Violated, Why, text,
};
use crate::kernel::{Instant, Span, Step, Stop};

fn at(ms: u64) -> Instant {
    Instant::ZERO + Span::from_millis(ms)
}

fn held() -> Run {
    let checked = |property, checks| Checked { property, says: "it is so", checks };
    Run {
        subject: Subject {
            file: "trips/last seat.ron".to_owned(),
            name: "last seat".to_owned(),
            fingerprint: 0x9f_2c41,
        },
        seed: 7,
        fuzz: false,
        digest: 0x1234,
        stop: Stop::AtRest,
        occurrences: 1_204,
        events: 12,
        ended_at: at(4_350),
        checks: vec![checked("no-double-sale", 412), checked("money-conserved", 1)],
        violations: Vec::new(),
        must_violate: None,
        missed: Vec::new(),
        asked: Vec::new(),
        struck: Vec::new(),
        repeat: None,
        took: None,
    }
}

fn violated() -> Run {
    let line = |step, ms, who: &str, what: &str| Why {
        step: Step(step),
        at: at(ms),
        who: who.to_owned(),
        what: what.to_owned(),
    };
    let violation = Violated {
        property: "money-conserved",
        at: at(4_350),
        step: Step(211),
        says: "b-7 captured 420.00 EUR, neither ticketed nor refunded".to_owned(),
        why: vec![
            line(38, 1_800, "store", "stores b-7 v3: PaymentCaptured"),
            line(190, 1_850, "s-7", "asks PSP: refund"),
        ],
    };
    Run { violations: vec![violation], stop: Stop::Halted, ..held() }
}

fn report(entry: Entry) -> Report {
    Report { entries: vec![entry] }
}

fn of(run: Run) -> Entry {
    Entry::Run(Box::new(run))
}

#[test]
fn a_failure_says_what_why_and_how_to_see_it_again() {
    let text = text(&report(of(violated())), &Palette::default());
    assert_eq!(
        text,
        concat!(
            "last seat   seed 7   scenario 9f2c41   jetlag ",
            env!("CARGO_PKG_VERSION"),
            "\n",
            "  held      no-double-sale            412 checks\n",
            "  VIOLATED  money-conserved  at 4.350s, step 211\n",
            "  digest 0000000000001234 · 1,204 occurrences · 12 events · 413 checks · halted at \
             4.350s\n",
            "\n",
            "money-conserved: b-7 captured 420.00 EUR, neither ticketed nor refunded\n",
            "  why   38  1.800s  store  stores b-7 v3: PaymentCaptured\n",
            "    →  190  1.850s  s-7    asks PSP: refund\n",
            "    ✗  at 4.350s, step 211\n",
            "  replay   jetlag replay 'trips/last seat.ron' --seed 7 --around 211\n",
        )
    );
}

#[test]
fn the_gravest_verdict_is_the_reports() {
    let verdict = |run: Run| run.verdict();
    assert_eq!(verdict(held()), Verdict::Held);
    assert_eq!(verdict(violated()), Verdict::Failed);
    let missed = Missed {
        line: 3,
        column: 5,
        what: Awaited::Sight,
        says: "one seat; seen: none".to_owned(),
    };
    assert_eq!(verdict(Run { missed: vec![missed], ..held() }), Verdict::Failed);
    for stop in [
        Stop::Stuck,
        Stop::OutOfOccurrences,
        Stop::OutOfTime,
        Stop::TooManyPending,
        Stop::TooManyRecords,
    ] {
        assert_eq!(verdict(Run { stop, ..held() }), Verdict::Open);
        // What was violated before the budget ran out stays violated.
        assert_eq!(verdict(Run { stop, ..violated() }), Verdict::Failed);
    }
    let different = Repeat::Different { digest: 1, first_difference: String::new() };
    assert_eq!(
        verdict(Run { repeat: Some(different), ..violated() }),
        Verdict::Unrepeatable,
        "a run that does not repeat proves nothing"
    );
    let invalid = Entry::Invalid(Invalid { file: "x.ron".to_owned(), diagnostics: Vec::new() });
    let both = Report { entries: vec![of(violated()), invalid, of(held())] };
    assert_eq!(both.verdict(), Verdict::Invalid);
    assert_eq!(Report::default().verdict(), Verdict::Held);
}

#[test]
fn a_scenario_that_must_fail_holds_only_if_it_fails_as_it_should() {
    let must = |property: &str| Some(property.to_owned());
    let verdict = |must_violate, run: Run| Run { must_violate, ..run }.verdict();
    assert_eq!(verdict(must("money-conserved"), violated()), Verdict::Held);
    assert_eq!(verdict(must("no-double-sale"), violated()), Verdict::Failed);
    assert_eq!(verdict(must("money-conserved"), held()), Verdict::Failed);
}

#[test]
fn a_sweep_shows_the_run_that_ended_it() {
    let sweep = Sweep {
        subject: held().subject,
        from: 0,
        until: 10_000,
        runs: 8,
        digest: 5,
        occurrences: 9_632,
        events: 96,
        checks: 3_304,
        repeated: None,
        failure: Some(violated()),
        took: None,
    };
    let text = text(&report(Entry::Sweep(Box::new(sweep))), &Palette::default());
    let line = text.lines().nth(1).unwrap_or_default();
    assert_eq!(
        line,
        "FAILED  last seat  0..10000  0000000000000005        9,632      96     8   3,304"
    );
    assert!(text.ends_with("--seed 7 --around 211\n"), "{text}");
}

#[test]
fn a_command_survives_the_shell() {
    assert_eq!(super::quoted("scenarios/flights/boot.ron"), "scenarios/flights/boot.ron");
    assert_eq!(super::quoted("it's"), r"'it'\''s'");
    assert_eq!(super::quoted("$HOME/x"), "'$HOME/x'");
    assert_eq!(super::quoted("-f.ron"), "'./-f.ron'");
}

#[test]
#[cfg(feature = "cli")]
fn programs_read_the_same_failure() {
    let run = violated();
    let json: serde_json::Value = serde_json::from_str(&super::json(&report(of(run.clone()))))
        .expect("the report is a JSON document");
    assert_eq!(json["verdict"], "failed");
    let entry = &json["entries"][0];
    assert_eq!(entry["violations"][0]["why"][1]["what"], "asks PSP: refund");
    assert_eq!((&entry["seed"], &entry["ended_at_ns"]), (&"7".into(), &4_350_000_000_u64.into()));
    assert!(entry.get("took_ms").is_none(), "nobody asked for the wall clock");

    let junit = super::junit(&report(of(run)));
    assert!(junit.contains(r#"tests="2" skipped="0" errors="0" failures="1""#), "{junit}");
    assert!(junit.contains("at 4.350s, step 211: b-7 captured"), "{junit}");
    assert!(!junit.contains("timestamp") && !junit.contains("time="), "{junit}");
}

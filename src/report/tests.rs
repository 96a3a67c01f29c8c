//! Reports of hand-made runs in every format.

#[cfg(feature = "cli")]
mod capsules;

use super::{Entry, Invalid, Palette, Properties, Report, text};
use crate::kernel::{
    DROP, Fault, Instant, PAUSE, ScriptedFault, ScriptedRecord, Span, Step, Stop, Unused,
};
use crate::session::{
    Also, Awaited, Checked, FiredEntry, Left, Missed, Repeat, RunOutcome, RunRequest,
    ScriptedEntry, Subject, Sweep, Times, Verdict, ViewRead, Violated, Why,
};

fn at(ms: u64) -> Instant {
    Instant::ZERO + Span::from_millis(ms)
}

fn held() -> RunOutcome {
    let checked = |property, checks| Checked { property, says: "it holds", checks, undecided: 0 };
    RunOutcome {
        subject: Subject {
            file: "trips/last seat.ron".to_owned(),
            name: "last seat".to_owned(),
            command: "jetlag",
            fingerprint: 0x9f_2c41,
            injected: Vec::new(),
            planted: Vec::new(),
            is_embedded: false,
        },
        request: RunRequest::of_seed(7),
        digest: 0x1234,
        stop: Stop::AtRest,
        unrest: None,
        occurrences: 1_204,
        events: 12,
        ended_at: at(4_350),
        left: Left::default(),
        checks: vec![checked("no-double-sale", 412), checked("money-conserved", 1)],
        violations: Vec::new(),
        missed: Vec::new(),
        scripted: Vec::new(),
        fired: Vec::new(),
        views: Vec::new(),
        nodes: Vec::new(),
        kinds: Vec::new(),
        decisions: None,
        deliveries: Vec::new(),
        unused: Unused::default(),
        reproduction: None,
        story: None,
        picture: None,
        described: Vec::new(),
        fails: None,
        reached: Vec::new(),
        met: Vec::new(),
        order: 0,
        state: 0,
        broken: None,
        repeat: None,
        took: None,
    }
}

fn violated() -> RunOutcome {
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
        ..Violated::default()
    };
    RunOutcome { violations: vec![violation], stop: Stop::Halted, ..held() }
}

fn of(run: RunOutcome) -> Entry {
    Entry::Run(Box::new(run))
}

#[test]
fn a_failure_has_its_property_its_reasons_and_a_command_that_reproduces_it() {
    let text = text(&Report::of(of(violated())), &Palette::default());
    assert_eq!(
        text,
        concat!(
            "last seat   seed 7   scenario 9f2c41   jetlag ",
            env!("CARGO_PKG_VERSION"),
            "\n",
            "\n",
            "VIOLATED  money-conserved: b-7 captured 420.00 EUR, neither ticketed nor refunded\n",
            "  why   38  1.800s  store  stores b-7 v3: PaymentCaptured\n",
            "    →  190  1.850s  s-7    asks PSP: refund\n",
            "    ✗  at 4.350s, step 211\n",
            "\n",
            "  held     1 property in 413 checks\n",
            "  digest 0000000000001234 · 1,204 occurrences · 12 events · 413 checks · halted at \
             4.350s\n",
            "  shrink   jetlag shrink 'trips/last seat.ron' --seed 7\n",
            "  replay   jetlag replay 'trips/last seat.ron' --seed 7 --around 211\n",
        )
    );
}

#[test]
fn properties_are_listed_on_request() {
    let mut run = violated();
    run.checks.push(Checked {
        property: "single-flight",
        says: "it holds",
        checks: 0,
        undecided: 0,
    });
    let shown = |properties| {
        let report = Report { properties, ..Report::of(of(run.clone())) };
        text(&report, &Palette::default())
    };
    let counted = "  held     1 property in 413 checks, 1 not exercised\n";
    assert!(shown(Properties::Counted).contains(counted));
    let listed = "  held      no-double-sale   412 checks\n\
                  \x20 VIOLATED  money-conserved     1 check\n\
                  \x20 not exercised\n\
                  \x20   single-flight\n";
    let shown = shown(Properties::Listed);
    assert!(shown.contains(listed), "{shown}");
}

#[test]
fn what_follows_from_a_violation_is_listed_under_it_and_not_by_itself() {
    let mut run = violated();
    let checked = |property, checks| Checked { property, says: "it holds", checks, undecided: 0 };
    run.checks.push(checked("drains", 3));
    let first = &mut run.violations[0];
    first.last_seen = Some("marked as sent, not published, at 1.800s, step 38".to_owned());
    first.others = 281;
    first.like_it = vec!["b-8 captured 1.00 EUR".to_owned(), "b-9 captured 2.00 EUR".to_owned()];
    let says = "there is work left".to_owned();
    first.also = vec![Also { property: "drains", count: 2, says }];
    let report = Report::of(of(run));
    let text = text(&report, &Palette::default());
    let (_, block) = text.split_once("\n\n").expect("a block");
    assert_eq!(
        block,
        "VIOLATED  money-conserved: b-7 captured 420.00 EUR, neither ticketed nor refunded\n\
         \x20 last seen  marked as sent, not published, at 1.800s, step 38\n\
         \x20 like it    b-8 captured 1.00 EUR\n\
         \x20            b-9 captured 2.00 EUR\n\
         \x20            … 279 more\n\
         \x20 why   38  1.800s  store  stores b-7 v3: PaymentCaptured\n\
         \x20   →  190  1.850s  s-7    asks PSP: refund\n\
         \x20   ✗  at 4.350s, step 211\n\
         \x20 also  drains (2)  there is work left\n\
         \x20       (a consequence of money-conserved)\n\n\
         \x20 held     1 property in 416 checks\n\
         \x20 digest 0000000000001234 · 1,204 occurrences · 12 events · 416 checks · halted at 4.350s\n\
         \x20 shrink   jetlag shrink 'trips/last seat.ron' --seed 7\n\
         \x20 replay   jetlag replay 'trips/last seat.ron' --seed 7 --around 211\n"
    );
    let listed = super::text(
        &Report { properties: Properties::Listed, ..report.clone() },
        &Palette::default(),
    );
    assert!(listed.contains("VIOLATED  drains             3 checks"), "{listed}");
    #[cfg(feature = "cli")]
    {
        let json: serde_json::Value = serde_json::from_str(&super::json(&report)).expect("JSON");
        let violation = &json["entries"][0]["violations"][0];
        assert_eq!(
            (&violation["others"], &violation["also"][0]["count"]),
            (&281.into(), &2.into())
        );
        let junit = super::junit(&report);
        assert!(junit.contains(r#"failures="2""#), "{junit}");
        assert!(junit.contains("follows from money-conserved: b-7 captured"), "{junit}");
    }
}

#[test]
fn the_most_severe_verdict_wins() {
    let verdict = |run: RunOutcome| run.verdict();
    assert_eq!(verdict(held()), Verdict::Held);
    assert_eq!(verdict(violated()), Verdict::Failed);
    let missed = Missed {
        line: 3,
        column: 5,
        what: Awaited::Sight,
        says: "one seat; seen: none".to_owned(),
        instead: vec!["ana was told: SoldOut at 0.120s".to_owned()],
    };
    assert_eq!(verdict(RunOutcome { missed: vec![missed], ..held() }), Verdict::Failed);
    for stop in [
        Stop::Stuck,
        Stop::OutOfOccurrences,
        Stop::OutOfTime,
        Stop::TooManyPending,
        Stop::TooManyRecords,
    ] {
        assert_eq!(verdict(RunOutcome { stop, ..held() }), Verdict::Open);
        // A violation before the budget ran out still counts.
        assert_eq!(verdict(RunOutcome { stop, ..violated() }), Verdict::Failed);
    }
    let different = Repeat::Different { digest: 1, first_difference: String::new() };
    assert_eq!(
        verdict(RunOutcome { repeat: Some(different), ..violated() }),
        Verdict::Unrepeatable,
        "a run that cannot be repeated proves nothing"
    );
    let invalid = Entry::Invalid(Invalid { file: "x.ron".to_owned(), diagnostics: Vec::new() });
    let entries = vec![of(violated()), invalid, of(held())];
    let both = Report { entries, ..Report::default() };
    assert_eq!(both.verdict(), Verdict::Invalid);
    assert_eq!(Report::default().verdict(), Verdict::Held);
}

#[test]
fn a_sweep_shows_the_run_that_ended_it() {
    let sweep = Sweep {
        subject: held().subject,
        request: RunRequest::of_seed(0),
        asked: 10_000,
        runs: 8,
        digest: 5,
        occurrences: 9_632,
        events: 96,
        checks: 3_304,
        repeated: 0,
        broken: Vec::new(),
        interrupted: false,
        failure: Some(violated()),
        took: None,
    };
    let text = text(&Report::of(Entry::Sweep(Box::new(sweep))), &Palette::default());
    let line = text.lines().nth(1).unwrap_or_default();
    assert_eq!(
        line,
        "FAILED  last seat  0..10000  0000000000000005        9,632      96     8   3,304"
    );
    assert!(text.ends_with("--seed 7 --around 211\n"), "{text}");
}

fn fired(
    fault: &'static Fault,
    node: &str,
    kind: &'static str,
    (asked, fired, seen): (u64, u64, u64),
) -> FiredEntry {
    FiredEntry { fault, node: node.to_owned(), kind, asked, fired, seen }
}

#[test]
fn the_ledger_lists_what_was_asked_for_fired_and_seen() {
    let scripted = |fault, node: &str, times, fired| ScriptedEntry {
        record: ScriptedRecord {
            asked: ScriptedFault { times, ..ScriptedFault::always(fault) },
            opportunities: fired,
            fired,
            seen: fired,
        },
        node: Some(node.to_owned()),
        to: None,
    };
    let run = RunOutcome {
        request: RunRequest::fuzzed(7),
        scripted: vec![scripted(&PAUSE, "relay-1", 1, 1), scripted(&DROP, "api-1", u64::MAX, 0)],
        fired: vec![
            fired(&DROP, "store", "store", (0, 3, 2)),
            fired(&PAUSE, "relay-1", "relay", (1, 1, 1)),
        ],
        ..violated()
    };
    let text = text(&Report::of(of(run)), &Palette::default());
    let ledger = concat!(
        "  fault  Drop   store    drawn                       fired 3      seen 2\n",
        "  fault  Pause  relay-1  asked 1 time                fired 1      seen 1\n",
        "  fault  Drop   api-1    asked at every opportunity  never fired\n",
    );
    assert!(text.contains(ledger), "{text}");
    assert!(text.ends_with("--seed 7 --fuzz --around 211\n"), "{text}");
}

#[test]
fn a_fault_that_never_fired_fails_its_scenario_and_is_located() {
    let says = "relay-1 handled no Confirm from 0s on".to_owned();
    let missed = Missed { line: 8, column: 9, what: Awaited::Fault, says, instead: vec![] };
    let run = RunOutcome { missed: vec![missed], ..held() };
    assert_eq!(run.verdict(), Verdict::Failed);
    let text = text(&Report::of(of(run)), &Palette::default());
    let diagnostic = "\nNEVER FIRED  relay-1 handled no Confirm from 0s on\n  \
                      trips/last seat.ron:8:9\n";
    assert!(text.contains(diagnostic), "{text}");
}

#[test]
#[cfg(feature = "cli")]
fn json_and_junit_have_the_same_failure() {
    let run = violated();
    let json: serde_json::Value = serde_json::from_str(&super::json(&Report::of(of(run.clone()))))
        .expect("the report is a JSON document");
    assert_eq!(json["verdict"], "failed");
    let entry = &json["entries"][0];
    assert_eq!(entry["violations"][0]["why"][1]["what"], "asks PSP: refund");
    assert_eq!((&entry["seed"], &entry["ended_at_ns"]), (&"7".into(), &4_350_000_000_u64.into()));
    assert!(entry.get("took_ms").is_none(), "it needs --timings");

    let junit = super::junit(&Report::of(of(run)));
    assert!(junit.contains(r#"tests="2" skipped="0" errors="0" failures="1""#), "{junit}");
    assert!(junit.contains("at 4.350s, step 211: b-7 captured"), "{junit}");
    assert!(!junit.contains("timestamp") && !junit.contains("time="), "{junit}");
}

#[test]
#[cfg(feature = "cli")]
fn github_has_an_error_for_each_thing_that_did_not_hold() {
    let missed = Missed {
        line: 8,
        column: 9,
        what: Awaited::Sight,
        says: "one seat, 100 %; seen: none".to_owned(),
        instead: vec!["ana was told: SoldOut".to_owned()],
    };
    let invalid = Invalid {
        file: "b.ron".to_owned(),
        diagnostics: vec!["b.ron:8:5: there is no field `sead` here\n  8 | sead: 1".to_owned()],
    };
    let entries = vec![
        of(violated()),
        of(RunOutcome { missed: vec![missed], ..held() }),
        of(held()),
        Entry::Invalid(invalid),
    ];
    assert_eq!(
        super::github(&Report { entries, ..Report::default() }),
        "::error file=trips/last seat.ron,title=money-conserved::b-7 captured 420.00 EUR, neither \
         ticketed nor refunded (at 4.350s, step 211)%0Areplay: jetlag replay \
         'trips/last seat.ron' --seed 7 --around 211\n\
         ::error file=trips/last seat.ron,line=8,col=9,title=expectation::one seat, 100 %25; seen: \
         none%0Aana was told: SoldOut%0Areplay: jetlag replay 'trips/last seat.ron' --seed 7\n\
         ::error file=b.ron,line=8,col=5,title=invalid scenario::there is no field `sead` here%0A  8 | \
         sead: 1\n\
         ::notice title=jetlag::4 scenarios: 1 held, 2 FAILED, 1 invalid\n"
    );
}

#[test]
#[cfg(feature = "cli")]
fn lines_of_json_are_the_entries_of_the_document() {
    use serde_json::Value;
    let entries = vec![of(held()), of(violated())];
    let report = Report { entries, ..Report::default() };
    let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let lines = super::jsonl(&report);
    let lines: Vec<Value> = lines.lines().map(parse).collect();
    let document = parse(&super::json(&report));
    assert_eq!((&lines[0]["kind"], &lines[0]["format"]), (&"start".into(), &document["format"]));
    assert_eq!(document["entries"].as_array().expect("a list").as_slice(), &lines[1..3]);
    assert_eq!((&lines[3]["kind"], &lines[3]["verdict"]), (&"end".into(), &"failed".into()));
    assert_eq!(lines.len(), 4);
}

#[test]
fn views_are_compared_only_if_their_strategies_differ() {
    let ms = Span::from_millis;
    let read = |view, strategy, waited, stale| ViewRead {
        view,
        strategy,
        reads: 1_200,
        not_yet: 3,
        waits: Some(Times { p50: ms(waited), p99: ms(2 * waited), max: ms(3 * waited) }),
        staleness: Some(Times { p50: ms(stale), p99: ms(2 * stale), max: ms(3 * stale) }),
        lag: None,
    };
    let unread = ViewRead {
        reads: 0,
        not_yet: 0,
        waits: None,
        staleness: None,
        ..read("C", "outbox", 0, 0)
    };
    let mut run = held();
    run.views =
        vec![read("Balances", "synchronous", 4, 0), read("Owners", "outbox", 2, 30), unread];
    let shown = text(&Report::of(of(run.clone())), &Palette::default());
    let table: Vec<_> = shown.lines().skip(2).take(4).collect();
    assert_eq!(
        table,
        [
            "                  kept         reads  not yet  waited p50     p99     max  stale p50     p99     max",
            "  view  Balances  synchronous  1,200        3      0.004s  0.008s  0.012s     0.000s  0.000s  0.000s",
            "  view  Owners    outbox       1,200        3      0.002s  0.004s  0.006s     0.030s  0.060s  0.090s",
            "  view  C         outbox           0        0           -       -       -          -       -       -",
        ]
    );
    #[cfg(feature = "cli")]
    {
        let json: serde_json::Value =
            serde_json::from_str(&super::json(&Report::of(of(run.clone())))).expect("JSON");
        let views = &json["entries"][0]["views"];
        assert_eq!(
            (&views[0]["strategy"], &views[0]["reads"]),
            (&"synchronous".into(), &1_200.into())
        );
        assert_eq!(views[1]["staleness"]["max_ns"], 90_000_000);
        assert_eq!(views[2]["waits"], serde_json::Value::Null);
    }
    run.views.remove(0);
    let shown = text(&Report::of(of(run)), &Palette::default());
    assert!(!shown.contains("view  "), "{shown}");
}

//! The scenario language, on the files that ship and on files that proptest generates.

use std::path::{Path, PathBuf};

use jetlag::domains::{self, BoxOffice, Flights, Orders};
use jetlag::model::is_unprintable;
use jetlag::scenario::{Scenario, ScenarioDomain};
use proptest::prelude::*;
use ron::extensions::Extensions;

/// All files of a folder that end in `.ron`, sorted.
fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(root).expect("the folder is part of the project");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension() == Some("ron".as_ref())).collect();
    files.sort();
    files
}

fn load(text: &str) -> Result<Scenario<Flights>, String> {
    of(text)
}

fn of<D: ScenarioDomain>(text: &str) -> Result<Scenario<D>, String> {
    Scenario::load("a.ron", text.as_bytes()).map_err(|diagnostics| {
        let all: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        all.join("\n")
    })
}

fn template(name: &str) -> String {
    Scenario::<Flights>::template(name).expect("flights have one")
}

/// Whether `ron` alone reads the same from the text of a scenario.
fn ron_reads_the_same<D: ScenarioDomain>(scenario: &Scenario<D>) {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    let options = ron::Options::default().with_default_extension(extensions);
    assert_eq!(options.from_str(&scenario.text).as_ref(), Ok(&scenario.file));
}

/// Whether what is shown of a scenario reads back to the same.
fn reads_back<D: ScenarioDomain>(scenario: &Scenario<D>) {
    ron_reads_the_same(scenario);
    let shown = scenario.show();
    let again = match of::<D>(&shown) {
        Ok(again) => again,
        Err(diagnostics) => panic!("what is shown does not read back:\n{diagnostics}"),
    };
    assert_eq!(scenario.file, again.file);
    let mut plan = again.plan.as_ref().clone();
    // A fault is elsewhere in the text that is shown.
    for (shown, fault) in plan.faults.scripted.iter_mut().zip(&scenario.plan.faults.scripted) {
        shown.origin = fault.origin;
    }
    assert_eq!(*scenario.plan, plan);
    assert_eq!(shown, again.show());
}

/// Every file of a folder, as scenarios of a domain.
fn all_read_back<D: ScenarioDomain>(folder: &str) -> usize {
    let files = files(folder);
    for path in &files {
        let text = std::fs::read_to_string(path).expect("text");
        match of::<D>(&text) {
            Ok(scenario) => reads_back(&scenario),
            Err(diagnostics) => panic!("{}\n{diagnostics}", path.display()),
        }
    }
    files.len()
}

#[test]
fn every_scenario_that_ships_loads_and_reads_back() {
    assert!(all_read_back::<Flights>("scenarios/flights") >= 10);
    assert!(all_read_back::<Orders>("scenarios/orders") >= 8);
    assert!(all_read_back::<BoxOffice>("scenarios/box_office") >= 12);
}

/// Whether the template of a domain is one of its scenarios under any name.
fn template_reads_back<D: ScenarioDomain>() {
    for name in ["my first", "", "a \"quoted\\ one\"\n", "{name}"] {
        match of::<D>(&Scenario::<D>::template(name).expect("the domain has a template")) {
            Ok(scenario) => {
                assert!(!scenario.name().trim().is_empty());
                reads_back(&scenario);
            }
            Err(diagnostics) => panic!("{diagnostics}"),
        }
    }
}

#[test]
fn each_template_is_a_scenario() {
    template_reads_back::<Flights>();
    template_reads_back::<Orders>();
    template_reads_back::<BoxOffice>();
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() {
    let text = template("anything");
    let dos = format!("\u{FEFF}{}", text.replace('\n', "\r\n"));
    assert_eq!(load(&text).unwrap().show(), load(&dos).unwrap().show());
    // Positions are those an editor shows.
    let broken = |text: &str| {
        let wrong = load(&text.replace("seed: 1", "sead: 1")).unwrap_err();
        wrong.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(broken(&text), broken(&dos));
}

#[test]
fn a_script_may_be_written_in_any_order() {
    let scenario = |lines: &str| {
        let vendors = r#"[(id: V1, gds: Ndc, flights: [(id: "A", seats: 1, fare: "1.00 EUR")])]"#;
        let text =
            format!(r#"(name: "n", domain: Flights(vendors: {vendors}), script: [{lines}])"#);
        load(&text).unwrap().plan
    };
    let (early, late) = (r#"(who: "b", does: Search),"#, r#"(at: "9s", who: "a", does: Search),"#);
    let plan = scenario(&format!("{late}{early}"));
    assert!(plan.script.is_sorted_by_key(|cue| cue.at));
    assert_eq!(plan.names.customers, ["a", "b"]);
    assert_eq!(plan.script[0].who.0, 1);
}

#[test]
fn files_of_thousands_of_lines_are_read_and_their_errors_reported() {
    let vendors = r#"[(id: V1, gds: Ndc, flights: [(id: "A", seats: 1, fare: "1.00 EUR")])]"#;
    let file = |flight: &str, to: &str| {
        let script: String = (0..8_000)
            .map(|n| format!("(at: \"{n}s\", who: \"c{n}\", does: Hold(flight: \"{flight}\")),\n"))
            .collect();
        let expect: String =
            (0..8_000).map(|n| format!("Replies(to: \"{to}{n}\", include: Accepted),\n")).collect();
        format!(
            "(name: \"n\", domain: Flights(vendors: {vendors}), script: [{script}], expect: [{expect}])"
        )
    };
    let scenario = load(&file("A", "c")).unwrap();
    assert_eq!(scenario.plan.script.len(), 8_000);
    let last = &scenario.expectations[7_999];
    assert_eq!((last.position.line, last.position.column), (16_000, 1));
    // Each line has an error, and few of them are reported.
    assert!(load(&file("B", "d")).unwrap_err().lines().count() < 200);
}

/// A span as people write it.
fn span() -> impl Strategy<Value = String> {
    (1..100_000_u64, prop::sample::select(vec!["ns", "us", "ms", "s", "m", "h"]))
        .prop_map(|(number, unit)| format!("{number}{unit}"))
}

/// A text with everything in it that needs care between quotes.
fn words() -> impl Strategy<Value = String> {
    prop::collection::vec(
        any::<char>().prop_filter("names are printable", |c| !is_unprintable(*c)),
        1..12,
    )
    .prop_map(|chars| {
        let text: String = chars.into_iter().collect();
        // Two letters: a letter, a dash and a number are a name that Jetlag gives.
        format!("xy{}", text.replace('\\', "\\\\").replace('"', "\\\""))
    })
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["Search", "Browse", "MyBookings", "Pay", "Cancel", "Book"])
            .prop_map(str::to_owned),
        (0..3_u8).prop_map(|n| format!("Hold(flight: \"F{n}\")")),
        (0..3_u8, 0..9_u16)
            .prop_map(|(n, seats)| format!("BuyElsewhere(flight: \"F{n}\", seats: {seats})")),
        Just("Trip(flights: [\"F2\", \"F0\"])".to_owned()),
        Just("HoldTrip(flights: [\"F1\"])".to_owned()),
        Just("SearchAt(vendor: V1)".to_owned()),
    ]
}

fn expectation() -> impl Strategy<Value = String> {
    let bound = prop_oneof![
        any::<u64>().prop_map(|n| format!("is: {n}")),
        any::<u64>().prop_map(|n| format!("at_least: {n}")),
        (0..99_u64).prop_map(|n| format!("at_least: {n}, at_most: {}", n * 2)),
    ];
    let about = prop::sample::select(vec![
        "Count(event: \"SeatHeld\", ",
        "Count(",
        "Happens(fact: CacheWait, ",
        "Replies(include: SoldOut, ",
        "Serves(service: \"PSP\", ",
        "PeakLag(view: \"SagaMonitor\", ",
        "Lag(",
    ]);
    let counted = (about, bound).prop_map(|(about, bound)| format!("{about}{bound})"));
    let timed = span().prop_map(|span| format!("P99(of: Purchase, below: \"{span}\")"));
    let takes = span().prop_map(|span| {
        format!("Takes(from: \"SeatHeld\", to: \"TicketIssued\", below: \"{span}\")")
    });
    prop_oneof![counted, timed, takes, Just("Replies(include: Accepted)".to_owned())]
}

/// A workload of any kind.
fn entry() -> impl Strategy<Value = String> {
    let pace = prop_oneof![
        (1..1000_u32).prop_map(|rate| format!("rate: \"{rate}/ms\"")),
        (1..1000_u32).prop_map(|rate| format!("rate: \"{rate}/s\", arrivals: Poisson")),
        (1..1000_u32, 2..u32::MAX)
            .prop_map(|(rate, of)| format!("rate: \"{rate}/s\", arrivals: Burst(of: {of})")),
        (1..1000_u32, 1..1000_u32)
            .prop_map(|(rate, to)| format!("rate: \"{rate}/m\", arrivals: Ramp(to: \"{to}/ms\")")),
        (1..1000_u32, span()).prop_map(|(rate, half)| {
            format!("rate: \"{rate}/s\", arrivals: OnSale(half_life: \"{half}\")")
        }),
        span().prop_map(|think| format!("think: \"{think}\"")),
    ];
    let mix = prop::collection::vec((1..99_u32, action()), 1..4);
    (1..u32::MAX / 4, pace, span(), mix).prop_map(|(customers, pace, lasts, mix)| {
        let mix = mix.iter().map(|(weight, action)| format!("({weight}, {action})"));
        let mix = mix.collect::<Vec<_>>().join(", ");
        format!("(customers: {customers}, {pace}, lasts: \"{lasts}\", mix: [{mix}])")
    })
}

/// Valid scenarios of many kinds.
fn scenarios() -> impl Strategy<Value = String> {
    let flight = (1..=u16::MAX, 1..1_000_000_u32, prop::option::of(any::<u16>()));
    let domain =
        (prop::collection::vec(flight, 3), span(), span()).prop_map(|(flights, hold, latency)| {
            let flights = flights.iter().enumerate().map(|(n, (seats, fare, really))| {
                let fare = format!("{}.{:02} EUR", fare / 100, fare % 100);
                let really = really.map_or(String::new(), |really| format!("really: {really}"));
                format!("(id: \"F{n}\", seats: {seats}, fare: \"{fare}\", {really})")
            });
            let flights = flights.collect::<Vec<_>>().join(", ");
            let vendor =
                format!("(id: V1, gds: Sabre, latency: \"{latency}\", flights: [{flights}])");
            format!("Flights(vendors: [{vendor}], hold: \"{hold}\")")
        });
    let line = (span(), words(), action())
        .prop_map(|(at, who, does)| format!("(at: \"{at}\", who: \"{who}\", does: {does})"));
    let workload = prop_oneof![
        entry().prop_map(|entry| format!("workload: {entry},")),
        prop::collection::vec(entry(), 1..4)
            .prop_map(|entries| format!("workload: [{}],", entries.join(", "))),
    ];
    (
        words(),
        domain,
        any::<u64>(),
        (1..256_u16, span(), span()),
        prop::collection::vec(line, 0..6),
        prop::option::of(workload),
        prop::collection::vec(expectation(), 0..6),
    )
        .prop_map(|(name, domain, seed, (apis, ttl, base), script, workload, expect)| {
            format!(
                "(name: \"{name}\", domain: {domain}, seed: {seed}, network: (base: \"{base}\"), \
                 platform: (command_apis: {apis}, cache: (ttl: \"{ttl}\")), \
                 script: [{}], {} expect: [{}])",
                script.join(", "),
                workload.unwrap_or_default(),
                expect.join(", "),
            )
        })
}

/// Pieces of scenario files in random order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "'",
        "#",
        "!",
        "//",
        "/*",
        "*/",
        "\n",
        "-",
        "name:",
        "domain:",
        "Flights(",
        "vendors:",
        "V1",
        "flights:",
        "seats:",
        "\"1s\"",
        "\"x\"",
        "script:",
        "does:",
        "Hold",
        "Search",
        "expect:",
        "Count",
        "Some(",
        "None",
        "1",
        "-1",
        "1e9",
        "99999999999999999999",
        "r#\"",
        "b'",
        "\\u{0}",
        "é",
        "\u{FEFF}",
        "\u{1b}[31m",
        "\u{202e}",
        "\\u{1b}",
        "\r",
        "workload:",
        "mix:",
        "0x",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A scenario that ships, with some bytes replaced, removed or repeated.
fn mutations() -> impl Strategy<Value = Vec<u8>> {
    let texts: Vec<Vec<u8>> = files("scenarios/flights")
        .into_iter()
        .map(|path| std::fs::read(path).expect("bytes"))
        .collect();
    let edit = (any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), 1..40_usize);
    (prop::sample::select(texts), prop::collection::vec(edit, 1..6)).prop_map(
        |(mut text, edits)| {
            for (at, kind, byte, length) in edits {
                if text.is_empty() {
                    break;
                }
                let at = at.index(text.len());
                let end = (at + length).min(text.len());
                match kind {
                    0 => text[at] = byte,
                    1 => text[at] = b"()[]{}:,\"'#0"[usize::from(byte) % 12],
                    2 => drop(text.drain(at..end)),
                    _ => {
                        let again = text[at..end].to_vec();
                        text.splice(at..at, again);
                    }
                }
            }
            text
        },
    )
}

/// Loads and renders all errors; the test is that this ends.
fn survives(bytes: &[u8]) {
    match domains::harness().load("a.ron", bytes) {
        Ok(scenario) => drop(scenario.show()),
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty());
            for diagnostic in diagnostics {
                let text = diagnostic.to_string();
                assert!(text.len() < 4000);
                assert!(!text.contains(|c| c != '\n' && is_unprintable(c)), "{text:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_of_any_scenario_reads_back_to_the_same(text in scenarios()) {
        match load(&text) {
            Ok(scenario) => reads_back(&scenario),
            Err(diagnostics) => prop_assert!(false, "{}", diagnostics),
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
    }

    #[test]
    fn any_pieces_are_answered(text in pieces()) {
        survives(text.as_bytes());
    }

    #[test]
    fn any_mutation_of_a_scenario_is_answered(bytes in mutations()) {
        survives(&bytes);
    }
}

//! The scenario language, on the files that ship and on whatever proptest makes of them.

use std::path::{Path, PathBuf};

use jetlag::domains::{self, AnyScenario, Visitor};
use jetlag::scenario::{Scenario, ScenarioDomain, template};
use proptest::prelude::*;

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

fn load(text: &str) -> Result<AnyScenario, String> {
    domains::load("a.ron", text.as_bytes()).map_err(|diagnostics| {
        let all: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        all.join("\n")
    })
}

/// Whether what is shown of a scenario reads back to the same.
struct ReadsBack;

impl Visitor for ReadsBack {
    type Output = ();

    fn visit<D: ScenarioDomain>(self, scenario: Scenario<D>) {
        let shown = scenario.show();
        match load(&shown) {
            Ok(again) => again.visit(SameAs(&scenario)),
            Err(diagnostics) => panic!("what is shown does not read back:\n{diagnostics}"),
        }
    }
}

/// Whether a scenario says the same as another one of the same domain.
struct SameAs<'a, D: ScenarioDomain>(&'a Scenario<D>);

impl<D: ScenarioDomain> Visitor for SameAs<'_, D> {
    type Output = ();

    fn visit<E: ScenarioDomain>(self, again: Scenario<E>) {
        assert_eq!(format!("{:?}", self.0.file), format!("{:?}", again.file));
        assert_eq!(format!("{:?}", self.0.plan), format!("{:?}", again.plan));
        assert_eq!(self.0.show(), again.show());
    }
}

#[test]
fn every_scenario_that_ships_loads_and_reads_back() {
    let files = files("scenarios/flights");
    assert!(files.len() >= 8);
    for path in files {
        let text = std::fs::read_to_string(&path).expect("text");
        match load(&text) {
            Ok(scenario) => scenario.visit(ReadsBack),
            Err(diagnostics) => panic!("{}\n{diagnostics}", path.display()),
        }
    }
}

#[test]
fn the_template_is_a_scenario() {
    for name in ["my first", "", "a \"quoted\\ one\"\n", "{name}"] {
        match load(&template(name)) {
            Ok(scenario) => {
                assert!(!scenario.name().trim().is_empty());
                scenario.visit(ReadsBack);
            }
            Err(diagnostics) => panic!("{diagnostics}"),
        }
    }
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
        let AnyScenario::Flights(scenario) = load(&text).unwrap();
        scenario.plan
    };
    let (early, late) = (r#"(who: "b", does: Search),"#, r#"(at: "9s", who: "a", does: Search),"#);
    let plan = scenario(&format!("{late}{early}"));
    assert!(plan.script.is_sorted_by_key(|cue| cue.at));
    assert_eq!(plan.names.customers, ["a", "b"]);
    assert_eq!(plan.script[0].who.0, 1);
}

/// Pieces that scenario files are made of, to be thrown together.
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

/// Loads and renders whatever is wrong; the test is that this comes to an end.
fn survives(bytes: &[u8]) {
    match domains::load("a.ron", bytes) {
        Ok(scenario) => drop(scenario.show()),
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty());
            for diagnostic in diagnostics {
                assert!(diagnostic.to_string().len() < 4000);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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

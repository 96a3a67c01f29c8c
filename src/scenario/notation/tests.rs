//! The reader, and `ron` beside it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use ron::Options;
use ron::error::SpannedResult;
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{check, parse, print};

/// A value of each sort.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct All {
    flag: bool,
    small: i8,
    share: f64,
    letter: char,
    text: String,
    pair: (u8, String),
    list: Vec<Sort>,
    map: BTreeMap<String, u64>,
    maybe: Option<Number>,
    nothing: (),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Number(u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    n: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Sort {
    Unit,
    One(Option<String>),
    Two(u8, u8),
    Fields { n: u8 },
    Part(Part),
    Number(Number),
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let tree = parse(text).map_err(|wrong| wrong[0].message.clone())?;
    check(text, tree.span.start).map_err(|wrong| wrong.message)?;
    super::read(text, &tree).map_err(|misfit| misfit.to_string())
}

/// What `ron` alone reads.
fn read_by_ron<T: DeserializeOwned>(text: &str) -> SpannedResult<T> {
    let extensions = Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES;
    Options::default().with_default_extension(extensions).from_str(text)
}

fn sort() -> impl Strategy<Value = Sort> {
    let n = any::<u8>;
    prop_oneof![
        Just(Sort::Unit),
        any::<Option<String>>().prop_map(Sort::One),
        (n(), n()).prop_map(|(a, b)| Sort::Two(a, b)),
        n().prop_map(|n| Sort::Fields { n }),
        n().prop_map(|n| Sort::Part(Part { n })),
        any::<u64>().prop_map(|n| Sort::Number(Number(n))),
    ]
}

prop_compose! {
    fn all()(
        (flag, small, share, letter, text) in
            (any::<bool>(), any::<i8>(), -1e9..1e9, any::<char>(), any::<String>()),
        pair in any::<(u8, String)>(),
        list in prop::collection::vec(sort(), 0..4),
        map in prop::collection::btree_map(any::<String>(), any::<u64>(), 0..3),
        maybe in any::<Option<u64>>(),
    ) -> All {
        let maybe = maybe.map(Number);
        All { flag, small, share, letter, text, pair, list, map, maybe, nothing: () }
    }
}

/// A printed value in which a few bytes are replaced, removed or repeated.
fn mutations() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "", " ", "(", ")", "[", "]", "{", "}", ",", ":", "\"", "'", "\\", "/*", "*/", "//", "#",
        "r#", "n: 1", "n", "Unit", "Part", "Some(", "None", "()", "0", "-", "+", "_", "0x", ".",
        "e", "\u{a0}",
    ]);
    let edit = (any::<prop::sample::Index>(), 0..3_usize, piece);
    (all(), prop::collection::vec(edit, 1..3)).prop_map(|(all, edits)| {
        let mut text = print(&all);
        for (at, length, piece) in edits {
            let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).collect();
            let at = at.index(ends.len());
            text.replace_range(
                ends[at]..ends.get(at + length).copied().unwrap_or(text.len()),
                piece,
            );
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_readers_read_what_is_printed(all in all()) {
        let text = print(&all);
        let by_ron = read_by_ron::<All>(&text);
        prop_assert_eq!(by_ron.as_ref(), Ok(&all));
        prop_assert_eq!(read(&text), Ok(all));
    }

    /// The other way round does not hold: `ron` also lets the parentheses of a newtype in `Some` be left
    /// out, for example.
    #[test]
    fn ron_reads_what_is_accepted_to_the_same_value(text in mutations()) {
        if let Ok(ours) = read::<All>(&text) {
            prop_assert_eq!(read_by_ron::<All>(&text), Ok(ours), "{}", text);
        }
    }
}

#[test]
fn a_value_with_fields_stands_in_the_parentheses_of_its_variant() {
    assert_eq!(read("Part(n: 4)"), Ok(Sort::Part(Part { n: 4 })));
    assert!(print(&Sort::Part(Part { n: 4 })).ends_with("Part(\n    n: 4,\n)\n"));
}

#[test]
fn a_misfit_knows_the_way_to_its_value() {
    let text = "(Two(1, 2), Two(1, 300))";
    let tree = parse(text).expect("well formed");
    let misfit = super::read::<(Sort, Sort)>(text, &tree).unwrap_err();
    assert_eq!(misfit.way(), [1, 1]);
    for wrong in [
        "Two(1, 2, 3)",
        "Two(1)",
        "Two(a: 1, b: 2)",
        "Unit()",
        "Fields",
        "Fields(1)",
        "One",
        "\"Unit\"",
    ] {
        assert!(read::<Sort>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn literals_are_those_of_ron() {
    let said = |quoted| read::<String>(quoted).expect("a text");
    assert_eq!(said(r#""a\n\t\\\"\'\x41\u{e9}\0""#), "a\n\t\\\"'Aé\0");
    assert_eq!(said(r###"r#"raw "\n" text"#"###), "raw \"\\n\" text");
    for (written, number) in [("+7", 7), ("-1", -1), ("1_000", 1000), ("0xFf", 255), ("0b101", 5)] {
        assert_eq!(read(written), Ok(number));
    }
    for wrong in ["1.5", "1e9", "--1", "-", "0x", "1u8", "0x_1", "9".repeat(40).as_str()] {
        assert!(read::<i64>(wrong).is_err(), "{wrong}");
    }
    for wrong in [r#""\q""#, r#""\x4""#, r#""\u{d800}""#, r#""\u41""#] {
        assert!(read::<String>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_ron_refuses_is_malformed() {
    assert!(check("  (a: [1, \"b\"], c: D(e: 2))", 2).is_ok());
    let text = "/* é */ (a: 1,\n  é: 1.2.3)";
    let malformed = check(text, text.find('(').expect("a value")).unwrap_err();
    assert!(text[malformed.span.start..].starts_with("1.2.3)"), "{malformed:?}");
    assert!(check("#![e nable(implicit_some)] ()", 27).is_err());
    assert!(parse("#![enable(implicit_some,)] ()").is_ok(), "RON allows a trailing comma");
}

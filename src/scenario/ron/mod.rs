//! The notation of scenario files: the part of [RON](https://docs.rs/ron) that they need.
//!
//! ```text
//! text ──parser──▶ Node, a tree that knows its bytes ──reader──▶ any `Deserialize`
//! any `Serialize` ──printer──▶ text
//! ```
//!
//! The reader and the printer are not generic over what they read from or write to, so that the compiler
//! generates them once and not for each type of each domain.
//!
//! Absent: bytes, infinite numbers, suffixes of numbers, and the extensions of RON except `implicit_some`, which is on.

mod literal;
mod misfit;
mod parser;
mod printer;
mod reader;
mod tree;

pub(super) use misfit::Misfit;
pub(super) use parser::{Malformed, parse};
pub(crate) use printer::bare_word;
pub(super) use printer::print;
pub(super) use reader::Value;
pub(super) use tree::{Item, Node, Shape};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

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
    struct Wrapped(Part);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        Wrapped(Wrapped),
    }

    fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
        let tree = parse(text).expect("well formed");
        T::deserialize(Value::new(text, &tree)).map_err(|misfit| misfit.to_string())
    }

    #[test]
    fn what_is_printed_reads_back() {
        let all = All {
            flag: true,
            small: -7,
            share: 0.5,
            letter: '\'',
            text: "a \"quoted\" \\ line\n\u{301}".to_owned(),
            pair: (1, "one".to_owned()),
            list: vec![
                Sort::Unit,
                Sort::One(None),
                Sort::One(Some("x".to_owned())),
                Sort::Two(1, 2),
                Sort::Fields { n: 3 },
                Sort::Part(Part { n: 4 }),
                Sort::Wrapped(Wrapped(Part { n: 5 })),
            ],
            map: [("k".to_owned(), 1)].into(),
            maybe: Some(Number(9)),
            nothing: (),
        };
        assert_eq!(read(&print(&all)), Ok(all));
        assert_eq!(read(&print(&All::default())), Ok(All::default()));
    }

    #[test]
    fn a_value_with_fields_stands_in_the_parentheses_of_its_variant() {
        assert_eq!(read("Part(n: 4)"), Ok(Sort::Part(Part { n: 4 })));
        assert_eq!(read("Part((n: 4))"), Ok(Sort::Part(Part { n: 4 })));
        assert!(print(&Sort::Part(Part { n: 4 })).ends_with("Part(\n    n: 4,\n)\n"));
    }

    #[test]
    fn what_does_not_fit_knows_its_way() {
        let text = "(Two(1, 2), Two(1, 300))";
        let tree = parse(text).expect("well formed");
        let misfit = <(Sort, Sort)>::deserialize(Value::new(text, &tree)).unwrap_err();
        assert_eq!(misfit.way(), [1, 1]);
        for wrong in ["Two(1, 2, 3)", "Two(1)", "Unit()", "Fields", "Fields(1)", "One", "\"Unit\""]
        {
            assert!(read::<Sort>(wrong).is_err(), "{wrong}");
        }
    }
}

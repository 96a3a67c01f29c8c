//! A value as its fields, read from how it is printed for debugging.
//!
//! Domains print their values in words for people. A reader who looks at one event wants all of its fields as
//! well, and every value can be printed for debugging. Personal data is not shown: its `Debug` hides it.

use std::fmt::Write;

/// The fields of a value, one a line: its name, a tab, its value. A variant that only wraps another value is
/// skipped. A value without named fields has one line without a name.
pub(super) fn parts(printed: &str, most: usize) -> String {
    let mut value = printed.trim();
    while let Some(inner) = wrapped(value) {
        value = inner;
    }
    let Some((_, inside)) = value.strip_suffix('}').and_then(|value| value.split_once(" {")) else {
        return cut(value, most).to_owned();
    };
    let mut lines = String::new();
    for field in split(inside) {
        let (name, value) = field.split_once(": ").unwrap_or(("", field));
        let line_feed = if lines.is_empty() { "" } else { "\n" };
        let _ = write!(lines, "{line_feed}{name}\t{}", cut(value, most));
    }
    lines
}

/// What is inside of `Name(…)`, if that is one value with fields.
fn wrapped(value: &str) -> Option<&str> {
    let (name, inside) = value.strip_suffix(')')?.split_once('(')?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && split(inside).count() == 1 && inside.ends_with(['}', ')'])).then_some(inside)
}

/// The text up to so many characters.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// The parts of a list that commas separate, outside of brackets and quotes.
fn split(list: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_u32, None, false);
    let parts = list.split(move |c: char| {
        if let Some(quote) = is_quoted {
            if is_escaped {
                is_escaped = false;
            } else if c == '\\' {
                is_escaped = true;
            } else if c == quote {
                is_quoted = None;
            }
            return false;
        }
        match c {
            '"' => is_quoted = Some(c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' => return depth == 0,
            _ => {}
        }
        false
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its `Debug` output is what matters.
    #[derive(Debug)]
    #[expect(dead_code, reason = "the fields are printed")]
    enum Event {
        Held { seat: &'static str, price: Option<u32>, places: Vec<(u8, u8)> },
        Wrapped(Box<Event>),
        Empty,
        Added(i32),
    }

    fn of(event: &Event) -> String {
        parts(&format!("{event:?}"), 9)
    }

    #[test]
    fn a_value_is_taken_apart_into_its_fields() {
        let held = || Event::Held { seat: "1, {A\"", price: None, places: vec![(1, 2), (3, 4)] };
        let fields = "seat\t\"1, {A\\\"\"\nprice\tNone\nplaces\t[(1, 2), ";
        assert_eq!(of(&held()), fields, "a long value is cut");
        assert_eq!(of(&Event::Wrapped(Box::new(held()))), fields);
        assert_eq!(of(&Event::Empty), "Empty");
        assert_eq!(of(&Event::Added(-4)), "Added(-4)");
    }
}

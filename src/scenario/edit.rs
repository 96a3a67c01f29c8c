//! Changes of the text of a scenario: an entry that is added to a list, a field that is removed.
//!
//! The rest of the text stays as a person wrote it, with its comments.

use super::notation::{Item, Node, Shape, parse};

/// The text with an entry at the end of a list that is a field of the scenario. The list is added if it is missing.
/// `None` if the text is not well formed, or the field is not a list.
pub(crate) fn with_entry(text: &str, list: &str, entry: &str) -> Option<String> {
    let tree = parse(text).ok()?;
    let Some(item) = tree.field(text, list) else {
        let end = tree.span.end - 1;
        let comma = if ends_with_comma(text, &tree) { "" } else { "," };
        let comma = if tree.items.is_empty() { "" } else { comma };
        let added = format!("{comma}\n    {list}: [\n        {entry},\n    ],\n");
        return Some(insert_before_end(text, end, &added));
    };
    if item.value.shape != Shape::List {
        return None;
    }
    let list = &item.value;
    let comma = if list.items.is_empty() || ends_with_comma(text, list) { "" } else { "," };
    let added = format!("{comma}\n        {entry},\n    ");
    Some(insert_before_end(text, list.span.end - 1, &added))
}

/// The text without a field of the scenario; the same text if it has none.
pub(crate) fn without_field(text: &str, name: &str) -> String {
    let Ok(tree) = parse(text) else { return text.to_owned() };
    let Some(Item { key: Some(key), value }) = tree.field(text, name) else {
        return text.to_owned();
    };
    without(text, key.span.start, value.span.end)
}

/// The text without the item of this number, from 0, of a list that is a field of the scenario; `None` if it has none.
pub(crate) fn without_item(text: &str, list: &str, nth: usize) -> Option<String> {
    let tree = parse(text).ok()?;
    let span = &tree.field(text, list)?.value.items.get(nth)?.value.span;
    Some(without(text, span.start, span.end))
}

/// The text without what is between two places, and the comma after it. A line that has nothing else goes with it.
fn without(text: &str, start: usize, end: usize) -> String {
    let before = text[..start].trim_end_matches([' ', '\t']);
    let rest = text[end..].trim_start().strip_prefix(',').unwrap_or(&text[end..]);
    let rest = match rest.split_once('\n') {
        Some((blank, next)) if blank.trim().is_empty() && before.ends_with('\n') => next,
        _ => rest,
    };
    format!("{before}{rest}")
}

/// Inserts before a closing bracket, instead of the blanks before it.
fn insert_before_end(text: &str, end: usize, added: &str) -> String {
    // A comment before the bracket must not swallow what follows it.
    let before = text[..end].trim_end_matches([' ', '\t', '\n', '\r']);
    format!("{before}{added}{}", &text[end..])
}

/// Whether a comma follows the last value within a bracket.
fn ends_with_comma(text: &str, node: &Node) -> bool {
    let last = node.items.last().map_or(node.span.start + 1, |item| item.value.span.end);
    text[last..node.span.end].trim_start().starts_with(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_added_to_a_list() {
        let text =
            "(\n    name: \"a\",\n    faults: [\n        (inject: Drop), // one\n    ],\n)\n";
        let expected = "(\n    name: \"a\",\n    faults: [\n        (inject: Drop), // one\n        (inject: Pause),\n    ],\n)\n";
        assert_eq!(with_entry(text, "faults", "(inject: Pause)").as_deref(), Some(expected));
        assert_eq!(
            with_entry("(faults: [])", "faults", "x").as_deref(),
            Some("(faults: [\n        x,\n    ])")
        );
        assert_eq!(
            with_entry("(faults: [a])", "faults", "x").as_deref(),
            Some("(faults: [a,\n        x,\n    ])")
        );
        assert_eq!(with_entry("(faults: 7)", "faults", "x"), None);
        assert_eq!(with_entry("(faults: ", "faults", "x"), None);
    }

    #[test]
    fn a_list_that_is_missing_is_added() {
        for text in ["(name: \"a\")", "(name: \"a\",)", "(name: \"a\", // the name\n)"] {
            let added = with_entry(text, "faults", "(inject: Drop)").expect("it is well formed");
            let tree =
                parse(&added).unwrap_or_else(|wrong| panic!("{}: {added}", wrong[0].message));
            let list = tree.field(&added, "faults").expect("the list is there");
            assert_eq!(list.value.items.len(), 1, "{added}");
        }
    }

    #[test]
    fn a_field_is_removed_with_its_line() {
        let text = "(\n    name: \"a\",\n    expect: [\n        Lag(is: 0), // now\n    ],\n    seed: 1,\n)";
        assert_eq!(without_field(text, "expect"), "(\n    name: \"a\",\n    seed: 1,\n)");
        assert_eq!(without_field("(a: 1, expect: [])", "expect"), "(a: 1,)");
        assert_eq!(without_field("(a: 1)", "expect"), "(a: 1)");
    }

    #[test]
    fn an_item_is_removed_from_a_list() {
        let text = "(\n    faults: [\n        (inject: Drop),\n        (inject: Pause), // two\n    ],\n)\n";
        assert_eq!(
            without_item(text, "faults", 0).as_deref(),
            Some("(\n    faults: [\n        (inject: Pause), // two\n    ],\n)\n")
        );
        assert_eq!(
            without_item("(faults: [a, b])", "faults", 1).as_deref(),
            Some("(faults: [a,])")
        );
        assert_eq!(without_item("(faults: [a])", "faults", 1), None);
        assert_eq!(without_item("(name: \"a\")", "faults", 0), None);
    }
}

//! The plain values of a scenario file for which other values can stand: amounts, durations and counts.

use std::ops::Range;

use super::notation::{Node, Shape, parse};
use crate::kernel::Span;

/// The sections in which values are looked for. In a line of the script only what the customer does counts.
const SECTIONS: [&str; 2] = ["domain", "network"];
/// The field of a line of the script.
const DOES: &str = "does";

/// A plain value of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The way to it: `vendors[V1].flights[IB6251].fare`.
    pub way: String,
    /// The value, as people write it.
    pub value: String,
    /// Others of the same kind.
    pub others: Vec<String>,
    span: Range<usize>,
    is_text: bool,
}

impl Scalar {
    /// The text of the file with another value.
    pub fn replaced(&self, text: &str, other: &str) -> String {
        let Range { start, end } = self.span;
        let quote = if self.is_text { "\"" } else { "" };
        format!("{}{quote}{other}{quote}{}", &text[..start], &text[end..])
    }
}

/// The plain values in the text of a scenario: of its domain, its network, and of these lines of the script, by their
/// places in the file. In order of the text.
pub fn scalars(text: &str, lines: &[usize]) -> Vec<Scalar> {
    let Ok(file) = parse(text) else { return Vec::new() };
    let mut found = Vec::new();
    for section in SECTIONS {
        if let Some(item) = file.field(text, section) {
            let way = if section == "domain" { "" } else { section };
            collect(text, &item.value, way, &mut found);
        }
    }
    let script = file.field(text, "script").map_or(&[][..], |item| &item.value.items);
    for (nth, line) in script.iter().enumerate() {
        if let Some(does) = line.value.field(text, DOES).filter(|_| lines.contains(&nth)) {
            collect(text, &does.value, &format!("script[{nth}]"), &mut found);
        }
    }
    found
}

fn collect(text: &str, node: &Node, way: &str, found: &mut Vec<Scalar>) {
    let (span, is_text) = (node.span.clone(), node.shape == Shape::Text);
    let value = text[span.clone()].trim_matches('"').to_owned();
    let others = match node.shape {
        Shape::Text => other_amounts(&value).or_else(|| other_spans(&value)),
        Shape::Number => other_counts(&value),
        _ => None,
    };
    if let Some(others) = others {
        found.push(Scalar { way: way.to_owned(), value, others, span, is_text });
    }
    for (nth, item) in node.items.iter().enumerate() {
        let way = match (item.name(text), node.shape) {
            (Some(name), _) if way.is_empty() => name.to_owned(),
            (Some(name), _) => format!("{way}.{name}"),
            (None, Shape::List) => format!("{way}[{}]", name_of(text, &item.value, nth)),
            (None, _) => way.to_owned(),
        };
        collect(text, &item.value, &way, found);
    }
}

/// What an item of a list is called: by its `id`, or else by its number.
fn name_of(text: &str, item: &Node, nth: usize) -> String {
    let id = item.field(text, "id").map(|id| &text[id.value.span.clone()]);
    id.map_or_else(|| nth.to_string(), |id| id.trim_matches('"').to_owned())
}

/// A tenth of an amount of money, and ten times as much.
fn other_amounts(value: &str) -> Option<Vec<String>> {
    let (amount, currency) = value.split_once(' ')?;
    let (whole, cents) = amount.split_once('.')?;
    let is_currency = currency.len() == 3 && currency.bytes().all(|c| c.is_ascii_uppercase());
    let cents: u64 = Some(cents).filter(|cents| cents.len() == 2)?.parse().ok()?;
    let amount = whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(cents)?;
    let others = [amount / 10, amount.checked_mul(10)?];
    let others = others.into_iter().filter(|other| *other > 0 && *other != amount);
    let said = |other: u64| format!("{}.{:02} {currency}", other / 100, other % 100);
    is_currency.then(|| others.map(said).collect())
}

/// Half a duration, and twice as much.
fn other_spans(value: &str) -> Option<Vec<String>> {
    let nanos = value.parse::<Span>().ok()?.as_nanos();
    let others = [nanos / 2, nanos.checked_mul(2)?];
    let others = others.into_iter().filter(|other| *other > 0 && *other != nanos);
    Some(others.map(|nanos| Span::from_nanos(nanos).written()).collect())
}

/// One less and one more.
fn other_counts(value: &str) -> Option<Vec<String>> {
    let count: u64 = value.parse().ok()?;
    let less = count.checked_sub(1).filter(|less| *less > 0);
    Some(less.into_iter().chain(count.checked_add(1)).map(|other| other.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"(
        name: "two", seed: 7,
        domain: Flights(vendors: [(id: V1, flights: [(id: "IB6251", seats: 1, fare: "420.05 EUR")])], life: "1m"),
        network: (base: "3ms"),
        script: [(at: "5s", who: "ana", does: Pay(amount: "0.07 EUR", parts: [4])), (does: Pay(parts: [1]))],
    )"#;

    fn shown(lines: &[usize]) -> Vec<String> {
        let one = |scalar: Scalar| {
            format!("{} {} / {}", scalar.way, scalar.value, scalar.others.join(", "))
        };
        scalars(TEXT, lines).into_iter().map(one).collect()
    }

    #[test]
    fn amounts_durations_and_counts_have_others_of_their_kind() {
        let expected = [
            "vendors[V1].flights[IB6251].seats 1 / 2",
            "vendors[V1].flights[IB6251].fare 420.05 EUR / 42.00 EUR, 4200.50 EUR",
            "life 1m / 30s, 2m",
            "network.base 3ms / 1500us, 6ms",
            "script[0].amount 0.07 EUR / 0.70 EUR",
            "script[0].parts[0] 4 / 3, 5",
        ];
        assert_eq!(shown(&[0]), expected);
        assert_eq!(shown(&[1])[4..], ["script[1].parts[0] 1 / 2"]);
    }

    #[test]
    fn a_value_is_replaced_where_it_stands() {
        let all = scalars(TEXT, &[1]);
        let other = all[1].replaced(TEXT, "1.00 EUR");
        assert!(other.contains(r#"seats: 1, fare: "1.00 EUR")"#), "{other}");
        assert!(all[4].replaced(TEXT, "9").ends_with("does: Pay(parts: [9]))],\n    )"));
    }
}

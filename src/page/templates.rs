//! Sentences as templates: what a record's fields say already is not said again.
//!
//! `applies SeatHeld b-1 v1` and `applies SeatHeld b-2 v3` are one template, `applies SeatHeld {stream} v{version}`,
//! of records with these fields. In a long run there are a hundred times fewer templates than sentences.

use std::collections::BTreeMap;

use crate::picture::{Entry, FieldType, Strings};

/// Literal text and names of fields in turns; the first and the last are literal.
pub(super) type Template = Vec<String>;

/// All templates, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates {
    all: Vec<Template>,
    numbers: BTreeMap<Template, i64>,
}

impl Templates {
    /// The number of the template of a text of a record.
    pub(super) fn number(&mut self, text: &str, entry: &Entry, strings: &Strings) -> i64 {
        let template = template(text, entry, strings);
        if let Some(number) = self.numbers.get(&template) {
            return *number;
        }
        let number = self.all.len() as i64;
        self.all.push(template.clone());
        self.numbers.insert(template, number);
        number
    }

    /// The templates from this number on.
    pub(super) fn after(&self, known: usize) -> Vec<Template> {
        self.all[known..].to_vec()
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }
}

fn template(text: &str, entry: &Entry, strings: &Strings) -> Template {
    let mut template = vec![text.to_owned()];
    for field in &entry.fields {
        let number;
        let value = match field.of {
            FieldType::Text => strings.text(u32::try_from(field.value).unwrap_or_default()),
            FieldType::Number if field.value >= 0 => {
                number = field.value.to_string();
                &number
            }
            FieldType::Number | FieldType::Flag | FieldType::Time => continue,
        };
        if value.is_empty() {
            continue;
        }
        let literals = template.iter().enumerate().step_by(2);
        let mut found = literals.filter_map(|(nth, literal)| Some((nth, place(literal, value)?)));
        if let Some((nth, from)) = found.next() {
            let literal = std::mem::take(&mut template[nth]);
            let (before, after) = (&literal[..from], &literal[from + value.len()..]);
            let parts = [before, field.name, after].map(str::to_owned);
            template.splice(nth..=nth, parts);
        }
    }
    template
}

/// The place of a value in a text, where it is not a part of a longer word or number.
fn place(text: &str, value: &str) -> Option<usize> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let goes_on = |c: char| c.is_alphanumeric() && !(is_number && c == 'v');
    let is_part = |c: char| goes_on(c) || is_number && c == '.';
    let stands_alone = |from: &usize| {
        let before = text[..*from].chars().next_back();
        let mut after = text[from + value.len()..].chars();
        let next = after.next();
        let goes_on = next.is_some_and(|c| c.is_alphanumeric())
            || is_number && next == Some('.') && after.next().is_some_and(char::is_numeric);
        !before.is_some_and(is_part) && !goes_on
    };
    text.match_indices(value).map(|(from, _)| from).find(stands_alone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Instant, NodeId, Step};
    use crate::picture::Field;
    use crate::trace::Importance;

    fn of(text: &str, fields: &[(&'static str, &str)]) -> String {
        let mut strings = Strings::default();
        let mut field = |(name, value): &(&'static str, &str)| match value.parse() {
            Ok(value) => Field { name, of: FieldType::Number, value },
            Err(_) => Field { name, of: FieldType::Text, value: strings.number(value).into() },
        };
        let fields = fields.iter().map(&mut field).collect();
        let entry = Entry {
            step: Step(1),
            part: 0,
            at: Instant::ZERO,
            node: NodeId(0),
            cause: None,
            correlation: 0,
            importance: Importance::News,
            who: 0,
            text: 0,
            kind: "applied",
            fields,
        };
        template(text, &entry, &strings).join("|")
    }

    #[test]
    fn what_fields_say_is_replaced_once() {
        let fields = [("stream", "b-1"), ("version", "1"), ("position", "12")];
        assert_eq!(
            of("stores b-1 v0 → v1 @12: b-1", &fields),
            "stores |stream| v0 → v|version| @|position|: b-1"
        );
        assert_eq!(of("b-1", &fields), "|stream|");
    }

    #[test]
    fn a_part_of_a_longer_word_or_number_is_no_value() {
        let fields = [("stream", "b-1"), ("version", "1")];
        assert_eq!(of("b-12 is 1.5 s behind 0.1 s, x1", &fields), "b-12 is 1.5 s behind 0.1 s, x1");
        assert_eq!(of("up to 1.", &fields), "up to |version|.");
    }
}

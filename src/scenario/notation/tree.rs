//! A text as a tree of values, each with its bytes.

use std::ops::Range;

use crate::scenario::place::{Place, Step};

/// The syntax of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Shape {
    /// `"IB6251"`
    Text,
    /// `7`
    Number,
    /// `'x'`
    Character,
    /// `Browse`
    Word,
    /// `(…)` or `Hold(…)`
    Parens,
    /// `[…]`
    List,
    /// `{…}`
    Map,
}

/// A value and its bytes.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Node {
    pub(in crate::scenario) shape: Shape,
    pub(in crate::scenario) span: Range<usize>,
    /// The word before a parenthesis.
    pub(in crate::scenario) name: Option<Range<usize>>,
    pub(in crate::scenario) items: Vec<Item>,
}

/// A value within another value.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Item {
    /// The name of a field, or the key of an entry.
    pub(in crate::scenario) key: Option<Node>,
    pub(in crate::scenario) value: Node,
}

impl Node {
    /// A value without values in it.
    pub(super) const fn leaf(shape: Shape, span: Range<usize>) -> Self {
        Self { shape, span, name: None, items: Vec::new() }
    }

    /// The value at a place, or the nearest one around it that exists.
    pub(in crate::scenario) fn nearest(&self, text: &str, place: &Place) -> &Self {
        let mut node = self;
        for step in place.steps() {
            let next = match step {
                Step::Field(name) => node.field(text, name).map(|item| &item.value),
                Step::Item(index) => node.items.get(*index).map(|item| &item.value),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// A field by name.
    pub(in crate::scenario) fn field(&self, text: &str, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.name(text) == Some(name))
    }

    /// The bytes to underline to point to this value: its beginning if it can be long.
    pub(in crate::scenario) fn head(&self) -> Range<usize> {
        match (self.shape, &self.name) {
            (Shape::Parens, Some(name)) => name.clone(),
            (Shape::Parens | Shape::List | Shape::Map, _) => self.span.start..self.span.start + 1,
            (Shape::Text | Shape::Number | Shape::Character | Shape::Word, _) => self.span.clone(),
        }
    }
}

impl Item {
    /// The name of a field, without the prefix of a raw identifier.
    pub(in crate::scenario) fn name<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.key.as_ref().map(|key| word(text, &key.span))
    }
}

/// A word of the text, without the prefix of a raw identifier.
pub(super) fn word<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    let word = &text[span.clone()];
    word.strip_prefix("r#").unwrap_or(word)
}

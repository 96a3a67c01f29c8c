//! From a text to the tree of its values.
//!
//! The parser finds the bytes of each value, field and item. It rejects text that is not well formed, and
//! nesting deeper than any scenario needs.

use std::ops::Range;

use super::tree::{Item, Node, Shape};
use crate::scenario::diagnostic::Position;

/// The deepest nesting of values. An action in a script is at depth 4.
const DEPTH_MAX: usize = 64;
/// The only extension that a scenario may enable. It is always enabled.
const EXTENSION: &str = "implicit_some";

/// A syntax error.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Malformed {
    pub(in crate::scenario) span: Range<usize>,
    pub(in crate::scenario) message: String,
    pub(in crate::scenario) hint: &'static str,
}

/// Reads a text that consists of one value, or reports all syntax errors.
pub(in crate::scenario) fn parse(text: &str) -> Result<Node, Vec<Malformed>> {
    let mut parser = Parser { text, at: 0, wrong: Vec::new() };
    let node = parser.attributes().and_then(|()| parser.only_value());
    match node {
        Some(node) if parser.wrong.is_empty() => Ok(node),
        _ => Err(parser.wrong),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    wrong: Vec<Malformed>,
}

/// `None` after an error that was reported and ends the reading.
type Read<T> = Option<T>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn note(&mut self, span: Range<usize>, message: impl Into<String>, hint: &'static str) {
        self.wrong.push(Malformed { span, message: message.into(), hint });
    }

    fn fail<T>(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: &'static str,
    ) -> Read<T> {
        self.note(span, message, hint);
        None
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Read<()> {
        loop {
            self.at = self.text.len() - self.rest().trim_start_matches(is_space).len();
            let start = self.at;
            if self.rest().starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
                let Some(length) = block_comment(self.rest()) else {
                    return self.fail(
                        start..start + 2,
                        "this comment is never closed",
                        "close it with `*/`; block comments nest",
                    );
                };
                self.at += length;
            } else {
                return Some(());
            }
        }
    }

    fn attributes(&mut self) -> Read<()> {
        loop {
            self.space()?;
            if !self.rest().starts_with('#') {
                return Some(());
            }
            let start = self.at;
            let end = self.rest().find([']', '\n']).map_or(self.text.len(), |end| start + end + 1);
            let attribute: String = self.text[start..end].split_whitespace().collect();
            let attribute = attribute.replace(",)]", ")]");
            if attribute != format!("#![enable({EXTENSION})]") {
                return self.fail(
                    start..start + self.text[start..end].trim_end().len(),
                    "unknown attribute",
                    "remove it; only `#![enable(implicit_some)]` is allowed, and it is optional",
                );
            }
            self.at = end;
        }
    }

    fn only_value(&mut self) -> Read<Node> {
        self.space()?;
        if self.peek().is_none() {
            return self.fail(
                0..1,
                "this file contains no scenario",
                "`jetlag new NAME` writes one to start from",
            );
        }
        let node = self.value(0)?;
        self.space()?;
        match self.rest() {
            "" => Some(node),
            _ => self.fail(
                self.at..self.at + 1,
                "unexpected text after the scenario",
                "a file contains one scenario, in one pair of parentheses",
            ),
        }
    }

    fn value(&mut self, depth: usize) -> Read<Node> {
        let start = self.at;
        let leaf = |shape, end| Node::leaf(shape, start..end);
        if depth > DEPTH_MAX {
            return self.fail(
                start..start + 1,
                format!("values are nested more than {DEPTH_MAX} deep here"),
                "is a closing parenthesis or bracket missing further up?",
            );
        }
        let rest = self.rest();
        let first = rest.chars().next();
        let raw_text = raw_text_quotes(rest);
        match first {
            Some('(') => self.group(start, None, Shape::Parens, depth),
            Some('[') => self.group(start, None, Shape::List, depth),
            Some('{') => self.group(start, None, Shape::Map, depth),
            _ if raw_text.is_some() => {
                let (skip, close) = raw_text?;
                match rest[skip..].find(&close) {
                    Some(length) => self.at += skip + length + close.len(),
                    None => return self.unclosed_text(start),
                }
                Some(leaf(Shape::Text, self.at))
            }
            Some('"') => match quoted(rest, '"') {
                Some(length) => {
                    self.at += length;
                    Some(leaf(Shape::Text, self.at))
                }
                None => self.unclosed_text(start),
            },
            Some('\'') => match quoted(rest, '\'') {
                Some(length) => {
                    self.at += length;
                    Some(leaf(Shape::Character, self.at))
                }
                None => self.unclosed_text(start),
            },
            Some(c) if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => {
                let number = |c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c));
                self.at += rest.find(number).unwrap_or(rest.len());
                Some(leaf(Shape::Number, self.at))
            }
            Some(c) if c.is_alphabetic() || c == '_' => {
                self.at += word(rest);
                let name = start..self.at;
                self.space()?;
                if self.peek() == Some('(') {
                    return self.group(start, Some(name), Shape::Parens, depth);
                }
                self.at = name.end;
                Some(leaf(Shape::Word, name.end))
            }
            Some(c) => self.fail(
                start..start + c.len_utf8(),
                format!("a value cannot begin with {}", printable(c)),
                "a value is a \"text\", a number, a Word, (fields) or a [list]",
            ),
            None => self.fail(
                start.saturating_sub(1)..start,
                "the file ends where a value is expected",
                "is the end of the file missing?",
            ),
        }
    }

    fn unclosed_text<T>(&mut self, start: usize) -> Read<T> {
        self.fail(start..start + 1, "this text is never closed", "close it with the same quote")
    }

    /// Everything from an opening parenthesis, bracket or brace to the closing one.
    fn group(
        &mut self,
        start: usize,
        name: Option<Range<usize>>,
        shape: Shape,
        depth: usize,
    ) -> Read<Node> {
        let open = self.at;
        let close = match shape {
            Shape::List => ']',
            Shape::Map => '}',
            Shape::Parens | Shape::Text | Shape::Number | Shape::Character | Shape::Word => ')',
        };
        self.at += 1;
        let mut items: Vec<Item> = Vec::new();
        let mut after_comma = true;
        loop {
            self.space()?;
            match self.peek() {
                None => {
                    let opened = &self.text[open..open + 1];
                    let message = format!("this `{opened}` is never closed");
                    return self.fail(open..open + 1, message, "is the end of the file missing?");
                }
                Some(c) if c == close => {
                    self.at += 1;
                    return Some(Node { shape, span: start..self.at, name, items });
                }
                Some(c @ (')' | ']' | '}')) => {
                    let position = Position::of(self.text, open);
                    let opened = &self.text[open..open + 1];
                    let message =
                        format!("expected `{close}` for the `{opened}` at {position}, found `{c}`");
                    return self.fail(
                        self.at..self.at + 1,
                        message,
                        "is a parenthesis or bracket missing in between?",
                    );
                }
                Some(',') if !after_comma => {
                    self.at += 1;
                    after_comma = true;
                }
                Some(_) => {
                    if !after_comma {
                        let end = items.last().map_or(self.at, |last| last.value.span.end);
                        self.note(
                            end.saturating_sub(1)..end,
                            "a comma is missing after this",
                            "fields and items are separated by commas",
                        );
                    }
                    items.push(self.item(shape, depth)?);
                    after_comma = false;
                }
            }
        }
    }

    fn item(&mut self, shape: Shape, depth: usize) -> Read<Item> {
        let key = match shape {
            Shape::Parens => self.field_name()?,
            Shape::Map => Some(self.key(depth)?),
            Shape::List | Shape::Text | Shape::Number | Shape::Character | Shape::Word => None,
        };
        Some(Item { key, value: self.value(depth + 1)? })
    }

    /// A word with a colon behind it, if there is one here.
    fn field_name(&mut self) -> Read<Option<Node>> {
        let start = self.at;
        let length = word(self.rest());
        self.at += length;
        self.space()?;
        if length > 0 && self.rest().starts_with(':') {
            self.at += 1;
            self.space()?;
            return Some(Some(Node::leaf(Shape::Word, start..start + length)));
        }
        self.at = start;
        Some(None)
    }

    fn key(&mut self, depth: usize) -> Read<Node> {
        let key = self.value(depth + 1)?;
        self.space()?;
        if self.peek() != Some(':') {
            return self.fail(
                key.span,
                "a colon is missing after this key",
                "write `{ key: value }`",
            );
        }
        self.at += 1;
        self.space()?;
        Some(key)
    }
}

/// What `ron` takes as white space.
const fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

fn printable(c: char) -> String {
    match c {
        ':' => "`:`; a field's name is a word of letters, digits and `_`".to_owned(),
        c if c.is_control() => format!("the character U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

/// The length of the word at the beginning of a text; 0 if there is none.
fn word(text: &str) -> usize {
    let is_first = |c: char| c.is_alphabetic() || c == '_';
    let raw = text.strip_prefix("r#").filter(|rest| rest.starts_with(is_first));
    let rest = raw.unwrap_or(text);
    if !rest.starts_with(is_first) {
        return 0;
    }
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    text.len() - rest.len() + length
}

/// The length of a quoted text, with both quotes.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// If a raw text begins here: the length of its opening quote, and its closing quote.
fn raw_text_quotes(text: &str) -> Option<(usize, String)> {
    let after = text.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let quoted = after[hashes..].starts_with('"');
    quoted.then(|| (hashes + 2, format!("\"{}", "#".repeat(hashes))))
}

/// The length of the block comment at the beginning of a text. Block comments nest.
fn block_comment(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest.chars().next()?.len_utf8();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Place;

    #[test]
    fn every_value_knows_its_bytes() {
        let text = "( a: [1, Two(b: \"x\")], // c\n r: r#\"q\"#, )";
        let node = parse(text).unwrap();
        let at = |place: Place| &text[node.nearest(text, &place).span.clone()];
        assert_eq!(at(Place::top().field("a").item(1).field("b")), "\"x\"");
        assert_eq!(at(Place::top().field("a").item(1)), "Two(b: \"x\")");
        assert_eq!(at(Place::top().field("r")), "r#\"q\"#");
        assert_eq!(at(Place::top().field("a").item(7).field("x")), "[1, Two(b: \"x\")]");
    }

    #[test]
    fn all_missing_commas_are_found_at_once() {
        let wrong = parse("(a: 1 b: [2 3], c: 4)").unwrap_err();
        assert_eq!(wrong.len(), 2);
        assert_eq!(wrong[0].span, 4..5);
    }

    #[test]
    fn deep_nesting_is_refused_without_a_deep_stack() {
        let wrong = parse(&"[".repeat(1_000_000)).unwrap_err();
        assert!(wrong[0].message.contains("64 deep"));
        assert!(parse(&("[".repeat(64) + &"]".repeat(64))).is_ok());
    }

    #[test]
    fn a_prefix_alone_is_not_a_word() {
        assert!(parse("(a: r#1)").is_err());
        assert!(parse("(r#a: r#b)").is_ok());
    }

    #[test]
    fn comments_may_hold_comments_and_anything_else() {
        assert!(parse("/* a /* ( */ \" */ (/*]*/)").is_ok());
        assert!(parse("/* /* */ ()").is_err());
    }
}

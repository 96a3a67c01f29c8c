//! The table of texts: one that differs in some lines from an earlier one is said by these lines.
//!
//! The state of a stream has a dozen lines and is told again with each event, of which two or three have changed. That
//! is a third of the page of a long run.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

/// Texts shorter than this many bytes are said whole.
const SHORT: usize = 80;

/// A table of texts as JSON: a text, or an array for one with the lines of an earlier text but for some. The array has
/// the distance to that text, and for each line that differs its number from 0 and the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextsDoc<'a>(pub(super) &'a [String]);

impl Serialize for TextsDoc<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut texts = serializer.serialize_seq(Some(self.0.len()))?;
        // The first line of a state names its stream.
        let mut last: BTreeMap<(&str, usize), usize> = BTreeMap::new();
        for (nth, text) in self.0.iter().enumerate() {
            let kin = match text.split_once('\n') {
                Some((first, _)) if text.len() >= SHORT => {
                    last.insert((first, text.matches('\n').count()), nth)
                }
                _ => None,
            };
            match kin.and_then(|kin| Changed::of(nth - kin, &self.0[kin], text)) {
                Some(changed) => texts.serialize_element(&changed)?,
                None => texts.serialize_element(text)?,
            }
        }
        texts.end()
    }
}

/// A text with as many lines as an earlier one, some of which are the same.
struct Changed<'a> {
    back: usize,
    lines: Vec<(usize, &'a str)>,
}

impl<'a> Changed<'a> {
    /// `None` if it is shorter to say the text.
    fn of(back: usize, before: &str, text: &'a str) -> Option<Self> {
        let lines = text.split('\n').zip(before.split('\n')).enumerate();
        let lines: Vec<(usize, &str)> = lines
            .filter(|(_, (now, then))| now != then)
            .map(|(nth, (now, _))| (nth, now))
            .collect();
        let length: usize = lines.iter().map(|(_, line)| line.len() + 6).sum();
        (length < text.len()).then_some(Self { back, lines })
    }
}

impl Serialize for Changed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut parts = serializer.serialize_seq(Some(1 + 2 * self.lines.len()))?;
        parts.serialize_element(&self.back)?;
        for (nth, line) in &self.lines {
            parts.serialize_element(nth)?;
            parts.serialize_element(line)?;
        }
        parts.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(texts: &[&str]) -> String {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        serde_json::to_string(&TextsDoc(&texts)).expect("it is made of texts")
    }

    #[test]
    fn a_text_is_said_by_the_lines_that_differ_from_the_last_one_of_its_kind() {
        let long = "x".repeat(SHORT);
        let texts = [format!("b-1\na\n{long}"), "other".into(), format!("b-1\nb\n{long}")];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(json(&texts), format!(r#"["b-1\na\n{long}","other",[2,1,"b"]]"#));
    }

    #[test]
    fn a_text_without_kin_is_said_whole() {
        let long = "x".repeat(SHORT);
        // The first line is another one, the number of lines is, every line is, the text is short.
        for (one, other) in [
            (format!("b-1\n{long}"), format!("b-2\n{long}")),
            (format!("b-1\n{long}"), format!("b-1\n{long}\n")),
            (format!("b-1\n{long}"), format!("b-1\ny{long}")),
            ("b-1\na".to_owned(), "b-1\nb".to_owned()),
        ] {
            let plain = serde_json::to_string(&[&one, &other]).expect("they are texts");
            assert_eq!(json(&[&one, &other]), plain);
        }
    }
}

//! From bytes to a [`File`], or to all that is wrong with them.
//!
//! `ron` stops at the first value that does not fit. To find the others too, what does not fit is
//! noted, blanked out with spaces, which moves nothing else, and the text is read again.

use std::collections::BTreeSet;
use std::ops::Range;

use ron::Error as RonError;
use ron::extensions::Extensions;
use serde_path_to_error::{Path, Segment};

use super::diagnostic::Diagnostic;
use super::domain::ScenarioDomain;
use super::file::File;
use super::resolve;
use super::tree::{self, Item, Node, Shape};
use super::{Scenario, nearest};

/// The size of the largest file that is read, in bytes.
pub const SIZE_MAX: usize = 1 << 20;
/// More is not said about one file at a time.
const DIAGNOSTICS_MAX: usize = 20;

/// A file that is well formed and names its domain, which then reads the rest.
#[derive(Debug)]
pub struct Probe<'a> {
    path: &'a str,
    text: &'a str,
    tree: Node,
    domain: Range<usize>,
}

impl<'a> Probe<'a> {
    /// Looks for the name of the domain.
    ///
    /// # Errors
    ///
    /// What is wrong, when the file is no scenario at all.
    pub fn new(path: &'a str, bytes: &'a [u8]) -> Result<Self, Vec<Diagnostic>> {
        let text = decode(path, bytes).map_err(|diagnostic| vec![diagnostic])?;
        let tree = tree::read(text).map_err(|wrong| {
            let of = |wrong: tree::Malformed| {
                let hint = Some(wrong.hint.to_owned());
                Diagnostic::of_span(path, text, wrong.span, wrong.message, hint)
            };
            wrong.into_iter().take(DIAGNOSTICS_MAX).map(of).collect::<Vec<_>>()
        })?;
        let no_domain = |message: &str, span: Range<usize>| {
            let hint = "write `domain: Flights(vendors: [...])`";
            vec![Diagnostic::of_span(path, text, span, message, Some(hint.to_owned()))]
        };
        if tree.shape != Shape::Parens
            || tree.name.as_ref().is_some_and(|n| &text[n.clone()] != "Scenario")
        {
            let hint = "a scenario begins with `(` and has fields: `name: ...`, `domain: ...`";
            let message = "this is not a scenario";
            let of = Diagnostic::of_span(path, text, tree.head(), message, Some(hint.to_owned()));
            return Err(vec![of]);
        }
        let Some(item) = tree.field(text, "domain") else {
            return Err(no_domain("the field `domain` is missing", tree.head()));
        };
        let domain = match (item.value.shape, &item.value.name) {
            (Shape::Parens, Some(name)) => name.clone(),
            (Shape::Word, _) => item.value.span.clone(),
            (
                Shape::Parens
                | Shape::Text
                | Shape::Number
                | Shape::Character
                | Shape::List
                | Shape::Map,
                _,
            ) => return Err(no_domain("the domain has no name", item.value.head())),
        };
        Ok(Self { path, text, tree, domain })
    }

    /// The name of the domain.
    pub fn domain(&self) -> &str {
        &self.text[self.domain.clone()]
    }

    /// What to say if no domain has that name.
    pub fn unknown_domain(&self, known: &[&str]) -> Vec<Diagnostic> {
        let message = format!("there is no domain `{}`", self.domain());
        let hint = nearest::hint(self.domain(), known);
        vec![Diagnostic::of_span(self.path, self.text, self.domain.clone(), message, hint)]
    }

    /// Reads the file as a scenario of that domain.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, in order of lines.
    pub fn load<D: ScenarioDomain>(self) -> Result<Scenario<D>, Vec<Diagnostic>> {
        let Self { path, text, tree, .. } = self;
        let mut recovery = Recovery {
            text,
            blanked: text.to_owned(),
            tree,
            found: Vec::new(),
            gone: BTreeSet::new(),
            hurt: BTreeSet::new(),
        };
        recovery.refuse_duplicate_fields();
        let file = recovery.read::<D>();
        let Recovery { blanked, tree, mut found, hurt, .. } = recovery;
        let resolved = file.map(|file| {
            let resolved = resolve::resolve(&file, &hurt, |place| {
                super::Position::of(text, tree.nearest(&blanked, place).span.start)
            });
            (file, resolved)
        });
        if let Some((file, resolved)) = resolved {
            match resolved {
                Ok((plan, expectations)) if found.is_empty() => {
                    let (path, text) = (path.to_owned(), text.to_owned());
                    return Ok(Scenario { path, text, file, plan, expectations });
                }
                Ok(_) => {}
                Err(complaints) => found.extend(complaints.into_iter().map(|complaint| {
                    let span = tree.nearest(&blanked, &complaint.place).head();
                    Finding { span, message: complaint.message, hint: complaint.hint }
                })),
            }
        }
        found.sort_by_key(|finding| finding.span.start);
        let more = found.len().saturating_sub(DIAGNOSTICS_MAX);
        found.truncate(DIAGNOSTICS_MAX);
        let of = |finding: Finding| {
            Diagnostic::of_span(path, text, finding.span, finding.message, finding.hint)
        };
        let mut diagnostics: Vec<Diagnostic> = found.into_iter().map(of).collect();
        if more > 0 {
            let message = format!("and {more} more like these");
            diagnostics.push(Diagnostic::of_file(path, message, "mend those above first"));
        }
        Err(diagnostics)
    }
}

fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    if bytes.len() > SIZE_MAX {
        return Err(too_large(path));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        Err(error) => {
            let valid = error.valid_up_to();
            let text = String::from_utf8_lossy(bytes);
            let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
            let start =
                valid.saturating_sub(if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 });
            let message = format!("the byte 0x{:02X} is not UTF-8 text", bytes[valid]);
            let hint = "save the file as UTF-8";
            let span = start..start + '\u{FFFD}'.len_utf8();
            Err(Diagnostic::of_span(path, text, span, message, Some(hint.to_owned())))
        }
    }
}

/// What to say about a file that is too large; whoever reads files says it before reading it all.
pub(crate) fn too_large(path: &str) -> Diagnostic {
    Diagnostic::of_file(
        path,
        "this file is larger than 1 MiB, which no scenario is",
        "many customers are a `workload`, not a long script",
    )
}

/// Something wrong, and where.
struct Finding {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// A text that is read again and again, with less in it each time.
struct Recovery<'a> {
    text: &'a str,
    blanked: String,
    tree: Node,
    found: Vec<Finding>,
    /// Fields that were blanked out, by the start of the value around them: not to be missed.
    gone: BTreeSet<(usize, String)>,
    /// Fields of the scenario in which something was blanked out.
    hurt: BTreeSet<String>,
}

impl Recovery<'_> {
    /// Two fields of the same name: the second is blanked out, so that the first can be read.
    fn refuse_duplicate_fields(&mut self) {
        let mut twice = Vec::new();
        let mut todo = vec![&self.tree];
        while let Some(node) = todo.pop() {
            let mut names = BTreeSet::new();
            for item in &node.items {
                todo.push(&item.value);
                let Some(name) = &item.name else { continue };
                if node.shape == Shape::Parens && !names.insert(&self.text[name.clone()]) {
                    twice.push((name.clone(), item.whole.clone()));
                }
            }
        }
        for (name, whole) in twice {
            let message = format!("the field `{}` stands here twice", &self.text[name.clone()]);
            let hint = Some("leave one of them out".to_owned());
            self.found.push(Finding { span: name, message, hint });
            self.blank(whole);
        }
        self.read_tree();
    }

    fn read<D: ScenarioDomain>(&mut self) -> Option<File<D>> {
        let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
        // What is missing because it was blanked out takes rounds of its own, but each blanks more.
        for _ in 0..DIAGNOSTICS_MAX * 4 {
            let mut reader = match ron::Deserializer::from_str_with_options(&self.blanked, &options)
            {
                Ok(reader) => reader,
                Err(error) => {
                    self.give_up(error.code.to_string());
                    return None;
                }
            };
            match serde_path_to_error::deserialize::<_, File<D>>(&mut reader) {
                Ok(file) => match reader.end() {
                    Ok(()) => return Some(file),
                    Err(error) => {
                        self.give_up(error.to_string());
                        return None;
                    }
                },
                Err(error) => {
                    let path = error.path().clone();
                    if !self.recover(&path, error.into_inner()) {
                        return None;
                    }
                }
            }
            if self.found.len() >= DIAGNOSTICS_MAX {
                return None;
            }
        }
        None
    }

    /// Our own reader found the text well formed, and `ron` did not.
    fn give_up(&mut self, message: String) {
        if self.found.is_empty() {
            let span = self.tree.head();
            let hint = Some("the format is described at https://github.com/ron-rs/ron".to_owned());
            self.found.push(Finding { span, message, hint });
        }
    }

    /// Notes what is wrong at `path` and blanks it out; whether reading again makes sense.
    fn recover(&mut self, path: &Path, error: RonError) -> bool {
        let trail = trail(&self.tree, &self.blanked, path);
        let node = trail.last().map_or(&self.tree, |item| &item.value);
        let finding = |span: Range<usize>, message: String, hint: Option<String>| {
            Some(Finding { span, message, hint })
        };
        let mut blank = None;
        let found = match error {
            RonError::NoSuchStructField { expected, found, .. } => {
                match node.field(&self.blanked, &found) {
                    Some(item) => {
                        blank = Some(item.whole.clone());
                        let name = item.name.clone().unwrap_or(item.value.head());
                        let message = format!("there is no field `{found}` here");
                        finding(name, message, nearest::hint(&found, expected))
                    }
                    None => {
                        let message = format!("there is no field `{found}` here");
                        finding(node.head(), message, nearest::hint(&found, expected))
                    }
                }
            }
            RonError::MissingStructField { field, .. } => {
                let known = self.gone.contains(&(node.span.start, field.to_owned()));
                let of = match &node.name {
                    Some(name) => format!(" of `{}`", &self.text[name.clone()]),
                    None => String::new(),
                };
                let message = format!("the field `{field}`{of} is missing");
                let hint = format!("write `{field}: ...`");
                if known { None } else { finding(node.head(), message, Some(hint)) }
            }
            RonError::NoSuchEnumVariant { expected, found, .. } => {
                let message = format!("there is no `{found}` here");
                finding(node.head(), message, nearest::hint(&found, expected))
            }
            RonError::Message(message) => finding(node.head(), message, None),
            RonError::InvalidValueForType { expected, .. } => {
                finding(node.head(), misfit(&expected, node), None)
            }
            RonError::ExpectedDifferentLength { expected, found } => finding(
                node.head(),
                format!("{} stand here, but it should be {expected}", count(found)),
                None,
            ),
            RonError::IntegerOutOfBounds => {
                let message = format!("`{}` does not fit here", &self.text[node.span.clone()]);
                finding(node.head(), message, Some("the number is too large".to_owned()))
            }
            other => {
                let message = match wanted(&other) {
                    Some(wanted) => misfit(wanted, node),
                    None => other.to_string(),
                };
                finding(node.head(), message, None)
            }
        };
        let top = trail.first().and_then(|item| item.name.clone());
        // A field is left out by itself, an item of a tuple only with the tuple.
        let victim = match blank {
            Some(whole) => Some((whole, None)),
            None => victim(&self.tree, &trail),
        };
        let names = |range: Range<usize>| self.text[range].to_owned();
        if let Some(top) = top {
            self.hurt.insert(names(top));
        }
        let gone = victim.as_ref().and_then(|(_, field)| field.clone());
        if let Some((parent, name)) = gone {
            self.gone.insert((parent, names(name)));
        }
        if let Some(mut found) = found {
            if found.hint.is_none() {
                found.hint = hint_of(&mut found.message);
            }
            self.found.push(found);
        }
        match victim {
            Some((whole, _)) => {
                self.blank(whole);
                self.read_tree()
            }
            None => false,
        }
    }

    /// Replaces bytes by spaces; lines and everything behind keep their places.
    fn blank(&mut self, whole: Range<usize>) {
        let space: String = self.blanked[whole.clone()]
            .chars()
            .flat_map(|c| std::iter::repeat_n(if c == '\n' { '\n' } else { ' ' }, c.len_utf8()))
            .collect();
        self.blanked.replace_range(whole, &space);
    }

    fn read_tree(&mut self) -> bool {
        match tree::read(&self.blanked) {
            Ok(tree) => {
                self.tree = tree;
                true
            }
            Err(_) => false,
        }
    }
}

/// The items on the way to what `path` names, as far as they can be followed.
fn trail<'n>(tree: &'n Node, text: &str, path: &Path) -> Vec<&'n Item> {
    let mut node = tree;
    let mut trail = Vec::new();
    for segment in path {
        let item = match segment {
            Segment::Seq { index } => node.items.get(*index),
            Segment::Map { key } => node.field(text, key),
            // A variant is written as a name before the parenthesis of its fields.
            Segment::Enum { .. } => continue,
            Segment::Unknown => None,
        };
        let Some(item) = item else { break };
        trail.push(item);
        node = &item.value;
    }
    trail
}

/// The bytes to blank out and, if they are a field's, the start of the value around it and its name.
type Victim = (Range<usize>, Option<(usize, Range<usize>)>);

/// The innermost field or item of a list that can be left out.
fn victim(tree: &Node, trail: &[&Item]) -> Option<Victim> {
    let parents = std::iter::once(tree).chain(trail.iter().map(|item| &item.value));
    let pairs: Vec<(&Node, &&Item)> = parents.zip(trail).collect();
    pairs.into_iter().rev().find_map(|(parent, item)| match (parent.shape, &item.name) {
        (Shape::List, _) => Some((item.whole.clone(), None)),
        (Shape::Parens, Some(name)) => {
            Some((item.whole.clone(), Some((parent.span.start, name.clone()))))
        }
        (
            Shape::Parens
            | Shape::Map
            | Shape::Text
            | Shape::Number
            | Shape::Character
            | Shape::Word,
            _,
        ) => None,
    })
}

/// Splits what comes behind the last semicolon of a message off, as a hint.
fn hint_of(message: &mut String) -> Option<String> {
    let (said, hint) = message.rsplit_once("; ").map(|(a, b)| (a.to_owned(), b.to_owned()))?;
    *message = said;
    Some(hint)
}

fn misfit(wanted: &str, node: &Node) -> String {
    let found = match node.shape {
        Shape::Text => "a text in quotes",
        Shape::Number => "a number",
        Shape::Character => "a character",
        Shape::Word => "a word without quotes",
        Shape::Parens => "something in parentheses",
        Shape::List => "a list",
        Shape::Map => "a map",
    };
    format!("this is {found}; write {wanted}")
}

fn count(items: usize) -> String {
    if items == 1 { "1 value".to_owned() } else { format!("{items} values") }
}

/// What `ron` would have read at this place.
fn wanted(error: &RonError) -> Option<&'static str> {
    Some(match error {
        RonError::ExpectedArray | RonError::ExpectedArrayEnd => "a list in brackets, like `[...]`",
        RonError::ExpectedBoolean => "`true` or `false`",
        RonError::ExpectedInteger | RonError::InvalidIntegerDigit { .. } => {
            "a whole number without quotes, like `7`"
        }
        RonError::ExpectedString | RonError::ExpectedStringEnd => {
            "a text in quotes, like `\"...\"`"
        }
        RonError::ExpectedIdentifier => "a word without quotes",
        RonError::ExpectedStructLike
        | RonError::ExpectedNamedStructLike(_)
        | RonError::ExpectedStructLikeEnd => "fields in parentheses, like `(...)`",
        RonError::ExpectedMap | RonError::ExpectedMapEnd => "fields, each with its name",
        RonError::ExpectedUnit => "the word alone, without parentheses",
        _ => return None,
    })
}

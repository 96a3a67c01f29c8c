//! From bytes to a [`File`], or to all that is wrong with them.
//!
//! `ron` stops at the first value that does not fit. To find the others too, what does not fit is
//! noted, blanked out with spaces, which moves nothing else, and the text is read again.

use std::collections::BTreeSet;
use std::ops::Range;

use ron::Error as RonError;
use ron::error::SpannedError;
use ron::extensions::Extensions;
use serde_path_to_error::{Path, Segment};

use super::diagnostic::{Diagnostic, Position};
use super::domain::ScenarioDomain;
use super::file::File;
use super::resolve::{self, Resolved};
use super::tree::{self, Item, Node, Shape};
use super::{Scenario, nearest};

/// The size of the largest file that is read, in bytes.
pub const SIZE_MAX: usize = 1 << 20;
/// More is not said about one file at a time.
const DIAGNOSTICS_MAX: usize = 20;

/// A file that is well formed and names its domain, which then reads the rest.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
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
    pub(crate) fn new(path: &'a str, bytes: &'a [u8]) -> Result<Self, Vec<Diagnostic>> {
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
    pub(crate) fn domain(&self) -> &str {
        &self.text[self.domain.clone()]
    }

    /// What to say if no domain has that name.
    pub(crate) fn unknown_domain(&self, known: &[&str]) -> Vec<Diagnostic> {
        let message = format!("there is no domain `{}`", self.domain());
        let hint = nearest::hint(self.domain(), known);
        vec![Diagnostic::of_span(self.path, self.text, self.domain.clone(), message, hint)]
    }

    /// Reads the file as a scenario of that domain.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, in order of lines.
    pub(crate) fn load<D: ScenarioDomain>(self) -> Result<Scenario<D>, Vec<Diagnostic>> {
        let Self { path, text, tree, .. } = self;
        let mut recovery = Recovery {
            text,
            blanked: text.to_owned(),
            tree,
            found: Vec::new(),
            gone: BTreeSet::new(),
            hurt: BTreeSet::new(),
            unread: false,
        };
        recovery.refuse_duplicate_fields();
        let file = recovery.read::<D>();
        let Recovery { blanked, tree, mut found, hurt, gone, unread, .. } = recovery;
        let lines: Vec<usize> =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let resolved = file.map(|file| {
            let resolved = resolve::resolve(&file, &hurt, |place| {
                let at = tree.nearest(&blanked, place).span.start;
                let line = lines.partition_point(|start| *start <= at);
                let column = text[lines[line - 1]..at].chars().count() + 1;
                Position { line, column }
            });
            (file, resolved)
        });
        if let Some((file, resolved)) = resolved {
            match resolved {
                Ok(resolved) if found.is_empty() => {
                    let (path, text) = (path.to_owned(), text.to_owned());
                    let Resolved { plan, fuzz, expectations } = resolved;
                    let (plan, fuzzed) = super::plans(plan, fuzz);
                    return Ok(Scenario { path, text, file, plan, fuzzed, expectations });
                }
                Ok(_) => {}
                Err(complaints) => {
                    for complaint in complaints {
                        let node = tree.nearest(&blanked, &complaint.place);
                        // What it lacks was there, and something else was wrong with it.
                        if gone.iter().any(|(start, _)| *start == node.span.start) {
                            continue;
                        }
                        let (message, hint) = (complaint.message, complaint.hint);
                        found.push(Finding { span: node.head(), message, hint });
                    }
                }
            }
        }
        found.sort_by_key(|finding| finding.span.start);
        let more = unread || found.len() > DIAGNOSTICS_MAX;
        found.truncate(DIAGNOSTICS_MAX);
        let of = |finding: Finding| {
            Diagnostic::of_span(path, text, finding.span, finding.message, finding.hint)
        };
        let mut diagnostics: Vec<Diagnostic> = found.into_iter().map(of).collect();
        if more {
            let message = format!("there may be more than these {DIAGNOSTICS_MAX}");
            diagnostics.push(Diagnostic::of_file(path, message, "mend them first"));
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

/// Whoever reads files need not read more than one byte beyond the limit to have this said.
fn too_large(path: &str) -> Diagnostic {
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
    /// Whether reading was given up because there was enough to tell.
    unread: bool,
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
                    let error = reader.span_error(error.into_inner());
                    if !self.recover(&path, error) {
                        return None;
                    }
                }
            }
            if self.found.len() >= DIAGNOSTICS_MAX {
                self.unread = true;
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
    fn recover(&mut self, path: &Path, error: SpannedError) -> bool {
        let mut trail = trail(&self.tree, &self.blanked, path);
        // A value with something behind it that does not belong there: `ron` names the value around.
        if matches!(error.code, RonError::ExpectedComma) {
            let node = trail.last().map_or(&self.tree, |item| &item.value);
            let at = offset(&self.blanked, error.span.end.line, error.span.end.col);
            trail.extend(node.items.iter().find(|item| item.whole.contains(&at)));
        }
        let node = trail.last().map_or(&self.tree, |item| &item.value);
        let whole_variant = matches!(path.iter().next_back(), Some(Segment::Enum { .. }));
        let missed = match &error.code {
            RonError::MissingStructField { field, .. } => {
                self.gone.contains(&(node.span.start, (*field).to_owned()))
            }
            _ => false,
        };
        if !missed {
            let finding = self.explain(&trail, node, whole_variant, &error.code);
            self.found.push(finding);
        }
        if let Some(name) = trail.first().and_then(|item| item.name.clone()) {
            self.hurt.insert(self.text[name].to_owned());
        }
        let Some((whole, field)) = victim(&self.tree, &trail) else { return false };
        if let Some((parent, name)) = field {
            self.gone.insert((parent, self.text[name].to_owned()));
        }
        self.blank(whole);
        self.read_tree()
    }

    /// Puts into words what is wrong with `node`, the last of `trail`.
    fn explain(
        &self,
        trail: &[&Item],
        node: &Node,
        whole_variant: bool,
        error: &RonError,
    ) -> Finding {
        let written = &self.text[node.span.clone()];
        let name = node.name.clone().map(|name| &self.text[name]);
        let mut span = node.head();
        let (message, hint) = match error {
            RonError::NoSuchStructField { expected, found, .. } => {
                if let Some(name) = trail.last().and_then(|item| item.name.clone()) {
                    span = name;
                }
                (format!("there is no field `{found}` here"), nearest::hint(found, expected))
            }
            RonError::MissingStructField { field, .. } => {
                let of = name.map_or_else(String::new, |name| format!(" of `{name}`"));
                let message = format!("the field `{field}`{of} is missing");
                (message, Some(format!("write `{field}: ...`")))
            }
            RonError::NoSuchEnumVariant { expected, found, .. } => {
                (format!("there is no `{found}` here"), nearest::hint(found, expected))
            }
            // Our own: what stands behind the last semicolon says what to do.
            RonError::Message(message) => match message.rsplit_once("; ") {
                Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
                None => (message.clone(), None),
            },
            RonError::IntegerOutOfBounds if written.starts_with('-') => {
                (format!("`{written}` is negative"), Some("this counts from 0".to_owned()))
            }
            RonError::IntegerOutOfBounds => {
                (format!("`{written}` is too large"), Some("write a smaller number".to_owned()))
            }
            RonError::ExpectedStructLikeEnd => (
                "there is more in these parentheses than belongs there".to_owned(),
                Some("leave out what is too much".to_owned()),
            ),
            RonError::ExpectedComma if name.is_some() => (
                format!("`{}` has no fields", name.unwrap_or_default()),
                Some("write the word alone, without parentheses".to_owned()),
            ),
            RonError::ExpectedIdentifier if name.is_some() => (
                format!("the fields of `{0}` have names", name.unwrap_or_default()),
                Some(format!("write `{}(field: value)`", name.unwrap_or_default())),
            ),
            RonError::ExpectedDifferentStructName { .. } if name.is_some() => (
                format!("`{}` cannot stand here", name.unwrap_or_default()),
                Some("leave the name out and write the parentheses alone".to_owned()),
            ),
            RonError::ExpectedStructLike | RonError::ExpectedNamedStructLike(_)
                if whole_variant && node.shape == Shape::Word =>
            {
                (
                    format!("`{written}` needs fields"),
                    Some(format!("write `{written}(field: value)`")),
                )
            }
            RonError::ExpectedDifferentLength { expected, found } => {
                let values = if *found == 1 { "value stands" } else { "values stand" };
                (format!("{found} {values} here"), Some(format!("it should be {expected}")))
            }
            other => match wanted(other, node) {
                Some(wanted) => (misfit(node), Some(format!("write {wanted}"))),
                None => (other.to_string(), None),
            },
        };
        Finding { span, message, hint }
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

/// The byte at a line and column, both counted from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(before..).unwrap_or_default();
    let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
    before + within
}

/// Says what stands where something else should.
fn misfit(node: &Node) -> String {
    let found = match node.shape {
        Shape::Text => "a text in quotes",
        Shape::Number => "a number",
        Shape::Character => "a character",
        Shape::Word => "a word without quotes",
        Shape::Parens => "something in parentheses",
        Shape::List => "a list",
        Shape::Map => "a map",
    };
    format!("this is {found}")
}

/// What `ron` would have read instead of `node`.
fn wanted(error: &RonError, node: &Node) -> Option<&'static str> {
    Some(match error {
        RonError::ExpectedArray | RonError::ExpectedArrayEnd => "a list in brackets, like `[...]`",
        RonError::ExpectedBoolean => "`true` or `false`",
        RonError::ExpectedInteger | RonError::InvalidIntegerDigit { .. } => {
            "a whole number without quotes, like `7`"
        }
        RonError::ExpectedComma if node.shape == Shape::Number => "a whole number, like `7`",
        RonError::ExpectedString | RonError::ExpectedStringEnd => {
            if node.shape == Shape::Number {
                "it in quotes, and with its unit if it has one, like `\"5s\"`"
            } else {
                "a text in quotes, like `\"...\"`"
            }
        }
        RonError::ExpectedIdentifier if node.shape == Shape::Text => "the word without quotes",
        RonError::ExpectedIdentifier => "a word, like those in the examples",
        RonError::ExpectedStructLike
        | RonError::ExpectedNamedStructLike(_)
        | RonError::ExpectedDifferentStructName { .. } => "parentheses here, like `(...)`",
        RonError::ExpectedMap | RonError::ExpectedMapEnd => "fields, each with its name",
        RonError::ExpectedUnit => "the word alone, without parentheses",
        _ => return None,
    })
}

//! From bytes to a scenario, or to all that is wrong with them.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::domain::ScenarioDomain;
use super::recovery::{DIAGNOSTICS_MAX, Recovery};
use super::resolve::{self, Resolved};
use super::ron::{self, Node, Shape};
use super::{Scenario, nearest};

/// The size of the largest file that is read, in bytes.
pub const SIZE_MAX: usize = 1 << 20;

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
        let tree = ron::parse(text).map_err(|wrong| {
            let of = |wrong: ron::Malformed| {
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

    /// The error that no domain has that name.
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
        let mut recovery = Recovery::new(text, tree);
        let file = recovery.read();
        let resolved = file.map(|file| {
            let position = recovery.positions();
            let resolved = resolve::resolve(&file, &recovery.hurt, position);
            (file, resolved)
        });
        match resolved {
            Some((file, Ok(resolved))) if recovery.found.is_empty() => {
                let (path, text) = (path.to_owned(), text.to_owned());
                let Resolved { plan, fuzz, expectations } = resolved;
                let (plan, fuzzed) = super::plans(plan, fuzz);
                return Ok(Scenario { path, text, file, plan, fuzzed, expectations });
            }
            Some((_, Err(complaints))) => recovery.add(complaints),
            Some((_, Ok(_))) | None => {}
        }
        Err(recovery.diagnostics(path))
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
            let message = format!("the byte 0x{:02X} is not valid UTF-8", bytes[valid]);
            let hint = "save the file as UTF-8";
            let span = start..start + '\u{FFFD}'.len_utf8();
            Err(Diagnostic::of_span(path, text, span, message, Some(hint.to_owned())))
        }
    }
}

/// A reader of files need not read more than one byte beyond the limit to get this error.
fn too_large(path: &str) -> Diagnostic {
    Diagnostic::of_file(
        path,
        "this file is larger than 1 MiB",
        "replace a long script by a `workload`",
    )
}

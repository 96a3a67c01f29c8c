//! From bytes to a scenario or to diagnostics.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::domain::ScenarioDomain;
use super::notation::{self, Malformed, Node, Shape};
use super::recovery::{DIAGNOSTICS_MAX, Recovery};
use super::resolve::{self, Resolved};
use super::{Scenario, nearest};

/// The size of the largest file that is read, in bytes.
pub const SIZE_MAX: usize = 1 << 20;

/// A file that is well formed and names its domain. The domain then reads the rest.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    path: &'a str,
    text: &'a str,
    tree: Node,
    domain: Range<usize>,
}

impl<'a> Probe<'a> {
    /// Finds the name of the domain.
    ///
    /// # Errors
    ///
    /// All syntax errors, or why the text is not a scenario of any domain.
    pub(crate) fn new(path: &'a str, bytes: &'a [u8]) -> Result<Self, Vec<Diagnostic>> {
        let text = decode(path, bytes).map_err(|diagnostic| vec![diagnostic])?;
        let tree = notation::parse(text).map_err(|wrong| {
            let wrong = wrong.into_iter().take(DIAGNOSTICS_MAX);
            wrong.map(|wrong| malformed(path, text, wrong)).collect::<Vec<_>>()
        })?;
        let wrong = |span: Range<usize>, message: &str, hint: &str| {
            Err(vec![Diagnostic::of_span(path, text, span, message, Some(hint.to_owned()))])
        };
        let name = tree.name.as_ref().map(|name| &text[name.clone()]);
        if tree.shape != Shape::Parens || name.is_some_and(|name| name != "Scenario") {
            let hint = "a scenario begins with `(` and has fields: `name: ...`, `domain: ...`";
            return wrong(tree.head(), "this is not a scenario", hint);
        }
        let hint = "write `domain: Flights(vendors: [...])`";
        let Some(item) = tree.field(text, "domain") else {
            return wrong(tree.head(), "the field `domain` is missing", hint);
        };
        if item.value.name.is_none() && item.value.shape != Shape::Word {
            return wrong(item.value.head(), "the domain has no name", hint);
        }
        let domain = item.value.head();
        Ok(Self { path, text, tree, domain })
    }

    /// The name of the domain.
    pub(crate) fn domain(&self) -> &str {
        &self.text[self.domain.clone()]
    }

    /// The error that there is no domain with that name.
    pub(crate) fn unknown_domain(&self, known: &[&str]) -> Vec<Diagnostic> {
        let message = format!("there is no domain `{}`", self.domain());
        let near = nearest::nearest(self.domain(), known).is_some();
        let own = "a program runs the domains that it was built with: docs/limits.md#domains";
        let hint = nearest::hint(self.domain(), known)
            .map(|hint| if near { hint } else { format!("{hint}; {own}") });
        vec![Diagnostic::of_span(self.path, self.text, self.domain.clone(), message, hint)]
    }

    /// Reads the file as a scenario of that domain.
    ///
    /// # Errors
    ///
    /// All errors, in order of lines.
    pub(crate) fn load<D: ScenarioDomain>(self) -> Result<Scenario<D>, Vec<Diagnostic>> {
        let Self { path, text, tree, .. } = self;
        let start = tree.span.start;
        let mut recovery = Recovery::new(text, tree);
        let file = recovery.read();
        let resolved = file.map(|file| {
            let resolved = resolve::resolve(&file, &recovery.hurt, &recovery.positions());
            (file, resolved)
        });
        match resolved {
            Some((file, Ok(resolved))) if recovery.found.is_empty() => {
                notation::check(text, start).map_err(|wrong| vec![malformed(path, text, wrong)])?;
                let (path, text) = (path.to_owned(), text.to_owned());
                let Resolved { plan, fuzz, expectations, claims, fails } = resolved;
                let (plan, fuzzed) = super::plans(plan, fuzz);
                let (injected, planted) = (Vec::new(), Vec::new());
                let scenario = Scenario {
                    path,
                    text,
                    injected,
                    planted,
                    broker: None,
                    is_embedded: false,
                    file,
                    plan,
                    fuzzed,
                    expectations,
                    claims,
                    fails,
                };
                return Ok(scenario);
            }
            Some((_, Err(complaints))) => recovery.add(complaints),
            Some((_, Ok(_))) | None => {}
        }
        Err(recovery.diagnostics(path))
    }
}

pub(super) fn malformed(path: &str, text: &str, wrong: Malformed) -> Diagnostic {
    Diagnostic::of_span(path, text, wrong.span, wrong.message, Some(wrong.hint.to_owned()))
}

fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    if bytes.len() > SIZE_MAX {
        let hint = "replace a long script by a `workload`";
        return Err(Diagnostic::of_file(path, "this file is larger than 1 MiB", hint));
    }
    text_of(path, bytes)
}

/// The text of a file, without a byte order mark.
pub(super) fn text_of<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    std::str::from_utf8(bytes).map(without_mark).map_err(|error| {
        let valid = error.valid_up_to();
        let text = String::from_utf8_lossy(bytes);
        let start = valid - (text.len() - without_mark(&text).len());
        let span = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
        let message = format!("the byte 0x{:02X} is not valid UTF-8", bytes[valid]);
        let hint = Some("save the file as UTF-8".to_owned());
        Diagnostic::of_span(path, without_mark(&text), span, message, hint)
    })
}

/// Removes the byte order mark.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

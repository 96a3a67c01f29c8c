//! Other files in the notation of scenario files, with the same diagnostics.

use serde::de::DeserializeOwned;

use super::diagnostic::Diagnostic;
use super::notation::{self, Shape};
use super::parse::{malformed, text_of};
use super::place::Complaints;
use super::recovery::{DIAGNOSTICS_MAX, Recovery};

/// A value that was read from a text and is not checked yet.
pub(crate) struct Draft<'a, T> {
    /// The value.
    pub(crate) value: T,
    path: &'a str,
    recovery: Recovery<'a>,
}

impl<'a, T: DeserializeOwned> Draft<'a, T> {
    /// Reads a value from a file whose parentheses have this name.
    ///
    /// # Errors
    ///
    /// All errors in it, in order of lines.
    pub(crate) fn read(
        path: &'a str,
        bytes: &'a [u8],
        name: &str,
    ) -> Result<Self, Vec<Diagnostic>> {
        let text = text_of(path, bytes).map_err(|diagnostic| vec![diagnostic])?;
        let tree = notation::parse(text).map_err(|wrong| {
            let wrong = wrong.into_iter().take(DIAGNOSTICS_MAX);
            wrong.map(|wrong| malformed(path, text, wrong)).collect::<Vec<_>>()
        })?;
        let (start, head) = (tree.span.start, tree.head());
        let found = tree.name.as_ref().map(|found| &text[found.clone()]);
        if tree.shape != Shape::Parens || found != Some(name) {
            let hint = Some(format!("write `{name}(...)`"));
            let message = format!("this is not a `{name}`");
            return Err(vec![Diagnostic::of_span(path, text, head, message, hint)]);
        }
        let mut recovery = Recovery::new(text, tree);
        match recovery.read() {
            Some(value) if recovery.found.is_empty() => {
                notation::check(text, start).map_err(|wrong| vec![malformed(path, text, wrong)])?;
                Ok(Self { value, path, recovery })
            }
            Some(_) | None => Err(recovery.diagnostics(path)),
        }
    }
}

impl<T> Draft<'_, T> {
    /// What is wrong with the value, in order of lines.
    pub(crate) fn diagnostics(mut self, complaints: Complaints) -> Vec<Diagnostic> {
        self.recovery.add(complaints.into_vec());
        self.recovery.diagnostics(self.path)
    }
}

/// Whether the first word of a file, after comments, is this name.
pub(crate) fn is_named(bytes: &[u8], name: &str) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(PROBED_MAX)]);
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    // Comments, and attributes like those of a scenario.
    while let Some(comment) = rest.strip_prefix("//").or_else(|| rest.strip_prefix("#!")) {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    let after = rest.strip_prefix(name).unwrap_or("x");
    after.trim_start().starts_with('(')
}

/// How far into a file the first word may be.
const PROBED_MAX: usize = 1 << 14;

/// Prints a value as a text that reads back to the same value: a line for each field, and for each item of a
/// list in a field.
pub(crate) fn print_by_line(value: &dyn erased_serde::Serialize) -> String {
    notation::print_by_line(value)
}

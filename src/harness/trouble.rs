//! Errors of commands, with hints.

use std::fmt;
use std::path::Path;

use thiserror::Error;

use super::paths::shown;
use crate::model::{printable, printable_lines};

/// Invalid usage, or an error of the environment. Exit status 2.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Trouble {
    message: String,
    hints: Vec<String>,
}

impl Trouble {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new() }
    }

    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        self.hints([hint.into()])
    }

    #[must_use]
    pub(crate) fn hints(mut self, hints: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(hints);
        self
    }

    /// A file or folder could not be read or written.
    pub(crate) fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(format!("cannot {doing} {}: {}", shown(path), reason(error)))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Several diagnostics are one message.
        write!(f, "{}", printable_lines(&self.message))?;
        self.hints.iter().try_for_each(|hint| write!(f, "\n  hint: {}", printable(hint)))
    }
}

/// The message of the operating system, without its error number.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.rfind(" (os error ").map_or_else(|| text.clone(), |end| text[..end].to_lowercase())
}

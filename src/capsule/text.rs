//! The text of a capsule, with a head for the reader.

use std::fmt::Write;

use super::file::{Expected, File};
use crate::model::{printable, quoted};
use crate::scenario::print_by_line;

/// The text of a capsule: what it shows, as a comment, then its fields.
pub(super) fn text(file: &File, name: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "// {}", one_line(name));
    let _ = match &file.expect {
        Expected::Holds => writeln!(out, "// holds: {} occurrences", file.occurrences),
        fails @ Expected::Fails { .. } => {
            writeln!(out, "// fails: {}", one_line(&fails.to_string()))
        }
    };
    out + "Capsule" + &print_by_line(file)
}

/// The text of a capsule as it goes to a file at `path`: under the command that replays it.
pub fn addressed(text: &str, command: &str, path: &str) -> String {
    format!("// {command} replay {}\n//\n{text}", quoted(path))
}

/// A text that ends no comment.
fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\r'], " ")
}

//! The text of a capsule, with a head for the reader.

use std::fmt::Write;

use super::file::{Expected, File};
use crate::model::printable;
use crate::scenario::print_by_line;

/// The text of a capsule: what it shows and how to replay it, as comments, then its fields. `path` is that of
/// its file.
pub(super) fn text(file: &File, name: &str, command: &str, path: &str) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "// {}", one_line(name));
    let _ = match &file.expect {
        Expected::Holds => writeln!(out, "// holds: {} occurrences", file.occurrences),
        fails @ Expected::Fails { .. } => {
            writeln!(out, "// fails: {}", one_line(&fails.to_string()))
        }
    };
    let _ = writeln!(out, "//\n// {command} replay {}", one_line(path));
    out + "Capsule" + &print_by_line(file)
}

/// A text that ends no comment.
fn one_line(text: &str) -> String {
    printable(text).replace(['\n', '\r'], " ")
}

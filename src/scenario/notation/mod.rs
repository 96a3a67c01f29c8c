//! The notation of scenario files: [RON](https://docs.rs/ron).
//!
//! ```text
//! text ──parser──▶ Node, a tree that knows its bytes ──reader──▶ any `Deserialize`
//! any `Serialize` ──ron──▶ text
//! ```
//!
//! The crate `ron` prints, reads every text, character and number, and decides whether a text is RON:
//! what the parser here accepts and `ron` does not is refused ([`check`]). The parser and the reader add
//! what diagnostics need and `ron` lacks: the bytes of each value, the way to a value that does not fit,
//! and all errors of a file instead of the first. Tests read the same texts with both and compare.
//!
//! Nothing of `ron` is generic over the type that is read or printed, and the reader only where `serde`
//! calls it, because the compiler generates such code again for each type of each domain.
//!
//! Absent: bytes, ranges, infinite numbers, suffixes of numbers, and the extensions of RON except
//! `implicit_some` and `unwrap_variant_newtypes`. These two are always on.

mod misfit;
mod parser;
mod reader;
mod tree;

pub(super) use misfit::Misfit;
pub(super) use parser::{Malformed, parse};
pub(super) use reader::read;
pub(super) use tree::{Item, Node, Shape};

use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use ron::value::RawValue;
use ron::{Deserializer, Options};
use serde::ser::{Error as _, Serialize, Serializer};

/// The same with one line for each item of a list that is a field of the value.
pub(super) fn print_by_line(value: &dyn erased_serde::Serialize) -> String {
    let config = PrettyConfig::new().new_line("\n");
    let config = config.depth_limit(2).escape_strings(false).compact_structs(false);
    // Both are always on here; without a line that says so, a name can stand before the parentheses.
    let always = Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME;
    let options = Options::default().with_default_extension(always);
    options.to_string_pretty(value, config).expect("a capsule is plain data") + "\n"
}

/// The same in one line, without fields that are absent.
pub(super) fn print_in_a_line(value: &dyn erased_serde::Serialize) -> String {
    let config = PrettyConfig::new().depth_limit(0).escape_strings(false);
    let always = Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME;
    let options = Options::default().with_default_extension(always);
    let text = options.to_string_pretty(value, config).expect("a scenario is plain data");
    match parse(&text) {
        Ok(node) => present(&text, &node),
        Err(_) => text,
    }
}

/// The text of a value without fields that are `None`.
fn present(text: &str, node: &Node) -> String {
    let is_absent = |item: &&Item| item.key.is_some() && text[item.value.span.clone()] == *"None";
    let name = node.name.as_ref().map_or("", |name| &text[name.clone()]);
    let item = |item: &Item| {
        let key =
            item.key.as_ref().map_or(String::new(), |key| format!("{}: ", &text[key.span.clone()]));
        key + &present(text, &item.value)
    };
    let kept = node.items.iter().filter(|item| !is_absent(item)).map(item).collect::<Vec<_>>();
    match node.shape {
        Shape::Parens if kept.is_empty() && !name.is_empty() => name.to_owned(),
        Shape::Parens => format!("{name}({})", kept.join(", ")),
        Shape::List => format!("[{}]", kept.join(", ")),
        _ => text[node.span.clone()].to_owned(),
    }
}

/// Prints a value as a text that reads back to the same value: a line for each field and each item of a
/// list, one line for a tuple.
pub(super) fn print(value: &dyn erased_serde::Serialize) -> String {
    let config = PrettyConfig::new().new_line("\n").extensions(Extensions::IMPLICIT_SOME);
    // Enabled without a line that says it.
    let options = Options::default().with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES);
    options.to_string_pretty(value, config).expect("a scenario is plain data") + "\n"
}

/// Serializes a text as a word without quotes.
pub(crate) fn bare_word<S: Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_ron(word).map_err(S::Error::custom)?.serialize(serializer)
}

/// Asks `ron` whether a text with its value at byte `start` is well formed.
pub(super) fn check(text: &str, start: usize) -> Result<(), Malformed> {
    let attributes = Deserializer::from_str(text).err().map(|error| (0, error));
    let value = || RawValue::from_ron(&text[start..]).err().map(|error| (start, error));
    let Some((start, error)) = attributes.or_else(value) else { return Ok(()) };
    let at = error.span.end;
    let lines = text[start..].split_inclusive('\n').take(at.line - 1);
    let line = start + lines.map(str::len).sum::<usize>();
    let column = text[line..].char_indices().nth(at.col - 1);
    let end = column.map_or(text.len(), |(column, _)| line + column);
    let span = end..end + 1;
    let message = format!("this is not valid RON: {}", error.code);
    Err(Malformed { span, message, hint: "RON is described at https://github.com/ron-rs/ron" })
}

#[cfg(test)]
mod tests;

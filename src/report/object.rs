//! JSON objects whose fields are written once.

use std::fmt::Write;

use crate::model::is_unprintable;

/// Declares a JSON object that is made of a value: `object!(Name(value: Type) { field: expression, … })`.
/// A field in a second pair of braces is absent while its expression is `None`.
macro_rules! object {
    (
        $vis:vis $name:ident($from:ident: $type:ty) { $($field:ident: $value:expr,)* }
        $({ $($optional:ident: $option:expr,)* })?
    ) => {
        $vis struct $name<'a>($vis &'a $type);

        impl serde::Serialize for $name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                let $from = self.0;
                let mut object = serializer.serialize_map(None)?;
                $(object.serialize_entry(stringify!($field), &$value)?;)*
                $($(if let Some(value) = $option {
                    object.serialize_entry(stringify!($optional), &value)?;
                })*)?
                object.end()
            }
        }
    };
}
pub(crate) use object;

/// A list of JSON objects.
pub(crate) fn list<'a, T, O>(values: &'a [T], object: impl Fn(&'a T) -> O) -> Vec<O> {
    values.iter().map(object).collect()
}

/// A document as text, with a line feed at the end.
pub(crate) fn document(object: &impl serde::Serialize) -> String {
    ended(serde_json::to_string_pretty(object))
}

/// A document as one line, with a line feed at the end.
pub(crate) fn line(object: &impl serde::Serialize) -> String {
    ended(serde_json::to_string(object))
}

fn ended(text: serde_json::Result<String>) -> String {
    let text = text.expect("a document of texts and numbers can be written as JSON");
    // Only texts contain such characters, and any character of a text can be escaped.
    let mut shown = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if c != '\n' && is_unprintable(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown + "\n"
}

/// A 64-bit hash as text.
pub(crate) fn hash(digest: u64) -> String {
    format!("{digest:016x}")
}

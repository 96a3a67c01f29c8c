//! Names, with or without quotes.
//!
//! The words of the language are written without quotes, like `Delay`; the names of what is in a world are in
//! quotes, like `"api-1"`. Where a name of either sort stands, the other form is accepted too.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, EnumAccess, IntoDeserializer, VariantAccess};

struct Name;

impl<'de> de::Visitor<'de> for Name {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, in quotes like `\"store\"`")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<String, E> {
        Ok(name.to_owned())
    }

    fn visit_string<E: de::Error>(self, name: String) -> Result<String, E> {
        Ok(name)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<String, A::Error> {
        /// Any word that can be the name of a variant.
        #[derive(Deserialize)]
        #[serde(field_identifier)]
        enum Word {
            Is(String),
        }
        let (Word::Is(word), rest) = data.variant()?;
        rest.unit_variant()?;
        Ok(word)
    }
}

/// A name that is usually written without quotes. An enum without variants can have any.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_enum("Name", &[], Name)
}

/// The same for a name of a known set.
pub(super) fn known<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(word(deserializer)?.into_deserializer())
}

/// A name that is usually written in quotes.
pub(super) fn quoted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Name)
}

/// The same where it may be left out.
pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Quoted(#[serde(deserialize_with = "quoted")] String);
    Ok(Option::deserialize(deserializer)?.map(|Quoted(name)| name))
}

#[cfg(test)]
mod tests {
    use super::super::notation;
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Names {
        #[serde(deserialize_with = "word")]
        fault: String,
        #[serde(deserialize_with = "quoted")]
        event: String,
        #[serde(default, deserialize_with = "optional")]
        node: Option<String>,
    }

    fn read(text: &str) -> Result<(String, String, Option<String>), String> {
        let tree = notation::parse(text).expect("well formed");
        notation::read(text, &tree)
            .map(|Names { fault, event, node }| (fault, event, node))
            .map_err(|misfit| misfit.explain(text, None, &tree).1)
    }

    #[test]
    fn names_are_read_with_and_without_quotes() {
        let both = read("(fault: Delay, event: \"SeatHeld\", node: \"api-1\")").unwrap();
        assert_eq!(
            read("(fault: \"Delay\", event: SeatHeld, node: Some(\"api-1\"))").unwrap(),
            both
        );
        let store = read("(fault: Delay, event: Held, node: store)").unwrap();
        assert_eq!(store.2.as_deref(), Some("store"));
        assert_eq!(read("(fault: Delay, event: Held)").unwrap().2, None);
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for wrong in ["(fault: 5, event: A)", "(fault: A, event: 5)", "(fault: A(), event: B)"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

//! Lists of numbers as columns: compact as text, and compressed well.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::picture::FieldType;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    of: FieldType,
    values: Vec<i64>,
}

impl Column {
    pub(super) fn new(of: FieldType) -> Self {
        Self { of, values: Vec::new() }
    }

    pub(super) fn push(&mut self, value: i64) {
        self.values.push(value);
    }

    pub(super) fn of(of: FieldType, values: impl Iterator<Item = i64>) -> Self {
        Self { of, values: values.collect() }
    }

    /// Each value less the one before it.
    fn differences(&self) -> Vec<i64> {
        let before = std::iter::once(&0).chain(&self.values);
        self.values.iter().zip(before).map(|(value, before)| value - before).collect()
    }
}

/// A column as an object: `t` is its type, `v` its values; with `"d": 1` each value is the difference to the one
/// before it, whichever of the two is shorter; with `c` instead of `v` all have the same value.
impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("t", letter(self.of))?;
        let first = self.values.first();
        if let Some(first) = first.filter(|first| self.values.iter().all(|value| value == *first)) {
            object.serialize_entry("c", first)?;
            return object.end();
        }
        let differences = self.differences();
        if digits(&differences) < digits(&self.values) {
            object.serialize_entry("d", &1)?;
            object.serialize_entry("v", &differences)?;
        } else {
            object.serialize_entry("v", &self.values)?;
        }
        object.end()
    }
}

const fn letter(of: FieldType) -> &'static str {
    match of {
        FieldType::Number => "i",
        FieldType::Text => "s",
        FieldType::Flag => "b",
        FieldType::Time => "t",
    }
}

/// The number of characters that some numbers take.
fn digits(values: &[i64]) -> usize {
    let of = |value: &i64| {
        value.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + usize::from(*value < 0)
    };
    values.iter().map(of).sum()
}

/// An object with these members, in this order.
#[derive(Clone, Debug)]
pub(super) struct Members<'a, T>(pub(super) Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Members<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(values: &[i64]) -> String {
        let column = Column::of(FieldType::Time, values.iter().copied());
        serde_json::to_string(&column).expect("it is made of numbers")
    }

    #[test]
    fn the_shorter_form_is_written() {
        assert_eq!(json(&[1000, 1001, 1003]), r#"{"t":"t","d":1,"v":[1000,1,2]}"#);
        assert_eq!(json(&[3, -1, 3]), r#"{"t":"t","v":[3,-1,3]}"#);
        assert_eq!(json(&[7, 7]), r#"{"t":"t","c":7}"#);
        assert_eq!(json(&[]), r#"{"t":"t","v":[]}"#);
    }
}

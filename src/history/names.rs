//! Names as dense numbers.

use super::value::{Id, Print};
use crate::collections::Table;

/// The names of one sort of things, such as streams. Equal names have the same number, and the first has 0.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By hash. A name whose hash is taken by another one is put under the next hash.
    places: Table<u64, u32>,
    /// All names, one after the other.
    text: String,
    ends: Vec<usize>,
}

impl Names {
    /// The number of a name; it gets one if it is new.
    pub(super) fn number(&mut self, id: &Id<'_>) -> u32 {
        id.with_text(|text| self.number_of(text))
    }

    pub(super) fn number_of(&mut self, name: &str) -> u32 {
        let mut hash = Print::of(name).0;
        while let Some(&number) = self.places.get(&hash) {
            if self.name(number) == name {
                return number;
            }
            hash = hash.wrapping_add(1);
        }
        let number = u32::try_from(self.ends.len()).expect("there are fewer than 2^32 names");
        self.places.insert(hash, number);
        self.text.push_str(name);
        self.ends.push(self.text.len());
        number
    }

    /// The name with a number.
    pub(super) fn name(&self, number: u32) -> &str {
        let index = number as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }

    /// How many there are.
    pub(super) fn len(&self) -> u32 {
        self.ends.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_have_the_same_number() {
        let mut names = Names::default();
        assert_eq!(names.number_of("order-1"), 0);
        assert_eq!(names.number_of("order-2"), 1);
        assert_eq!(names.number(&Id::Text("order-1".into())), 0);
        assert_eq!(names.number(&Id::Number(7)), names.number_of("7"));
        assert_eq!(names.name(1), "order-2");
        assert_eq!(names.len(), 3);
    }
}

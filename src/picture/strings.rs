//! All texts of a picture, each once.

use std::collections::BTreeMap;

/// A table of texts. Number 0 is the empty text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings {
    all: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Default for Strings {
    fn default() -> Self {
        let numbers = BTreeMap::from([(String::new(), 0)]);
        Self { all: vec![String::new()], numbers }
    }
}

impl Strings {
    /// The number of a text, which is added if it is new.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).expect("a run has fewer than 2^32 texts");
        self.all.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// All texts, by number.
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// The text of a number.
    pub fn text(&self, number: u32) -> &str {
        &self.all[number as usize]
    }
}

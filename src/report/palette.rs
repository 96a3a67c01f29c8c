//! The colours of a report, as the text that turns each on and off.

use std::fmt;

/// How to switch one colour on and off. Without a terminal both are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    /// Written before the text.
    pub on: String,
    /// Written after it.
    pub off: String,
}

/// The colours that a report uses, by what they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// What is as it should be.
    pub good: Paint,
    /// What is not.
    pub bad: Paint,
    /// What may be looked at twice.
    pub doubtful: Paint,
    /// What matters least on its line.
    pub faint: Paint,
    /// What a block is about.
    pub strong: Paint,
}

impl Paint {
    /// The text in this colour, `width` wide at least.
    pub fn fit(&self, text: impl fmt::Display, width: usize) -> String {
        let text = text.to_string();
        let missing = width.saturating_sub(text.chars().count());
        format!("{}{text}{}{:missing$}", self.on, self.off, "")
    }

    /// The text in this colour.
    pub fn on(&self, text: impl fmt::Display) -> String {
        self.fit(text, 0)
    }
}

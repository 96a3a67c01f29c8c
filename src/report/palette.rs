//! The colours of a report, as the texts that switch each on and off.

use std::fmt;

/// The texts that switch one colour on and off. Without a terminal both are empty.
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
    /// Success.
    pub good: Paint,
    /// Failure.
    pub bad: Paint,
    /// Neither: something to look into.
    pub doubtful: Paint,
    /// Less important than the rest of its line.
    pub faint: Paint,
    /// The title of a block.
    pub strong: Paint,
}

impl Paint {
    /// The text in this colour, padded to `width`.
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

//! A history with what is asked of it, and the verdict.

use super::checker::Judged;
use super::reader::History;

/// A history that was judged, and which properties matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was found.
    pub history: History,
    /// The properties that must be observable.
    pub required: Vec<&'static str>,
    /// The properties that do not matter.
    pub excepted: Vec<&'static str>,
}

/// What is known of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Facts were judged, and all of them satisfy it.
    Held,
    /// Some do not.
    Violated,
    /// Some facts were not judged, because that would have taken too much work; no other one violates it.
    NotDecided,
    /// There is no fact to judge.
    NotObservable,
    /// It does not matter.
    Excepted,
}

/// What is known of a history as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// All that is observable holds.
    Held,
    /// A property is violated.
    Violated,
    /// Nothing was judged, or a property is not decided, or one that must be observable is not.
    NotJudged,
}

impl Checked {
    /// What is known of a property.
    pub fn known(&self, judged: &Judged) -> Known {
        if self.excepted.contains(&judged.property) {
            Known::Excepted
        } else if judged.broken() > 0 {
            Known::Violated
        } else if judged.undecided > 0 {
            Known::NotDecided
        } else if judged.is_observable() {
            Known::Held
        } else {
            Known::NotObservable
        }
    }

    /// The properties of which this is known.
    pub fn with(&self, known: Known) -> impl Iterator<Item = &Judged> {
        let all = self.history.findings.properties.iter();
        all.filter(move |judged| self.known(judged) == known)
    }

    /// The required properties that are not observable.
    pub fn missing(&self) -> impl Iterator<Item = &Judged> {
        self.with(Known::NotObservable).filter(|judged| self.required.contains(&judged.property))
    }

    /// The verdict.
    pub fn conclusion(&self) -> Conclusion {
        if self.with(Known::Violated).next().is_some() {
            Conclusion::Violated
        } else if self.with(Known::Held).next().is_none()
            || self.with(Known::NotDecided).next().is_some()
            || self.missing().next().is_some()
        {
            Conclusion::NotJudged
        } else {
            Conclusion::Held
        }
    }
}

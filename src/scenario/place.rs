//! Where in a scenario something stands, by field names and numbers, and complaints about it.
//!
//! A check of a scenario sees values, not text. It says *which* value it complains about; where that
//! value stands in the file is looked up afterwards.

use std::collections::BTreeSet;

/// After this number of complaints no more similar words are looked for.
const HINTS_MAX: usize = 100;

/// The way from a scenario's outermost parenthesis to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(Vec<Step>);

/// One step of that way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the value of a field.
    Field(String),
    /// Into an item of a list or a tuple, from 0.
    Item(usize),
}

impl Place {
    /// The whole scenario.
    pub fn top() -> Self {
        Self::default()
    }

    /// A field of this value.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.and(Step::Field(name.to_owned()))
    }

    /// An item of this value, from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.and(Step::Item(index))
    }

    fn and(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

/// Something that is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// About which value.
    pub place: Place,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Names that must be told apart, being checked.
pub struct Ids<'a> {
    what: &'static str,
    example: &'static str,
    seen: BTreeSet<&'a str>,
}

impl<'a> Ids<'a> {
    /// Of this kind of thing; `example` is one of them.
    pub fn of(what: &'static str, example: &'static str) -> Self {
        Self { what, example, seen: BTreeSet::new() }
    }

    /// Notes if `id` is empty, cannot be printed or was checked before.
    pub fn check(&mut self, id: &'a str, place: Place, complaints: &mut Complaints) {
        complaints.unprintable(place.clone(), id);
        let Self { what, example, seen } = self;
        if id.trim().is_empty() {
            let hint = format!("write one like \"{example}\"");
            complaints.add(place, format!("the {what} has an empty id"), hint);
        } else if !seen.insert(id) {
            let hint = format!("give each {what} its own id");
            complaints.add(place, format!("the {what} `{id}` appears twice"), hint);
        }
    }
}

/// All that is wrong with a scenario, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaints(Vec<Complaint>);

impl Complaints {
    /// Notes that something is wrong, and what can be done about it.
    pub fn add(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Complaint { place, message: message.into(), hint: Some(hint.into()) });
    }

    /// Notes that there is no `found` among `known`: points to the nearest of them, or to all.
    pub fn unknown(&mut self, place: Place, what: &str, found: &str, known: &[&str]) {
        let message = format!("there is no {what} `{found}`");
        // Comparing words takes time, and the last of many complaints are not shown.
        let hint = (self.0.len() < HINTS_MAX).then(|| super::nearest::hint(found, known));
        self.0.push(Complaint { place, message, hint: hint.flatten() });
    }

    /// Notes that a text holds what would break the lines of a report, or speak to the terminal that
    /// shows it, if it does.
    pub fn unprintable(&mut self, place: Place, text: &str) {
        if text.contains(char::is_control) {
            self.add(
                place,
                "this contains a control character, like a line break or an escape",
                "remove the character: reports print this in the middle of a line",
            );
        }
    }

    /// Notes that the field at `place` must be greater than zero, if it is zero.
    pub fn not_zero<T: Default + PartialEq>(&mut self, place: Place, value: &T, hint: &str) {
        if *value == T::default() {
            let field = place.0.iter().rev().find_map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::Item(_) => None,
            });
            let message = format!("`{}` must be greater than zero", field.unwrap_or_default());
            self.add(place, message, hint);
        }
    }

    /// A number that people count from 1, counted from 0; or notes that it is 0. `first` is what number 1 is
    /// shown as.
    pub fn from_one(&mut self, place: Place, number: u32, what: &str, first: &str) -> Option<u32> {
        if number == 0 {
            let hint = format!("{what}s are numbered from 1: 1 is {first}");
            self.add(place, format!("there is no {what} 0"), hint);
        }
        number.checked_sub(1)
    }

    /// The domain; or notes what is wrong with its set-up as a whole.
    pub fn check<D, E: std::error::Error>(
        &mut self,
        domain: Result<D, E>,
        place: &Place,
    ) -> Option<D> {
        domain.map_err(|error| self.add(place.clone(), error.to_string(), "change the set-up")).ok()
    }

    /// How much was found so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What was found.
    pub fn into_vec(self) -> Vec<Complaint> {
        self.0
    }
}

//! Places in a scenario, by field names and numbers, and complaints about what is there.
//!
//! A check of a scenario sees values, not text: it names the *place* of a value, and the position in the
//! file is looked up afterwards.

use std::collections::BTreeSet;

use crate::model::{CustomerId, Named};
use crate::platform::Role;

/// After this number of complaints, no similar words are searched for.
const HINTS_MAX: usize = 100;

/// The path from the outermost parentheses of a scenario to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(Vec<Step>);

/// One step of that path.
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

/// An error in a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which value.
    pub place: Place,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Complaint {
    /// The same with the place inside the fault with this number.
    ///
    /// # Errors
    ///
    /// The complaint itself, if it is about something else.
    pub(super) fn inside_fault(self, number: usize) -> Result<Self, Self> {
        match self.place.0.as_slice() {
            [Step::Field(faults), Step::Item(item), inside @ ..]
                if faults == "faults" && *item == number =>
            {
                Ok(Self { place: Place(inside.to_vec()), ..self })
            }
            _ => Err(self),
        }
    }
}

/// Whether a node of the platform is called so, whatever the size of the platform.
pub(super) fn is_node(name: &str) -> bool {
    let number = name.rsplit_once('-').filter(|(_, number)| number.parse::<u16>().is_ok());
    let kind = number.map_or(name, |(kind, _)| kind);
    let own = Role::ONE_OF_EACH.into_iter();
    let own = own.filter(|role| !matches!(role, Role::Service(_) | Role::Projector(_)));
    own.map(Role::kind).any(|known| known == kind)
}

/// Checks that ids are not empty and differ.
pub struct Ids<'a> {
    what: &'static str,
    example: &'static str,
    seen: BTreeSet<&'a str>,
}

impl<'a> Ids<'a> {
    /// For ids of `what`, such as `example`.
    pub fn of(what: &'static str, example: &'static str) -> Self {
        Self { what, example, seen: BTreeSet::new() }
    }

    /// Reports an `id` that is empty, is the name of a node or was checked before.
    pub fn check(&mut self, id: &'a str, place: Place, complaints: &mut Complaints) {
        let Self { what, example, seen } = self;
        if id.trim().is_empty() {
            let hint = format!("write one like \"{example}\"");
            complaints.add(place, format!("the {what} has an empty id"), hint);
        } else if is_node(id) {
            let hint = format!(
                "choose another id for the {what}: in reports this name stands for the node"
            );
            complaints.add(place, format!("`{id}` is the name of a node"), hint);
        } else if !seen.insert(id) {
            let hint = format!("give each {what} its own id");
            complaints.add(place, format!("the {what} `{id}` appears twice"), hint);
        }
    }
}

/// All errors in a scenario, in the order in which they are found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaints(Vec<Complaint>);

impl Complaints {
    /// Reports what is wrong, and what to do about it.
    pub fn add(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.0.push(Complaint { place, message: message.into(), hint: Some(hint.into()) });
    }

    /// Reports that `found` is not one of `known`: suggests the most similar, or lists all.
    pub fn unknown(&mut self, place: Place, what: &str, found: &str, known: &[&str]) {
        let message = format!("there is no {what} `{found}`");
        // Comparing words is slow, and the last of many complaints are not shown.
        let hint = (self.0.len() < HINTS_MAX).then(|| super::nearest::hint(found, known));
        self.0.push(Complaint { place, message, hint: hint.flatten() });
    }

    /// The same where `known` is too long to be listed: suggests similar ones, and says where all are listed.
    pub(super) fn unknown_of_many(
        &mut self,
        place: Place,
        what: &str,
        found: &str,
        known: &[&str],
        listed: &str,
    ) {
        let similar: Vec<String> = super::nearest::candidates(found, known)
            .into_iter()
            .map(|word| format!("`{word}`"))
            .collect();
        let hint = match (super::absent::hint(found), similar.split_last()) {
            (Some(absent), _) => absent,
            (None, None) => listed.to_owned(),
            (None, Some((one, []))) => format!("did you mean {one}? {listed}"),
            (None, Some((last, others))) => {
                format!("did you mean {} or {last}? {listed}", others.join(", "))
            }
        };
        self.add(place, format!("there is no {what} `{found}`"), hint);
    }

    /// Reports that the field at `place` must be greater than zero, if it is zero.
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

    /// Reports a name of another customer in a domain whose `personal_data` is off: nothing would be kept about them.
    pub fn needs_personal_data(&mut self, is_on: bool, place: &Place) {
        if !is_on {
            let says = "nothing is kept about other customers with `personal_data: false`";
            self.add(
                place.clone(),
                says,
                "write `personal_data: true` in the set-up of the domain",
            );
        }
    }

    /// Finds a customer by name among those of the script, or reports that the script has no such customer.
    pub fn customer(&mut self, place: Place, name: &str, customers: &[String]) -> Option<Named> {
        let found = customers.iter().position(|known| known == name);
        if found.is_none() {
            let known: Vec<&str> = customers.iter().map(String::as_str).collect();
            self.unknown(place, "customer", name, &known);
        }
        let number = u32::try_from(found?).ok()?;
        Some(Named(Some(CustomerId(number))))
    }

    /// Converts a number that files count from 1 to one from 0, or reports that it is 0. `first` is what
    /// 1 stands for.
    pub fn from_one(&mut self, place: Place, number: u32, what: &str, first: &str) -> Option<u32> {
        if number == 0 {
            let hint = format!("{what}s are numbered from 1: 1 is {first}");
            self.add(place, format!("there is no {what} 0"), hint);
        }
        number.checked_sub(1)
    }

    /// The domain, or reports the error in its set-up as a whole.
    pub fn check<D, E: std::error::Error>(
        &mut self,
        domain: Result<D, E>,
        place: &Place,
    ) -> Option<D> {
        domain.map_err(|error| self.add(place.clone(), error.to_string(), "change the set-up")).ok()
    }

    /// The number of complaints.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All complaints.
    pub fn into_vec(self) -> Vec<Complaint> {
        self.0
    }
}

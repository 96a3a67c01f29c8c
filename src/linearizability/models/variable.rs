//! A variable: one text that is written, read, and written on condition.

use std::fmt;
use std::sync::Arc;

use super::{Said, decides, said};
use crate::linearizability::{Effect, Model};

/// What is done to a variable, or said of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Assign {
    /// It is this from now on.
    Write(Arc<str>),
    /// It is one of the first, and then the last.
    Swap(Arc<[Arc<str>]>, Arc<str>),
    /// It is this.
    Is(Arc<str>),
    /// It is none of these.
    IsNoneOf(Arc<[Arc<str>]>),
}

/// A variable with its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Variable(Option<Arc<str>>);

impl Variable {
    /// A variable that has this value.
    pub fn of(value: Arc<str>) -> Self {
        Self(Some(value))
    }

    /// A variable with a past that is not known: the first answer that says what it is decides.
    pub fn unknown() -> Self {
        Self::default()
    }
}

impl Model for Variable {
    type Input = Assign;
    type Output = Said<Assign>;

    fn effect(&self, input: &Assign, output: Option<&Said<Assign>>) -> Effect {
        let so = |is_so: bool, effect: Effect| if is_so { effect } else { Effect::Impossible };
        match (said(input, output), &self.0) {
            (Assign::Write(_), _) => Effect::Writes,
            (Assign::Swap(..) | Assign::Is(_), None) => decides(output),
            (Assign::IsNoneOf(_), None) => Effect::Reads,
            (Assign::Swap(from, _), Some(now)) => so(from.contains(now), Effect::Writes),
            (Assign::Is(value), Some(now)) => so(value == now, Effect::Reads),
            (Assign::IsNoneOf(values), Some(now)) => so(!values.contains(now), Effect::Reads),
        }
    }

    fn apply(&mut self, input: &Assign) {
        match input {
            Assign::Write(value) | Assign::Swap(_, value) | Assign::Is(value) => {
                self.0 = Some(Arc::clone(value));
            }
            Assign::IsNoneOf(_) => {}
        }
    }

    fn is_spent(&self, input: &Assign) -> bool {
        matches!(input, Assign::Is(_) | Assign::IsNoneOf(_))
    }

    fn words(&self) -> String {
        match &self.0 {
            Some(value) => format!("it is {value}"),
            None => "it is not known what it is".to_owned(),
        }
    }
}

impl fmt::Display for Assign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(value) => write!(f, "sets it to {value}"),
            Self::Swap(from, to) => write!(f, "sets it from {} to {to}", from.join(" or ")),
            Self::Is(value) => write!(f, "it is {value}"),
            Self::IsNoneOf(values) => write!(f, "it is not {}", values.join(" or ")),
        }
    }
}

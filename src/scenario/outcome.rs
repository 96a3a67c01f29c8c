//! Labels of answers and waits that do for any domain.

use serde::{Deserialize, Serialize};

use super::domain::Written;
use crate::metrics::{OutcomeLabel, WaitLabel};
use crate::model::{Answer, CommandOutcome, Domain};

/// What a customer was told, as `include:` in a scenario calls it: `Accepted`, `Refused(TableTaken)`.
///
/// `type Outcome = Outcome<Rejection>` is enough for a domain that needs no words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome<R> {
    /// A command took effect.
    Accepted,
    /// A command was refused, for this reason.
    Refused(R),
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query was answered with what there is.
    Shown,
    /// A query was answered: there is nothing.
    Nothing,
    /// A query came too early to show the customer what they did themselves.
    NotYet,
    /// They were forgotten.
    Forgotten,
    /// Nothing came back.
    Silence,
}

impl<D: Domain> OutcomeLabel<D> for Outcome<D::Rejection>
where
    D::Rejection: Written + Copy + Ord,
{
    fn of(answer: &Answer<D>) -> Self {
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => Self::Accepted,
            Answer::Command(_, CommandOutcome::Refused(reason)) => Self::Refused(*reason),
            Answer::Command(_, CommandOutcome::Unknown) => Self::Unknown,
            Answer::Shown(_, Some(_)) => Self::Shown,
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

/// What a customer waits for, as `of:` in a scenario calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// That a command is answered.
    Command,
    /// That a query is answered.
    Query,
}

impl<D: Domain> WaitLabel<D> for Wait {
    /// A customer who gave up waiting got no answer.
    fn of(answer: &Answer<D>) -> Option<Self> {
        match answer {
            Answer::Command(..) => Some(Self::Command),
            Answer::Shown(..) | Answer::NotYet(_) => Some(Self::Query),
            Answer::Erased | Answer::Silence => None,
        }
    }
}

//! Labels of answers and waits that suit any domain.

use serde::{Deserialize, Serialize};

use super::domain::Written;
use crate::metrics::{OutcomeLabel, WaitLabel};
use crate::model::{Answer, CommandOutcome, Domain};

/// The label of an answer in `include:`, such as `Accepted` or `Refused(TableTaken)`.
///
/// `type Outcome = Outcome<Rejection>` is enough for a domain without labels of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome<R> {
    /// A command took effect.
    Accepted,
    /// A command was rejected for this reason.
    Refused(R),
    /// It is unknown whether a command took effect.
    Unknown,
    /// A query was answered with data.
    Shown,
    /// A query was answered, and there is no such data.
    Nothing,
    /// A query came too early to show the customer their own changes.
    NotYet,
    /// A node that a query or an erasure needs does not answer.
    TryLater,
    /// The customer is erased.
    Forgotten,
    /// There was no answer.
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
            Answer::TryLater(_) => Self::TryLater,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

/// The label of a wait in `of:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// For the answer to a command.
    Command,
    /// For the answer to a query.
    Query,
}

impl<D: Domain> WaitLabel<D> for Wait {
    /// `None` for a customer that stopped waiting.
    fn of(answer: &Answer<D>) -> Option<Self> {
        match answer {
            Answer::Command(..) => Some(Self::Command),
            Answer::Shown(..) | Answer::NotYet(_) => Some(Self::Query),
            Answer::TryLater(_) | Answer::Erased | Answer::Silence => None,
        }
    }
}

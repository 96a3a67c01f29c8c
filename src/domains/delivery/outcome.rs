//! The names of answers, and of what is timed.

use serde::{Deserialize, Serialize};

use super::command::{Command, Rejection};
use super::order::Status;
use super::{Delivery, Query, Row};
use crate::model::{Answer, CommandOutcome};
use crate::scenario::{OutcomeLabel, WaitLabel};

/// What can follow `include:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// A command took effect.
    Accepted,
    /// An order without items, or with a total that is not positive, was refused.
    NothingOrdered,
    /// Cancelling was refused: the order is ready or further, or was cancelled before.
    TooLate,
    /// Cancelling was refused: the customer would get back less than they expect.
    LessRefund,
    /// A command was refused: the order is at another stage.
    WrongStage,
    /// A command was refused: the order belongs to somebody else.
    NotTheOwner,
    /// A command was refused for another reason.
    Refused,
    /// It is unknown whether a command took effect.
    Unknown,
    /// An order at this stage was shown.
    Created,
    Confirmed,
    Preparing,
    Ready,
    OutForDelivery,
    Delivered,
    Cancelled,
    /// A dashboard, a list of orders, or the figures of an hour were shown.
    Shown,
    /// An audit trail was shown.
    Audited,
    /// A query found nothing.
    Nothing,
    /// The rows did not contain the customer's own writes yet.
    NotYet,
    /// A node that a query or an erasure needs did not answer.
    TryLater,
    /// The customer's data was erased.
    Forgotten,
    /// No answer came in time.
    Silence,
}

/// What can follow `of:`: an operation whose latency is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    Order,
    Cancel,
    /// The erasure of their personal data.
    Erasure,
    /// A courier's telephone reports a position.
    Position,
    /// Any query of a read model.
    Query,
    /// A query of the past.
    AsOf,
}

impl OutcomeLabel<Delivery> for Outcome {
    fn of(answer: &Answer<Delivery>) -> Self {
        match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => Self::Accepted,
            Answer::Command(_, CommandOutcome::Refused(rejection)) => Self::of_rejection(rejection),
            Answer::Command(_, CommandOutcome::Unknown) => Self::Unknown,
            Answer::Shown(_, Some(row)) => Self::of_row(row),
            Answer::Shown(_, None) => Self::Nothing,
            Answer::NotYet(_) => Self::NotYet,
            Answer::TryLater(_) => Self::TryLater,
            Answer::Erased => Self::Forgotten,
            Answer::Silence => Self::Silence,
        }
    }
}

impl Outcome {
    const fn of_rejection(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::NoItems | Rejection::TotalNotPositive => Self::NothingOrdered,
            Rejection::TooLate { .. } | Rejection::AlreadyCancelled => Self::TooLate,
            Rejection::LessRefund { .. } => Self::LessRefund,
            Rejection::WrongStage { .. } => Self::WrongStage,
            Rejection::NotTheOwner => Self::NotTheOwner,
            Rejection::AlreadyCreated
            | Rejection::NoSuchOrder
            | Rejection::AlreadyPaid
            | Rejection::NotPaid
            | Rejection::AmountMismatch { .. }
            | Rejection::OtherCourier
            | Rejection::NotOverdue { .. } => Self::Refused,
        }
    }

    fn of_row(row: &Row) -> Self {
        match row {
            Row::Order(row) => match row.standing.status {
                None => Self::Nothing,
                Some(Status::Created) => Self::Created,
                Some(Status::Confirmed) => Self::Confirmed,
                Some(Status::Preparing) => Self::Preparing,
                Some(Status::Ready) => Self::Ready,
                Some(Status::OutForDelivery) => Self::OutForDelivery,
                Some(Status::Delivered) => Self::Delivered,
                Some(Status::Cancelled) => Self::Cancelled,
            },
            Row::Board(_) | Row::User(_) | Row::Hour(_) => Self::Shown,
            Row::Audit(_) => Self::Audited,
        }
    }
}

impl WaitLabel<Delivery> for Wait {
    fn of(answer: &Answer<Delivery>) -> Option<Self> {
        match answer {
            Answer::Command(command, _) => match command {
                Command::CreateOrder { .. } => Some(Self::Order),
                Command::CancelOrder { .. } => Some(Self::Cancel),
                Command::ReportPosition { .. } => Some(Self::Position),
                Command::PayOrder { .. }
                | Command::ChangeDropOff { .. }
                | Command::ConfirmOrder { .. }
                | Command::StartPreparing { .. }
                | Command::AssignCourier { .. }
                | Command::MarkReady { .. }
                | Command::PickUp { .. }
                | Command::DeliverOrder { .. }
                | Command::AbandonOrder { .. } => None,
            },
            Answer::Shown(query, _) | Answer::NotYet(query) => match query {
                Query::AsOf(..) => Some(Self::AsOf),
                Query::Order(_)
                | Query::Dashboard(_)
                | Query::MyOrders
                | Query::Hour(_)
                | Query::Audit(_) => Some(Self::Query),
            },
            Answer::Erased => Some(Self::Erasure),
            // A customer that stopped waiting has no answer to measure.
            Answer::TryLater(_) | Answer::Silence => None,
        }
    }
}

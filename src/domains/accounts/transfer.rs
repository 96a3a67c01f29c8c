//! A transfer: how far the money has come. Each step is noted in the transaction that moves the money,
//! so that a command that comes late, or twice, or under another name finds it taken.

use super::command::{Command, Rejection};
use super::event::{TransferEvent, Why};
use super::ids::AccountId;
use crate::domains::money::{Currency, Money};
use crate::model::CustomerId;

/// How a transfer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// No money has moved.
    Requested,
    /// The money has left its source.
    Debited,
    /// The money has arrived, and the source is to hear of it.
    Credited,
    /// The money has arrived.
    Completed,
    /// The money is back at its source.
    Returned(Why),
    /// No money has moved, and none will.
    Failed(Why),
}

/// One transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// How it stands; `None` before it is requested.
    pub status: Option<Status>,
    /// Who wants it.
    pub by: CustomerId,
    /// From where.
    pub from: AccountId,
    /// To where.
    pub to: AccountId,
    /// How much.
    pub amount: Money,
}

impl Status {
    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Debited => "debited",
            Self::Credited => "credited",
            Self::Completed => "completed",
            Self::Returned(_) => "returned",
            Self::Failed(_) => "failed",
        }
    }
}

impl Transfer {
    /// A transfer that nobody has asked for.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            status: None,
            by: CustomerId(0),
            from: AccountId(0),
            to: AccountId(0),
            amount: Money::zero(currency),
        }
    }

    /// What a command of the saga's does to the transfer itself; whether the account takes part is for
    /// the account to say.
    pub(super) fn step(&self, command: &Command) -> Result<TransferEvent, Rejection> {
        let wrong = Err(Rejection::NotNow { status: self.status });
        match (command, self.status) {
            (Command::Debit { from, .. }, Some(Status::Requested)) if *from == self.from => {
                Ok(TransferEvent::TransferDebited)
            }
            (Command::Credit { to, .. }, Some(Status::Debited)) if *to == self.to => {
                Ok(TransferEvent::TransferCredited)
            }
            (Command::Settle { from, .. }, Some(Status::Credited)) if *from == self.from => {
                Ok(TransferEvent::TransferCompleted)
            }
            (Command::TakeBack { from, why, .. }, Some(Status::Debited)) if *from == self.from => {
                Ok(TransferEvent::TransferReturned { why: *why })
            }
            (Command::Fail { why, .. }, Some(Status::Requested)) => {
                Ok(TransferEvent::TransferFailed { why: *why })
            }
            (
                Command::Debit { .. }
                | Command::Credit { .. }
                | Command::Settle { .. }
                | Command::TakeBack { .. }
                | Command::Fail { .. }
                | Command::RequestTransfer { .. }
                | Command::OpenAccount { .. }
                | Command::Deposit { .. }
                | Command::Withdraw { .. }
                | Command::CloseAccount { .. },
                _,
            ) => wrong,
        }
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &TransferEvent) {
        self.status = Some(match event {
            TransferEvent::TransferRequested { by, from, to, amount } => {
                (self.by, self.from, self.to, self.amount) = (*by, *from, *to, *amount);
                Status::Requested
            }
            TransferEvent::TransferDebited => Status::Debited,
            TransferEvent::TransferCredited => Status::Credited,
            TransferEvent::TransferCompleted => Status::Completed,
            TransferEvent::TransferReturned { why } => Status::Returned(*why),
            TransferEvent::TransferFailed { why } => Status::Failed(*why),
        });
    }

    /// Whether the life cycle allows an event.
    ///
    /// ```text
    /// nothing ─▶ requested ─▶ debited ─▶ credited ─▶ completed
    ///                │           │
    ///                ▼           ▼
    ///              failed     returned
    /// ```
    pub fn is_legal_transition(&self, event: &TransferEvent) -> bool {
        match event {
            TransferEvent::TransferRequested { from, to, amount, .. } => {
                self.status.is_none() && from != to && amount.minor > 0
            }
            TransferEvent::TransferDebited | TransferEvent::TransferFailed { .. } => {
                self.status == Some(Status::Requested)
            }
            TransferEvent::TransferCredited | TransferEvent::TransferReturned { .. } => {
                self.status == Some(Status::Debited)
            }
            TransferEvent::TransferCompleted => self.status == Some(Status::Credited),
        }
    }
}

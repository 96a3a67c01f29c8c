//! A transfer and its steps. Each step is stored in the transaction that moves the money, so that a
//! command that arrives late, twice or under another id is rejected.

use super::command::{Command, Rejection};
use super::defects::CREDIT_TWICE;
use super::event::{TransferEvent, Why};
use super::ids::{AccountId, Life};
use super::setup::Accounts;
use crate::domains::money::{Currency, Money};
use crate::model::CustomerId;

/// The status of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// No money has moved.
    Requested,
    /// The money has left its source.
    Debited,
    /// The money has arrived, and the source does not know it yet.
    Credited,
    /// The money has arrived.
    Completed,
    /// The money is back at its source.
    Returned(Why),
    /// It ended before any money had moved.
    Failed(Why),
}

/// One transfer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// `None` before it is requested.
    pub status: Option<Status>,
    /// The customer that requested it.
    pub by: CustomerId,
    pub from: AccountId,
    pub to: AccountId,
    pub amount: Money,
    /// The life of the destination for which it was requested, in a bank that uses numbers again.
    pub destination: Life,
}

impl Status {
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
    /// A transfer before it is requested.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            status: None,
            by: CustomerId(0),
            from: AccountId(0),
            to: AccountId(0),
            amount: Money::zero(currency),
            destination: Life(0),
        }
    }

    /// The event of the transfer that a command of the saga leads to. The account decides on its own
    /// part.
    pub(super) fn step(
        &self,
        bank: &Accounts,
        command: &Command,
    ) -> Result<TransferEvent, Rejection> {
        match (command, self.status) {
            (Command::Debit { from, .. }, Some(Status::Requested)) if *from == self.from => {
                Ok(TransferEvent::TransferDebited)
            }
            (Command::Credit { .. }, Some(Status::Credited)) if bank.has(&CREDIT_TWICE) => {
                Ok(TransferEvent::TransferCredited)
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
            ) => Err(Rejection::NotNow { status: self.status }),
        }
    }

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
            TransferEvent::DestinationNoted { life } => {
                self.destination = *life;
                Status::Requested
            }
        });
    }

    /// Whether the life cycle allows an event.
    ///
    /// ```text
    /// blank ─▶ requested ─▶ debited ─▶ credited ─▶ completed
    ///              │           │
    ///              ▼           ▼
    ///            failed     returned
    /// ```
    pub fn is_legal_transition(&self, event: &TransferEvent) -> bool {
        match event {
            TransferEvent::TransferRequested { from, to, amount, .. } => {
                self.status.is_none() && from != to && amount.minor > 0
            }
            TransferEvent::TransferDebited
            | TransferEvent::TransferFailed { .. }
            | TransferEvent::DestinationNoted { .. } => self.status == Some(Status::Requested),
            TransferEvent::TransferCredited | TransferEvent::TransferReturned { .. } => {
                self.status == Some(Status::Debited)
            }
            TransferEvent::TransferCompleted => self.status == Some(Status::Credited),
        }
    }
}

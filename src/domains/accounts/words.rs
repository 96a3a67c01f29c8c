//! The domain in words: one short text for each term.

use std::fmt;

use super::command::Command;
use super::event::{AccountEvent, Event, TransferEvent};
use super::ids::{ACCOUNT, AccountId, Life, TRANSFER, TransferId};
use super::old_event::OldEvent;
use super::saga::Saga;
use super::saga_event::{SagaEvent, Step, Trouble};
use super::setup::Accounts;
use super::transfer::Status;
use super::views::{
    ACCOUNTS_OF_OWNER, AccountLine, BALANCE_BY_BUS, BALANCE_INLINE, BALANCE_ON_DEMAND, BalanceLine,
    Row, TRANSFER_BY_ID, TransferLine,
};
use super::{Kept, Query};
use crate::model::{CustomerId, Names, RowKey, Term, ViewId};
use crate::saga::Saga as _;

pub(super) fn say(
    accounts: &Accounts,
    term: Term<'_, Accounts>,
    names: &Names,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let narrator = Narrator { accounts, names };
    match term {
        Term::Stream(stream) => match stream.category {
            ACCOUNT => f.write_str(&narrator.name(AccountId(stream.number))),
            TRANSFER => write!(f, "{}", TransferId(stream.number)),
            _ => write!(f, "s-{}", u64::from(stream.number) + 1),
        },
        Term::Event(event) => narrator.event(event, f),
        Term::Command(command) => narrator.command(command, f),
        Term::Rejection(rejection) => write!(f, "{}: {rejection}", rejection.name()),
        Term::Query(query) => narrator.query(query, f),
        Term::Row(row) => narrator.row(row, f),
        Term::Request(_, never)
        | Term::Reply(_, never)
        | Term::Entry(_, never)
        | Term::Ledger(_, never) => match *never {},
        Term::Timer(Saga::TIMER_RETRY) => f.write_str("next attempt"),
        Term::Timer(Saga::TIMER_LOOK) => f.write_str("an operator's look"),
        Term::Timer(other) => write!(f, "timer {other}"),
        Term::Gathered(number) => write!(f, "question {number}"),
        Term::RowOf(view, key) => narrator.row_of(view, key, f),
    }
}

struct Narrator<'a> {
    accounts: &'a Accounts,
    names: &'a Names,
}

impl Narrator<'_> {
    fn name(&self, account: AccountId) -> String {
        self.accounts.name(account)
    }

    fn event(&self, event: &Event, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(event.name())?;
        match event {
            Event::Account(event) => self.account_event(event, f),
            Event::Transfer(event) => self.transfer_event(event, f),
            Event::Saga(event) => self.saga_event(event, f),
            Event::Old(OldEvent::AccountOpenedV1 { owner, balance, people: _ }) => {
                write!(f, " for {} with {balance}", self.names.customer(*owner))
            }
            Event::Old(OldEvent::DepositedV1 { amt } | OldEvent::WithdrewV1 { amt }) => {
                write!(f, " {amt}")
            }
        }
    }

    fn account_event(&self, event: &AccountEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            AccountEvent::AccountOpened { owner, .. } | AccountEvent::AccountClosed { owner } => {
                write!(f, " for {}", self.names.customer(*owner))
            }
            AccountEvent::Deposited { amount } | AccountEvent::Withdrew { amount } => {
                write!(f, " {amount}")
            }
            AccountEvent::TransferSent { transfer, to, amount } => {
                write!(f, " {amount} to {} by {transfer}", self.name(*to))
            }
            AccountEvent::TransferReceived { transfer, from, amount } => {
                write!(f, " {amount} from {} by {transfer}", self.name(*from))
            }
            AccountEvent::TransferSettled { transfer } => write!(f, " {transfer}"),
            AccountEvent::LifeBegan { life } => write!(f, " at v{}", life.0),
            AccountEvent::TransferTakenBack { transfer, amount } => {
                write!(f, " {amount} of {transfer}")
            }
        }
    }

    fn transfer_event(&self, event: &TransferEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            TransferEvent::TransferRequested { by, from, to, amount, .. } => {
                let (from, to) = (self.name(*from), self.name(*to));
                write!(f, " {amount} from {from} to {to} for {}", self.names.customer(*by))
            }
            TransferEvent::TransferDebited
            | TransferEvent::TransferCredited
            | TransferEvent::TransferCompleted => Ok(()),
            TransferEvent::DestinationNoted { life: Life(0) } => f.write_str(", not open"),
            TransferEvent::DestinationNoted { life } => write!(f, " at v{}", life.0),
            TransferEvent::TransferReturned { why } | TransferEvent::TransferFailed { why } => {
                write!(f, ", {}", why.words())
            }
        }
    }

    fn saga_event(&self, event: &SagaEvent, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match event {
            SagaEvent::SagaStarted { from, to, amount } => {
                write!(f, " {amount} from {} to {}", self.name(*from), self.name(*to))
            }
            SagaEvent::Refused { step: Step::Debit | Step::Credit, why: Some(why) } => {
                write!(f, ", {}", why.words())
            }
            SagaEvent::Refused { step, .. } | SagaEvent::Unknown { step } => {
                write!(f, " {}", step.verb())
            }
            SagaEvent::RetryScheduled { at } | SagaEvent::LookScheduled { at } => {
                write!(f, " {at}")
            }
            SagaEvent::HandedToHuman { trouble } => write!(f, ", {trouble}"),
            SagaEvent::Asked { .. }
            | SagaEvent::RetryDue
            | SagaEvent::SagaResumed
            | SagaEvent::SagaCompleted
            | SagaEvent::SagaCompensated => Ok(()),
        }
    }

    fn command(&self, command: &Command, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(command.name())?;
        match command {
            Command::OpenAccount { account, deposit, .. } => {
                write!(f, " {}", self.name(*account))?;
                deposit.map_or(Ok(()), |deposit| write!(f, " with {deposit}"))
            }
            Command::Deposit { account, amount } | Command::Withdraw { account, amount, .. } => {
                write!(f, " {} {amount}", self.name(*account))
            }
            Command::CloseAccount { account, .. } => write!(f, " {}", self.name(*account)),
            Command::RequestTransfer { transfer, from, to, amount, .. } => {
                let (from, to) = (self.name(*from), self.name(*to));
                write!(f, " {transfer} {amount} from {from} to {to}")
            }
            Command::Debit { transfer, from: account }
            | Command::Credit { transfer, to: account }
            | Command::Settle { transfer, from: account } => {
                write!(f, " {} for {transfer}", self.name(*account))
            }
            Command::TakeBack { transfer, from, why } => {
                write!(f, " {transfer} to {}, {}", self.name(*from), why.words())
            }
            Command::Fail { transfer, why } => write!(f, " {transfer}, {}", why.words()),
        }
    }

    fn query(&self, query: &Query, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match query {
            Query::Balance(account, by) => {
                let by = match by {
                    Kept::Inline => "inline",
                    Kept::ByBus => "by bus",
                    Kept::OnDemand => "on demand",
                };
                write!(f, "balance of {} {by}", self.name(*account))
            }
            Query::BalanceAsOf(account, at) => {
                write!(f, "balance of {} as of {at}", self.name(*account))
            }
            Query::MyAccounts => f.write_str("my accounts"),
            Query::Transfer(transfer) => write!(f, "transfer {transfer}"),
        }
    }

    fn row(&self, row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match row {
            Row::Balance(BalanceLine { account, version, balance, closed }) => {
                let closed = if *closed { ", closed" } else { "" };
                write!(f, "{balance} on {} at {version}{closed}", self.name(*account))
            }
            Row::Accounts(lines) => {
                let line = |line: &AccountLine| {
                    let closed = if line.closed { " closed" } else { "" };
                    format!("{}{closed}", self.name(line.account))
                };
                f.write_str(&lines.iter().map(line).collect::<Vec<_>>().join(", "))
            }
            Row::Transfer(TransferLine { transfer, standing, .. }) => {
                let (from, to) = (self.name(standing.from), self.name(standing.to));
                write!(f, "{transfer} {} from {from} to {to}", standing.amount)?;
                match standing.status {
                    Some(status @ (Status::Returned(why) | Status::Failed(why))) => {
                        write!(f, " {}, {}", status.word(), why.words())
                    }
                    Some(status) => write!(f, " {}", status.word()),
                    None => Ok(()),
                }
            }
        }
    }

    fn row_of(&self, view: ViewId, key: RowKey, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match view {
            BALANCE_INLINE | BALANCE_BY_BUS | BALANCE_ON_DEMAND => {
                f.write_str(&self.name(AccountId(key.0)))
            }
            ACCOUNTS_OF_OWNER => {
                write!(f, "accounts of {}", self.names.customer(CustomerId(key.0)))
            }
            TRANSFER_BY_ID => write!(f, "{}", TransferId(key.0)),
            other => write!(f, "row {} of view {}", key.0, other.0),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unanswered(step) => write!(f, "no answer to the request to {}", step.verb()),
            Self::Refused(step) => write!(f, "refused to {}", step.verb()),
        }
    }
}

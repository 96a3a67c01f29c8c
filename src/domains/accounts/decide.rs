//! Decisions: of one account, or of a step of a transfer together with the one account involved.

use super::command::{Command, Rejection};
use super::defects::CREDITS_NEXT_LIFE;
use super::event::{AccountEvent, Event, TransferEvent};
use super::ids::{AccountId, Life, TransferId};
use super::limits;
use super::setup::Accounts;
use super::transfer::Transfer;
use super::{State, StreamId};
use crate::model::{Folded, People};

type Decision = Result<Vec<(StreamId, Event)>, Rejection>;

pub(super) fn decide(bank: &Accounts, folded: &Folded<'_, State>, command: &Command) -> Decision {
    let of = |account: &AccountId| folded.state(account.stream()).account();
    match command {
        Command::OpenAccount { account, owner, deposit } => {
            let mut events = of(account).open(*owner, *deposit)?;
            limits::check(bank, folded, *owner)?;
            if bank.uses_numbers_again() {
                let life = Life(folded.version(account.stream()).next().0);
                events.push(AccountEvent::LifeBegan { life });
            }
            let events = events.into_iter();
            Ok(events.map(|event| (account.stream(), event.into())).collect())
        }
        Command::Deposit { account, amount } => one(account, of(account).deposit(bank, *amount)),
        Command::Withdraw { account, by, amount } => {
            one(account, of(account).withdraw(bank, *by, *amount))
        }
        Command::CloseAccount { account, by } => one(account, of(account).close(bank, *by)),
        Command::RequestTransfer { transfer, by, from, to, amount, payee: _ } => {
            if known(folded, *transfer).status.is_some() {
                return Err(Rejection::AlreadyRequested);
            }
            if from == to {
                return Err(Rejection::SameAccount);
            }
            if amount.minor <= 0 {
                return Err(Rejection::NotPositive);
            }
            of(from).belongs_to(*by)?;
            let (by, from, to, amount) = (*by, *from, *to, *amount);
            let people = People::NONE; // the command API puts them in
            let requested = TransferEvent::TransferRequested { by, from, to, amount, people };
            let mut events = vec![(transfer.stream(), requested.into())];
            if bank.uses_numbers_again() {
                let life = of(&to).life;
                events.push((transfer.stream(), TransferEvent::DestinationNoted { life }.into()));
            }
            Ok(events)
        }
        Command::Debit { transfer, from: account }
        | Command::Credit { transfer, to: account }
        | Command::Settle { transfer, from: account }
        | Command::TakeBack { transfer, from: account, .. } => {
            step(bank, folded, *transfer, *account, command)
        }
        Command::Fail { transfer, .. } => {
            let failed = known(folded, *transfer).step(bank, command)?;
            Ok(vec![(transfer.stream(), failed.into())])
        }
    }
}

fn one(account: &AccountId, decided: Result<AccountEvent, Rejection>) -> Decision {
    Ok(vec![(account.stream(), decided?.into())])
}

fn known<'a>(folded: &'a Folded<'_, State>, transfer: TransferId) -> &'a Transfer {
    folded.state(transfer.stream()).transfer()
}

/// Moves money and records it in the transfer, in one transaction.
fn step(
    bank: &Accounts,
    folded: &Folded<'_, State>,
    id: TransferId,
    account: AccountId,
    command: &Command,
) -> Decision {
    let transfer = known(folded, id);
    let step = transfer.step(bank, command)?;
    let state = folded.state(account.stream()).account();
    let Transfer { by, from, to, amount, .. } = *transfer;
    let moved = match step {
        TransferEvent::TransferDebited => Some(state.send(bank, by, (id, to, amount))?),
        TransferEvent::TransferCredited => {
            let meant =
                if bank.has(&CREDITS_NEXT_LIFE) { state.life } else { transfer.destination };
            Some(state.receive(meant, (id, from, amount))?)
        }
        TransferEvent::TransferCompleted => Some(AccountEvent::TransferSettled { transfer: id }),
        // An account with money under way is open and has room for that money.
        TransferEvent::TransferReturned { .. } => {
            Some(AccountEvent::TransferTakenBack { transfer: id, amount })
        }
        TransferEvent::TransferRequested { .. }
        | TransferEvent::TransferFailed { .. }
        | TransferEvent::DestinationNoted { .. } => None,
    };
    let moved = moved.into_iter().map(|event| (account.stream(), event.into()));
    Ok(moved.chain([(id.stream(), step.into())]).collect())
}

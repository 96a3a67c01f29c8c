//! What commands lead to: an account's own decision, or a step of a transfer together with the one
//! account that takes part in it.

use super::account::Account;
use super::command::{Command, Rejection};
use super::event::{AccountEvent, Event, TransferEvent};
use super::ids::{AccountId, TransferId};
use super::transfer::Transfer;
use super::{State, StreamId};
use crate::model::Folded;

type Decision = Result<Vec<(StreamId, Event)>, Rejection>;

/// What a command leads to.
pub(super) fn decide(folded: &Folded<'_, State>, command: &Command) -> Decision {
    let of = |account: &AccountId| folded.state(account.stream()).account();
    match command {
        Command::OpenAccount { account, owner, deposit } => {
            let events = of(account).open(*owner, *deposit)?;
            Ok(events.into_iter().map(|event| (account.stream(), event.into())).collect())
        }
        Command::Deposit { account, amount } => one(account, of(account).deposit(*amount)),
        Command::Withdraw { account, by, amount } => {
            one(account, of(account).withdraw(*by, *amount))
        }
        Command::CloseAccount { account, by } => one(account, of(account).close(*by)),
        Command::RequestTransfer { transfer, by, from, to, amount } => {
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
            let requested = TransferEvent::TransferRequested { by, from, to, amount };
            Ok(vec![(transfer.stream(), requested.into())])
        }
        Command::Debit { transfer, from } => step(folded, *transfer, *from, command),
        Command::Credit { transfer, to } => step(folded, *transfer, *to, command),
        Command::Settle { transfer, from } | Command::TakeBack { transfer, from, .. } => {
            step(folded, *transfer, *from, command)
        }
        Command::Fail { transfer, .. } => {
            let failed = known(folded, *transfer).step(command)?;
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

/// Money moves, and the transfer notes it: both or neither.
fn step(
    folded: &Folded<'_, State>,
    id: TransferId,
    account: AccountId,
    command: &Command,
) -> Decision {
    let transfer = known(folded, id);
    let noted = transfer.step(command)?;
    let moved = moves(folded.state(account.stream()).account(), id, transfer, &noted)?;
    let moved = moved.into_iter().map(|event| (account.stream(), event.into()));
    Ok(moved.chain([(id.stream(), noted.into())]).collect())
}

fn moves(
    account: &Account,
    id: TransferId,
    transfer: &Transfer,
    noted: &TransferEvent,
) -> Result<Option<AccountEvent>, Rejection> {
    let Transfer { by, from, to, amount, .. } = *transfer;
    match noted {
        TransferEvent::TransferDebited => account.send(by, (id, to, amount)).map(Some),
        TransferEvent::TransferCredited => account.receive((id, from, amount)).map(Some),
        TransferEvent::TransferCompleted => {
            Ok(Some(AccountEvent::TransferSettled { transfer: id }))
        }
        // An account with money under way is open, and has kept room for it.
        TransferEvent::TransferReturned { .. } => {
            Ok(Some(AccountEvent::TransferTakenBack { transfer: id, amount }))
        }
        TransferEvent::TransferRequested { .. } | TransferEvent::TransferFailed { .. } => Ok(None),
    }
}

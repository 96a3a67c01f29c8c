//! What the views are to say, apart from their code: described by the states of accounts and transfers.

use super::State;
use super::account::{Account, Standing};
use super::setup::Accounts;
use super::views::{ACCOUNTS_OF_OWNER, Row, TRANSFER_BY_ID};
use crate::model::{RowKey, RowKeys, StreamId, ViewId};

/// What a row says of a stream although it is not so.
pub(super) fn misstates(
    bank: &Accounts,
    row: &Row,
    stream: StreamId,
    state: &State,
) -> Option<String> {
    // A row exists only of an account that was opened.
    let is_closed = |account: &Account| account.standing != Some(Standing::Open);
    let said = |closed| if closed { "that it is closed" } else { "that it is open" }.to_owned();
    match (row, state) {
        (Row::Balance(line), State::Account(account)) if line.balance != account.balance => {
            Some(format!("a balance of {}", line.balance))
        }
        (Row::Balance(line), State::Account(account)) => {
            (line.closed != is_closed(account)).then(|| said(line.closed))
        }
        (Row::Accounts(lines), State::Account(account)) => {
            let line = lines.iter().find(|line| line.account.stream() == stream)?;
            if line.closed && bank.uses_numbers_again() {
                return None; // the number can be another customer's since
            }
            (line.closed != is_closed(account)).then(|| said(line.closed))
        }
        (Row::Transfer(line), State::Transfer(transfer)) if !line.standing.is_as(transfer) => {
            let status = line.standing.status.map_or("nothing", |status| status.word());
            Some(format!("\"{status}\""))
        }
        (
            Row::Balance(_) | Row::Accounts(_) | Row::Transfer(_),
            State::Account(_) | State::Transfer(_) | State::Saga(_) | State::OpenAccounts(_),
        ) => None,
    }
}

/// The rows of a view that must show a stream.
pub(super) fn shown_in(view: ViewId, stream: StreamId, state: &State) -> RowKeys {
    let own = Some(RowKey(stream.number));
    let row = match (view, state) {
        (ACCOUNTS_OF_OWNER, State::Account(account)) => {
            account.standing.map(|_| RowKey(account.owner.0))
        }
        (TRANSFER_BY_ID, State::Transfer(transfer)) => transfer.status.and(own),
        (_, State::Account(account)) => account.standing.and(own),
        (_, State::Transfer(_) | State::Saga(_) | State::OpenAccounts(_)) => None,
    };
    row.into_iter().collect()
}

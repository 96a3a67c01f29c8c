//! How many accounts can be open at once: a rule about many streams.
//!
//! The openings and closings of a customer have the customer's tag if there is a limit for each customer, and all of
//! them have the bank's if there is one for all. A command that opens an account reads these tags, and is stored if
//! nobody has opened another one meanwhile, whatever the store checks of streams.

use super::command::{Command, Rejection};
use super::defects::LIMIT_BY_READING;
use super::event::{AccountEvent, Event};
use super::ids::AccountId;
use super::setup::Accounts;
use super::{State, account::Standing};
use crate::model::{CustomerId, DecisionModel, Folded, STREAMS_MAX, Streams, Tag, Tags};

/// The kinds of tags, by number.
pub(super) const TAGS: &[&str] = &["owner", "bank"];

fn owner(customer: CustomerId) -> Tag {
    Tag { kind: 0, number: customer.0 }
}

const BANK: Tag = Tag { kind: 1, number: 0 };

/// The tags of an event: those on which there is a limit. Transactions with the same tag wait for each other.
pub(super) fn tags(bank: &Accounts, event: &Event) -> Tags {
    match event {
        Event::Account(
            AccountEvent::AccountOpened { owner: customer, .. }
            | AccountEvent::AccountClosed { owner: customer },
        ) => limits(bank, *customer).map(|(tag, _)| tag).collect(),
        Event::Account(_) | Event::Transfer(_) | Event::Saga(_) | Event::Old(_) => Tags::default(),
    }
}

/// The limits on an opening by a customer, each with the tag that is counted.
fn limits(bank: &Accounts, customer: CustomerId) -> impl Iterator<Item = (Tag, u32)> {
    let limits = bank.limits();
    let each = limits.each.map(|limit| (owner(customer), limit));
    let all = limits.all.map(|limit| (BANK, limit));
    each.into_iter().chain(all)
}

/// What a command reads by tags.
pub(super) fn models(bank: &Accounts, command: &Command) -> Vec<DecisionModel<Accounts>> {
    match command {
        Command::OpenAccount { owner, .. } if !bank.has(&LIMIT_BY_READING) => {
            let model = |(tag, _)| DecisionModel {
                query: Tags::from_iter([tag]),
                blank: State::OpenAccounts(0),
            };
            limits(bank, *owner).map(model).collect()
        }
        _ => Vec::new(),
    }
}

/// The streams of a command. In a bank that uses numbers again, a transfer also reads its destination. With the defect, an opening also reads the accounts that have a number.
pub(super) fn streams(bank: &Accounts, command: &Command) -> Streams {
    let mut streams = command.streams();
    if let Command::RequestTransfer { from, to, .. } = command
        && bank.uses_numbers_again()
        && from != to
    {
        // A transfer is to the account that has the number now.
        streams.push(to.stream());
    }
    if let Command::OpenAccount { account, .. } = command
        && bank.has(&LIMIT_BY_READING)
    {
        let named = (0..).map(AccountId).take(bank.names().len());
        let others = named.filter(|other| other != account).map(AccountId::stream);
        streams.extend(others.take(STREAMS_MAX - 1));
    }
    streams
}

/// Folds an event into the number of open accounts.
pub(super) fn evolve(open: &mut u32, event: &AccountEvent) {
    match event {
        AccountEvent::AccountOpened { .. } => *open += 1,
        AccountEvent::AccountClosed { .. } => *open = open.saturating_sub(1),
        AccountEvent::Deposited { .. }
        | AccountEvent::Withdrew { .. }
        | AccountEvent::TransferSent { .. }
        | AccountEvent::TransferReceived { .. }
        | AccountEvent::TransferSettled { .. }
        | AccountEvent::TransferTakenBack { .. }
        | AccountEvent::LifeBegan { .. } => {}
    }
}

/// Refuses an opening if as many accounts are open as there may be.
pub(super) fn check(
    bank: &Accounts,
    folded: &Folded<'_, State>,
    customer: CustomerId,
) -> Result<(), Rejection> {
    for (tag, limit) in limits(bank, customer) {
        let open = if bank.has(&LIMIT_BY_READING) {
            let is_counted = |by| tag == owner(by) || tag == BANK;
            let accounts = folded.streams.iter().map(|(.., state)| state.account());
            let open = accounts.filter(|it| it.standing == Some(Standing::Open));
            open.filter(|it| is_counted(it.owner)).count() as u32
        } else {
            folded.model(Tags::from_iter([tag])).open_accounts()
        };
        if open >= limit {
            return Err(Rejection::TooManyAccounts { limit });
        }
    }
    Ok(())
}

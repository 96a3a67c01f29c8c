//! Events of older schemas, and their conversion.
//!
//! ```text
//! schema 1: AccountOpened has the first balance; Deposited and Withdrew have a field `amt`
//! schema 2: AccountOpened has no balance: a first deposit is a Deposited event
//! schema 3: `amt` is called `amount`
//! ```
//!
//! Old events are never applied, projected or decided on: every reader gets current events.

use super::defects::{UPCASTER_DROPS_SPLIT, UPCASTER_SWAPS_SIGNS};
use super::event::{AccountEvent, Event};
use super::setup::Accounts;
use crate::domains::money::Money;
use crate::model::{CustomerId, People, Schemas, StreamId};

/// An event of an older schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OldEvent {
    /// `AccountOpened` of schema 1.
    AccountOpenedV1 {
        owner: CustomerId,
        /// The first deposit, or zero.
        balance: Money,
        people: People,
    },
    /// `Deposited` of schemas 1 and 2.
    DepositedV1 { amt: Money },
    /// `Withdrew` of schemas 1 and 2.
    WithdrewV1 { amt: Money },
}

impl OldEvent {
    /// The type of the event, which has the same name in all schemas.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::AccountOpenedV1 { .. } => "AccountOpened",
            Self::DepositedV1 { .. } => "Deposited",
            Self::WithdrewV1 { .. } => "Withdrew",
        }
    }
}

impl Schemas<Self> for Accounts {
    const SCHEMA: u16 = 3;

    fn upcast(bank: &Self, schema: u16, event: &Event) -> Option<Vec<Event>> {
        upcast(schema, event).map(|events| bank.misread(events))
    }

    /// In schema 1 a first deposit is part of the opening.
    fn downcast(
        accounts: &Self,
        schema: u16,
        events: Vec<(StreamId, Event)>,
    ) -> Vec<(StreamId, Event)> {
        let mut written: Vec<(StreamId, Event)> = Vec::new();
        for (stream, event) in events {
            let event = match event {
                Event::Account(AccountEvent::AccountOpened { owner, people }) if schema == 1 => {
                    let balance = accounts.money(0);
                    Event::Old(OldEvent::AccountOpenedV1 { owner, balance, people })
                }
                Event::Account(AccountEvent::Deposited { amount: amt })
                    if schema < Self::SCHEMA =>
                {
                    if let Some((opened, Event::Old(OldEvent::AccountOpenedV1 { balance, .. }))) =
                        written.last_mut()
                        && *opened == stream
                    {
                        *balance = amt;
                        continue;
                    }
                    Event::Old(OldEvent::DepositedV1 { amt })
                }
                Event::Account(AccountEvent::Withdrew { amount: amt }) if schema < Self::SCHEMA => {
                    Event::Old(OldEvent::WithdrewV1 { amt })
                }
                Event::Account(_) | Event::Transfer(_) | Event::Saga(_) | Event::Old(_) => event,
            };
            written.push((stream, event));
        }
        written
    }
}

/// An opening with a deposit becomes two events.
fn upcast(schema: u16, event: &Event) -> Option<Vec<Event>> {
    let Event::Old(old) = event else { return None };
    match (schema, old) {
        (1, OldEvent::AccountOpenedV1 { owner, balance, people }) => {
            let people = people.clone();
            let opened = AccountEvent::AccountOpened { owner: *owner, people }.into();
            let deposited = Event::Old(OldEvent::DepositedV1 { amt: *balance });
            let deposited = (!balance.is_zero()).then_some(deposited);
            Some(std::iter::once(opened).chain(deposited).collect())
        }
        (2, OldEvent::DepositedV1 { amt: amount }) => {
            Some(vec![AccountEvent::Deposited { amount: *amount }.into()])
        }
        (2, OldEvent::WithdrewV1 { amt: amount }) => {
            Some(vec![AccountEvent::Withdrew { amount: *amount }.into()])
        }
        (
            _,
            OldEvent::AccountOpenedV1 { .. }
            | OldEvent::DepositedV1 { .. }
            | OldEvent::WithdrewV1 { .. },
        ) => None,
    }
}

impl Accounts {
    /// Upcast events, with the mistakes that are put in.
    fn misread(&self, mut events: Vec<Event>) -> Vec<Event> {
        if self.has(&UPCASTER_DROPS_SPLIT) {
            events.truncate(1);
        }
        for event in &mut events {
            if let Event::Account(AccountEvent::Withdrew { amount }) = event
                && self.has(&UPCASTER_SWAPS_SIGNS)
            {
                *event = AccountEvent::Deposited { amount: *amount }.into();
            }
        }
        events
    }
}

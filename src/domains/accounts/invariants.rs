//! Invariants of accounts and transfers, on chosen and on random histories of commands.

use proptest::prelude::*;

use super::State;
use super::command::{Command, Rejection};
use super::event::{AccountEvent, Event, Why};
use super::ids::{AccountId, TransferId};
use super::old_event::OldEvent;
use super::setup::{Accounts, Setup};
use super::transfer::Status;
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::model::{CustomerId, Domain, Folded, Schemas, StreamId, Version};

const ALICE: CustomerId = CustomerId(0);
const BEN: CustomerId = CustomerId(1);
const FIRST: AccountId = AccountId(0);
const SECOND: AccountId = AccountId(1);
const MOVE: TransferId = TransferId(0);

/// A bank with the states of all its streams.
struct Bank {
    domain: Accounts,
    states: Vec<(StreamId, State)>,
}

impl Bank {
    fn new() -> Self {
        let setup = Setup { customers: 2, ..Setup::default() };
        Self { domain: Accounts::new(setup).expect("a bank"), states: Vec::new() }
    }

    /// A bank that has accepted these commands.
    fn after(commands: &[Command]) -> Self {
        let mut bank = Self::new();
        for command in commands {
            bank.take(command).unwrap_or_else(|refused| panic!("{command:?}: {refused}"));
        }
        bank
    }

    fn state(&self, stream: StreamId) -> State {
        let found = self.states.iter().find(|(known, _)| *known == stream);
        found.map_or_else(|| self.domain.blank(stream), |(_, state)| state.clone())
    }

    /// Decides a command and applies its events.
    fn take(&mut self, command: &Command) -> Result<Vec<(StreamId, Event)>, Rejection> {
        let read = |stream| (stream, Version(0), self.state(stream));
        let streams: Vec<_> = command.streams().into_iter().map(read).collect();
        let events = self.domain.decide(
            &Folded { streams: &streams, models: &[] },
            command,
            Instant::ZERO,
        )?;
        for (stream, event) in &events {
            assert!(command.streams().contains(stream), "{command:?} writes to {stream:?}");
            let mut state = self.state(*stream);
            assert!(self.domain.is_legal_transition(&state, event), "{event:?} after {state:?}");
            self.domain.evolve(&mut state, event);
            self.states.retain(|(known, _)| known != stream);
            self.states.push((*stream, state));
        }
        Ok(events)
    }

    fn refuses(&mut self, command: &Command) -> Rejection {
        self.take(command).expect_err("a refusal")
    }

    fn balance(&self, account: AccountId) -> i64 {
        self.state(account.stream()).account().balance.minor
    }

    fn status(&self) -> Option<Status> {
        self.state(MOVE.stream()).transfer().status
    }
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Setup::default().currency)
}

fn open(account: AccountId, owner: CustomerId, minor: i64) -> Command {
    let deposit = (minor != 0).then_some(eur(minor));
    Command::OpenAccount { account, owner, deposit }
}

fn deposit(minor: i64) -> Command {
    Command::Deposit { account: FIRST, amount: eur(minor) }
}

fn withdraw(by: CustomerId, minor: i64) -> Command {
    Command::Withdraw { account: FIRST, by, amount: eur(minor) }
}

fn close(account: AccountId, by: CustomerId) -> Command {
    Command::CloseAccount { account, by }
}

fn request(minor: i64) -> Command {
    let (transfer, by, from, to) = (MOVE, ALICE, FIRST, SECOND);
    Command::RequestTransfer {
        transfer,
        by,
        from,
        to,
        amount: eur(minor),
        payee: crate::model::Named::NONE,
    }
}

const DEBIT: Command = Command::Debit { transfer: MOVE, from: FIRST };
const CREDIT: Command = Command::Credit { transfer: MOVE, to: SECOND };
const SETTLE: Command = Command::Settle { transfer: MOVE, from: FIRST };
const TAKE_BACK: Command = Command::TakeBack { transfer: MOVE, from: FIRST, why: Why::Closed };
const FAIL: Command = Command::Fail { transfer: MOVE, why: Why::InsufficientFunds };

#[test]
fn the_balance_is_the_sum_of_deposits_and_withdrawals() {
    let mut bank = Bank::after(&[open(FIRST, ALICE, 0), deposit(100), deposit(50)]);
    bank.take(&withdraw(ALICE, 30)).expect("enough");
    assert_eq!(bank.balance(FIRST), 120);
}

#[test]
fn an_overdraft_and_an_amount_of_zero_or_less_are_rejected() {
    let mut bank = Bank::after(&[open(FIRST, ALICE, 100)]);
    let short = Rejection::InsufficientFunds { balance: eur(100) };
    assert_eq!(bank.refuses(&withdraw(ALICE, 101)), short);
    for nothing in [0, -1] {
        assert_eq!(bank.refuses(&withdraw(ALICE, nothing)), Rejection::NotPositive);
        assert_eq!(bank.refuses(&deposit(nothing)), Rejection::NotPositive);
        assert_eq!(bank.refuses(&request(nothing)), Rejection::NotPositive);
    }
    assert_eq!(bank.refuses(&open(SECOND, BEN, -1)), Rejection::NotPositive);
    bank.take(&withdraw(ALICE, 100)).expect("all of it");
}

#[test]
fn an_account_number_is_used_once() {
    let mut bank = Bank::after(&[open(FIRST, ALICE, 0)]);
    assert_eq!(bank.refuses(&open(FIRST, ALICE, 0)), Rejection::AlreadyOpen);
    assert_eq!(bank.refuses(&open(FIRST, BEN, 0)), Rejection::NumberTaken);
    bank.take(&close(FIRST, ALICE)).expect("it is empty");
    assert_eq!(bank.refuses(&open(FIRST, ALICE, 0)), Rejection::Closed);
    assert_eq!(bank.refuses(&deposit(1)), Rejection::Closed);
    assert_eq!(bank.refuses(&close(FIRST, ALICE)), Rejection::Closed);
}

#[test]
fn only_the_owner_can_withdraw_close_or_transfer() {
    let mut bank = Bank::new();
    assert_eq!(bank.refuses(&withdraw(ALICE, 1)), Rejection::NotOpen);
    assert_eq!(bank.refuses(&request(1)), Rejection::NotOpen);
    let mut bank = Bank::after(&[open(FIRST, BEN, 100), deposit(5)]);
    for command in [withdraw(ALICE, 1), close(FIRST, ALICE), request(1)] {
        assert_eq!(bank.refuses(&command), Rejection::NotTheOwner, "{command:?}");
    }
}

#[test]
fn a_balance_that_could_overflow_is_rejected_including_money_under_way() {
    let mut bank = Bank::after(&[open(FIRST, ALICE, i64::MAX), open(SECOND, BEN, 0), request(7)]);
    assert_eq!(bank.refuses(&deposit(1)), Rejection::TooMuch);
    bank.take(&DEBIT).expect("enough");
    assert_eq!(bank.refuses(&deposit(1)), Rejection::TooMuch, "it may come back");
    bank.take(&TAKE_BACK).expect("there is room");
    assert_eq!(bank.balance(FIRST), i64::MAX);
}

#[test]
fn an_account_with_money_under_way_cannot_be_closed() {
    let mut bank = Bank::after(&[open(FIRST, ALICE, 100), open(SECOND, BEN, 0), request(100)]);
    bank.take(&DEBIT).expect("enough");
    assert_eq!(bank.refuses(&close(FIRST, ALICE)), Rejection::TransferUnderWay);
    bank.take(&CREDIT).expect("it is open");
    assert_eq!(bank.refuses(&close(FIRST, ALICE)), Rejection::TransferUnderWay);
    assert_eq!(bank.refuses(&close(SECOND, BEN)), Rejection::NotEmpty { balance: eur(100) });
    bank.take(&SETTLE).expect("the money has arrived");
    bank.take(&close(FIRST, ALICE)).expect("nothing can come back any more");
}

#[test]
fn each_step_of_a_transfer_is_accepted_once_and_in_order() {
    let opened = [open(FIRST, ALICE, 100), open(SECOND, BEN, 0), request(40)];
    let mut bank = Bank::after(&opened);
    let debited = Rejection::NotNow { status: Some(Status::Debited) };
    bank.take(&DEBIT).expect("enough");
    for late in [DEBIT, FAIL, SETTLE] {
        assert_eq!(bank.refuses(&late), debited, "{late:?}");
    }
    bank.take(&CREDIT).expect("it is open");
    for late in [CREDIT, TAKE_BACK, DEBIT, FAIL] {
        let credited = Rejection::NotNow { status: Some(Status::Credited) };
        assert_eq!(bank.refuses(&late), credited, "{late:?}");
    }
    bank.take(&SETTLE).expect("the money has arrived");
    assert_eq!((bank.balance(FIRST), bank.balance(SECOND)), (60, 40));
    let mut bank = Bank::after(&opened);
    bank.take(&FAIL).expect("nothing has moved");
    let failed = Status::Failed(Why::InsufficientFunds);
    assert_eq!(bank.refuses(&DEBIT), Rejection::NotNow { status: Some(failed) });
    assert_eq!(bank.refuses(&request(1)), Rejection::AlreadyRequested);
    let to_itself = Command::RequestTransfer {
        transfer: TransferId(1),
        by: ALICE,
        from: FIRST,
        to: FIRST,
        amount: eur(1),
        payee: crate::model::Named::NONE,
    };
    assert_eq!(bank.refuses(&to_itself), Rejection::SameAccount);
}

#[test]
fn a_step_that_an_account_rejects_leaves_the_transfer_unchanged() {
    let mut bank = Bank::after(&[open(FIRST, ALICE, 100), request(40), withdraw(ALICE, 70)]);
    assert_eq!(bank.refuses(&DEBIT), Rejection::InsufficientFunds { balance: eur(30) });
    assert_eq!(bank.status(), Some(Status::Requested));
    let mut bank = Bank::after(&[open(FIRST, ALICE, 100), request(40), DEBIT]);
    assert_eq!(bank.refuses(&CREDIT), Rejection::NotOpen);
    assert_eq!(bank.status(), Some(Status::Debited));
    bank.take(&TAKE_BACK).expect("it is back");
    assert_eq!((bank.balance(FIRST), bank.status()), (100, Some(Status::Returned(Why::Closed))));
}

// ---- schemas

/// A decision converted to `schema` and back to the current one.
fn there_and_back(
    accounts: &Accounts,
    schema: u16,
    decision: &[(StreamId, Event)],
) -> Vec<(StreamId, Event)> {
    let written = Accounts::downcast(accounts, schema, decision.to_vec());
    let today = |event: Event| {
        (schema..Accounts::SCHEMA).fold(vec![event], |events, schema| {
            let newer = |event: Event| {
                Accounts::upcast(accounts, schema, &event).unwrap_or_else(|| vec![event])
            };
            events.into_iter().flat_map(newer).collect()
        })
    };
    let parts = |(stream, event)| today(event).into_iter().map(move |event| (stream, event));
    written.into_iter().flat_map(parts).collect()
}

#[test]
fn an_opening_with_a_deposit_is_one_event_in_schema_1_and_two_since() {
    let both = Bank::new().take(&open(FIRST, ALICE, 100)).expect("a number that is free");
    assert_eq!(both.len(), 2);
    let bank = Bank::new().domain;
    let written = Accounts::downcast(&bank, 1, both.clone());
    let old = OldEvent::AccountOpenedV1 {
        owner: ALICE,
        balance: eur(100),
        people: crate::model::People::NONE,
    };
    assert_eq!(written, [(FIRST.stream(), Event::Old(old))]);
    assert_eq!(there_and_back(&bank, 1, &both), both);
    let alone = Bank::new().take(&open(FIRST, ALICE, 0)).expect("a number that is free");
    assert_eq!(Accounts::downcast(&bank, 1, alone.clone()).len(), 1);
    assert_eq!(there_and_back(&bank, 1, &alone), alone);
    assert_eq!(Accounts::downcast(&bank, 2, both.clone()).len(), 2, "schema 2 has two events");
}

#[test]
fn an_old_event_changes_no_state_and_is_not_legal() {
    let (bank, stream) = (Bank::new(), FIRST.stream());
    let old = Event::Old(OldEvent::DepositedV1 { amt: eur(5) });
    let (mut state, blank) = (bank.domain.blank(stream), bank.domain.blank(stream));
    bank.domain.evolve(&mut state, &old);
    assert_eq!(state, blank);
    assert!(!bank.domain.is_legal_transition(&state, &old));
    assert_eq!(old.name(), "Deposited");
}

// ---- random histories

fn command() -> impl Strategy<Value = Command> {
    (0..14_u8, 0..2_u32, 0..2_u32, -1..60_i64).prop_map(|(what, account, who, minor)| {
        let (account, by, amount) = (AccountId(account), CustomerId(who), eur(minor));
        match what {
            0 | 1 => open(account, by, minor),
            2..=4 => Command::Deposit { account, amount },
            5 | 6 => Command::Withdraw { account, by, amount },
            7 => close(account, by),
            8 => request(minor),
            9 => DEBIT,
            10 => CREDIT,
            11 => SETTLE,
            12 => TAKE_BACK,
            _ => FAIL,
        }
    })
}

proptest! {
    #[test]
    fn every_decision_is_legal_conserves_money_and_survives_every_schema(
        commands in prop::collection::vec(command(), 0..60)
    ) {
        let (mut bank, mut paid) = (Bank::new(), 0);
        for command in commands {
            let Ok(events) = bank.take(&command) else { continue };
            for (_, event) in &events {
                match event {
                    Event::Account(AccountEvent::Deposited { amount }) => paid += amount.minor,
                    Event::Account(AccountEvent::Withdrew { amount }) => paid -= amount.minor,
                    Event::Account(_) | Event::Transfer(_) | Event::Saga(_) | Event::Old(_) => {}
                }
            }
            for schema in 1..=Accounts::SCHEMA {
                let same = there_and_back(&bank.domain, schema, &events);
                prop_assert_eq!(&same, &events, "schema {}", schema);
            }
            let mut held = 0;
            for account in [FIRST, SECOND] {
                let State::Account(account) = bank.state(account.stream()) else { panic!() };
                prop_assert!(account.balance.minor >= 0);
                held += account.balance.minor;
                held += account.under_way.iter().map(|(_, sent)| sent.minor).sum::<i64>();
            }
            // A credited amount counts on both sides until it is settled.
            let twice = bank.status() == Some(Status::Credited);
            let twice = if twice { bank.state(MOVE.stream()).transfer().amount.minor } else { 0 };
            prop_assert_eq!(held - twice, paid);
        }
    }
}

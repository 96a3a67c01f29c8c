//! An account: its decisions, and its life cycle as a separate state machine.

use super::command::Rejection;
use super::defects::{BALANCE_UNCHECKED, CLOSED_ACCOUNT_TAKES_MONEY, CLOSES_WITH_MONEY_UNDER_WAY};
use super::event::AccountEvent;
use super::ids::{AccountId, Life, TransferId};
use super::setup::Accounts;
use crate::domains::money::{Currency, Money};
use crate::model::CustomerId;

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    Open,
    /// It is closed for good. In a bank that uses numbers again, an account that is closed is as one before it is
    /// opened.
    Closed,
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// `None` before it is opened.
    pub standing: Option<Standing>,
    /// The owner; meaningless before it is opened.
    pub owner: CustomerId,
    pub balance: Money,
    /// Amounts that were sent and have neither arrived nor come back, in order of transfers.
    pub under_way: Vec<(TransferId, Money)>,
    /// Which life of its number this is, in a bank that uses numbers again.
    pub life: Life,
}

impl Account {
    /// An account before it is opened.
    pub const fn blank(currency: Currency) -> Self {
        Self {
            standing: None,
            owner: CustomerId(0),
            balance: Money::zero(currency),
            under_way: Vec::new(),
            life: Life(0),
        }
    }

    pub(super) fn open(
        &self,
        owner: CustomerId,
        deposit: Option<Money>,
    ) -> Result<Vec<AccountEvent>, Rejection> {
        match self.standing {
            Some(Standing::Closed) => return Err(Rejection::Closed),
            Some(Standing::Open) if self.owner == owner => return Err(Rejection::AlreadyOpen),
            Some(Standing::Open) => return Err(Rejection::NumberTaken),
            None => {}
        }
        let people = crate::model::People::NONE; // the command API puts them in
        let opened = AccountEvent::AccountOpened { owner, people };
        let Some(amount) = deposit else { return Ok(vec![opened]) };
        self.can_take(amount)?;
        Ok(vec![opened, AccountEvent::Deposited { amount }])
    }

    /// A customer pays money in. It need not be the owner.
    pub(super) fn deposit(
        &self,
        bank: &Accounts,
        amount: Money,
    ) -> Result<AccountEvent, Rejection> {
        if !bank.has(&CLOSED_ACCOUNT_TAKES_MONEY) {
            self.is_open()?;
        }
        self.can_take(amount)?;
        Ok(AccountEvent::Deposited { amount })
    }

    pub(super) fn withdraw(
        &self,
        bank: &Accounts,
        by: CustomerId,
        amount: Money,
    ) -> Result<AccountEvent, Rejection> {
        self.can_spend(bank, by, amount)?;
        Ok(AccountEvent::Withdrew { amount })
    }

    pub(super) fn send(
        &self,
        bank: &Accounts,
        by: CustomerId,
        (transfer, to, amount): (TransferId, AccountId, Money),
    ) -> Result<AccountEvent, Rejection> {
        self.can_spend(bank, by, amount)?;
        Ok(AccountEvent::TransferSent { transfer, to, amount })
    }

    /// Money arrives that was sent to this life of its number.
    pub(super) fn receive(
        &self,
        life: Life,
        (transfer, from, amount): (TransferId, AccountId, Money),
    ) -> Result<AccountEvent, Rejection> {
        self.is_open()?;
        if self.life != life {
            return Err(Rejection::AnotherLife);
        }
        self.can_take(amount)?;
        Ok(AccountEvent::TransferReceived { transfer, from, amount })
    }

    /// The owner closes it. Money under way may still come back, which needs an open account.
    pub(super) fn close(&self, bank: &Accounts, by: CustomerId) -> Result<AccountEvent, Rejection> {
        self.belongs_to(by)?;
        if !self.under_way.is_empty() && !bank.has(&CLOSES_WITH_MONEY_UNDER_WAY) {
            return Err(Rejection::TransferUnderWay);
        }
        if !self.balance.is_zero() {
            return Err(Rejection::NotEmpty { balance: self.balance });
        }
        Ok(AccountEvent::AccountClosed { owner: self.owner })
    }

    fn is_open(&self) -> Result<(), Rejection> {
        match self.standing {
            None => Err(Rejection::NotOpen),
            Some(Standing::Closed) => Err(Rejection::Closed),
            Some(Standing::Open) => Ok(()),
        }
    }

    /// Checks that it is open and belongs to the customer.
    pub(super) fn belongs_to(&self, by: CustomerId) -> Result<(), Rejection> {
        self.is_open()?;
        if self.owner == by { Ok(()) } else { Err(Rejection::NotTheOwner) }
    }

    /// Checks that the balance does not overflow with this amount, even if all money under way comes
    /// back.
    fn can_take(&self, amount: Money) -> Result<(), Rejection> {
        if amount.minor <= 0 {
            return Err(Rejection::NotPositive);
        }
        let back = self.under_way.iter().try_fold(self.balance, |sum, (_, sent)| sum.plus(*sent));
        back.and_then(|sum| sum.plus(amount)).map(drop).ok_or(Rejection::TooMuch)
    }

    fn can_spend(&self, bank: &Accounts, by: CustomerId, amount: Money) -> Result<(), Rejection> {
        self.belongs_to(by)?;
        if amount.minor <= 0 {
            return Err(Rejection::NotPositive);
        }
        let covers = |left: &Money| left.minor >= 0 || bank.has(&BALANCE_UNCHECKED);
        let left = self.balance.minus(amount).filter(covers);
        left.map(drop).ok_or(Rejection::InsufficientFunds { balance: self.balance })
    }

    pub fn evolve(&mut self, event: &AccountEvent) {
        match event {
            AccountEvent::AccountOpened { owner, .. } => {
                self.standing = Some(Standing::Open);
                self.owner = *owner;
            }
            AccountEvent::Deposited { amount } | AccountEvent::TransferReceived { amount, .. } => {
                self.add(*amount);
            }
            AccountEvent::Withdrew { amount } => self.subtract(*amount),
            AccountEvent::TransferSent { transfer, amount, .. } => {
                self.subtract(*amount);
                let place = self.under_way.partition_point(|(other, _)| other < transfer);
                self.under_way.insert(place, (*transfer, *amount));
            }
            AccountEvent::TransferSettled { transfer } => self.arrived(*transfer),
            AccountEvent::TransferTakenBack { transfer, amount } => {
                self.add(*amount);
                self.arrived(*transfer);
            }
            AccountEvent::AccountClosed { .. } => self.standing = Some(Standing::Closed),
            AccountEvent::LifeBegan { life } => self.life = *life,
        }
    }

    // The decision has checked that the sum does not overflow.
    fn add(&mut self, amount: Money) {
        self.balance = self.balance.plus(amount).unwrap_or(self.balance);
    }

    fn subtract(&mut self, amount: Money) {
        self.balance = self.balance.minus(amount).unwrap_or(self.balance);
    }

    fn arrived(&mut self, transfer: TransferId) {
        self.under_way.retain(|(other, _)| *other != transfer);
    }

    /// The amount of a transfer that is under way from here.
    fn sent(&self, transfer: TransferId) -> Option<Money> {
        let sent = self.under_way.iter().find(|(other, _)| *other == transfer);
        sent.map(|(_, amount)| *amount)
    }

    /// Whether the life cycle allows an event.
    ///
    /// ```text
    /// blank ─▶ open ─▶ closed, with balance zero and nothing under way
    /// ```
    pub fn is_legal_transition(&self, event: &AccountEvent) -> bool {
        let open = self.standing == Some(Standing::Open);
        let covered = |amount: Money| amount.minor > 0 && amount.minor <= self.balance.minor;
        match event {
            AccountEvent::AccountOpened { .. } => self.standing.is_none(),
            AccountEvent::Deposited { amount } | AccountEvent::TransferReceived { amount, .. } => {
                open && amount.minor > 0 && self.balance.plus(*amount).is_some()
            }
            AccountEvent::Withdrew { amount } => open && covered(*amount),
            AccountEvent::TransferSent { transfer, amount, .. } => {
                open && covered(*amount) && self.sent(*transfer).is_none()
            }
            AccountEvent::TransferSettled { transfer } => open && self.sent(*transfer).is_some(),
            AccountEvent::TransferTakenBack { transfer, amount } => {
                open && self.sent(*transfer) == Some(*amount)
            }
            AccountEvent::LifeBegan { .. } => open && self.life == Life(0),
            AccountEvent::AccountClosed { owner } => {
                let empty = self.balance.is_zero() && self.under_way.is_empty();
                open && empty && self.owner == *owner
            }
        }
    }
}

//! What a scenario sets up: the currency, and the accounts that have a number which can be named.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::{AccountId, TransferId};
use crate::domains::money::{Currency, Money};
use crate::model::CustomerId;

/// Everything that can be said about a bank, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// How many customers there are, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// The currency of all money. `"EUR"` by default.
    pub currency: Currency,
    /// Numbers of accounts that any customer can open first, as in `"a-42"`. None by default.
    pub accounts: Vec<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { customers: 1, currency: Currency::Eur, accounts: Vec::new() }
    }
}

/// Why a set-up makes no bank.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Two accounts have the same number.
    #[error("the account `{0}` appears twice")]
    DuplicateAccount(String),
    /// Accounts are numbered with 32 bits, with room for those of customers.
    #[error("there are {0} accounts; at most 65,535 can be named")]
    TooManyAccounts(usize),
}

/// A bank: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Accounts {
    setup: Arc<Setup>,
}

impl Accounts {
    /// Checks a set-up and makes a bank of it.
    ///
    /// # Errors
    ///
    /// What is wrong with the set-up; only the first thing that is.
    ///
    /// ```
    /// use jetlag::domains::accounts::{AccountId, Accounts, Setup};
    /// let accounts = vec!["a-42".to_owned(), "a-43".to_owned()];
    /// let bank = Accounts::new(Setup { accounts, ..Setup::default() })?;
    /// assert_eq!(bank.account_named("a-43"), Some(AccountId(1)));
    /// # Ok::<(), jetlag::domains::accounts::SetupError>(())
    /// ```
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        if setup.customers == 0 {
            return Err(SetupError::NoCustomers);
        }
        if setup.accounts.len() > usize::from(u16::MAX) {
            return Err(SetupError::TooManyAccounts(setup.accounts.len()));
        }
        for (index, name) in setup.accounts.iter().enumerate() {
            if setup.accounts[..index].contains(name) {
                return Err(SetupError::DuplicateAccount(name.clone()));
            }
        }
        Ok(Self { setup: Arc::new(setup) })
    }

    /// What all money is in.
    pub fn currency(&self) -> Currency {
        self.setup.currency
    }

    /// This number of minor units.
    pub(super) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency())
    }

    /// The numbers that were set up.
    pub fn names(&self) -> &[String] {
        &self.setup.accounts
    }

    /// An account by its number.
    pub fn account_named(&self, name: &str) -> Option<AccountId> {
        let place = self.names().iter().position(|known| known == name)?;
        u32::try_from(place).ok().map(AccountId)
    }

    /// How many accounts have a number of their own.
    fn named(&self) -> u32 {
        u32::try_from(self.names().len()).expect("counted when it was set up")
    }

    /// The number of an account, as it is shown.
    pub fn name(&self, account: AccountId) -> String {
        match self.names().get(account.0 as usize) {
            Some(name) => name.clone(),
            None => format!("#{}", u64::from(account.0 - self.named()) + 1),
        }
    }

    /// A customer's nth account without a number of its own, from 0; `None` if there are no more.
    pub fn account_of(&self, customer: CustomerId, nth: u32) -> Option<AccountId> {
        let number = nth.checked_mul(self.setup.customers)?.checked_add(customer.0)?;
        number.checked_add(self.named()).map(AccountId)
    }

    /// A customer's nth transfer, from 0; `None` if there are no numbers left.
    pub fn transfer_of(&self, customer: CustomerId, nth: u32) -> Option<TransferId> {
        let number = nth.checked_mul(self.setup.customers)?.checked_add(customer.0)?;
        Some(TransferId(number))
    }

    /// Some account that money can be sent to, but not `from`: one with a number, or the first one of a customer.
    pub(super) fn some_account(&self, random: u64, from: AccountId) -> Option<AccountId> {
        let all = u64::from(self.named()) + u64::from(self.setup.customers);
        let known = u64::from(from.0) < all;
        let place = random.checked_rem(all - u64::from(known))?;
        let skipped = known && place >= u64::from(from.0);
        u32::try_from(place + u64::from(skipped)).ok().map(AccountId)
    }
}

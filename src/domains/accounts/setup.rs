//! The set-up of a scenario: the currency, and the accounts that scenario files can name.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::ids::{AccountId, TransferId};
use crate::domains::money::{Currency, Money};
use crate::model::{CustomerId, Defects};

/// The set-up of a bank, before it is checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The number of customers, scripted and drawn. At least 1.
    #[serde(skip)]
    pub customers: u32,
    /// Whether customers give their name, address and card, and can have them erased. `false` by default.
    pub personal_data: bool,
    /// The currency of all amounts. `"EUR"` by default.
    pub currency: Currency,
    /// Account numbers, as in `"a-42"`. An account belongs to the customer that opens it. None by
    /// default.
    pub accounts: Vec<String>,
    /// How many accounts can be open at once. By default any number.
    pub limits: Limits,
    /// What a deposit expects of the account's stream. `Exact` by default: the version on which it was decided.
    pub deposits: DepositsExpect,
    /// Whether the number of an account that was closed is used again. `Once` by default.
    pub numbers: Numbers,
}

/// Whether the number of an account that was closed can be opened again, by the same customer or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Numbers {
    /// It cannot.
    Once,
    /// It can: its stream begins again.
    UsedAgain,
}

/// How many accounts can be open at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Of one customer. Without it, any number.
    pub each: Option<u32>,
    /// Of all customers together. Without it, any number.
    pub all: Option<u32>,
}

/// What a deposit expects of the stream of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DepositsExpect {
    /// The version on which it was decided, so that of two deposits at the same time one is decided again.
    Exact,
    /// That the account was opened. It may be closed meanwhile.
    StreamExists,
    /// Nothing.
    Any,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            customers: 1,
            personal_data: false,
            currency: Currency::Eur,
            accounts: Vec::new(),
            limits: Limits::default(),
            deposits: DepositsExpect::Exact,
            numbers: Numbers::Once,
        }
    }
}

/// Why a set-up is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SetupError {
    /// There are no customers.
    #[error("there must be at least one customer")]
    NoCustomers,
    /// Two accounts have the same number.
    #[error("the account `{0}` appears twice")]
    DuplicateAccount(String),
    /// Accounts have 32-bit numbers, and those of customers need room.
    #[error("there are {0} accounts; at most 65,535 can be named")]
    TooManyAccounts(usize),
}

/// A bank: the domain. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Accounts {
    setup: Arc<Setup>,
    pub(super) defects: Defects,
}

impl Accounts {
    /// Makes a bank from a set-up.
    ///
    /// # Errors
    ///
    /// The first mistake in the set-up.
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
        Ok(Self { setup: Arc::new(setup), defects: Defects::default() })
    }

    /// The currency of all amounts.
    pub fn currency(&self) -> Currency {
        self.setup.currency
    }

    /// This number of minor units.
    pub(super) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency())
    }

    /// How many accounts can be open at once.
    pub fn limits(&self) -> Limits {
        self.setup.limits
    }

    /// What a deposit expects of the stream of its account.
    pub(super) fn deposits(&self) -> DepositsExpect {
        self.setup.deposits
    }

    /// Whether customers give their names and addresses.
    pub(super) fn has_personal_data(&self) -> bool {
        self.setup.personal_data
    }

    /// Whether numbers are used again.
    pub(super) fn uses_numbers_again(&self) -> bool {
        self.setup.numbers == Numbers::UsedAgain
    }

    /// The account numbers of the set-up.
    pub fn names(&self) -> &[String] {
        &self.setup.accounts
    }

    /// An account by its number.
    pub fn account_named(&self, name: &str) -> Option<AccountId> {
        let place = self.names().iter().position(|known| known == name)?;
        u32::try_from(place).ok().map(AccountId)
    }

    /// How many accounts have a number in the set-up.
    fn named(&self) -> u32 {
        u32::try_from(self.names().len()).expect("`new` checks the number of accounts")
    }

    /// The name of an account in messages.
    pub fn name(&self, account: AccountId) -> String {
        match self.names().get(account.0 as usize) {
            Some(name) => name.clone(),
            None => format!("#{}", u64::from(account.0 - self.named()) + 1),
        }
    }

    /// A customer's nth account without a number in the set-up, from 0; `None` if there are no more.
    pub fn account_of(&self, customer: CustomerId, nth: u32) -> Option<AccountId> {
        let number = nth.checked_mul(self.setup.customers)?.checked_add(customer.0)?;
        number.checked_add(self.named()).map(AccountId)
    }

    /// A customer's nth transfer, from 0; `None` if there are no more.
    pub fn transfer_of(&self, customer: CustomerId, nth: u32) -> Option<TransferId> {
        let number = nth.checked_mul(self.setup.customers)?.checked_add(customer.0)?;
        Some(TransferId(number))
    }

    /// A random account other than `from`: one with a number in the set-up, or a customer's first one.
    pub(super) fn some_account(&self, random: u64, from: AccountId) -> Option<AccountId> {
        let all = u64::from(self.named()) + u64::from(self.setup.customers);
        let known = u64::from(from.0) < all;
        let place = random.checked_rem(all - u64::from(known))?;
        let skipped = known && place >= u64::from(from.0);
        u32::try_from(place + u64::from(skipped)).ok().map(AccountId)
    }
}

//! What scenario files can say about accounts: the bank, what customers do, what they are told.

use serde::{Deserialize, Serialize};

use super::Kept;
use super::customers::Action;
use super::ids::{AccountId, TransferId};
use super::outcome::{Outcome, Wait};
use super::setup::{Accounts, Setup};
use crate::domains::money::Money;
use crate::kernel::{Instant, Span};
use crate::model::{AsOf, Version};
use crate::scenario::{Complaints, Ids, Place, ScenarioDomain};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountsFile {
    /// Accounts of a bank.
    Accounts(Setup),
}

/// What stands after `does:` and in a `mix`. Where no account is named it is about the one that the
/// customer opened last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Opens an account; one without a number of its own if none is named.
    Open {
        #[serde(default)]
        account: Option<String>,
        /// What they pay in at once. Nothing by default.
        #[serde(default)]
        deposit: Option<Money>,
    },
    /// Pays money in.
    Deposit {
        #[serde(default)]
        account: Option<String>,
        amount: Money,
    },
    /// Takes money out.
    Withdraw {
        #[serde(default)]
        account: Option<String>,
        amount: Money,
    },
    /// Has money moved.
    Transfer {
        #[serde(default)]
        from: Option<String>,
        /// To where; some other account, whichever the seed says, if none is named.
        #[serde(default)]
        to: Option<String>,
        amount: Money,
    },
    /// Gives an account up.
    Close {
        #[serde(default)]
        account: Option<String>,
    },
    /// Asks what is on an account, and in which of the three views.
    CheckBalance {
        #[serde(default)]
        account: Option<String>,
        /// Where it is looked up. `ByBus` by default.
        #[serde(default = "by_bus")]
        by: Kept,
    },
    /// Asks what was on an account: at a version, at a moment, or now.
    AsOf {
        #[serde(default)]
        account: Option<String>,
        /// After its how-manieth event.
        #[serde(default)]
        version: Option<u32>,
        /// When, from the start of the run.
        #[serde(default)]
        at: Option<Span>,
    },
    /// Goes through an account's past from its first event on, one answer after the other.
    History {
        #[serde(default)]
        account: Option<String>,
    },
    /// Looks at their accounts.
    MyAccounts,
    /// Looks at any customer's transfer: 1 for `t-1`; the one they asked for last if left out.
    CheckTransfer {
        #[serde(default)]
        transfer: Option<u32>,
    },
    /// Does something that customers of banks do, whatever the seed says.
    Bank,
    /// Does something again and again, each time when the last is answered.
    Repeat {
        times: u32,
        /// How long they think before the next time. Not at all by default.
        #[serde(default)]
        think: Span,
        does: Box<ScriptAction>,
    },
}

const fn by_bus() -> Kept {
    Kept::ByBus
}

impl ScenarioDomain for Accounts {
    type Setup = AccountsFile;
    type ScriptAction = ScriptAction;
    type Outcome = Outcome;
    type Wait = Wait;
    type Properties = super::properties::AccountsProperties;

    fn build(
        setup: &AccountsFile,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self> {
        let AccountsFile::Accounts(setup) = setup;
        let before = complaints.count();
        let mut ids = Ids::of("account", "a-42");
        for (index, id) in setup.accounts.iter().enumerate() {
            ids.check(id, place.field("accounts").item(index), complaints);
        }
        if complaints.count() > before {
            return None;
        }
        // A set-up needs a customer, even where none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn resolve(
        &self,
        action: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut names = Names { accounts: self, place, complaints };
        Some(match action {
            ScriptAction::Open { account, deposit } => {
                let deposit = deposit.map(|deposit| names.money("deposit", deposit));
                let account = names.account("account", account.as_deref())?;
                Action::Open { account, deposit: deposit.map_or(Some(None), |it| it.map(Some))? }
            }
            ScriptAction::Deposit { account, amount } => {
                let amount = names.money("amount", *amount);
                let account = names.account("account", account.as_deref())?;
                Action::Deposit { account, amount: amount? }
            }
            ScriptAction::Withdraw { account, amount } => {
                let amount = names.money("amount", *amount);
                let account = names.account("account", account.as_deref())?;
                Action::Withdraw { account, amount: amount? }
            }
            ScriptAction::Transfer { from, to, amount } => {
                let amount = names.money("amount", *amount);
                let to = names.account("to", to.as_deref());
                let from = names.account("from", from.as_deref())?;
                Action::Transfer { from, to: to?, amount: amount? }
            }
            ScriptAction::Close { account } => {
                Action::Close { account: names.account("account", account.as_deref())? }
            }
            ScriptAction::CheckBalance { account, by } => {
                let account = names.account("account", account.as_deref())?;
                Action::CheckBalance { account, by: *by }
            }
            ScriptAction::AsOf { account, version, at } => {
                let account = names.account("account", account.as_deref());
                let at = match (version, at) {
                    (Some(_), Some(_)) => {
                        complaints.add(
                            place.field("at"),
                            "`version` and `at` cannot be combined",
                            "remove one of them",
                        );
                        return None;
                    }
                    (Some(version), None) => AsOf::Version(Version(*version)),
                    (None, Some(at)) => AsOf::Instant(Instant::ZERO + *at),
                    (None, None) => AsOf::Now,
                };
                Action::AsOf { account: account?, at }
            }
            ScriptAction::History { account } => {
                let account = names.account("account", account.as_deref())?;
                Action::History { account, from: Version(1) }
            }
            ScriptAction::MyAccounts => Action::MyAccounts,
            ScriptAction::CheckTransfer { transfer } => {
                let place = place.field("transfer");
                let number = |number| complaints.from_one(place, number, "transfer", "t-1");
                let transfer = transfer.map(|it| number(it).map(TransferId));
                Action::CheckTransfer { transfer: transfer.map_or(Some(None), |it| it.map(Some))? }
            }
            ScriptAction::Bank => Action::Bank,
            ScriptAction::Repeat { times, think, does } => {
                if *times == 0 {
                    let hint = "remove the action if it is not wanted";
                    complaints.not_zero(place.field("times"), times, hint);
                    return None;
                }
                let here = place.field("does");
                if matches!(**does, ScriptAction::Repeat { .. } | ScriptAction::History { .. }) {
                    complaints.add(
                        here,
                        "an action with several answers cannot be repeated",
                        "repeat an action with one answer",
                    );
                    return None;
                }
                let does = Box::new(self.resolve(does, &here, complaints)?);
                Action::Repeat { times: *times, think: *think, does }
            }
        })
    }
}

/// Looks names up in one action.
struct Names<'a> {
    accounts: &'a Accounts,
    place: &'a Place,
    complaints: &'a mut Complaints,
}

impl Names<'_> {
    /// `Some(None)` if no account was named.
    fn account(&mut self, field: &str, name: Option<&str>) -> Option<Option<AccountId>> {
        let Some(name) = name else { return Some(None) };
        let found = self.accounts.account_named(name);
        if found.is_none() {
            let known: Vec<&str> = self.accounts.names().iter().map(String::as_str).collect();
            self.complaints.unknown(self.place.field(field), "account", name, &known);
        }
        found.map(Some)
    }

    fn money(&mut self, field: &str, amount: Money) -> Option<Money> {
        let (currency, place) = (self.accounts.currency(), self.place.field(field));
        currency.must_be_of(amount, "amount", "the accounts are", place, self.complaints)
    }
}

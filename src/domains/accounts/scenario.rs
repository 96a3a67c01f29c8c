//! The language of scenario files: the bank, and the actions of customers.

use serde::{Deserialize, Serialize};

use super::Kept;
use super::customers::Action;
use super::ids::{AccountId, TransferId};
use super::outcome::{Outcome, Wait};
use super::setup::{Accounts, Setup};
use crate::domains::money::Money;
use crate::domains::past::moment;
use crate::kernel::Span;
use crate::model::{Named, Version};
use crate::scenario::{Complaints, Ids, Place, ScenarioDomain};

/// What can follow `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountsFile {
    Accounts(Setup),
}

/// What can follow `does:` or stand in a `mix`. Without an account it is about the account that the
/// customer opened last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Opens an account; without a name, one that has no number in the set-up.
    Open {
        #[serde(default)]
        account: Option<String>,
        /// The first deposit. None by default.
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
    /// Transfers money.
    Transfer {
        #[serde(default)]
        from: Option<String>,
        /// By default an account that the seed chooses.
        #[serde(default)]
        to: Option<String>,
        amount: Money,
        /// Whom the money is for: another customer of the script, as this one writes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payee: Option<String>,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Closes an account.
    Close {
        #[serde(default)]
        account: Option<String>,
    },
    /// Queries a balance in one of the three views.
    CheckBalance {
        #[serde(default)]
        account: Option<String>,
        /// The view. `ByBus` by default.
        #[serde(default = "by_bus")]
        by: Kept,
    },
    /// Queries the balance as of a version, as of a time, or now.
    AsOf {
        #[serde(default)]
        account: Option<String>,
        /// The number of events of the account to include.
        #[serde(default)]
        version: Option<u32>,
        /// The time since the start of the run.
        #[serde(default)]
        at: Option<Span>,
    },
    /// Queries the balance after the first event, then after the second, and so on to the last.
    History {
        #[serde(default)]
        account: Option<String>,
    },
    /// Queries the customer's own accounts.
    MyAccounts,
    /// Queries any transfer: 1 for `t-1`. By default the customer's last one.
    CheckTransfer {
        #[serde(default)]
        transfer: Option<u32>,
    },
    /// Does something that the seed chooses.
    Bank,
    /// Repeats an action, each time after the answer to the previous one.
    Repeat {
        times: u32,
        /// The pause before the next time. None by default.
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
        // A set-up needs a customer, even if none acts.
        let setup = Setup { customers: customers.max(1), ..setup.clone() };
        complaints.check(Self::new(setup), place)
    }

    fn pauses(&self, action: &Action) -> Span {
        let Action::Repeat { times, think, does } = action else { return Span::ZERO };
        (*think + self.pauses(does)).times(u64::from(*times))
    }

    fn resolve_among(
        &self,
        customers: &[String],
        line: &ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Action> {
        let mut action = self.resolve(line, place, complaints)?;
        self.name_payee(customers, (line, &mut action), place, complaints)?;
        Some(action)
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
                let deposit = deposit.map_or(Some(None), |it| names.money("deposit", it).map(Some));
                Action::Open { account: names.account("account", account)?, deposit: deposit? }
            }
            ScriptAction::Deposit { account, amount } => {
                let amount = names.money("amount", *amount);
                Action::Deposit { account: names.account("account", account)?, amount: amount? }
            }
            ScriptAction::Withdraw { account, amount } => {
                let amount = names.money("amount", *amount);
                Action::Withdraw { account: names.account("account", account)?, amount: amount? }
            }
            ScriptAction::EraseMe => Action::EraseMe,
            ScriptAction::Transfer { from, to, amount, payee: _ } => {
                let amount = names.money("amount", *amount);
                let to = names.account("to", to);
                let from = names.account("from", from)?;
                Action::Transfer { from, to: to?, amount: amount?, payee: Named::NONE }
            }
            ScriptAction::Close { account } => {
                Action::Close { account: names.account("account", account)? }
            }
            ScriptAction::CheckBalance { account, by } => {
                Action::CheckBalance { account: names.account("account", account)?, by: *by }
            }
            ScriptAction::AsOf { account, version, at } => {
                let account = names.account("account", account);
                let at = moment(*version, *at, place, complaints);
                Action::AsOf { account: account?, at: at? }
            }
            ScriptAction::History { account } => {
                let account = names.account("account", account)?;
                Action::History { account, from: Version(1) }
            }
            ScriptAction::MyAccounts => Action::MyAccounts,
            ScriptAction::CheckTransfer { transfer } => {
                let place = place.field("transfer");
                let transfer = match *transfer {
                    Some(it) => {
                        Some(TransferId(complaints.from_one(place, it, "transfer", "t-1")?))
                    }
                    None => None,
                };
                Action::CheckTransfer { transfer }
            }
            ScriptAction::Bank => Action::Bank,
            ScriptAction::Repeat { times, think, does } => {
                if *times == 0 {
                    let hint = "remove the action if it is not needed";
                    complaints.not_zero(place.field("times"), times, hint);
                    return None;
                }
                let here = place.field("does");
                if matches!(**does, ScriptAction::Repeat { .. } | ScriptAction::History { .. }) {
                    let says = "an action with several answers cannot be repeated";
                    complaints.add(here, says, "repeat an action with one answer");
                    return None;
                }
                if matches!(**does, ScriptAction::EraseMe) {
                    let says = "an erasure is not repeated: a second one changes nothing";
                    complaints.add(here, says, "write it once, without `Repeat`");
                    return None;
                }
                let does = Box::new(self.resolve(does, &here, complaints)?);
                Action::Repeat { times: *times, think: *think, does }
            }
        })
    }
}

impl Accounts {
    /// Looks up the payee of a transfer, also of one that is repeated.
    fn name_payee(
        &self,
        customers: &[String],
        (line, action): (&ScriptAction, &mut Action),
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<()> {
        match (line, action) {
            (ScriptAction::Repeat { does: line, .. }, Action::Repeat { does: action, .. }) => {
                self.name_payee(customers, (line, action), &place.field("does"), complaints)?;
            }
            (ScriptAction::Transfer { payee: Some(name), .. }, Action::Transfer { payee, .. }) => {
                let place = place.field("payee");
                complaints.needs_personal_data(self.has_personal_data(), &place);
                *payee = complaints.customer(place, name, customers)?;
            }
            _ => {}
        }
        Some(())
    }
}

/// Resolves the names in one action.
struct Names<'a> {
    accounts: &'a Accounts,
    place: &'a Place,
    complaints: &'a mut Complaints,
}

impl Names<'_> {
    /// `Some(None)` if there is no name.
    fn account(&mut self, field: &str, name: &Option<String>) -> Option<Option<AccountId>> {
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

//! What scenario files can say about accounts: the bank, what customers do, what they are told.
//!
//! This is the one place where the defaults of the domain's set-up are written down.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Kept;
use super::customers::Action;
use super::ids::{AccountId, TransferId};
use super::outcome::{Outcome, Wait};
use super::setup::{Accounts, Setup};
use crate::domains::money::{Currency, Money, written};
use crate::kernel::{Instant, Span};
use crate::model::{AsOf, Version};
use crate::scenario::{Complaints, Place, ScenarioDomain};

/// What stands after `domain:`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum AccountsFile {
    /// Accounts of a bank.
    Accounts {
        /// What all money is in. `"EUR"` by default.
        #[serde(
            default = "currency",
            serialize_with = "write_currency",
            deserialize_with = "read_currency"
        )]
        currency: Currency,
        /// Numbers of accounts that can be named, as in `"a-42"`. None by default.
        #[serde(default)]
        accounts: Vec<String>,
    },
}

fn currency() -> Currency {
    Setup::default().currency
}

fn write_currency<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(currency)
}

fn read_currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
    let text = String::deserialize(deserializer)?;
    let known = Currency::ALL.into_iter().find(|currency| currency.code() == text);
    known.ok_or_else(|| {
        let known: Vec<_> = Currency::ALL.iter().map(|currency| currency.code()).collect();
        de::Error::custom(format!(
            "`{text}` is not a known currency; known are {}",
            known.join(", ")
        ))
    })
}

/// What stands after `does:` and in a `mix`. Where no account is named it is about the one that the
/// customer opened last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScriptAction {
    /// Opens an account; one without a number of its own if none is named.
    Open {
        /// Which.
        #[serde(default)]
        account: Option<String>,
        /// What they pay in at once. Nothing by default.
        #[serde(
            default,
            serialize_with = "written::write_limit",
            deserialize_with = "written::read_limit"
        )]
        deposit: Option<Money>,
    },
    /// Pays money in.
    Deposit {
        /// Where.
        #[serde(default)]
        account: Option<String>,
        /// How much.
        #[serde(serialize_with = "written::write", deserialize_with = "written::read")]
        amount: Money,
    },
    /// Takes money out.
    Withdraw {
        /// Where.
        #[serde(default)]
        account: Option<String>,
        /// How much.
        #[serde(serialize_with = "written::write", deserialize_with = "written::read")]
        amount: Money,
    },
    /// Has money moved.
    Transfer {
        /// From where.
        #[serde(default)]
        from: Option<String>,
        /// To where; some other account, whichever the seed says, if none is named.
        #[serde(default)]
        to: Option<String>,
        /// How much.
        #[serde(serialize_with = "written::write", deserialize_with = "written::read")]
        amount: Money,
    },
    /// Gives an account up.
    Close {
        /// Which.
        #[serde(default)]
        account: Option<String>,
    },
    /// Asks what is on an account, and in which of the three views.
    CheckBalance {
        /// Which.
        #[serde(default)]
        account: Option<String>,
        /// Where it is looked up. `ByBus` by default.
        #[serde(default = "by_bus")]
        by: Kept,
    },
    /// Asks what was on an account: at a version, at a moment, or now.
    AsOf {
        /// Which.
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
        /// Which.
        #[serde(default)]
        account: Option<String>,
    },
    /// Looks at their accounts.
    MyAccounts,
    /// Looks at a transfer, whoever's it is: 1 for `t-1`; the one they asked for last if left out.
    CheckTransfer {
        /// Which.
        #[serde(default)]
        transfer: Option<u32>,
    },
    /// Does something that customers of banks do, whatever the seed says.
    Bank,
    /// Does something again and again, each time when the last is answered.
    Repeat {
        /// How often.
        times: u32,
        /// How long they think before the next time. Not at all by default.
        #[serde(default)]
        think: Span,
        /// What.
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
        let AccountsFile::Accounts { currency, accounts } = setup;
        let before = complaints.count();
        for (index, name) in accounts.iter().enumerate() {
            let here = place.field("accounts").item(index);
            if name.trim().is_empty() {
                complaints.add(here, "this account has no number", "like \"a-42\"");
                continue;
            }
            complaints.unprintable(here.clone(), name);
            if accounts[..index].contains(name) {
                complaints.add(
                    here,
                    format!("the account `{name}` appears twice"),
                    "give each account a number of its own",
                );
            }
        }
        if complaints.count() > before {
            return None;
        }
        // A bank without customers is set up for one who never comes.
        let (customers, currency) = (customers.max(1), *currency);
        match Self::new(Setup { customers, currency, accounts: accounts.clone() }) {
            Ok(accounts) => Some(accounts),
            Err(error) => {
                complaints.add(place.clone(), error.to_string(), "change the set-up");
                None
            }
        }
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
                            "a version is one moment and this is another",
                            "leave either out",
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
            ScriptAction::CheckTransfer { transfer: None } => {
                Action::CheckTransfer { transfer: None }
            }
            ScriptAction::CheckTransfer { transfer: Some(number) } => {
                let Some(number) = number.checked_sub(1) else {
                    complaints.add(
                        place.field("transfer"),
                        "there is no such transfer",
                        "transfers are counted from 1: 1 is t-1",
                    );
                    return None;
                };
                Action::CheckTransfer { transfer: Some(TransferId(number)) }
            }
            ScriptAction::Bank => Action::Bank,
            ScriptAction::Repeat { times, think, does } => {
                if *times == 0 {
                    complaints.add(
                        place.field("times"),
                        "what is repeated 0 times is never done",
                        "say how often, or leave it out",
                    );
                    return None;
                }
                let here = place.field("does");
                if matches!(**does, ScriptAction::Repeat { .. } | ScriptAction::History { .. }) {
                    complaints.add(
                        here,
                        "this has several answers, and so nobody knows when to do it again",
                        "repeat something that has one",
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
        let currency = self.accounts.currency();
        if amount.currency == currency {
            return Some(amount);
        }
        self.complaints.add(
            self.place.field(field),
            format!("this is in {}, but the accounts are in {currency}", amount.currency),
            format!("write the amount in {currency}"),
        );
        None
    }
}

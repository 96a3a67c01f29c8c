//! The actions of customers, and their state on the client.

use super::command::Command;
use super::ids::{AccountId, TransferId};
use super::setup::Accounts;
use super::{Kept, Query, Row};
use crate::domains::money::Money;
use crate::domains::past::Browsing;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CustomerId, Named, Version};

/// A [`ScriptAction`](super::scenario::ScriptAction) with its names resolved. Without an account it is
/// about the account that the customer opened last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Without an account: the customer's next one without a number in the set-up.
    Open { account: Option<AccountId>, deposit: Option<Money> },
    /// Pays money in.
    Deposit { account: Option<AccountId>, amount: Money },
    /// Takes money out.
    Withdraw { account: Option<AccountId>, amount: Money },
    /// Without a destination: a random one.
    Transfer {
        from: Option<AccountId>,
        to: Option<AccountId>,
        amount: Money,
        /// Whom the money is for, as the customer writes it.
        payee: Named,
    },
    /// Requests the erasure of their personal data.
    EraseMe,
    /// Closes an account.
    Close { account: Option<AccountId> },
    /// Queries a balance in one of the three views.
    CheckBalance { account: Option<AccountId>, by: Kept },
    /// Queries a balance of the past.
    AsOf { account: Option<AccountId>, at: AsOf },
    /// Queries all balances of the past from a version on, one after the other.
    History { account: Option<AccountId>, from: Version },
    /// Queries the customer's own accounts.
    MyAccounts,
    /// Without a transfer: the customer's last one.
    CheckTransfer { transfer: Option<TransferId> },
    /// A random action.
    Bank,
    /// Repeats an action: `think` after each answer.
    Repeat { times: u32, think: Span, does: Box<Action> },
}

/// The state of one customer's client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// How many accounts without a number in the set-up the customer has requested.
    begun: u32,
    /// The account requested last.
    last: Option<AccountId>,
    /// How many transfers the customer has requested.
    sent: u32,
    /// The last of these transfers.
    transfer: Option<TransferId>,
    repeats: Vec<Repeating>,
    browsing: Browsing<AccountId>,
}

/// An action to repeat when `asked` is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Repeating {
    asked: Asked,
    again: Action,
    think: Span,
}

/// What was sent, to recognise its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Command(Command),
    Query(Query),
}

impl Action {
    /// The transfer back.
    pub(super) fn reversed(&self) -> Option<Self> {
        match self {
            Self::Transfer { from: from @ Some(_), to: to @ Some(_), amount, payee } => {
                let (amount, payee) = (*amount, *payee);
                Some(Self::Transfer { from: *to, to: *from, amount, payee })
            }
            Self::Open { .. }
            | Self::Deposit { .. }
            | Self::Withdraw { .. }
            | Self::Transfer { .. }
            | Self::Close { .. }
            | Self::CheckBalance { .. }
            | Self::AsOf { .. }
            | Self::History { .. }
            | Self::EraseMe
            | Self::MyAccounts
            | Self::CheckTransfer { .. }
            | Self::Bank
            | Self::Repeat { .. } => None,
        }
    }
}

/// The deposit, in minor units, of an account opened by a random action.
const FIRST_DEPOSIT: i64 = 10_000;

/// What a customer sends to carry out an action.
pub(super) fn act(
    accounts: &Accounts,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Vec<Ask<Accounts>> {
    if let Action::Repeat { times, think, does } = action {
        let Some(left) = times.checked_sub(1) else { return Vec::new() };
        let asks = act(accounts, who, memory, does, random);
        if let (Some(asked), true) = (asks.first().and_then(Asked::of), left > 0) {
            let (think, does) = (*think, does.clone());
            let again = Action::Repeat { times: left, think, does };
            memory.repeats.push(Repeating { asked, again, think });
        }
        return asks;
    }
    ask(accounts, who, memory, action, random).into_iter().collect()
}

fn ask(
    accounts: &Accounts,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Option<Ask<Accounts>> {
    let chosen = |account: &Option<AccountId>| account.or(memory.last);
    Some(match action {
        Action::Open { account, deposit } => {
            let account = match account {
                Some(account) => *account,
                None => {
                    let account = accounts.account_of(who, memory.begun)?;
                    memory.begun += 1;
                    account
                }
            };
            memory.last = Some(account);
            Ask::Command(Command::OpenAccount { account, owner: who, deposit: *deposit })
        }
        Action::Deposit { account, amount } => {
            Ask::Command(Command::Deposit { account: chosen(account)?, amount: *amount })
        }
        Action::Withdraw { account, amount } => {
            Ask::Command(Command::Withdraw { account: chosen(account)?, by: who, amount: *amount })
        }
        Action::EraseMe => Ask::Erase,
        Action::Transfer { from, to, amount, payee } => {
            let from = chosen(from)?;
            let to = to.or_else(|| accounts.some_account(random, from))?;
            let transfer = accounts.transfer_of(who, memory.sent)?;
            memory.sent += 1;
            memory.transfer = Some(transfer);
            let (by, amount, payee) = (who, *amount, *payee);
            Ask::Command(Command::RequestTransfer { transfer, by, from, to, amount, payee })
        }
        Action::Close { account } => {
            Ask::Command(Command::CloseAccount { account: chosen(account)?, by: who })
        }
        Action::CheckBalance { account, by } => Ask::Query(Query::Balance(chosen(account)?, *by)),
        Action::AsOf { account, at } => Ask::Query(Query::BalanceAsOf(chosen(account)?, *at)),
        Action::History { account, from } => {
            let account = chosen(account)?;
            Ask::Query(Query::BalanceAsOf(account, memory.browsing.ask(account, *from)))
        }
        Action::MyAccounts => Ask::Query(Query::MyAccounts),
        Action::CheckTransfer { transfer } => {
            Ask::Query(Query::Transfer(transfer.or(memory.transfer)?))
        }
        Action::Bank => {
            let drawn = any_action(accounts, memory, random);
            return ask(accounts, who, memory, &drawn, random / 7);
        }
        // A `Repeat` in a `Repeat` is refused in scenario files.
        Action::Repeat { .. } => return None,
    })
}

/// A random action.
fn any_action(accounts: &Accounts, memory: &ClientState, random: u64) -> Action {
    if memory.last.is_none() {
        let deposit = Some(accounts.money(FIRST_DEPOSIT));
        return Action::Open { account: None, deposit };
    }
    let amount = accounts.money(1 + (random / 56 % 8_000) as i64);
    let by = [Kept::Inline, Kept::ByBus, Kept::OnDemand][(random / 8 % 3) as usize];
    match random % 8 {
        0 => Action::Deposit { account: None, amount },
        1 | 2 => Action::Withdraw { account: None, amount },
        3..=5 => Action::Transfer { from: None, to: None, amount, payee: Named::NONE },
        6 => Action::CheckBalance { account: None, by },
        _ => match random / 8 % 3 {
            0 => Action::MyAccounts,
            1 => Action::CheckTransfer { transfer: None },
            _ => Action::AsOf { account: None, at: AsOf::Now },
        },
    }
}

/// What a customer does after an answer.
pub(super) fn on_answer(memory: &mut ClientState, answer: &Answer<Accounts>) -> Vec<Ask<Accounts>> {
    let mut asks = Vec::new();
    // A repeated action goes on after any answer, also after none.
    if let Some(place) = memory.repeats.iter().position(|repeating| repeating.asked.is_by(answer)) {
        let Repeating { again, think, .. } = memory.repeats.remove(place);
        asks.push(Ask::Later(think, again));
    }
    if let Answer::Shown(Query::BalanceAsOf(account, as_of), row) = answer {
        let shown = match row {
            Some(Row::Balance(line)) => Some(line.version),
            Some(_) | None => None,
        };
        if let Some(from) = memory.browsing.answered(*account, *as_of, shown) {
            asks.push(Ask::Later(Span::ZERO, Action::History { account: Some(*account), from }));
        }
    }
    asks
}

impl Asked {
    fn of(ask: &Ask<Accounts>) -> Option<Self> {
        match ask {
            Ask::Command(command) => Some(Self::Command(command.clone())),
            Ask::Query(query) => Some(Self::Query(*query)),
            Ask::Watch(..) | Ask::Erase | Ask::Outside(..) | Ask::Later(..) => None,
        }
    }

    /// Whether `answer` is the answer. Silence does not say what it is about and counts for everything.
    fn is_by(&self, answer: &Answer<Accounts>) -> bool {
        match (self, answer) {
            (Self::Command(asked), Answer::Command(command, _)) => asked == command,
            (
                Self::Query(asked),
                Answer::Shown(query, _) | Answer::NotYet(query) | Answer::TryLater(Some(query)),
            ) => asked == query,
            (Self::Command(_) | Self::Query(_), Answer::Silence) => true,
            (
                Self::Command(_) | Self::Query(_),
                Answer::Command(..)
                | Answer::Shown(..)
                | Answer::NotYet(_)
                | Answer::TryLater(_)
                | Answer::Erased,
            ) => false,
        }
    }
}

//! What customers want, ask and remember.

use super::command::Command;
use super::ids::{AccountId, TransferId};
use super::setup::Accounts;
use super::{Kept, Query, Row};
use crate::domains::money::Money;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CustomerId, Version};

/// What a customer can be scripted or drawn to do. Where no account is named it is about the one that
/// they opened last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Opens an account; one without a number of its own if none is named.
    Open {
        account: Option<AccountId>,
        /// What they pay in at once.
        deposit: Option<Money>,
    },
    /// Pays money in.
    Deposit { account: Option<AccountId>, amount: Money },
    /// Takes money out.
    Withdraw { account: Option<AccountId>, amount: Money },
    /// Has money moved.
    Transfer {
        from: Option<AccountId>,
        /// To where; some other account, by luck, if `None`.
        to: Option<AccountId>,
        amount: Money,
    },
    /// Gives an account up.
    Close { account: Option<AccountId> },
    /// Asks what is on an account.
    CheckBalance {
        account: Option<AccountId>,
        /// In which of the three views.
        by: Kept,
    },
    /// Asks what was on an account.
    AsOf { account: Option<AccountId>, at: AsOf },
    /// Goes through an account's past from its first event on, one answer after the other.
    History {
        account: Option<AccountId>,
        /// From which version on.
        from: Version,
    },
    /// Looks at their accounts.
    MyAccounts,
    /// Looks at a transfer: the one they asked for last if none is named.
    CheckTransfer { transfer: Option<TransferId> },
    /// Does something, by luck.
    Bank,
    /// Does something again and again, each time when the last is answered.
    Repeat {
        times: u32,
        /// How long they think before the next time.
        think: Span,
        does: Box<Action>,
    },
}

/// What one customer remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// How many accounts without a number of their own they have wanted.
    begun: u32,
    /// The account that they wanted last.
    last: Option<AccountId>,
    /// How many transfers they have asked for.
    sent: u32,
    /// The last of them.
    transfer: Option<TransferId>,
    /// What they do again when it is answered.
    repeats: Vec<Repeating>,
    /// The question about the past whose answer they wait for, to ask the next.
    browsing: Option<(AccountId, Version)>,
}

/// Something that is done again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Repeating {
    asked: Asked,
    again: Action,
    think: Span,
}

/// What was asked, to know its answer by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    Command(Command),
    Query(Query),
}

/// What somebody has who begins by luck: ten thousand minor units.
const FIRST_DEPOSIT: i64 = 10_000;

/// What a customer does to carry out an action.
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
            let (account, amount) = (chosen(account)?, *amount);
            Ask::Command(Command::Withdraw { account, by: who, amount })
        }
        Action::Transfer { from, to, amount } => {
            let from = chosen(from)?;
            let to = to.or_else(|| accounts.some_account(random, from))?;
            let transfer = accounts.transfer_of(who, memory.sent)?;
            memory.sent += 1;
            memory.transfer = Some(transfer);
            let (by, amount) = (who, *amount);
            Ask::Command(Command::RequestTransfer { transfer, by, from, to, amount })
        }
        Action::Close { account } => {
            Ask::Command(Command::CloseAccount { account: chosen(account)?, by: who })
        }
        Action::CheckBalance { account, by } => Ask::Query(Query::Balance(chosen(account)?, *by)),
        Action::AsOf { account, at } => Ask::Query(Query::BalanceAsOf(chosen(account)?, *at)),
        Action::History { account, from } => {
            let account = chosen(account)?;
            memory.browsing = Some((account, *from));
            Ask::Query(Query::BalanceAsOf(account, AsOf::Version(*from)))
        }
        Action::MyAccounts => Ask::Query(Query::MyAccounts),
        Action::CheckTransfer { transfer } => {
            Ask::Query(Query::Transfer(transfer.or(memory.transfer)?))
        }
        Action::Bank => {
            let lucky = something(accounts, memory, random);
            return ask(accounts, who, memory, &lucky, random / 7);
        }
        Action::Repeat { .. } => return None, // once is enough: what is repeated is done again as a whole
    })
}

/// Something that a customer of a bank does.
fn something(accounts: &Accounts, memory: &ClientState, random: u64) -> Action {
    if memory.last.is_none() {
        let deposit = Some(accounts.money(FIRST_DEPOSIT));
        return Action::Open { account: None, deposit };
    }
    let amount = accounts.money(1 + (random / 56 % 8_000) as i64);
    let by = [Kept::Inline, Kept::ByBus, Kept::OnDemand][(random / 8 % 3) as usize];
    match random % 8 {
        0 => Action::Deposit { account: None, amount },
        1 | 2 => Action::Withdraw { account: None, amount },
        3..=5 => Action::Transfer { from: None, to: None, amount },
        6 => Action::CheckBalance { account: None, by },
        _ => match random / 8 % 3 {
            0 => Action::MyAccounts,
            1 => Action::CheckTransfer { transfer: None },
            _ => Action::AsOf { account: None, at: AsOf::Now },
        },
    }
}

/// What a customer does after being told something.
pub(super) fn on_answer(memory: &mut ClientState, answer: &Answer<Accounts>) -> Vec<Ask<Accounts>> {
    let mut asks = Vec::new();
    // What came of it, even if nothing did: they go on.
    if let Some(place) = memory.repeats.iter().position(|repeating| repeating.asked.is_by(answer)) {
        let Repeating { again, think, .. } = memory.repeats.remove(place);
        asks.push(Ask::Later(think, again));
    }
    if let Some((account, asked)) = memory.browsing
        && let Answer::Shown(Query::BalanceAsOf(about, AsOf::Version(of)), row) = answer
        && (*about, *of) == (account, asked)
    {
        memory.browsing = None;
        // Whoever is shown less than they asked for has come to the end.
        if let Some(Row::Balance(line)) = row
            && line.version == asked
        {
            let from = asked.next();
            asks.push(Ask::Later(Span::ZERO, Action::History { account: Some(account), from }));
        }
    }
    asks
}

impl Asked {
    fn of(ask: &Ask<Accounts>) -> Option<Self> {
        match ask {
            Ask::Command(command) => Some(Self::Command(command.clone())),
            Ask::Query(query) => Some(Self::Query(*query)),
            Ask::Erase | Ask::Outside(..) | Ask::Later(..) => None,
        }
    }

    /// Whether an answer is to this. Silence says not to what; whoever hears nothing goes on, too.
    fn is_by(&self, answer: &Answer<Accounts>) -> bool {
        match (self, answer) {
            (Self::Command(asked), Answer::Command(command, _)) => asked == command,
            (Self::Query(asked), Answer::Shown(query, _) | Answer::NotYet(query)) => asked == query,
            (Self::Command(_) | Self::Query(_), Answer::Silence) => true,
            (
                Self::Command(_) | Self::Query(_),
                Answer::Command(..) | Answer::Shown(..) | Answer::NotYet(_) | Answer::Erased,
            ) => false,
        }
    }
}

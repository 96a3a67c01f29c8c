//! `refused-with-cause`: what a balance covers is paid out, and a refusal says what was so.

use super::Balances;
use crate::check::{Checks, Property, When};
use crate::domains::accounts::command::{Command, Rejection};
use crate::domains::accounts::ids::AccountId;
use crate::domains::accounts::setup::Accounts;
use crate::domains::money::Money;
use crate::kernel::Step;
use crate::model::CommandId;

/// What a sender is told was true.
pub static REFUSED_WITH_CAUSE: Property = Property {
    id: "refused-with-cause",
    when: When::Always,
    says: "an amount is refused as not covered only if a balance of the account was below it at a \
           moment between the request and the refusal; the same holds for an account that is not \
           open, closed or not empty, and a balance that is stated was the balance",
};

impl Balances {
    /// Checks a refusal that is about an account.
    pub(super) fn refused(
        &self,
        command: CommandId,
        body: &Command,
        rejection: &Rejection,
        checks: &mut Checks<'_, Accounts>,
    ) {
        let Some(since) = self.sent.since(command) else { return };
        let (account, amount) = self.concerns(body);
        let book = self.book(account);
        let had = |balance: &Money, fits: &dyn Fn(i64) -> bool| {
            fits(balance.minor) && book.had(balance.minor.into(), since)
        };
        let holds = match rejection {
            Rejection::InsufficientFunds { balance } => {
                had(balance, &|minor| amount.is_some_and(|amount| minor < amount))
            }
            Rejection::NotEmpty { balance } => had(balance, &|minor| minor != 0),
            Rejection::NotOpen if checks.words.domain.uses_numbers_again() => {
                book.was_not_open(since)
            }
            Rejection::NotOpen => book.was_blank(since),
            Rejection::Closed => book.closed.is_some(),
            Rejection::AlreadyOpen | Rejection::NumberTaken => book.was_open(since),
            Rejection::NotPositive
            | Rejection::TransferUnderWay
            | Rejection::NotTheOwner
            | Rejection::SameAccount
            | Rejection::TooMuch
            | Rejection::AlreadyRequested
            | Rejection::TooManyAccounts { .. }
            | Rejection::NotNow { .. }
            | Rejection::AnotherLife => return,
        };
        let because = book.touched().into_iter().chain([since]);
        checks.that(&REFUSED_WITH_CAUSE, holds, because, |words| {
            let (command, name) = (words.command(command), words.domain.name(account));
            let has = super::sum(words.domain, book.at(book.version()).unwrap_or(0));
            format!("{command} was refused because of \"{rejection}\", but {name} has {has}")
        });
    }

    /// The account that a command is about, and the amount that it takes from it.
    fn concerns(&self, command: &Command) -> (AccountId, Option<i64>) {
        match command {
            Command::Withdraw { account, amount, .. } => (*account, Some(amount.minor)),
            Command::Debit { transfer, from } => (*from, self.transfers.get(transfer).copied()),
            Command::OpenAccount { account, .. }
            | Command::Deposit { account, .. }
            | Command::CloseAccount { account, .. }
            | Command::RequestTransfer { from: account, .. }
            | Command::Settle { from: account, .. }
            | Command::TakeBack { from: account, .. }
            | Command::Credit { to: account, .. } => (*account, None),
            // It is decided on the transfer alone, and its refusals are about that.
            Command::Fail { .. } => (AccountId(0), None),
        }
    }
}

impl super::Book {
    /// Whether this was the balance at any moment from `since` on.
    fn had(&self, balance: i128, since: Step) -> bool {
        let first = self.lines.partition_point(|line| line.step < since);
        let before = first.checked_sub(1).map_or(0, |last| self.lines[last].sum);
        before == balance || self.lines[first..].iter().any(|line| line.sum == balance)
    }

    /// Whether it was not open, or closed, at a moment from `since` on.
    fn was_not_open(&self, since: Step) -> bool {
        let first = self.lines.partition_point(|line| line.step < since);
        first == 0 || self.lines[first - 1..].iter().any(|line| !line.open)
    }

    /// Whether it was open at a moment from `since` on.
    fn was_open(&self, since: Step) -> bool {
        let first = self.lines.partition_point(|line| line.step < since);
        self.lines[first.saturating_sub(1)..].iter().any(|line| line.open)
    }

    /// Whether it did not exist at a moment from `since` on.
    fn was_blank(&self, since: Step) -> bool {
        self.lines.first().is_none_or(|line| line.step >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::history::{History, SOURCE};
    use super::*;
    use crate::domains::accounts::event::AccountEvent;
    use crate::model::CustomerId;

    fn withdraw(minor: i64) -> Command {
        Command::Withdraw { account: SOURCE, by: CustomerId(0), amount: History::euros(minor) }
    }

    /// Whether a refusal of a command that is sent now is rejected.
    fn unjust(mut story: History, command: Command, rejection: Rejection) -> bool {
        story.asks(command.clone());
        story.refused(command, rejection);
        story.violated().contains(&"refused-with-cause")
    }

    fn short(minor: i64) -> Rejection {
        Rejection::InsufficientFunds { balance: History::euros(minor) }
    }

    #[test]
    fn an_amount_that_is_covered_is_not_refused() {
        let mut story = History::opened();
        story.deposited(100);
        assert!(!unjust(story.clone(), withdraw(101), short(100)));
        assert!(unjust(story.clone(), withdraw(100), short(100)), "it is covered");
        assert!(unjust(story, withdraw(101), short(90)), "that was never the balance");
    }

    #[test]
    fn a_balance_that_was_too_low_since_the_request_justifies_a_refusal() {
        let mut story = History::opened();
        story.asks(withdraw(60));
        story.deposited(100);
        story.refused(withdraw(60), short(0));
        assert_eq!(story.violated(), Vec::<&str>::new());
        let mut story = History::opened();
        story.deposited(100);
        assert!(unjust(story, withdraw(60), short(0)), "the deposit came before the request");
    }

    #[test]
    fn a_step_of_a_transfer_is_refused_for_the_amount_of_the_transfer() {
        for (minor, wrong) in [(101, false), (100, true)] {
            let story = History::requested(minor);
            assert_eq!(unjust(story, History::debit(), short(100)), wrong, "{minor}");
        }
    }

    #[test]
    fn an_account_that_is_refused_as_missing_or_closed_is() {
        let close = || Command::CloseAccount { account: SOURCE, by: CustomerId(0) };
        assert!(!unjust(History::new(), withdraw(1), Rejection::NotOpen));
        assert!(unjust(History::opened(), withdraw(1), Rejection::NotOpen));
        assert!(unjust(History::opened(), withdraw(1), Rejection::Closed));
        let mut closed = History::opened();
        closed.account(SOURCE, AccountEvent::AccountClosed { owner: CustomerId(0) });
        assert!(!unjust(closed, withdraw(1), Rejection::Closed));
        let empty = Rejection::NotEmpty { balance: History::euros(0) };
        assert!(unjust(History::opened(), close(), empty));
        let mut full = History::opened();
        full.deposited(5);
        let full_by = Rejection::NotEmpty { balance: History::euros(5) };
        assert!(!unjust(full, close(), full_by));
        assert!(unjust(History::new(), close(), Rejection::AlreadyOpen));
        assert!(!unjust(History::opened(), close(), Rejection::NumberTaken));
    }
}

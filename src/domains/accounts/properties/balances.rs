//! `no-overdraft` and `balance-is-fold`: no balance is below zero, and every balance that is
//! shown is the sum of the account's events.

use crate::collections::SortedMap;
use std::sync::Arc;

use super::{adds, sum};
use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::accounts::Query;
use crate::domains::accounts::event::Event;
use crate::domains::accounts::ids::{ACCOUNT, AccountId};
use crate::domains::accounts::setup::Accounts;
use crate::domains::accounts::views::{BalanceLine, Row};
use crate::kernel::{Instant, Step};
use crate::model::{
    Answer, AsOf, Fact, FactKind, Names, Record, RequestId, Rest, Stored, Term, Version, Vocabulary,
};

/// No balance is below zero.
pub static NO_OVERDRAFT: Property = Property {
    id: "no-overdraft",
    when: When::Always,
    says: "the balance of no account is below zero, neither by its events nor in any answer",
};

/// A balance is a sum.
pub static BALANCE_IS_FOLD: Property = Property {
    id: "balance-is-fold",
    when: When::AlwaysAndAtRest,
    says: "a balance that is shown, by any view or as of any moment, is the sum of the account's \
           events up to the version it shows, and that is the version that was asked for",
};

/// Adds up again.
#[derive(Clone, Debug)]
pub(super) struct Balances {
    names: Arc<Names>,
    overdrafts: Tally,
    folds: Tally,
    books: SortedMap<AccountId, Book>,
    /// When each open query about the past was first sent.
    asked: SortedMap<RequestId, Step>,
}

/// One account, event by event.
#[derive(Clone, Debug, Default)]
struct Book {
    lines: Vec<Line>,
}

/// One event of an account.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// What the events up to this one add up to.
    sum: i128,
    recorded_at: Instant,
    step: Step,
}

impl Book {
    /// The sum at a version, if there is such a version.
    fn at(&self, version: Version) -> Option<i128> {
        match version.0.checked_sub(1) {
            None => Some(0),
            Some(index) => self.lines.get(index as usize).map(|line| line.sum),
        }
    }

    /// The line after a version.
    fn after(&self, version: Version) -> Option<&Line> {
        self.lines.get(version.0 as usize)
    }

    fn touched(&self) -> Vec<Step> {
        self.lines.last().map(|line| line.step).into_iter().collect()
    }
}

impl Checker<Accounts> for Balances {
    const PROPERTIES: &'static [Property] = &[NO_OVERDRAFT, BALANCE_IS_FOLD];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored, FactKind::Queried, FactKind::Told]);

    fn new(_: &Accounts, names: &Arc<Names>) -> Self {
        Self {
            names: Arc::clone(names),
            overdrafts: Tally::new(&NO_OVERDRAFT),
            folds: Tally::new(&BALANCE_IS_FOLD),
            books: SortedMap::new(),
            asked: SortedMap::new(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other facts are about the platform")]
    fn observe(
        &mut self,
        domain: &Accounts,
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        match &record.fact {
            Fact::Stored(stored) => self.stored(domain, stored, record, violations),
            Fact::Queried { request, query, resend: false, .. } => {
                self.asked(*request, query, record.step);
            }
            Fact::Told { request, answer, .. } => {
                self.told(domain, *request, answer, record, violations);
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Accounts>, violations: &mut Violations) {
        for row in rest.rows.iter().flat_map(|rows| rows.iter()).flatten() {
            let Row::Balance(line) = &**row else { continue };
            let nothing = Book::default();
            let book = self.books.get(&line.account).unwrap_or(&nothing);
            let right = is_right(book, line.account, line);
            self.folds.check(right, rest.at, rest.step, violations, || {
                wrong(rest.domain, &"a row", book, line)
            });
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.overdrafts, &self.folds]
    }
}

impl Balances {
    fn stored(
        &mut self,
        domain: &Accounts,
        stored: &Stored<Event>,
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        if stored.stream.category != ACCOUNT {
            return;
        }
        let account = AccountId(stored.stream.number);
        let book = self.books.entry(account).or_default();
        let before = book.lines.last().map_or(0, |line| line.sum);
        let (now, step) = (before + adds(&stored.event), record.step);
        let because = book.touched();
        book.lines.push(Line { sum: now, recorded_at: stored.metadata.recorded_at, step });
        self.overdrafts.check(now >= 0, record.at, step, violations, || {
            let (name, version) = (domain.name(account), stored.version);
            let (was, is) = (sum(domain, before), sum(domain, now));
            let steps = because.into_iter().chain([step]).collect();
            (format!("{name} had {was}, and with {version} it has {is}"), steps)
        });
    }

    fn asked(&mut self, request: RequestId, query: &Query, step: Step) {
        if let Query::BalanceAsOf(..) = query {
            self.asked.insert(request, step);
        }
    }

    fn told(
        &mut self,
        domain: &Accounts,
        request: RequestId,
        answer: &Answer<Accounts>,
        record: &Record<Accounts>,
        violations: &mut Violations,
    ) {
        let asked = self.asked.remove(&request);
        let Answer::Shown(query, row) = answer else { return };
        let (account, as_of) = match query {
            Query::Balance(account, _) => (*account, None),
            Query::BalanceAsOf(account, at) => (*account, asked.map(|step| (*at, step))),
            Query::MyAccounts | Query::Transfer(_) => return,
        };
        let nothing = Book::default();
        let book = self.books.get(&account).unwrap_or(&nothing);
        let (at, step) = (record.at, record.step);
        let vocabulary = Vocabulary { domain, names: &self.names };
        let asks = || vocabulary.term(Term::Query(query));
        let version = match row {
            None => Version(0),
            Some(Row::Balance(line)) => {
                let shown = i128::from(line.balance.minor);
                self.overdrafts.check(shown >= 0, at, step, violations, || {
                    (format!("{} is answered with {}", asks(), line.balance), vec![step])
                });
                let right = is_right(book, account, line);
                self.folds
                    .check(right, at, step, violations, || wrong(domain, &asks(), book, line));
                line.version
            }
            Some(Row::Accounts(_) | Row::Transfer(_)) => {
                self.folds.check(false, at, step, violations, || {
                    (format!("{} is answered with something else", asks()), vec![step])
                });
                return;
            }
        };
        if let Some((moment, asked)) = as_of {
            let asked_for = is_asked_for(book, version, moment, asked);
            self.folds.check(asked_for, at, step, violations, || {
                (format!("{} is answered with {version}", asks()), book.touched())
            });
        }
    }
}

fn is_right(book: &Book, account: AccountId, line: &BalanceLine) -> bool {
    line.account == account && book.at(line.version) == Some(i128::from(line.balance.minor))
}

fn wrong(
    domain: &Accounts,
    where_: &dyn std::fmt::Display,
    book: &Book,
    line: &BalanceLine,
) -> (String, Vec<Step>) {
    let (name, version) = (domain.name(line.account), line.version);
    let folded = book.at(version).map(|folded| sum(domain, folded));
    let folded = folded.unwrap_or_else(|| "nothing that is known".to_owned());
    let says = format!(
        "{where_} shows {} on {name} at {version}, but its events add up to {folded}",
        line.balance
    );
    (says, book.touched())
}

/// Whether a version is the one of a moment, as far as a query sent at that step can expect.
fn is_asked_for(book: &Book, shown: Version, moment: AsOf, asked: Step) -> bool {
    let missed = book.after(shown).filter(|line| line.step < asked);
    match moment {
        AsOf::Now => missed.is_none(),
        AsOf::Version(version) => shown <= version && (shown == version || missed.is_none()),
        AsOf::Instant(instant) => {
            let last = shown.0.checked_sub(1).and_then(|index| book.lines.get(index as usize));
            last.is_none_or(|line| line.recorded_at <= instant)
                && missed.is_none_or(|line| line.recorded_at > instant)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, SOURCE};
    use super::AccountId;
    use crate::kernel::Instant;
    use crate::model::{AsOf, Version};

    const NOBODY: Vec<&str> = Vec::new();

    #[test]
    fn the_history_of_the_seed_and_what_it_shows_are_accepted() {
        let mut story = History::opened();
        story.deposited(100);
        story.deposited(50);
        story.withdrew(30);
        story.shown(4, 120);
        story.shown(3, 150);
        story.as_of(AsOf::Version(Version(2)), 2, 100);
        story.as_of(AsOf::Now, 4, 120);
        assert_eq!(story.violated(), NOBODY);
        story.keeps(4, 120);
        assert_eq!(story.at_rest(), NOBODY);
    }

    #[test]
    fn the_history_reads_the_same_under_every_schema() {
        let mut story = History::new();
        story.opened_long_ago(100);
        story.shown(1, 100);
        story.withdrew_long_ago(30);
        story.shown(2, 70);
        assert_eq!(story.violated(), NOBODY);
        story.shown(1, 0);
        assert_eq!(story.violated(), ["balance-is-fold"]);
    }

    #[test]
    fn a_withdrawal_of_what_is_not_there_is_rejected() {
        let mut story = History::opened();
        story.deposited(100);
        story.withdrew(70);
        assert_eq!(story.violated(), NOBODY);
        story.withdrew(70);
        assert_eq!(story.violated(), ["no-overdraft"]);
    }

    #[test]
    fn a_balance_below_zero_is_rejected_wherever_it_is_shown() {
        let mut story = History::opened();
        story.shown(1, -1);
        assert_eq!(story.violated(), ["no-overdraft", "balance-is-fold"]);
    }

    #[test]
    fn a_balance_that_misses_an_event_is_rejected() {
        let mut story = History::opened();
        story.deposited(100);
        story.withdrew(30);
        story.shown(3, 100);
        assert_eq!(story.violated(), ["balance-is-fold"]);
        let mut story = History::opened();
        story.shown(2, 0);
        assert_eq!(story.violated(), ["balance-is-fold"], "that version is still to come");
    }

    #[test]
    fn a_row_that_misses_an_event_is_rejected_at_rest() {
        let mut story = History::opened();
        story.deposited(100);
        story.keeps(2, 0);
        assert!(story.at_rest().contains(&"balance-is-fold"));
    }

    #[test]
    fn the_past_is_that_which_was_asked_for() {
        let past = |at: AsOf, version: u32, balance: i64| {
            let mut story = History::opened();
            story.deposited(100);
            story.deposited(50);
            story.as_of(at, version, balance);
            story.violated()
        };
        assert_eq!(past(AsOf::Version(Version(2)), 2, 100), NOBODY);
        assert_eq!(past(AsOf::Version(Version(2)), 3, 150), ["balance-is-fold"], "later");
        assert_eq!(past(AsOf::Version(Version(2)), 1, 0), ["balance-is-fold"], "earlier");
        assert_eq!(past(AsOf::Version(Version(9)), 3, 150), NOBODY, "all there is");
        let second = AsOf::Instant(History::time_of(2));
        assert_eq!(past(second, 2, 100), NOBODY);
        assert_eq!(past(second, 3, 150), ["balance-is-fold"]);
        assert_eq!(past(second, 1, 0), ["balance-is-fold"]);
        assert_eq!(past(AsOf::Instant(Instant::ZERO), 1, 0), ["balance-is-fold"]);
        assert_eq!(past(AsOf::Now, 2, 100), ["balance-is-fold"]);
    }

    #[test]
    fn a_balance_of_another_account_is_rejected() {
        let mut story = History::opened();
        story.shown_of(SOURCE, AccountId(1), 0, 0);
        assert_eq!(story.violated(), ["balance-is-fold"]);
    }
}

//! `no-overdraft` and `balance-is-fold`: no balance is below zero, and every balance that is
//! shown is the sum of the account's events.

mod refused;

use super::{adds, sum};
use crate::check::{Asked, Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::accounts::Query;
use crate::domains::accounts::event::{AccountEvent, Event, TransferEvent};
use crate::domains::accounts::ids::{ACCOUNT, AccountId, TransferId};
use crate::domains::accounts::setup::Accounts;
use crate::domains::accounts::views::{BalanceLine, Row};
use crate::kernel::{Instant, Span, Step};
use crate::model::{Answer, AsOf, Fact, Record, RequestId, Rest, Stored, Term, Version};

pub use refused::REFUSED_WITH_CAUSE;

/// No balance is below zero.
pub static NO_OVERDRAFT: Property = Property {
    id: "no-overdraft",
    when: When::Always,
    says: "the balance of no account is below zero, neither by its events nor in any balance that is \
           shown",
};

/// A balance is a sum.
pub static BALANCE_IS_FOLD: Property = Property {
    id: "balance-is-fold",
    when: When::AlwaysAndAtRest,
    says: "a balance shown by any view, or as of any time, is the sum of the account's events up to \
           the version it states, which is the version that was requested",
};

/// Adds up the events of each account.
#[derive(Clone, Debug, Default)]
pub(super) struct Balances {
    books: SortedMap<AccountId, Book>,
    /// Of each open query about the past: how many events of the account every answer to it contains.
    asked: SortedMap<RequestId, usize>,
    /// How far the replicas are behind that answer such queries.
    lag: Span,
    /// The commands that are not answered.
    sent: Asked,
    /// The amount of each transfer, in minor units.
    transfers: SortedMap<TransferId, i64>,
}

/// One account, event by event.
#[derive(Clone, Debug, Default)]
struct Book {
    lines: Vec<Line>,
    closed: Option<Step>,
}

/// One event of an account.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// The sum of the events up to this one.
    sum: i128,
    recorded_at: Instant,
    visible_at: Instant,
    step: Step,
    /// Whether it is open after it.
    open: bool,
}

impl Book {
    /// The sum at a version, if there is such a version.
    fn at(&self, version: Version) -> Option<i128> {
        match version.0.checked_sub(1) {
            None => Some(0),
            Some(index) => self.lines.get(index as usize).map(|line| line.sum),
        }
    }

    /// Its last version.
    fn version(&self) -> Version {
        Version(self.lines.len() as u32)
    }

    /// When it last changed.
    fn touched(&self) -> Option<Step> {
        self.lines.last().map(|line| line.step)
    }

    /// Checks a balance that is shown.
    fn check(
        &self,
        account: AccountId,
        line: &BalanceLine,
        place: &dyn Fn() -> String,
        checks: &mut Checks<'_, Accounts>,
    ) {
        let folded = self.at(line.version);
        let holds = line.account == account && folded == Some(i128::from(line.balance.minor));
        checks.that(&BALANCE_IS_FOLD, holds, self.touched(), |words| {
            let (name, place) = (words.domain.name(line.account), place());
            let BalanceLine { balance, version, .. } = line;
            match folded {
                Some(folded) => format!(
                    "{place} shows {balance} on {name} at {version}, but its events add up to {}",
                    sum(words.domain, folded)
                ),
                None => {
                    format!("{place} shows {balance} on {name} at {version}, which does not exist")
                }
            }
        });
    }

    /// How many events became visible before a step, and so long before it that replicas have them.
    fn owed(&self, step: Step, now: Instant, lag: Span) -> usize {
        self.lines.partition_point(|line| line.step < step && line.visible_at + lag <= now)
    }

    /// Whether a version is the one at a moment, for a query whose answer contains at least `owed` events.
    fn is_requested(&self, shown: Version, moment: AsOf, owed: usize) -> bool {
        let next = shown.0 as usize;
        let missed = self.lines.get(next).filter(|_| next < owed);
        match moment {
            AsOf::Now => missed.is_none(),
            AsOf::Version(version) => shown <= version && (shown == version || missed.is_none()),
            AsOf::Instant(instant) => {
                let last = shown.0.checked_sub(1).and_then(|index| self.lines.get(index as usize));
                last.is_none_or(|line| line.recorded_at <= instant)
                    && missed.is_none_or(|line| line.recorded_at > instant)
            }
        }
    }
}

impl Checker<Accounts> for Balances {
    const PROPERTIES: &'static [Property] = &[NO_OVERDRAFT, BALANCE_IS_FOLD, REFUSED_WITH_CAUSE];
    const FACTS: FactKinds =
        Asked::FACTS.or(kinds!(Stored Queried Told Refused RefusedAgain ReplicaReads));

    #[expect(clippy::wildcard_enum_match_arm, reason = "all other facts are about the platform")]
    fn observe(&mut self, record: &Record<Accounts>, checks: &mut Checks<'_, Accounts>) {
        self.sent.observe(record);
        match &record.fact {
            Fact::Stored(stored) => self.stored(stored, record.at, checks),
            Fact::Refused { command, body, rejection, .. } => {
                self.refused(*command, body, rejection, checks);
            }
            Fact::ReplicaReads { lag } => self.lag = *lag,
            Fact::Queried {
                request, query: Query::BalanceAsOf(account, _), resend: false, ..
            } => {
                let owed = self.book(*account).owed(record.step, record.at, self.lag);
                self.asked.insert(*request, owed);
            }
            Fact::Told { request, answer, .. } => self.told(*request, answer, checks),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Accounts>, checks: &mut Checks<'_, Accounts>) {
        for row in rest.rows.iter().flatten().flatten() {
            if let Row::Balance(line) = &**row {
                let place = || "a row".to_owned();
                self.book(line.account).check(line.account, line, &place, checks);
            }
        }
    }
}

impl Balances {
    fn book(&self, account: AccountId) -> &Book {
        const NONE: &Book = &Book { lines: Vec::new(), closed: None };
        self.books.get(&account).unwrap_or(NONE)
    }

    fn stored(
        &mut self,
        stored: &Stored<Event>,
        visible_at: Instant,
        checks: &mut Checks<'_, Accounts>,
    ) {
        if let Event::Transfer(TransferEvent::TransferRequested { amount, .. }) = &stored.event {
            self.transfers.insert(TransferId(stored.stream.number), amount.minor);
        }
        if stored.stream.category != ACCOUNT {
            return;
        }
        let (account, step) = (AccountId(stored.stream.number), checks.step());
        let book = self.books.entry(account).or_default();
        let (before, touched) =
            book.lines.last().map_or((0, Step(0)), |line| (line.sum, line.step));
        let now = before + adds(&stored.event);
        let closes = matches!(stored.event, Event::Account(AccountEvent::AccountClosed { .. }));
        if closes {
            book.closed = Some(step);
        }
        let recorded_at = stored.metadata.recorded_at;
        book.lines.push(Line { sum: now, recorded_at, visible_at, step, open: !closes });
        checks.that(&NO_OVERDRAFT, now >= 0, [touched, step], |words| {
            let (name, version) = (words.domain.name(account), stored.version);
            let (was, is) = (sum(words.domain, before), sum(words.domain, now));
            format!("{name} had {was}, and with {version} it has {is}")
        });
    }

    fn told(
        &mut self,
        request: RequestId,
        answer: &Answer<Accounts>,
        checks: &mut Checks<'_, Accounts>,
    ) {
        let asked = self.asked.remove(&request);
        let Answer::Shown(query, row) = answer else { return };
        let (account, as_of) = match query {
            Query::Balance(account, _) => (*account, None),
            Query::BalanceAsOf(account, at) => (*account, asked.map(|owed| (*at, owed))),
            Query::MyAccounts | Query::Transfer(_) => return,
        };
        let (book, words, step) = (self.book(account), checks.words, checks.step());
        let version = match row {
            None => Version(0),
            Some(Row::Balance(line)) => {
                checks.that(&NO_OVERDRAFT, line.balance.minor >= 0, [step], |words| {
                    format!("{} is answered with {}", words.term(Term::Query(query)), line.balance)
                });
                let place = || words.term(Term::Query(query)).to_string();
                book.check(account, line, &place, checks);
                line.version
            }
            Some(Row::Accounts(_) | Row::Transfer(_)) => {
                return checks.that(&BALANCE_IS_FOLD, false, [step], |words| {
                    format!("{} is answered with a different row", words.term(Term::Query(query)))
                });
            }
        };
        if let Some((moment, owed)) = as_of {
            let holds = book.is_requested(version, moment, owed);
            checks.that(&BALANCE_IS_FOLD, holds, book.touched(), |words| {
                format!("{} is answered with {version}", words.term(Term::Query(query)))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, SOURCE};
    use super::AccountId;
    use crate::kernel::{Instant, Span};
    use crate::model::{AsOf, Version};

    const NOTHING: Vec<&str> = Vec::new();

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
        assert_eq!(story.violated(), NOTHING);
        story.keeps(4, 120);
        assert_eq!(story.at_rest(), NOTHING);
    }

    #[test]
    fn the_history_reads_the_same_under_every_schema() {
        let mut story = History::new();
        story.opened_long_ago(100);
        story.shown(1, 100);
        story.withdrew_long_ago(30);
        story.shown(2, 70);
        assert_eq!(story.violated(), NOTHING);
        story.shown(1, 0);
        assert_eq!(story.violated(), ["balance-is-fold"]);
    }

    #[test]
    fn a_withdrawal_of_what_is_not_there_is_rejected() {
        let mut story = History::opened();
        story.deposited(100);
        story.withdrew(70);
        assert_eq!(story.violated(), NOTHING);
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
    fn a_read_of_the_past_must_be_of_the_requested_version() {
        let past = |at: AsOf, version: u32, balance: i64| {
            let mut story = History::opened();
            story.deposited(100);
            story.deposited(50);
            story.as_of(at, version, balance);
            story.violated()
        };
        assert_eq!(past(AsOf::Version(Version(2)), 2, 100), NOTHING);
        assert_eq!(past(AsOf::Version(Version(2)), 3, 150), ["balance-is-fold"], "later");
        assert_eq!(past(AsOf::Version(Version(2)), 1, 0), ["balance-is-fold"], "earlier");
        assert_eq!(past(AsOf::Version(Version(9)), 3, 150), NOTHING, "all there is");
        let second = AsOf::Instant(History::time_of(2));
        assert_eq!(past(second, 2, 100), NOTHING);
        assert_eq!(past(second, 3, 150), ["balance-is-fold"]);
        assert_eq!(past(second, 1, 0), ["balance-is-fold"]);
        assert_eq!(past(AsOf::Instant(Instant::ZERO), 1, 0), ["balance-is-fold"]);
        assert_eq!(past(AsOf::Now, 2, 100), ["balance-is-fold"]);
    }

    #[test]
    fn an_event_that_replicas_may_lack_is_not_owed_by_an_answer() {
        let past = |later: u64| {
            let mut story = History::opened();
            story.read_at_replicas(Span::from_secs(2));
            story.deposited(100);
            story.wait(3_000);
            story.deposited(50);
            story.wait(later);
            story.as_of(AsOf::Now, 2, 100);
            story.violated()
        };
        assert_eq!(past(1_000), NOTHING);
        assert_eq!(past(2_000), ["balance-is-fold"]);
    }

    #[test]
    fn a_balance_of_another_account_is_rejected() {
        let mut story = History::opened();
        story.shown_of(SOURCE, AccountId(1), 0, 0);
        assert_eq!(story.violated(), ["balance-is-fold"]);
    }
}

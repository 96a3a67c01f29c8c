//! Histories for the properties' tests: facts written by hand.

use std::sync::Arc;

use super::AccountsProperties;
use crate::domains::accounts::command::{Command, Rejection};
use crate::domains::accounts::event::{AccountEvent, Event, TransferEvent};
use crate::domains::accounts::ids::{AccountId, TransferId};
use crate::domains::accounts::old_event::OldEvent;
use crate::domains::accounts::saga_event::SagaEvent;
use crate::domains::accounts::setup::{Accounts, Limits, Numbers, Setup};
use crate::domains::accounts::views::{BalanceLine, Row};
use crate::domains::accounts::{Kept, Query};
use crate::domains::money::Money;
use crate::kernel::{Instant, Span};
use crate::model::{
    Answer, AsOf, CommandId, CustomerId, EventId, Fact, Metadata, Owed, Principal, RequestId,
    StreamId, Version,
};
use crate::testing;

/// The account that most stories are about.
pub(super) const SOURCE: AccountId = AccountId(0);
/// Where money is sent to.
pub(super) const DESTINATION: AccountId = AccountId(1);
const MOVE: TransferId = TransferId(0);
const OWNER: CustomerId = CustomerId(0);
/// A request of the owner.
const ASKED: RequestId = RequestId { customer: OWNER, nth: 99 };

#[derive(Clone)]
pub(super) struct History {
    facts: testing::History<Accounts>,
}

impl History {
    pub(super) fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    /// Nothing has happened yet in a bank with limits.
    pub(super) fn with_limits(limits: Limits) -> Self {
        let accounts = vec!["a-42".to_owned(), "a-43".to_owned()];
        let domain = Accounts::new(Setup { accounts, limits, ..Setup::default() }).expect("a bank");
        Self { facts: testing::History::new(domain) }
    }

    /// Nothing has happened yet in a bank that uses numbers once or again.
    pub(super) fn with_numbers(numbers: Numbers) -> Self {
        let accounts = vec!["a-42".to_owned(), "a-43".to_owned()];
        let domain =
            Accounts::new(Setup { accounts, numbers, ..Setup::default() }).expect("a bank");
        Self { facts: testing::History::new(domain) }
    }

    /// An account is opened.
    pub(super) fn opened() -> Self {
        let mut story = Self::new();
        story.account(
            SOURCE,
            AccountEvent::AccountOpened { owner: OWNER, people: crate::model::People::NONE },
        );
        story
    }

    /// An account with 100, of which a part is to be moved.
    pub(super) fn requested(minor: i64) -> Self {
        let mut story = Self::opened();
        story.deposited(100);
        story.account(
            DESTINATION,
            AccountEvent::AccountOpened { owner: OWNER, people: crate::model::People::NONE },
        );
        let (from, to, amount) = (SOURCE, DESTINATION, story.money(minor));
        story.note(TransferEvent::TransferRequested {
            by: OWNER,
            from,
            to,
            amount,
            people: crate::model::People::NONE,
        });
        story
    }

    /// An amount in the currency of the bank.
    pub(super) fn euros(minor: i64) -> Money {
        Self::new().money(minor)
    }

    fn money(&self, minor: i64) -> Money {
        self.facts.domain.money(minor)
    }

    pub(super) fn deposited(&mut self, minor: i64) {
        let amount = self.money(minor);
        self.account(SOURCE, AccountEvent::Deposited { amount });
    }

    pub(super) fn withdrew(&mut self, minor: i64) {
        let amount = self.money(minor);
        self.account(SOURCE, AccountEvent::Withdrew { amount });
    }

    pub(super) fn opened_long_ago(&mut self, minor: i64) {
        let balance = self.money(minor);
        let old =
            OldEvent::AccountOpenedV1 { owner: OWNER, balance, people: crate::model::People::NONE };
        self.stored(SOURCE.stream(), Event::Old(old));
    }

    pub(super) fn withdrew_long_ago(&mut self, minor: i64) {
        let amt = self.money(minor);
        self.stored(SOURCE.stream(), Event::Old(OldEvent::WithdrewV1 { amt }));
    }

    pub(super) fn sent(&mut self, account: AccountId, minor: i64) {
        let amount = self.money(minor);
        let sent = AccountEvent::TransferSent { transfer: MOVE, to: DESTINATION, amount };
        self.account(account, sent);
    }

    pub(super) fn received(&mut self, account: AccountId, minor: i64) {
        let amount = self.money(minor);
        let received = AccountEvent::TransferReceived { transfer: MOVE, from: SOURCE, amount };
        self.account(account, received);
    }

    pub(super) fn taken_back(&mut self, account: AccountId, minor: i64) {
        let amount = self.money(minor);
        self.account(account, AccountEvent::TransferTakenBack { transfer: MOVE, amount });
    }

    pub(super) fn account(&mut self, account: AccountId, event: AccountEvent) {
        self.stored(account.stream(), event.into());
    }

    /// The source hears that the money has arrived.
    pub(super) fn settled(&mut self) {
        self.account(SOURCE, AccountEvent::TransferSettled { transfer: MOVE });
    }

    /// The saga's command that takes the money from the source.
    pub(super) fn debit() -> Command {
        Command::Debit { transfer: MOVE, from: SOURCE }
    }

    /// A customer sends a command.
    pub(super) fn asks(&mut self, command: Command) {
        self.facts.fact(Fact::Commanded { request: ASKED, command, resend: false });
    }

    /// That command is refused, by its second decision.
    pub(super) fn refused(&mut self, body: Command, rejection: Rejection) {
        let command = CommandId::Request(ASKED);
        self.facts.fact(Fact::Refused { command, body, attempt: 2, rejection });
    }

    pub(super) fn note(&mut self, event: TransferEvent) {
        self.stored(MOVE.stream(), event.into());
    }

    pub(super) fn saga(&mut self, event: SagaEvent) {
        self.stored(MOVE.saga(), event.into());
    }

    /// When the nth thing of a story is recorded.
    pub(super) fn time_of(nth: u64) -> Instant {
        Instant::ZERO + Span::from_secs(nth)
    }

    fn stored(&mut self, stream: StreamId, event: Event) {
        let nth = self.nth();
        let command = CommandId::Request(RequestId { customer: OWNER, nth });
        let recorded_at = Self::time_of(u64::from(nth));
        let metadata = Metadata {
            id: EventId { command, nth: 0 },
            schema: 1,
            correlation: command,
            causation: None,
            actor: Principal::Customer(OWNER),
            occurred_at: recorded_at,
            recorded_at,
        };
        self.facts.stored(stream, event, metadata);
    }

    /// The number of the next thing that happens.
    fn nth(&self) -> u32 {
        let together = |fact: &&Fact<Accounts>| !matches!(fact, Fact::AppliedInline { .. });
        self.facts.facts.iter().map(|(_, fact)| fact).filter(together).count() as u32 + 1
    }

    fn line(&self, account: AccountId, version: u32, minor: i64) -> Row {
        let (version, balance) = (Version(version), self.money(minor));
        Row::Balance(BalanceLine { account, version, balance, closed: false })
    }

    /// A customer asks for the balance of the first account and is shown this.
    pub(super) fn shown(&mut self, version: u32, minor: i64) {
        self.shown_of(SOURCE, SOURCE, version, minor);
    }

    /// A customer asks about one account and is shown another.
    pub(super) fn shown_of(
        &mut self,
        asked: AccountId,
        shown: AccountId,
        version: u32,
        minor: i64,
    ) {
        let row = self.line(shown, version, minor);
        self.answer(Query::Balance(asked, Kept::ByBus), row);
    }

    /// A customer asks about the past of the first account and is shown this.
    /// Queries are answered by replicas that are behind by up to this.
    pub(super) fn read_at_replicas(&mut self, lag: Span) {
        self.facts.fact(Fact::ReplicaReads { lag });
    }

    /// Milliseconds pass.
    pub(super) fn wait(&mut self, millis: u64) {
        self.facts.wait(millis);
    }

    pub(super) fn as_of(&mut self, at: AsOf, version: u32, minor: i64) {
        let row = self.line(SOURCE, version, minor);
        self.answer(Query::BalanceAsOf(SOURCE, at), row);
    }

    fn answer(&mut self, query: Query, row: Row) {
        let request = RequestId { customer: OWNER, nth: self.nth() };
        self.facts.fact(Fact::Queried { request, query, owed: Owed::Nothing, resend: false });
        let answer = Answer::Shown(query, Some(row));
        self.facts.fact(Fact::Told { request, owed: Owed::Nothing, answer });
    }

    /// In the end the views have this row of the first account.
    pub(super) fn keeps(&mut self, version: u32, minor: i64) {
        let row = self.line(SOURCE, version, minor);
        self.keep(vec![Some(Arc::new(row))]);
    }

    /// In the end the views have these balances, each as of the last version.
    pub(super) fn keep_all(&mut self, minors: &[i64]) {
        let mut rows = Vec::new();
        for (minor, account) in minors.iter().zip((0..).map(AccountId)) {
            let version = self.facts.head(account.stream()).1;
            rows.push(Some(Arc::new(self.line(account, version.0, *minor))));
        }
        self.keep(rows);
    }

    fn keep(&mut self, rows: Vec<Option<Arc<Row>>>) {
        self.facts.rows.fill(rows);
    }

    /// The properties that were violated so far.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        self.facts.violated::<AccountsProperties>()
    }

    /// The same, if this is the end. Without rows of its own a story ends with empty views.
    pub(super) fn at_rest(&self) -> Vec<&'static str> {
        [self.violated(), self.facts.violated_at_rest::<AccountsProperties>()].concat()
    }
}

//! A run in the words of a history.
//!
//! What nodes state becomes lines under the same names that another platform would use. What has no word there,
//! such as the cache, is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::line::Line;
use super::operated::Operated;
use super::vocabulary::{Field, Kind, VERSION};
use crate::kernel::Instant;
use crate::model::{
    Acts, Answer, CacheKey, Category, CommandId, CommandOutcome, CustomerId, Domain, Fact, Lookup,
    Movement, Owed, Position, Principal, Record, RequestId, Sagas, Services, Shows, Stored,
    Strategy, StreamId, Subject, Term, Token, Version, ViewId, Vocabulary,
};
use crate::platform::topology::{projected, view_of};

/// The lines of a run, from its records. `is_at_rest` says whether nothing was under way at the end.
pub fn told<D: Domain>(
    words: Vocabulary<'_, D>,
    records: &[Record<D>],
    is_at_rest: bool,
) -> Vec<Line> {
    let mut teller = Teller {
        words,
        lines: Vec::new(),
        at: Instant::ZERO,
        transactions: BTreeMap::new(),
        commands: BTreeSet::new(),
        states: BTreeMap::new(),
        operated: Operated::default(),
    };
    teller.start();
    records.iter().for_each(|record| teller.tell(record));
    teller.rest();
    let lines: Vec<Line> = teller.lines.into_iter().flatten().collect();
    let count = lines.len() as u64;
    let history =
        Line::new(Kind::History).number(Field::Version, VERSION).flag(Field::AtRest, is_at_rest);
    let end = Line::new(Kind::End).number(Field::Lines, count);
    std::iter::once(history).chain(lines).chain([end]).collect()
}

struct Teller<'a, D: Domain> {
    words: Vocabulary<'a, D>,
    /// The lines; `None` for an operation that is not answered yet, or of which nothing can be said.
    lines: Vec<Option<Line>>,
    /// The time of the record.
    at: Instant,
    /// The first position of the transaction of each command.
    transactions: BTreeMap<CommandId, Position>,
    /// The requests that are commands.
    commands: BTreeSet<RequestId>,
    /// The states of sagas.
    states: BTreeMap<StreamId, D::State>,
    /// What clients do to contended objects.
    operated: Operated,
}

impl<D: Domain> Teller<'_, D> {
    /// What consumers must see, and what there is at the start.
    fn start(&mut self) {
        let named = |category: Category| D::CATEGORIES[usize::from(category.0)].to_owned();
        let subscription = |consumer: &str, categories: Vec<String>| {
            Line::new(Kind::Subscription)
                .text(Field::Consumer, consumer)
                .list(Field::Categories, categories)
        };
        let synchronous =
            |view: &ViewId| D::VIEWS[usize::from(view.0)].strategy == Strategy::Synchronous;
        let views = (0..D::VIEWS.len() as u8).map(ViewId).filter(synchronous);
        for view in projected::<D>().chain(views) {
            let view = &D::VIEWS[usize::from(view.0)];
            self.lines.push(Some(subscription(view.name, vec![named(view.category)])));
        }
        // A relay publishes every event, also one that no queue wants.
        self.lines.push(Some(Line::new(Kind::Subscription).text(Field::Consumer, RELAY)));
        let domain = self.words.domain;
        let ledgers = D::Services::open(domain);
        for (service, ledger) in (0..).zip(&ledgers) {
            let service = crate::model::ServiceId(service);
            for item in D::Services::stock(domain, service, ledger) {
                let item = Movement::Stock { item: Subject::Named(item.name), capacity: item.of };
                self.moved(item);
            }
        }
    }

    fn say(&mut self, line: Line) {
        self.lines.push(Some(line.number(Field::At, self.at.as_nanos())));
    }

    fn stream(&self, stream: StreamId) -> String {
        self.words.stream(stream).to_string()
    }

    fn tell(&mut self, record: &Record<D>) {
        self.at = record.at;
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others have no word in a history")]
        match &record.fact {
            Fact::Commanded { request, command, .. } => {
                self.commands.insert(*request);
                let actor = self.words.customer(request.customer);
                self.command(CommandId::Request(*request), actor, command);
            }
            Fact::Queried { request, query, .. } => {
                let acts = self.words.domain.attests(query, None).into_iter().collect();
                let actor = self.words.customer(request.customer);
                self.operates(CommandId::Request(*request), actor, &acts);
            }
            Fact::SagaCommanded { effect, command, .. } => {
                let actor = self.stream(effect.saga);
                self.command(CommandId::Effect(*effect), actor, command);
            }
            Fact::Told { request, owed, answer } => {
                self.told(*request, *owed, answer);
                self.operated(CommandId::Request(*request), self.heard(answer).as_ref());
            }
            Fact::SagaTold { effect, command, verdict } => {
                let actor = self.stream(effect.saga);
                self.answer(CommandId::Effect(*effect), actor, verdict);
                self.operated(CommandId::Effect(*effect), self.outcome(command, verdict).as_ref());
            }
            Fact::Left { customer } => {
                let actor = self.words.customer(*customer);
                self.say(Line::new(Kind::Leave).text(Field::Actor, actor));
            }
            Fact::Committed { command, first } => {
                self.transactions.insert(*command, *first);
            }
            Fact::Stored(event) => self.stored(event),
            Fact::Published { event, .. } => {
                let line = self.about(Kind::Publish, event).text(Field::Relay, RELAY);
                self.say(line);
            }
            Fact::Delivered { queue, event, .. } => {
                let view = view_of::<D>(*queue);
                let consumer = view.map_or("saga", |view| D::VIEWS[usize::from(view.0)].name);
                let line = self.about(Kind::Deliver, event).text(Field::Consumer, consumer);
                self.say(line);
            }
            Fact::Applied { view, event, upto, .. } => {
                self.applied(*view, event);
                let line = Line::new(Kind::Checkpoint)
                    .text(Field::Consumer, D::VIEWS[usize::from(view.0)].name)
                    .number(Field::Position, upto.0);
                self.say(line);
            }
            Fact::AppliedInline { view, event } => self.applied(*view, event),
            Fact::TimerSet { saga, timer, due } => self.timer(*saga, *timer, "set", Some(*due)),
            Fact::TimerFired { saga, timer, due } => self.timer(*saga, *timer, "fire", Some(*due)),
            Fact::TimerCancelled { saga, timer } => self.timer(*saga, *timer, "cancel", None),
            Fact::Called { effect, service, request, .. } => {
                let line = Line::new(Kind::Call)
                    .text(Field::Effect, self.words.effect(*effect))
                    .text(Field::Service, self.words.service(*service))
                    .text(Field::Body, self.words.term(Term::Request(*service, request)));
                self.say(line);
            }
            Fact::Entered { entry, .. } => {
                if let Some(movement) = D::Services::movement(self.words.domain, entry) {
                    self.moved(movement);
                }
            }
            _ => {}
        }
    }

    fn command(&mut self, id: CommandId, actor: String, command: &D::Command) {
        let stream = self.words.domain.streams(command).first().copied();
        self.operates(id, actor.clone(), &self.words.domain.acts(command, None));
        let line = Line::new(Kind::Command)
            .text(Field::Id, self.words.command(id))
            .text(Field::Actor, actor)
            .text(Field::Name, D::command_name(command));
        let line = match stream {
            Some(stream) => line.text(Field::Stream, self.stream(stream)),
            None => line,
        };
        self.say(line);
    }

    /// An operation on objects begins.
    fn operates(&mut self, id: CommandId, actor: String, acts: &Acts) {
        let Self { words, lines, at, operated, .. } = self;
        let name = |stream: StreamId| words.stream(stream).to_string();
        let object = |stream: StreamId| words.domain.contended(stream);
        let begun = operated.begins(id, (actor, *at), acts, (object, name), lines.len());
        lines.extend(begun);
    }

    /// An operation on objects ends.
    fn operated(&mut self, id: CommandId, heard: Option<&Acts>) {
        let Self { words, lines, at, operated, .. } = self;
        let name = |stream: StreamId| words.stream(stream).to_string();
        for (place, line) in operated.ends(id, *at, heard, name) {
            lines[place] = Some(line);
        }
    }

    /// What is not answered never will be.
    fn rest(&mut self) {
        for id in self.operated.rest() {
            self.operated(id, None);
        }
    }

    /// What an answer to a customer says of objects; `None` if it leaves open what has happened.
    fn heard(&self, answer: &Answer<D>) -> Option<Acts> {
        let domain = self.words.domain;
        match answer {
            Answer::Command(command, outcome) => self.outcome(command, outcome),
            Answer::Shown(query, row) => {
                Some(domain.attests(query, row.as_ref()).into_iter().collect())
            }
            Answer::NotYet(_) | Answer::TryLater(Some(_)) => Some(Acts::new()),
            Answer::Silence | Answer::Erased | Answer::TryLater(None) => None,
        }
    }

    fn outcome(&self, command: &D::Command, outcome: &CommandOutcome<D>) -> Option<Acts> {
        let acts = |rejected| self.words.domain.acts(command, rejected);
        match outcome {
            CommandOutcome::Accepted(_) => Some(acts(None)),
            CommandOutcome::Refused(rejection) => Some(acts(Some(rejection))),
            CommandOutcome::Unknown => None,
        }
    }

    fn answer(&mut self, id: CommandId, actor: String, outcome: &CommandOutcome<D>) {
        let line = Line::new(Kind::Answer)
            .text(Field::Command, self.words.command(id))
            .text(Field::Actor, actor);
        let line = match outcome {
            CommandOutcome::Accepted(Token { stream, version }) => line
                .text(Field::Outcome, "accepted")
                .text(Field::Stream, self.stream(*stream))
                .number(Field::Version, version.0),
            CommandOutcome::Refused(rejection) => line
                .text(Field::Outcome, "rejected")
                .text(Field::Reason, self.words.term(Term::Rejection(rejection))),
            CommandOutcome::Unknown => line.text(Field::Outcome, "unknown"),
        };
        self.say(line);
    }

    /// What a customer is told.
    fn told(&mut self, request: RequestId, owed: Owed, answer: &Answer<D>) {
        let customer = request.customer;
        match answer {
            Answer::Command(_, outcome) => {
                let actor = self.words.customer(customer);
                self.answer(CommandId::Request(request), actor, outcome);
            }
            Answer::TryLater(None) | Answer::Silence if self.commands.contains(&request) => {
                let actor = self.words.customer(customer);
                let unknown = CommandOutcome::Unknown;
                self.answer(CommandId::Request(request), actor, &unknown);
            }
            Answer::Shown(query, row) => self.shown(customer, owed, query, row.as_ref()),
            Answer::TryLater(_) | Answer::Silence | Answer::NotYet(_) | Answer::Erased => {}
        }
    }

    fn shown(&mut self, customer: CustomerId, owed: Owed, query: &D::Query, row: Option<&D::Row>) {
        let domain = self.words.domain;
        let Lookup::Row(view, key) = domain.lookup(customer, query) else { return };
        let versions = |tokens: Vec<Token>| {
            let version = |Token { stream, version }| (self.stream(stream), version.0);
            tokens.into_iter().map(version).collect::<Vec<_>>()
        };
        let shows = versions(Shows::of(domain, view, key, row).tokens());
        // What is read from a stream without being pinned to it owes nothing.
        let is_owed = match owed.lookup(domain, customer, query) {
            Lookup::Row(..) => true,
            Lookup::Stream(..) => matches!(owed, Owed::Pinned(_)),
            Lookup::Gather(_) => false,
        };
        let after = owed.to_show(domain, customer, query).filter(|_| is_owed);
        let after = versions(after.into_iter().collect());
        let line = Line::new(Kind::Read)
            .text(Field::Actor, self.words.customer(customer))
            .text(Field::View, D::VIEWS[usize::from(view.0)].name)
            .text(Field::Row, self.words.key(CacheKey::Row(view, key)))
            .versions(Field::Shows, shows)
            .versions(Field::After, after);
        self.say(line);
    }

    /// A line about an event.
    fn about(&self, kind: Kind, event: &Stored<D::Event>) -> Line {
        Line::new(kind)
            .text(Field::Stream, self.stream(event.stream))
            .number(Field::Version, event.version.0)
    }

    fn applied(&mut self, view: ViewId, event: &Stored<D::Event>) {
        let consumer = D::VIEWS[usize::from(view.0)].name;
        let line = self.about(Kind::Apply, event).text(Field::Consumer, consumer);
        self.say(line);
    }

    fn stored(&mut self, event: &Stored<D::Event>) {
        let domain = self.words.domain;
        let metadata = event.metadata;
        let id = |id: crate::model::EventId| {
            format!("event {} of {}", id.nth + 1, self.words.command(id.command))
        };
        let actor = match metadata.actor {
            Principal::Customer(customer) => self.words.customer(customer),
            Principal::Saga => "saga".to_owned(),
        };
        let mut line = self
            .about(Kind::Event, event)
            .number(Field::Position, event.position.0)
            .text(Field::Id, id(metadata.id))
            .text(Field::Type, domain.event_name(&event.event))
            .text(Field::Category, D::CATEGORIES[usize::from(event.stream.category.0)])
            .text(Field::Command, self.words.command(metadata.id.command))
            .text(Field::Correlation, self.words.command(metadata.correlation))
            .text(Field::Actor, actor);
        if let Some(cause) = metadata.causation {
            line = line.text(Field::Cause, id(cause));
        }
        if let Some(first) = self.transactions.get(&metadata.id.command) {
            line = line.text(Field::Transaction, first);
        }
        self.say(line);
        if let Some(movement) = domain.movement(event.stream, &event.event) {
            self.moved(movement);
        }
        if D::Sagas::subject_of(event.stream).is_some() {
            self.saga(event);
        }
    }

    /// The state of a saga after its event.
    fn saga(&mut self, event: &Stored<D::Event>) {
        let domain = self.words.domain;
        let state = self.states.entry(event.stream).or_insert_with(|| domain.blank(event.stream));
        let was_over = event.version > Version(1) && D::Sagas::is_over(domain, state);
        for part in event.native(domain).iter() {
            domain.evolve(state, part);
        }
        let word = match (D::Sagas::is_over(domain, state), D::Sagas::handed_over(domain, state)) {
            (true, _) => "ended",
            (false, Some(_)) => "handed_over",
            (false, None) if was_over => "reopened",
            (false, None) => "running",
        };
        let saga = self.stream(event.stream);
        self.say(Line::new(Kind::Saga).text(Field::Saga, saga).text(Field::State, word));
    }

    fn timer(&mut self, saga: StreamId, timer: u8, did: &str, due: Option<Instant>) {
        let line = Line::new(Kind::Timer)
            .text(Field::Saga, self.stream(saga))
            .number(Field::Timer, timer)
            .text(Field::Did, did);
        let line = match due {
            Some(due) => line.number(Field::Due, due.as_nanos()),
            None => line,
        };
        self.say(line);
    }

    fn moved(&mut self, movement: Movement) {
        let line = match movement {
            Movement::Money { about, did, minor } => Line::new(Kind::Payment)
                .text(Field::Payment, self.stream(about))
                .text(Field::Did, did.word())
                .number(Field::Amount, minor.unsigned_abs()),
            Movement::Stock { item, capacity } => Line::new(Kind::Stock)
                .text(Field::Item, self.subject(item))
                .number(Field::Capacity, capacity),
            Movement::Held { item, holder } => self.claim(Kind::Hold, item, holder),
            Movement::Sold { item, holder, quantity } => {
                self.claim(Kind::Sell, item, holder).number(Field::Quantity, quantity)
            }
            Movement::Released { item, holder } => self.claim(Kind::Release, item, holder),
        };
        self.say(line);
    }

    fn claim(&self, kind: Kind, item: Subject, holder: Subject) -> Line {
        let line = Line::new(kind).text(Field::Item, self.subject(item));
        line.text(Field::Holder, self.subject(holder))
    }

    fn subject(&self, subject: Subject) -> String {
        match subject {
            Subject::Stream(stream) => self.stream(stream),
            Subject::Part(stream, part) => format!("{} {part}", self.stream(stream)),
            Subject::Named(name) => name,
        }
    }
}

/// The name of all relays together.
const RELAY: &str = "outbox";

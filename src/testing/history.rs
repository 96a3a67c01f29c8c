//! Histories: facts as a correct platform states them, before a test changes them.
//!
//! A history is written by hand, fact by fact, and given to a checker, which accepts or rejects it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::check::{Archive, Checker, Checks, Findings};
use crate::kernel::{Instant, NodeId, Span, Step};
use crate::model::{
    Abort, AppendOutcome, CommandId, DeadLetter, Domain, Entry, EventId, Fact, Ledger, Metadata,
    Names, Ordinal, Position, Principal, Recalled, Record, Request, Rest, RowKey, Sagas as _,
    Schemas as _, Searched, ServiceId, Services as _, Snapshot, Stored, Strategy, StreamId,
    Version, ViewId, Vocabulary,
};
use crate::platform::seal;
use crate::platform::topology::saga_queue;

/// A transaction that is neither committed nor aborted.
#[derive(Clone, Debug)]
pub(crate) struct Begun<E> {
    pub(crate) command: CommandId,
    pub(crate) first: Position,
    /// The number of its first event among those of the command.
    pub(crate) nth: u8,
    events: Vec<(StreamId, E)>,
}

/// Facts with their times, and what is left in the end.
#[derive(Clone, Debug)]
pub(crate) struct History<D: Domain> {
    pub(crate) domain: D,
    pub(crate) facts: Vec<(Instant, Fact<D>)>,
    /// The facts that not node 0 but this node states, by their place.
    elsewhere: Vec<(usize, NodeId)>,
    /// Every visible event, by position.
    pub(crate) log: Vec<Arc<Stored<D::Event>>>,
    pub(crate) snapshots: Vec<Snapshot<D::State>>,
    pub(crate) rows: Vec<Vec<Option<Arc<D::Row>>>>,
    /// The views in a cache that has lost rows, with the rows that it holds.
    pub(crate) partial: Vec<(ViewId, Vec<RowKey>)>,
    pub(crate) recalled: Vec<Recalled<D>>,
    pub(crate) checkpoints: Vec<u64>,
    pub(crate) unsent: u64,
    pub(crate) queued: Vec<u64>,
    pub(crate) buffered: Vec<u64>,
    pub(crate) dead_letters: Vec<DeadLetter>,
    pub(crate) ledgers: Vec<Ledger<D>>,
    pub(crate) searched: Option<Searched>,
    pub(crate) busy: Vec<String>,
    /// What is written.
    pub(crate) schema: u16,
    names: Arc<Names>,
    now: Instant,
    heads: Vec<(StreamId, Version, [u8; 32])>,
    next: Position,
}

/// How histories begin.
impl<D: Domain> History<D> {
    pub(crate) fn new(domain: D) -> Self {
        let projected = D::VIEWS.iter().filter(|view| view.has_projector()).count();
        Self {
            ledgers: D::Services::open(&domain),
            domain,
            facts: Vec::new(),
            elsewhere: Vec::new(),
            log: Vec::new(),
            snapshots: Vec::new(),
            rows: vec![Vec::new(); D::VIEWS.len()],
            partial: Vec::new(),
            recalled: Vec::new(),
            checkpoints: vec![0; D::VIEWS.len()],
            unsent: 0,
            queued: vec![0; projected + 1],
            buffered: vec![0; projected],
            dead_letters: Vec::new(),
            searched: None,
            busy: Vec::new(),
            schema: D::Schemas::SCHEMA,
            names: Arc::new(Names { customers: vec!["ana".to_owned()] }),
            now: Instant::ZERO,
            heads: Vec::new(),
            next: Position(1),
        }
    }
}

/// What happens.
impl<D: Domain> History<D> {
    pub(crate) fn fact(&mut self, fact: Fact<D>) {
        self.facts.push((self.now, fact));
    }

    /// A fact that a certain node states.
    pub(crate) fn fact_of(&mut self, node: NodeId, fact: Fact<D>) {
        self.elsewhere.push((self.facts.len(), node));
        self.fact(fact);
    }

    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    pub(crate) fn wait(&mut self, ms: u64) {
        self.now += Span::from_millis(ms);
    }

    /// A command, decided and inserted. Without a body it is a saga's record of its own progress, which
    /// only the saga decides.
    pub(crate) fn begin_with(
        &mut self,
        command: CommandId,
        body: Option<D::Command>,
        events: Vec<(StreamId, D::Event)>,
    ) -> Begun<D::Event> {
        if let Some(body) = body {
            let events = events.clone();
            self.fact(Fact::Decided { command, body, attempt: 1, events });
        }
        let events = match self.schema {
            schema if schema == D::Schemas::SCHEMA => events,
            older => D::Schemas::downcast(&self.domain, older, events),
        };
        let (first, count) = (self.next, events.len() as u32);
        self.next.0 += u64::from(count);
        self.fact(Fact::Allocated { command, first, count });
        self.fact(Fact::Inserted { command });
        Begun { command, first, nth: 0, events }
    }

    /// It becomes durable, then visible.
    pub(crate) fn store(&mut self, begun: &Begun<D::Event>) {
        self.fact(Fact::Committed { command: begun.command, first: begun.first });
        self.reveal(begun);
    }

    /// It becomes durable and visible, and its appender hears of it.
    pub(crate) fn finish(&mut self, begun: Begun<D::Event>) {
        self.store(&begun);
        let outcome = AppendOutcome::Appended;
        self.fact(Fact::Acknowledged { command: begun.command, outcome });
    }

    /// It becomes visible.
    pub(crate) fn reveal(&mut self, begun: &Begun<D::Event>) {
        for ((stream, event), nth) in begun.events.iter().zip(0_u8..) {
            let metadata = Metadata {
                id: EventId { command: begun.command, nth: begun.nth + nth },
                schema: self.schema,
                correlation: begun.command,
                causation: None,
                actor: Principal::Saga,
                occurred_at: self.now,
                recorded_at: self.now,
            };
            let position = Position(begun.first.0 + u64::from(nth));
            self.stored_at(*stream, event.clone(), metadata, position);
        }
    }

    /// An event becomes visible, from any cause.
    pub(crate) fn stored(&mut self, stream: StreamId, event: D::Event, metadata: Metadata) {
        let position = self.next;
        self.next.0 += 1;
        self.stored_at(stream, event, metadata, position);
    }

    fn stored_at(
        &mut self,
        stream: StreamId,
        event: D::Event,
        metadata: Metadata,
        position: Position,
    ) {
        let (_, version, chain) = self.head(stream);
        *version = version.next();
        let (version, signature) = (*version, [0; 16]);
        let draft = Stored { stream, version, position, metadata, event, chain: *chain, signature };
        let sealed = seal::seal(chain, draft);
        *chain = sealed.chain;
        let sealed = Arc::new(sealed);
        let at = self.log.partition_point(|event| event.position < position);
        self.log.insert(at, Arc::clone(&sealed));
        self.fact(Fact::Stored(Arc::clone(&sealed)));
        for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
            if view.strategy == Strategy::Synchronous && view.category == stream.category {
                let event = Arc::clone(&sealed);
                self.fact(Fact::AppliedInline { view: id, event });
            }
        }
    }

    /// A service gets a request and writes into its ledger.
    pub(crate) fn served(&mut self, service: ServiceId, request: &Request<D>) {
        let mut entries = Vec::new();
        let ledger = &mut self.ledgers[usize::from(service.0)];
        D::Services::serve(&self.domain, service, ledger, request, Instant::ZERO, &mut entries);
        self.entered(service, entries);
    }

    /// A service does something by itself and writes it into its ledger.
    pub(crate) fn injected(&mut self, service: ServiceId, fault: usize, size: u64) {
        let mut entries = Vec::new();
        let ledger = &mut self.ledgers[usize::from(service.0)];
        (D::Services::FAULTS[fault].inject)(ledger, size, Instant::ZERO, &mut entries);
        self.entered(service, entries);
    }

    /// Lets everything at a service lapse that does so at some time.
    pub(crate) fn lapsed(&mut self, service: ServiceId) {
        let ledger = &mut self.ledgers[usize::from(service.0)];
        let mut entries = Vec::new();
        D::Services::lapse(&self.domain, service, ledger, Instant::MAX, &mut entries);
        self.entered(service, entries);
    }

    /// A service has written these lines into its ledger.
    pub(crate) fn entered(
        &mut self,
        service: ServiceId,
        entries: impl IntoIterator<Item = Entry<D>>,
    ) {
        for entry in entries {
            self.fact(Fact::Entered { service, entry });
        }
    }

    /// It ends without effect, and its appender hears of it.
    pub(crate) fn abort(&mut self, begun: Begun<D::Event>, why: Abort) {
        let command = begun.command;
        self.fact(Fact::Aborted { command, first: Some(begun.first), why });
        let outcome = match why {
            Abort::Conflict { .. } | Abort::Matched { .. } => AppendOutcome::Conflict,
            Abort::AlreadyDone => AppendOutcome::AlreadyDone,
            Abort::CommitRefused => AppendOutcome::CommitRefused,
            Abort::NotSerializable => AppendOutcome::NotSerializable,
            Abort::ConnectionCut | Abort::Superseded => AppendOutcome::Unknown,
        };
        self.fact(Fact::Acknowledged { command, outcome });
    }

    /// A view applies an event of the log; its checkpoint stays at the beginning.
    pub(crate) fn apply(&mut self, view: ViewId, index: usize) {
        self.apply_with(view, index, 0, 0);
    }

    /// A view applies an event of the log and moves its checkpoint.
    pub(crate) fn apply_with(&mut self, view: ViewId, index: usize, checkpoint: u64, upto: u64) {
        let event = Arc::clone(&self.log[index]);
        let (checkpoint, upto) = (Ordinal(checkpoint), Position(upto));
        self.fact(Fact::Applied { view, event, checkpoint, upto });
    }

    /// The saga orchestrator has every event that a saga follows.
    pub(crate) fn reach_sagas(&mut self) {
        for place in 0..self.log.len() {
            let Stored { stream, position, .. } = *self.log[place];
            if D::Sagas::saga_of(stream).is_some() {
                self.fact(Fact::Acked { queue: saga_queue::<D>(), position });
            }
        }
    }

    /// Every view that is kept has everything, and those with a projector have applied it.
    pub(crate) fn settle(&mut self) {
        self.reach_sagas();
        let views = D::VIEWS.iter().enumerate();
        for (index, view) in views.filter(|(_, view)| view.is_kept()) {
            let id = ViewId(index as u8);
            let mut rows: Vec<Option<D::Row>> = Vec::new();
            for place in 0..self.log.len() {
                let event = Arc::clone(&self.log[place]);
                if event.stream.category != view.category {
                    continue;
                }
                for part in event.upcast(&self.domain).iter() {
                    for key in self.domain.rows(id, part) {
                        let row = key.0 as usize;
                        rows.resize(rows.len().max(row + 1), None);
                        self.domain.project(id, key, &mut rows[row], part);
                    }
                }
                if view.has_projector() {
                    self.checkpoints[index] += 1;
                    self.apply_with(id, place, self.checkpoints[index], event.position.0);
                }
            }
            self.rows[index] = rows.into_iter().map(|row| row.map(Arc::new)).collect();
        }
    }

    /// The last version of a stream and its hash.
    pub(crate) fn head(&mut self, stream: StreamId) -> &mut (StreamId, Version, [u8; 32]) {
        let known = self.heads.iter().position(|(known, ..)| *known == stream);
        let index = known.unwrap_or_else(|| {
            self.heads.push((stream, Version(0), seal::ORIGIN));
            self.heads.len() - 1
        });
        &mut self.heads[index]
    }
}

/// What goes wrong.
impl<D: Domain> History<D> {
    /// The next event of the stream is numbered as if there were one before it.
    pub(crate) fn skip_version(&mut self, stream: StreamId) {
        let head = self.head(stream);
        head.1 = head.1.next();
    }

    /// The sequence begins again.
    pub(crate) fn rewind_positions(&mut self) {
        self.next = Position(1);
    }

    /// The event that became visible first was another one.
    pub(crate) fn change_first(&mut self, change: impl FnOnce(&mut Stored<D::Event>)) {
        let stored = self.facts.iter_mut().find_map(|(_, fact)| match fact {
            Fact::Stored(event) => Some(event),
            _ => None,
        });
        change(Arc::make_mut(stored.expect("something became visible")));
    }

    /// The event that became visible last was another one.
    pub(crate) fn change_stored(&mut self, change: impl FnOnce(&mut Stored<D::Event>)) {
        let stored = self.facts.iter_mut().rev().find_map(|(_, fact)| match fact {
            Fact::Stored(event) => Some(event),
            _ => None,
        });
        change(Arc::make_mut(stored.expect("something became visible")));
    }
}

/// What a checker makes of it.
impl<D: Domain> History<D> {
    pub(crate) fn records(&self) -> Vec<Record<D>> {
        // Each fact is a step of its own, but for what happens together by its nature.
        let mut step = 0;
        let record = |(nth, (at, fact)): (usize, &(Instant, Fact<D>))| {
            let joins = matches!(fact, Fact::AppliedInline { .. });
            step += u64::from(!joins);
            let elsewhere = self.elsewhere.iter().find(|(place, _)| *place == nth);
            let node = elsewhere.map_or(NodeId(0), |(_, node)| *node);
            let (step, cause) = (Step(step), Step(step - 1));
            Record { step, part: 0, cause, at: *at, node, fact: fact.clone() }
        };
        self.facts.iter().enumerate().map(record).collect()
    }

    fn words(&self) -> Vocabulary<'_, D> {
        Vocabulary { domain: &self.domain, names: &self.names }
    }

    pub(crate) fn observed<C: Checker<D>>(&self) -> (C, Findings) {
        let (mut checker, mut findings) = (C::default(), Findings::default());
        let mut archive = Archive::default();
        for record in self.records() {
            archive.note(&record);
            self.observe(&mut checker, &archive, &record, &mut findings);
        }
        (checker, findings)
    }

    /// What has become visible by its end.
    pub(crate) fn archive(&self) -> Archive<D> {
        let mut archive = Archive::default();
        self.records().iter().for_each(|record| archive.note(record));
        archive
    }

    pub(crate) fn observe<C: Checker<D>>(
        &self,
        checker: &mut C,
        archive: &Archive<D>,
        record: &Record<D>,
        findings: &mut Findings,
    ) {
        let mut checks = Checks::new(self.words(), archive, record.at, record.step, findings);
        checker.observe(record, &mut checks.part::<C>(&mut 0));
    }

    pub(crate) fn rest(&self) -> Rest<'_, D> {
        Rest {
            domain: &self.domain,
            names: &self.names,
            at: self.now,
            step: Step(self.facts.len() as u64),
            events: Cow::Owned(self.log.iter().cloned().collect()),
            snapshots: self.snapshots.clone(),
            rows: self.rows.clone(),
            partial: self.partial.clone(),
            recalled: self.recalled.clone(),
            checkpoints: self.checkpoints.clone(),
            unsent: self.unsent,
            queued: self.queued.clone(),
            buffered: self.buffered.clone(),
            dead_letters: self.dead_letters.clone(),
            ledgers: self.ledgers.iter().collect(),
            searched: self.searched.clone(),
            busy: self.busy.clone(),
        }
    }

    pub(crate) fn at_rest<C: Checker<D>>(&self, checker: &mut C, findings: &mut Findings) {
        let (rest, archive) = (self.rest(), self.archive());
        let mut checks = Checks::new(self.words(), &archive, rest.at, rest.step, findings);
        checker.at_rest(&rest, &mut checks.part::<C>(&mut 0));
    }

    pub(crate) fn checked<C: Checker<D>>(&self) -> Findings {
        let (mut checker, mut findings) = self.observed::<C>();
        self.at_rest(&mut checker, &mut findings);
        findings
    }

    /// The properties that the history violates before its end.
    pub(crate) fn violated<C: Checker<D>>(&self) -> Vec<&'static str> {
        ids(&self.observed::<C>().1)
    }

    /// The properties that are violated when the run comes to rest at the end of the history.
    pub(crate) fn violated_at_rest<C: Checker<D>>(&self) -> Vec<&'static str> {
        let (mut checker, mut findings) = (self.observed::<C>().0, Findings::default());
        self.at_rest(&mut checker, &mut findings);
        ids(&findings)
    }

    /// The history violates nothing. Returns the number of checks.
    #[track_caller]
    pub(crate) fn accepted_by<C: Checker<D>>(&self) -> u64 {
        let findings = self.checked::<C>();
        assert_eq!(findings.violations(), []);
        C::PROPERTIES.iter().map(|property| findings.checks(property)).sum()
    }

    /// The first violation is of this property and its message contains this text.
    #[track_caller]
    pub(crate) fn rejected_by<C: Checker<D>>(&self, property: &str, says: &str) {
        let findings = self.checked::<C>();
        let violation = findings.violations().first().expect("a violation");
        assert_eq!(violation.property.id, property, "{violation:?}");
        assert!(violation.says.contains(says), "{}", violation.says);
        assert!(violation.because.is_sorted(), "{violation:?}");
        assert!(violation.because.iter().all(|&step| Step(0) < step && step <= violation.step));
        assert!(C::PROPERTIES.iter().any(|listed| listed == violation.property), "{property}");
        assert!(findings.checks(violation.property) > 0, "{property} counts its checks");
    }
}

fn ids(findings: &Findings) -> Vec<&'static str> {
    findings.violations().iter().map(|violation| violation.property.id).collect()
}

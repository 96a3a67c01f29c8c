//! Histories: facts as an honest platform states them, to be bent by a test.

use std::sync::Arc;

use super::counters::{Counted, Counters, SCHEMA, State, Total};
use crate::check::{Judge, Oracle};
use crate::kernel::{Instant, NodeId, Span, Step};
use crate::model::{
    Abort, AppendOutcome, CommandId, CustomerId, DeadLetter, Domain, EventId, Fact, Metadata,
    Names, Ordinal, Position, Principal, Recalled, Record, RequestId, Rest, Schemas, Searched,
    Snapshot, Stored, Strategy, StreamId, Version, ViewId,
};
use crate::platform::seal;

pub(in crate::check) const fn asked(nth: u32) -> RequestId {
    RequestId { customer: CustomerId(0), nth }
}

pub(in crate::check) const fn request(nth: u32) -> CommandId {
    CommandId::Request(asked(nth))
}

/// A transaction that is neither committed nor aborted.
#[derive(Clone, Debug)]
pub(in crate::check) struct Begun {
    pub(in crate::check) command: CommandId,
    pub(in crate::check) first: Position,
    /// The number of its first event among those of the command.
    pub(in crate::check) nth: u8,
    events: Vec<(StreamId, Counted)>,
}

/// Facts with their times, and what is left in the end.
#[derive(Clone, Debug)]
pub(in crate::check) struct History {
    pub(in crate::check) domain: Counters,
    pub(in crate::check) facts: Vec<(Instant, Fact<Counters>)>,
    /// Every visible event, by position.
    pub(in crate::check) log: Vec<Arc<Stored<Counted>>>,
    pub(in crate::check) snapshots: Vec<Snapshot<State>>,
    pub(in crate::check) rows: Vec<Vec<Option<Arc<Total>>>>,
    pub(in crate::check) recalled: Vec<Recalled<Counters>>,
    pub(in crate::check) checkpoints: Vec<u64>,
    pub(in crate::check) unsent: u64,
    pub(in crate::check) queued: Vec<u64>,
    pub(in crate::check) buffered: Vec<u64>,
    pub(in crate::check) dead_letters: Vec<DeadLetter>,
    pub(in crate::check) searched: Option<Searched>,
    pub(in crate::check) busy: Vec<String>,
    /// What is written.
    pub(in crate::check) schema: u16,
    names: Arc<Names>,
    now: Instant,
    heads: Vec<(StreamId, Version, [u8; 32])>,
    next: Position,
}

impl Default for History {
    fn default() -> Self {
        Self {
            domain: Counters,
            facts: Vec::new(),
            log: Vec::new(),
            snapshots: Vec::new(),
            rows: vec![Vec::new(); Counters::VIEWS.len()],
            recalled: Vec::new(),
            checkpoints: vec![0; Counters::VIEWS.len()],
            unsent: 0,
            queued: vec![0; 3],
            buffered: vec![0; 2],
            dead_letters: Vec::new(),
            searched: None,
            busy: Vec::new(),
            schema: SCHEMA,
            names: Arc::new(Names { customers: vec!["ana".to_owned()] }),
            now: Instant::ZERO,
            heads: Vec::new(),
            next: Position(1),
        }
    }
}

/// What happens.
impl History {
    pub(in crate::check) fn fact(&mut self, fact: Fact<Counters>) {
        self.facts.push((self.now, fact));
    }

    pub(in crate::check) fn now(&self) -> Instant {
        self.now
    }

    pub(in crate::check) fn wait(&mut self, ms: u64) {
        self.now += Span::from_millis(ms);
    }

    /// A customer's command from its decision to its answer.
    pub(in crate::check) fn append(&mut self, nth: u32, events: &[(StreamId, Counted)]) {
        self.append_as(request(nth), events);
    }

    pub(in crate::check) fn append_as(
        &mut self,
        command: CommandId,
        events: &[(StreamId, Counted)],
    ) {
        let begun = self.begin_as(command, events);
        self.finish(begun);
    }

    /// A saga records one more event.
    pub(in crate::check) fn progress(&mut self, number: u32, event: Counted) {
        let saga = super::saga(number);
        let after = self.head(saga).1;
        self.append_as(CommandId::Progress { saga, after }, &[(saga, event)]);
    }

    /// A customer's command, decided and inserted.
    pub(in crate::check) fn begin(&mut self, nth: u32, events: &[(StreamId, Counted)]) -> Begun {
        self.begin_as(request(nth), events)
    }

    fn begin_as(&mut self, command: CommandId, events: &[(StreamId, Counted)]) -> Begun {
        let events = events.to_vec();
        match command {
            CommandId::Request(_) | CommandId::Effect(_) => {
                let events = events.clone();
                self.fact(Fact::Decided { command, body: 0, attempt: 1, events });
            }
            CommandId::Progress { .. } => {}
        }
        let events = match self.schema {
            SCHEMA => events,
            older => Counters::downcast(&self.domain, older, events),
        };
        let (first, count) = (self.next, events.len() as u32);
        self.next.0 += u64::from(count);
        self.fact(Fact::Allocated { command, first, count });
        self.fact(Fact::Inserted { command });
        Begun { command, first, nth: 0, events }
    }

    /// It becomes durable, then visible.
    pub(in crate::check) fn store(&mut self, begun: &Begun) {
        self.fact(Fact::Committed { command: begun.command, first: begun.first });
        self.reveal(begun);
    }

    /// It becomes durable and visible, and its appender hears of it.
    pub(in crate::check) fn finish(&mut self, begun: Begun) {
        self.store(&begun);
        let outcome = AppendOutcome::Appended;
        self.fact(Fact::Acknowledged { command: begun.command, outcome });
    }

    /// It becomes visible.
    pub(in crate::check) fn reveal(&mut self, begun: &Begun) {
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
            let (_, version, chain) = self.head(*stream);
            *version = version.next();
            let sealed = seal::seal(chain, *stream, *version, position, metadata, event.clone());
            *chain = sealed.chain;
            let sealed = Arc::new(sealed);
            let at = self.log.partition_point(|event| event.position < position);
            self.log.insert(at, Arc::clone(&sealed));
            self.fact(Fact::Stored(Arc::clone(&sealed)));
            for (view, id) in Counters::VIEWS.iter().zip((0..).map(ViewId)) {
                if view.strategy == Strategy::Synchronous && view.category == stream.category {
                    let event = Arc::clone(&sealed);
                    self.fact(Fact::AppliedInline { view: id, event });
                }
            }
        }
    }

    /// It ends without effect, and its appender hears of it.
    pub(in crate::check) fn abort(&mut self, begun: Begun, why: Abort) {
        let command = begun.command;
        self.fact(Fact::Aborted { command, first: Some(begun.first), why });
        let outcome = match why {
            Abort::Conflict { .. } => AppendOutcome::Conflict,
            Abort::AlreadyDone => AppendOutcome::AlreadyDone,
            Abort::CommitRefused => AppendOutcome::CommitRefused,
            Abort::NotSerializable => AppendOutcome::NotSerializable,
            Abort::ConnectionCut => AppendOutcome::Unknown,
        };
        self.fact(Fact::Acknowledged { command, outcome });
    }

    /// A view applies an event of the log; its checkpoint stays at the beginning.
    pub(in crate::check) fn apply(&mut self, view: ViewId, index: usize) {
        self.apply_with(view, index, 0, 0);
    }

    /// A view applies an event of the log and moves its checkpoint.
    pub(in crate::check) fn apply_with(
        &mut self,
        view: ViewId,
        index: usize,
        checkpoint: u64,
        upto: u64,
    ) {
        let event = Arc::clone(&self.log[index]);
        let (checkpoint, upto) = (Ordinal(checkpoint), Position(upto));
        self.fact(Fact::Applied { view, event, checkpoint, upto });
    }

    /// Every view that is kept has everything, and those with a projector have applied it.
    pub(in crate::check) fn settle(&mut self) {
        let views = Counters::VIEWS.iter().enumerate();
        for (index, view) in views.filter(|(_, view)| view.is_kept()) {
            let id = ViewId(index as u8);
            let mut rows: Vec<Option<Total>> = Vec::new();
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

    fn head(&mut self, stream: StreamId) -> &mut (StreamId, Version, [u8; 32]) {
        let known = self.heads.iter().position(|(known, ..)| *known == stream);
        let index = known.unwrap_or_else(|| {
            self.heads.push((stream, Version(0), seal::ORIGIN));
            self.heads.len() - 1
        });
        &mut self.heads[index]
    }
}

/// What goes wrong.
impl History {
    /// The next event of the stream is numbered as if there were one before it.
    pub(in crate::check) fn skip_version(&mut self, stream: StreamId) {
        let head = self.head(stream);
        head.1 = head.1.next();
    }

    /// The sequence begins again.
    pub(in crate::check) fn rewind_positions(&mut self) {
        self.next = Position(1);
    }

    /// The event that became visible first was another one.
    pub(in crate::check) fn change_first(&mut self, change: impl FnOnce(&mut Stored<Counted>)) {
        let stored = self.facts.iter_mut().find_map(|(_, fact)| match fact {
            Fact::Stored(event) => Some(event),
            _ => None,
        });
        change(Arc::make_mut(stored.expect("something became visible")));
    }

    /// The event that became visible last was another one.
    pub(in crate::check) fn change_stored(&mut self, change: impl FnOnce(&mut Stored<Counted>)) {
        let stored = self.facts.iter_mut().rev().find_map(|(_, fact)| match fact {
            Fact::Stored(event) => Some(event),
            _ => None,
        });
        change(Arc::make_mut(stored.expect("something became visible")));
    }
}

/// What a checker makes of it.
impl History {
    pub(in crate::check) fn records(&self) -> Vec<Record<Counters>> {
        // Each fact is a step of its own, but for what happens together by its nature.
        let mut step = 0;
        let record = |(at, fact): &(Instant, Fact<Counters>)| {
            let joins = matches!(fact, Fact::AppliedInline { .. });
            step += u64::from(!joins);
            let (step, cause, node) = (Step(step), Step(step - 1), NodeId(0));
            Record { step, cause, at: *at, node, fact: fact.clone() }
        };
        self.facts.iter().map(record).collect()
    }

    pub(in crate::check) fn observed<O: Oracle<Counters>>(&self) -> (O, Judge) {
        let (mut oracle, mut judge) = (O::new(&self.domain, &self.names), Judge::default());
        for record in self.records() {
            oracle.observe(&self.domain, &record, &mut judge);
        }
        (oracle, judge)
    }

    pub(in crate::check) fn at_rest<O: Oracle<Counters>>(&self, oracle: &mut O, judge: &mut Judge) {
        let rest = Rest {
            domain: &self.domain,
            names: &self.names,
            at: self.now,
            step: Step(self.facts.len() as u64),
            events: self.log.clone(),
            snapshots: self.snapshots.clone(),
            rows: self.rows.clone(),
            recalled: self.recalled.clone(),
            checkpoints: self.checkpoints.clone(),
            unsent: self.unsent,
            queued: self.queued.clone(),
            buffered: self.buffered.clone(),
            dead_letters: self.dead_letters.clone(),
            ledgers: Vec::new(),
            searched: self.searched.clone(),
            busy: self.busy.clone(),
        };
        oracle.at_rest(&rest, judge);
    }

    pub(in crate::check) fn judged<O: Oracle<Counters>>(&self) -> (O, Judge) {
        let (mut oracle, mut judge) = self.observed::<O>();
        self.at_rest(&mut oracle, &mut judge);
        (oracle, judge)
    }

    /// How often it was judged.
    #[track_caller]
    pub(in crate::check) fn accepted_by<O: Oracle<Counters>>(&self) -> u64 {
        let (oracle, judge) = self.judged::<O>();
        assert_eq!(judge.violations(), []);
        oracle.checks().iter().map(|(_, count)| count).sum()
    }

    /// The first violation is of this property and says so.
    #[track_caller]
    pub(in crate::check) fn rejected_by<O: Oracle<Counters>>(&self, property: &str, says: &str) {
        let (oracle, judge) = self.judged::<O>();
        let violation = judge.violations().first().expect("a violation");
        assert_eq!(violation.property.id, property, "{violation:?}");
        assert!(violation.says.contains(says), "{}", violation.says);
        assert!(violation.because.is_sorted(), "{violation:?}");
        assert!(violation.because.iter().all(|&step| Step(0) < step && step <= violation.step));
        let checks = oracle.checks();
        let judged = checks.iter().find(|(judged, _)| judged.id == property);
        assert!(judged.is_some_and(|(_, count)| *count > 0), "{property} counts its checks");
    }
}

//! All lines of a history, judged one after the other.

use super::board::{Board, Breach, Place};
use super::clauses::{Clause, PROPERTIES, clauses_of};
use super::fact::Fact;
use super::judges::{
    Answers, Calls, Causes, Claims, Commands, Consumers, Operations, Payments, Reads, Sagas, Sight,
    Timers, outbox_row,
};
use super::log::Log;
use super::moment::Moment;
use super::scope::Scope;
use super::value::Wrong;
use super::vocabulary::Field;

/// Judges lines as they are read.
#[derive(Debug)]
pub(super) struct Checker {
    pub(super) scope: Scope,
    board: Board,
    log: Log,
    answers: Answers,
    calls: Calls,
    causes: Causes,
    claims: Claims,
    commands: Commands,
    consumers: Consumers,
    operations: Operations,
    payments: Payments,
    reads: Reads,
    sagas: Sagas,
    timers: Timers,
    /// The latest time.
    now: Option<Moment>,
}

/// What was found in a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// What was judged of each property, in order.
    pub properties: Vec<Judged>,
    /// What is violated, in the order in which it was found; of each property only the first.
    pub breaches: Vec<Breach>,
}

/// What was judged of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The property.
    pub property: &'static str,
    /// How many facts were judged by each clause, and how many of them violate it.
    pub clauses: Vec<(Clause, u64, u64)>,
    /// How many facts were not judged because that would have taken too much work.
    pub undecided: u64,
}

impl Judged {
    /// How many facts were judged.
    pub fn facts(&self) -> u64 {
        self.clauses.iter().map(|(_, facts, _)| facts).sum()
    }

    /// How many of them violate it.
    pub fn broken(&self) -> u64 {
        self.clauses.iter().map(|(_, _, broken)| broken).sum()
    }

    /// Whether anything was judged.
    pub fn is_observable(&self) -> bool {
        self.facts() > 0
    }
}

impl Checker {
    /// Keeps up to `kept_max` breaches of each property.
    pub(super) fn new(scope: Scope, kept_max: u64) -> Self {
        Self {
            scope,
            board: Board::new(kept_max, scope.is_at_rest),
            log: Log::default(),
            answers: Answers::default(),
            calls: Calls::default(),
            causes: Causes::default(),
            claims: Claims::default(),
            commands: Commands::default(),
            consumers: Consumers::default(),
            operations: Operations::default(),
            payments: Payments::default(),
            reads: Reads::default(),
            sagas: Sagas::default(),
            timers: Timers::default(),
            now: None,
        }
    }

    /// Judges one line.
    ///
    /// # Errors
    ///
    /// When the line stands where it cannot stand.
    pub(super) fn see(
        &mut self,
        fact: &Fact<'_>,
        at: Option<Moment>,
        line: Place,
    ) -> Result<(), Wrong> {
        self.now = self.now.max(at);
        let Self { scope, board, log, .. } = self;
        match fact {
            // The reader has dealt with both.
            Fact::History { is_at_rest: true } | Fact::End { .. } => {}
            Fact::History { is_at_rest: false } => board.is_in_progress(),
            Fact::Subscription { consumer, categories, types, in_order } => {
                if log.count() > 0 {
                    return Err(Wrong::of(
                        Field::Consumer,
                        "a subscription stands behind the first event",
                        "put all subscriptions at the beginning, or into a map",
                    ));
                }
                let (categories, types) = (categories.as_ref(), types.as_ref());
                self.consumers.subscribed(consumer, categories, types, *in_order, log);
            }
            Fact::Event(event) => {
                self.causes.see(event, line, scope, log, board);
                let at = log.store(event, line, scope, board);
                self.commands.wrote(event, line, scope, board);
                let about = (event.of_type.as_deref(), event.position);
                self.consumers.stored(at, about, line, log, scope, board);
            }
            Fact::Command { id } => self.commands.sent(id, line, scope, board),
            Fact::Answer(answer) => {
                self.commands.answered(answer, line, board);
                self.answers.see(answer, line, scope, log, board);
                self.reads.answered(answer, line, log);
            }
            Fact::Outbox { event, is_sent } => outbox_row(event.as_ref(), *is_sent, line, board),
            Fact::Publish { event, relay } => {
                self.consumers.saw(Sight::Published, (relay, event), line, (log, scope), board);
            }
            Fact::Deliver { event, consumer } => {
                self.consumers.saw(Sight::Delivered, (consumer, event), line, (log, scope), board);
            }
            Fact::Apply { event, consumer } => {
                self.consumers.saw(Sight::Applied, (consumer, event), line, (log, scope), board);
            }
            Fact::Checkpoint { consumer, position } => {
                self.consumers.checkpoint(consumer, *position, line, (log, scope), board);
            }
            Fact::Read(read) => self.reads.read(read, line, (log, scope), board),
            Fact::Leave { actor } => self.reads.left(actor),
            Fact::Saga { saga, state } => self.sagas.see(saga, *state, line, board),
            Fact::Timer(timer) => self.timers.see(timer, line, board),
            Fact::Call { effect, service, body } => {
                self.calls.see(effect, service.as_ref(), body.as_ref(), line, board);
            }
            Fact::Payment(payment) => self.payments.see(payment, line, board),
            Fact::Stock { item, capacity } => self.claims.stock(item, *capacity, line, board),
            Fact::Claim { what, claim } => self.claims.claim(*what, claim, line, board),
            Fact::Operation(operation) => self.operations.see(operation, line, board)?,
        }
        Ok(())
    }

    /// Judges the end.
    pub(super) fn end(self) -> Findings {
        let Self { scope, mut board, mut log, mut consumers, mut operations, .. } = self;
        let board = &mut board;
        self.commands.end(board);
        self.answers.end(&log, board);
        self.causes.end(&log, board);
        consumers.end(&mut log, &scope, board);
        self.reads.end(&log, board);
        self.sagas.end(board);
        self.timers.end(board);
        self.payments.end(board);
        self.claims.end(self.now, board);
        operations.end(board);
        let Board { judged, broken, undecided, breaches, .. } = board;
        let clause = |clause: Clause| (clause, judged[clause as usize], broken[clause as usize]);
        let properties = PROPERTIES.iter().map(|property| Judged {
            property,
            clauses: clauses_of(property).map(clause).collect(),
            undecided: clauses_of(property).map(|clause| undecided[clause as usize]).sum(),
        });
        Findings { properties: properties.collect(), breaches: std::mem::take(breaches) }
    }
}

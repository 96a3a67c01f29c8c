//! The events that a stimulus leads to.

use super::Saga;
use super::life::End;
use super::record::{Milestone, Record};
use crate::kernel::{Backoff, Instant, Span};
use crate::model::{Domain, Stimulus};

/// How often an operator lets a saga try again.
const LOOKS_MAX: u8 = 3;
/// How long it takes until an operator has looked at a saga.
const LOOK_AFTER: Span = Span::from_secs(10 * 60);
/// More events than any plan records at once.
const RECORDS_MAX: usize = 64;

/// A saga with the events that it is about to record.
#[derive(Clone, Debug)]
pub struct Draft<S: Saga> {
    /// The saga with these events applied.
    pub saga: S,
    records: Vec<S::Record>,
    due: Option<u8>,
    now: Instant,
}

impl<S: Saga> Draft<S> {
    /// An empty draft.
    pub fn new(saga: &S, now: Instant) -> Self {
        Self { saga: saga.clone(), records: Vec::new(), due: None, now }
    }

    /// An empty draft for a saga that `stimulus` wakes.
    pub fn woken<D: Domain>(saga: &S, stimulus: &Stimulus<'_, D>, now: Instant) -> Self {
        let due = if let Stimulus::Due(timer) = stimulus { Some(*timer) } else { None };
        Self { due, ..Self::new(saga, now) }
    }

    /// The time.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Adds an event.
    pub fn record(&mut self, record: S::Record) {
        self.saga.evolve(&record);
        self.records.push(record);
    }

    /// Whether the time is `at` or later. The clock of the saga may be behind the clock of the timers,
    /// so that `timer` firing counts as well.
    pub fn is_due(&self, timer: u8, at: Instant) -> bool {
        self.now >= at || self.fired(timer)
    }

    /// Whether it is `timer` that wakes the saga.
    pub fn fired(&self, timer: u8) -> bool {
        self.due == Some(timer)
    }

    /// Pauses for the delay after attempt `nth`, unless the saga already pauses or has ended.
    pub fn pause(&mut self, backoff: Backoff, nth: u32) {
        self.pause_until(self.now + backoff.delay(nth));
    }

    /// Pauses until `at`, unless the saga already pauses or has ended.
    pub fn pause_until(&mut self, at: Instant) {
        let life = self.saga.life();
        if life.is_open() && life.resting.is_none() {
            self.record(S::Record::retry_scheduled(at));
        }
    }

    /// Ends a pause that is over, and resumes a saga that an operator has looked at. The operator knows
    /// no more than the saga, but a service that was silent may answer by now.
    pub fn wake(&mut self) {
        let life = self.saga.life();
        if life.is_open() && life.resting.is_some_and(|at| self.is_due(S::TIMER_RETRY, at)) {
            self.record(S::Record::retry_due());
        }
        if self.saga.life().look_at.is_some_and(|at| self.is_due(S::TIMER_LOOK, at)) {
            self.record(S::Record::resumed());
        }
    }

    /// Records what `next` returns until it returns `None`, and returns all events. The first few times
    /// that a saga is handed over, a look of the operator is scheduled.
    ///
    /// # Panics
    ///
    /// If `next` does not come to an end.
    pub fn settle(mut self, next: impl Fn(&Self) -> Option<S::Record>) -> Vec<S::Record> {
        while let Some(record) = next(&self) {
            let handed = match record.milestone() {
                Some(Milestone::Ended(End::HandedToHuman(trouble))) => S::is_tried_again(trouble),
                Some(_) | None => false,
            };
            self.record(record);
            if handed && self.saga.life().looks < LOOKS_MAX {
                self.record(S::Record::look_scheduled(self.now + LOOK_AFTER));
            }
            assert!(self.records.len() < RECORDS_MAX, "the plan of a saga must end");
        }
        self.records
    }
}

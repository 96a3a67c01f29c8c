//! From a stimulus to the records that follow from it.

use super::Saga;
use super::life::End;
use super::record::{Milestone, Record};
use crate::kernel::{Backoff, Instant, Span};
use crate::model::{Domain, Stimulus};

/// How often a person has a saga try again before it stays on their list.
const LOOKS_MAX: u8 = 3;
/// How soon a person has worked through their list.
const LOOK_AFTER: Span = Span::from_secs(10 * 60);
/// More records at once than any plan makes.
const RECORDS_MAX: usize = 64;

/// A saga with the records that it is about to make.
#[derive(Clone, Debug)]
pub struct Draft<S: Saga> {
    /// The saga as if they were made.
    pub saga: S,
    records: Vec<S::Record>,
    due: Option<u8>,
    now: Instant,
}

impl<S: Saga> Draft<S> {
    /// Nothing is recorded yet.
    pub fn new(saga: &S, now: Instant) -> Self {
        Self { saga: saga.clone(), records: Vec::new(), due: None, now }
    }

    /// The same, for a saga that `stimulus` wakes.
    pub fn woken<D: Domain>(saga: &S, stimulus: &Stimulus<'_, D>, now: Instant) -> Self {
        let due = match stimulus {
            Stimulus::Due(timer) => Some(*timer),
            Stimulus::Subject
            | Stimulus::Replied(..)
            | Stimulus::Silent(..)
            | Stimulus::Answered(..)
            | Stimulus::Resumed => None,
        };
        Self { due, ..Self::new(saga, now) }
    }

    /// The time.
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Adds a record.
    pub fn record(&mut self, record: S::Record) {
        self.saga.evolve(&record);
        self.records.push(record);
    }

    /// Whether it is `at` already. Timers and sagas may go by different clocks: if `timer` is due, it is.
    pub fn is_due(&self, timer: u8, at: Instant) -> bool {
        self.now >= at || self.due == Some(timer)
    }

    /// Pauses for the delay after attempt `nth`, unless the saga pauses already or has ended.
    pub fn pause(&mut self, backoff: Backoff, nth: u32) {
        let life = self.saga.life();
        if life.is_open() && life.resting.is_none() {
            self.record(S::Record::retry_scheduled(self.now + backoff.delay(nth)));
        }
    }

    /// Ends a pause that is over, and has the saga try again when a person has looked at it. A person
    /// knows no more than the saga does, but by now a silent service may answer again.
    pub fn wake(&mut self) {
        let life = self.saga.life();
        if life.is_open() && life.resting.is_some_and(|at| self.is_due(S::TIMER_RETRY, at)) {
            self.record(S::Record::retry_due());
        }
        if self.saga.life().look_at.is_some_and(|at| self.is_due(S::TIMER_LOOK, at)) {
            self.record(S::Record::resumed());
        }
    }

    /// Records what the saga wants until it wants nothing more, and returns all records. A saga that is
    /// handed over is put on a person's list, some times.
    ///
    /// # Panics
    ///
    /// When the plan does not come to rest.
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
            assert!(self.records.len() < RECORDS_MAX, "a saga's plan comes to rest");
        }
        self.records
    }
}

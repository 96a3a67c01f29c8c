//! From a stimulus to the records that follow from it.

use super::{Saga, learn, plan};
use crate::domains::flights::booking::{Booking, Seats};
use crate::domains::flights::event::SagaEvent;
use crate::domains::flights::setup::Flights;
use crate::kernel::Instant;
use crate::model::Stimulus;

/// A saga with the records that it is about to make.
pub(super) struct Draft {
    /// The saga as if they were made.
    pub(super) saga: Saga,
    /// The records, in order.
    pub(super) records: Vec<SagaEvent>,
}

impl Draft {
    pub(super) fn record(&mut self, event: SagaEvent) {
        self.saga.evolve(&event);
        self.records.push(event);
    }
}

/// What the saga records next.
pub(crate) fn react(
    saga: &Saga,
    subject: &Booking,
    stimulus: &Stimulus<'_, Flights>,
    now: Instant,
) -> Vec<SagaEvent> {
    if !saga.started && subject.seats == Seats::None {
        return Vec::new();
    }
    let mut draft = Draft { saga: saga.clone(), records: Vec::new() };
    learn::learn(&mut draft, stimulus, now);
    plan::plan(&mut draft, subject, stimulus, now);
    draft.records
}

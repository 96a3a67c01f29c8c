//! A saga and its subject in a test, without a platform.

use crate::kernel::Instant;
use crate::model::{CommandOutcome, Domain, Effect, Sagas, Stimulus, StreamId};

/// One saga and the stream that it follows. A test says what happens and gets the names of the events
/// that the saga records.
#[derive(Debug)]
pub(crate) struct SagaBench<D: Domain> {
    pub(crate) domain: D,
    pub(crate) saga: D::State,
    /// The state of the stream that the saga follows.
    pub(crate) subject: D::State,
    pub(crate) now: Instant,
}

impl<D: Domain> SagaBench<D> {
    pub(crate) fn new(domain: D, saga: StreamId) -> Self {
        let subject = domain.blank(D::Sagas::subject_of(saga).expect("the stream of a saga"));
        Self { saga: domain.blank(saga), subject, domain, now: Instant::ZERO }
    }

    /// Something happens to the subject, and the saga is woken.
    pub(crate) fn happens(&mut self, event: impl Into<D::Event>) -> Vec<&'static str> {
        self.changes(event);
        self.wake(&Stimulus::Subject)
    }

    /// Something happens to the subject, and the saga is not woken yet.
    pub(crate) fn changes(&mut self, event: impl Into<D::Event>) {
        let event = event.into();
        assert!(self.domain.is_legal_transition(&self.subject, &event), "{event:?} in {self:?}");
        self.domain.evolve(&mut self.subject, &event);
    }

    /// Wakes the saga. Waking it once more must record nothing: a saga depends on states, not on what
    /// woke it.
    pub(crate) fn wake(&mut self, stimulus: &Stimulus<'_, D>) -> Vec<&'static str> {
        let records = self.react(stimulus);
        for record in &records {
            assert!(self.domain.is_legal_transition(&self.saga, record), "{record:?} in {self:?}");
            self.domain.evolve(&mut self.saga, record);
        }
        assert_eq!(self.react(&Stimulus::Subject), [], "a saga is level-triggered");
        records.iter().map(|record| self.domain.event_name(record)).collect()
    }

    /// A command of the saga is answered.
    pub(crate) fn answered(
        &mut self,
        command: &D::Command,
        outcome: &CommandOutcome<D>,
    ) -> Vec<&'static str> {
        self.wake(&Stimulus::Answered(command, outcome))
    }

    /// A timer that is set for `at` fires.
    pub(crate) fn wait(&mut self, timer: u8, at: Option<Instant>) -> Vec<&'static str> {
        self.now = at.expect("the saga has set this timer");
        self.wake(&Stimulus::Due(timer))
    }

    pub(crate) fn still_wants(&self, effect: &Effect<D>) -> bool {
        D::Sagas::still_wants(&self.domain, &self.saga, effect)
    }

    fn react(&self, stimulus: &Stimulus<'_, D>) -> Vec<D::Event> {
        D::Sagas::react(&self.domain, &self.saga, &self.subject, stimulus, self.now)
    }
}

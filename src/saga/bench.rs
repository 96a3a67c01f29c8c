//! A saga and its subject in a test, without a platform.

use std::fmt::{self, Debug};

use crate::kernel::Instant;
use crate::model::{CommandOutcome, Domain, Effect, Sagas, Stimulus, StreamId};

/// One saga and the stream that it follows. A test says what happens, and is told what the saga records.
pub struct Bench<D: Domain> {
    /// The domain.
    pub domain: D,
    /// The state of the saga.
    pub saga: D::State,
    /// The state of the stream that it follows.
    pub subject: D::State,
    /// The time.
    pub now: Instant,
}

impl<D: Domain> Debug for Bench<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} after {:?}", self.saga, self.now, self.subject)
    }
}

impl<D: Domain> Bench<D> {
    /// Nothing has happened yet.
    ///
    /// # Panics
    ///
    /// When `saga` is not the stream of a saga.
    pub fn new(domain: D, saga: StreamId) -> Self {
        let subject = domain.blank(D::Sagas::subject_of(saga).expect("the stream of a saga"));
        Self { saga: domain.blank(saga), subject, domain, now: Instant::ZERO }
    }

    /// Something happens to the subject, and the saga is woken; the names of its records.
    ///
    /// # Panics
    ///
    /// As [`changes`](Self::changes) and [`wake`](Self::wake) do.
    pub fn happens(&mut self, event: impl Into<D::Event>) -> Vec<&'static str> {
        self.changes(event);
        self.wake(&Stimulus::Subject)
    }

    /// Something happens to the subject, and the saga has not heard of it yet.
    ///
    /// # Panics
    ///
    /// When the life cycle of the subject does not allow it.
    pub fn changes(&mut self, event: impl Into<D::Event>) {
        let event = event.into();
        assert!(self.domain.is_legal_transition(&self.subject, &event), "{event:?} in {self:?}");
        self.domain.evolve(&mut self.subject, &event);
    }

    /// The saga is woken; the names of its records.
    ///
    /// # Panics
    ///
    /// When the life cycle of the saga does not allow one of them, or when the saga records more if it
    /// is woken once more: it must look at states, not at what woke it.
    pub fn wake(&mut self, stimulus: &Stimulus<'_, D>) -> Vec<&'static str> {
        let records = self.react(stimulus);
        for record in &records {
            assert!(self.domain.is_legal_transition(&self.saga, record), "{record:?} in {self:?}");
            self.domain.evolve(&mut self.saga, record);
        }
        assert_eq!(self.react(&Stimulus::Subject), [], "a saga is level-triggered");
        records.iter().map(|record| self.domain.event_name(record)).collect()
    }

    /// A command of the saga is answered.
    pub fn answered(
        &mut self,
        command: &D::Command,
        outcome: &CommandOutcome<D>,
    ) -> Vec<&'static str> {
        self.wake(&Stimulus::Answered(command, outcome))
    }

    /// The time of a timer comes.
    ///
    /// # Panics
    ///
    /// When `at` is `None`, and as [`wake`](Self::wake) does.
    pub fn wait(&mut self, timer: u8, at: Option<Instant>) -> Vec<&'static str> {
        self.now = at.expect("the saga waits for something");
        self.wake(&Stimulus::Due(timer))
    }

    /// Whether the saga still waits for what an effect brings about.
    pub fn still_wants(&self, effect: &Effect<D>) -> bool {
        D::Sagas::still_wants(&self.domain, &self.saga, effect)
    }

    fn react(&self, stimulus: &Stimulus<'_, D>) -> Vec<D::Event> {
        D::Sagas::react(&self.domain, &self.saga, &self.subject, stimulus, self.now)
    }
}

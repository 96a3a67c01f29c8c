//! Durable timers.

use super::{Place, Wording};
use crate::kernel::Instant;
use crate::model::{Domain, StreamId, Term};

impl<D: Domain> Place<'_, D> {
    pub(super) fn timer_fired(&self, saga: StreamId, timer: u8, due: Instant) -> Wording {
        let late = if self.at == due { String::new() } else { format!(", due at {due}") };
        self.timer("fires", saga, &late, timer)
    }

    pub(super) fn timer(&self, verb: &str, saga: StreamId, when: &str, timer: u8) -> Wording {
        let purpose = self.vocabulary.term(Term::Timer(timer));
        let name = self.vocabulary.stream(saga);
        self.here(format!("{verb} the timer of {name}{when}: {purpose}"))
            .about([self.of_stream(saga)])
    }
}

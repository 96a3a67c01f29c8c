//! Durable timers.

use super::{Narrator, Speaker, Wording};
use crate::kernel::Instant;
use crate::model::{Domain, StreamId, Term};

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn timer_set(
        &self,
        here: Speaker,
        saga: StreamId,
        timer: u8,
        due: Instant,
    ) -> Wording {
        self.timer(here, "sets", saga, &format!(" for {due}"), timer)
    }

    pub(super) fn timer_cancelled(&self, here: Speaker, saga: StreamId, timer: u8) -> Wording {
        self.timer(here, "cancels", saga, "", timer)
    }

    pub(super) fn timer_fired(
        &self,
        here: Speaker,
        saga: StreamId,
        timer: u8,
        due: Instant,
        at: Instant,
    ) -> Wording {
        let late = if at == due { String::new() } else { format!(", due at {due}") };
        self.timer(here, "fires", saga, &late, timer)
    }

    fn timer(&self, here: Speaker, verb: &str, saga: StreamId, when: &str, timer: u8) -> Wording {
        let purpose = self.vocabulary.term(Term::Timer(timer));
        let name = self.vocabulary.stream(saga);
        here.says(format!("{verb} the timer of {name}{when}: {purpose}"))
            .about([self.of_stream(saga)])
    }
}

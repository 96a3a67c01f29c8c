//! When the answer "nothing found" proves that a request did not take effect.
//!
//! A lookup may lag behind the truth: for some time a service finds nothing although the request took
//! effect. It states by how much at most. "Nothing found" is therefore no news until that time has passed
//! since the first such answer. Until then the saga asks again.
//!
//! ```text
//! request ──▶ no answer ──▶ nothing found ──── 1 s, 2 s, 4 s … ────▶ nothing found: proof
//!                                 └───── stated lag + clocks ─────┘  (asked after this time)
//! ```

use super::{Draft, Saga};
use crate::kernel::{Backoff, Instant, Span};

/// By how much the clocks of two nodes may differ, and with them the length of a pause that the one begins
/// and the other ends.
const CLOCKS: Span = Span::from_secs(60);
/// The pause before a service that has found nothing is asked again.
const AGAIN: Backoff = Backoff::doubling(Span::from_secs(1), 5);

/// What a saga knows about answers "nothing found" to one kind of question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Absence {
    /// From when on the question must be asked for "nothing found" to be proof. `None` before the first
    /// such answer.
    proof_from: Option<Instant>,
    /// How often nothing was found.
    times: u8,
    /// Whether the newest question was asked after that time.
    asked_late: bool,
}

impl Absence {
    /// Whether "nothing found" in answer to the newest question proves that there is nothing. `lag` is the
    /// one that the service states.
    pub fn is_proof(&self, lag: Span) -> bool {
        lag == Span::ZERO || self.asked_late
    }

    /// The question is asked. The time is `passed` or later.
    pub fn ask(&mut self, passed: Instant) {
        self.asked_late = self.proof_from.is_some_and(|from| from <= passed);
    }

    /// Nothing was found, which is no proof if the question was asked before `until`.
    pub fn miss(&mut self, until: Instant) {
        self.proof_from = Some(until);
        self.times = self.times.saturating_add(1);
    }

    /// A request was sent, or may have taken effect just now: earlier answers say nothing about it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

impl<S: Saga> Draft<S> {
    /// A service has found nothing. `None` if that is proof; otherwise the time from which the question
    /// must be asked again, and which the saga records before it pauses with
    /// [`look_again`](Self::look_again).
    pub fn until_proof(&self, absence: &Absence, lag: Span) -> Option<Instant> {
        let from = absence.proof_from.unwrap_or_else(|| self.now() + lag + CLOCKS);
        (!absence.is_proof(lag)).then_some(from)
    }

    /// Pauses before a service is asked again, and no longer than until its answer can be proof.
    pub fn look_again(&mut self, absence: &Absence) {
        let Some(from) = absence.proof_from else { return };
        let pauses = u32::from(absence.times.saturating_sub(1));
        self.pause_until(from.min(self.now() + AGAIN.delay(pauses)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Span = Span::from_secs(30);

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Span::from_secs(seconds)
    }

    #[test]
    fn nothing_found_is_proof_only_if_it_was_asked_after_the_lag() {
        let mut absence = Absence::default();
        absence.ask(Instant::ZERO);
        assert!(!absence.is_proof(LAG), "the first answer");
        absence.miss(at(90));
        for (passed, proof) in [(at(1), false), (at(89), false), (at(90), true)] {
            absence.ask(passed);
            assert_eq!(absence.is_proof(LAG), proof, "{passed}");
        }
    }

    #[test]
    fn a_new_request_begins_the_wait_anew() {
        let mut absence = Absence::default();
        absence.miss(at(90));
        absence.ask(at(100));
        assert!(absence.is_proof(LAG));
        absence.forget();
        absence.ask(at(100));
        assert!(!absence.is_proof(LAG));
    }

    #[test]
    fn a_service_whose_lookups_never_lag_is_believed_at_once() {
        assert!(Absence::default().is_proof(Span::ZERO));
    }
}

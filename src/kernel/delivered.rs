//! One delivery of a run, as it is remembered for a comparison with another run.

use super::{Actor, Context, Delivery, Digest, Instant, OccurrenceKey, Payload, Step};

/// One delivery of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Its name. The `nth` of a timer counts the crashes of its node, not its firings.
    pub key: OccurrenceKey,
    /// Whether it is a poll: how often a node polls in vain depends on the time that passes, and changes nothing.
    pub is_poll: bool,
    /// When it was delivered.
    pub at: Instant,
    /// The occurrence that sent it; 0 if that was the start.
    pub cause: Step,
    /// The number of logged decisions before it. What was sent in an occurrence drew its delay in it; the cause
    /// may be an earlier one.
    pub drawn: usize,
    /// The digest of the run up to it.
    pub digest: Digest,
}

impl<P: Payload> Context<'_, P> {
    /// The delivery that is about to be handled.
    pub fn delivered(&self, delivery: &Delivery<P>) -> Delivered {
        let Delivery { cause, from, to, nth, ref payload, .. } = *delivery;
        let actor = Actor { from, to, kind: payload.kind() };
        let key = OccurrenceKey { actor, entity: payload.entity(), nth };
        let (at, drawn, digest) = (self.uptime(), self.drawn(), self.digest());
        Delivered { key, is_poll: self.is_polling(), at, cause: cause.step(), drawn, digest }
    }
}

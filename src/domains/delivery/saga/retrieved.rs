//! The answer of a service to a query.

use super::Saga;
use crate::domains::delivery::saga_event::{Act, Party, SagaEvent};
use crate::domains::delivery::setup::Delivery;
use crate::saga::{Draft, Progress};

impl Saga {
    /// Whether it waits for the answer to this query.
    pub(super) const fn awaits(&self, party: Party, nth: u8) -> bool {
        let talk = self.talk(party);
        talk.querying && talk.questions == nth
    }
}

/// A query is answered. `found` says which acts the service knows. It may know more than it says: an act with
/// an unknown outcome is not found, and the query may lag behind our requests. Then it is queried again.
pub(super) fn retrieved(
    draft: &mut Draft<Saga>,
    delivery: &Delivery,
    (party, nth): (Party, u8),
    found: &[(Act, bool)],
    answer: SagaEvent,
) {
    if !draft.saga.awaits(party, nth) {
        return;
    }
    let unknown = |act: Act| draft.saga.act(act) == Progress::Unknown;
    let misses = found.iter().any(|&(act, found)| unknown(act) && !found);
    let lag = delivery.lookup_lag(party.service(draft.saga.restaurant));
    let absence = draft.saga.talk(party).absence;
    match draft.until_proof(&absence, lag).filter(|_| misses) {
        Some(until) => {
            draft.record(SagaEvent::Missing { party, until });
            let absence = draft.saga.talk(party).absence;
            draft.look_again(&absence);
        }
        None => draft.record(answer),
    }
}

//! Which orders at a vendor we could know of: an order that could not be known is no violation.
//!
//! An unpaid order lapses by itself. Suppose it was made after the vendor had answered that there was none,
//! or by a copy of a request that the network made, and the vendor never mentioned it. Such an order cannot
//! be cancelled and is left to lapse. The same holds for what the orchestrator had received but not yet
//! recorded when it crashed: only a record that names the order tells that it was. Any other record of the saga
//! may have been under way since before the answer came. It does not hold for a second order that was requested
//! without a question about the first.

use crate::collections::SortedMap;

use crate::domains::flights::ids::{BookingId, LegRef, Locator};
use crate::domains::flights::saga_event::SagaEvent;
use crate::domains::flights::vendors::{VendorReply, VendorRequest};
use crate::kernel::{NodeId, Step};

/// What was asked and answered about each leg.
#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    legs: SortedMap<LegRef, Leg>,
    /// The node that receives the answers of vendors.
    listener: Option<NodeId>,
}

#[derive(Clone, Debug, Default)]
struct Leg {
    /// How often an order was requested.
    requested: u32,
    /// Orders that were made, and when.
    made: Vec<(Locator, Step)>,
    /// The vendor's last answer about the existing orders, or that there may be one: when that was true,
    /// and when it was received.
    told: Option<(Step, Step)>,
    /// When the vendor first answered that there is no order.
    denied: Option<Step>,
    /// Orders that the vendor mentioned.
    named: Vec<Locator>,
    /// Orders that the saga recorded.
    recorded: Vec<Locator>,
    /// When the saga last recorded something about the leg.
    recorded_at: Step,
    /// What the vendor answered, and when. It may be received much later.
    answered: Vec<(VendorReply, Step)>,
}

impl Knowledge {
    pub(super) fn called(&mut self, request: &VendorRequest) {
        if let VendorRequest::Hold { reference, .. } = request {
            self.leg(*reference).requested += 1;
        }
    }

    pub(super) fn made(&mut self, reference: LegRef, locator: Locator, at: Step) {
        self.leg(reference).made.push((locator, at));
    }

    /// The vendor answered; the answer may never arrive.
    pub(super) fn answered(&mut self, reply: &VendorReply, at: Step) {
        if let VendorReply::Found { reference, .. }
        | VendorReply::NoSeat { reference }
        | VendorReply::Cancelled { reference, .. } = reply
        {
            self.leg(*reference).answered.push((reply.clone(), at));
        }
    }

    /// The saga received an answer, which was true when it was given.
    pub(super) fn told(&mut self, reply: &VendorReply, heard: Step, listener: NodeId) {
        self.listener = Some(listener);
        let given = |leg: &Leg| {
            let same = leg.answered.iter().rev().find(|(answer, _)| answer == reply);
            same.map_or(heard, |&(_, given)| given)
        };
        match reply {
            VendorReply::Held { reference, locator, .. } => {
                self.leg(*reference).named.push(*locator);
            }
            VendorReply::Reported { reference, orders, .. }
            | VendorReply::Found { reference, orders, .. } => {
                let leg = self.leg(*reference);
                let at = given(leg);
                leg.told = leg.told.max(Some((at, heard)));
                leg.named.extend(orders.iter().map(|order| order.locator));
                if orders.is_empty() {
                    leg.denied.get_or_insert(at);
                }
            }
            VendorReply::NoSeat { reference } | VendorReply::Cancelled { reference, .. } => {
                let leg = self.leg(*reference);
                leg.denied.get_or_insert(given(leg));
            }
            VendorReply::Unavailable(request) => {
                if let VendorRequest::Hold { reference, .. } = **request {
                    self.leg(reference).told = Some((heard, heard));
                }
            }
            VendorReply::Offers(_)
            | VendorReply::Ticketed { .. }
            | VendorReply::NotIssued { .. }
            | VendorReply::NotVoidable { .. }
            | VendorReply::Accepted { .. }
            | VendorReply::ScheduleChanged { .. }
            | VendorReply::FlightCancelled { .. }
            | VendorReply::SoldElsewhere { .. } => {}
        }
    }

    /// The saga of a booking recorded an event.
    pub(super) fn recorded(&mut self, booking: BookingId, event: &SagaEvent, at: Step) {
        let Some(leg) = event.leg() else { return };
        let leg = self.leg(LegRef { booking, leg });
        leg.recorded_at = at;
        leg.recorded.extend(event.order());
    }

    /// A node restarted. If it receives the answers, those that were not recorded are lost.
    pub(super) fn restarted(&mut self, node: NodeId) {
        if self.listener != Some(node) {
            return;
        }
        for (_, leg) in self.legs.iter_mut() {
            leg.named.retain(|name| leg.recorded.contains(name));
            leg.told.take_if(|(_, heard)| *heard > leg.recorded_at);
        }
    }

    /// The store has lost the events after an occurrence, and with them the requests for orders that were made since.
    /// None of these orders counts as a copy: the vendors report all of them.
    pub(super) fn rewound(&mut self, last: Step) {
        for (_, leg) in self.legs.iter_mut() {
            if leg.made.iter().any(|(_, at)| *at > last) {
                leg.requested = leg.requested.max(leg.made.len() as u32);
            }
        }
    }

    /// Whether we cannot know that an order was made.
    pub(super) fn is_secret(&self, reference: LegRef, locator: Locator) -> bool {
        let Some(leg) = self.legs.get(&reference) else { return false };
        let Some(&(_, made)) = leg.made.iter().find(|(name, _)| *name == locator) else {
            return false;
        };
        let denied = leg.denied.is_some_and(|at| at < made);
        let copied = leg.requested > 0 && leg.made.len() as u64 > u64::from(leg.requested);
        let named = leg.named.contains(&locator);
        let told = leg.told.is_some_and(|(at, _)| at > made) || named;
        (denied || copied) && !told
    }

    fn leg(&mut self, reference: LegRef) -> &mut Leg {
        self.legs.entry(reference).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::ids::{BookingId, FlightId};
    use crate::kernel::Instant;

    const LEG: LegRef = LegRef { booking: BookingId(0), leg: 0 };
    const LATE: Locator = Locator(7);
    const LISTENER: NodeId = NodeId(9);

    fn hold() -> VendorRequest {
        VendorRequest::Hold { reference: LEG, flight: FlightId(0) }
    }

    fn nothing() -> VendorReply {
        VendorReply::Found { reference: LEG, nth: 1, orders: Default::default() }
    }

    #[test]
    fn an_order_after_a_denial_is_a_secret_until_the_vendor_speaks_of_it() {
        let mut known = Knowledge::default();
        known.called(&hold());
        known.told(&nothing(), Step(1), LISTENER);
        known.made(LEG, LATE, Step(2));
        assert!(known.is_secret(LEG, LATE));
        for reply in [
            VendorReply::Held { reference: LEG, locator: LATE, limit: Instant::MAX },
            VendorReply::Unavailable(Box::new(hold())),
            nothing(),
        ] {
            let mut told = known.clone();
            told.told(&reply, Step(3), LISTENER);
            assert!(!told.is_secret(LEG, LATE), "{reply:?}");
        }
    }

    #[test]
    fn an_answer_says_what_was_so_when_it_was_given_not_when_it_was_heard() {
        let mut known = Knowledge::default();
        known.called(&hold());
        known.answered(&nothing(), Step(1));
        known.made(LEG, LATE, Step(2));
        known.told(&nothing(), Step(3), LISTENER);
        assert!(known.is_secret(LEG, LATE));
    }

    #[test]
    fn an_order_that_was_asked_for_and_never_asked_about_is_no_secret() {
        let mut known = Knowledge::default();
        known.called(&hold());
        known.made(LEG, LATE, Step(1));
        assert!(!known.is_secret(LEG, LATE));
        // Asking for another one instead makes it worse.
        known.called(&hold());
        known.made(LEG, Locator(8), Step(2));
        known.told(
            &VendorReply::Held { reference: LEG, locator: Locator(8), limit: Instant::MAX },
            Step(3),
            LISTENER,
        );
        assert!(!known.is_secret(LEG, LATE));
    }

    #[test]
    fn an_order_by_a_copy_of_a_request_is_a_secret() {
        let mut known = Knowledge::default();
        known.called(&hold());
        known.made(LEG, Locator(1), Step(1));
        known.made(LEG, LATE, Step(2));
        known.told(
            &VendorReply::Held { reference: LEG, locator: Locator(1), limit: Instant::MAX },
            Step(3),
            LISTENER,
        );
        assert!(known.is_secret(LEG, LATE) && !known.is_secret(LEG, Locator(1)));
    }

    #[test]
    fn an_answer_that_was_not_recorded_is_lost_in_a_crash() {
        let mut known = Knowledge::default();
        known.called(&hold());
        known.told(&nothing(), Step(1), LISTENER);
        known.made(LEG, LATE, Step(2));
        let late = VendorReply::Held { reference: LEG, locator: LATE, limit: Instant::MAX };
        known.told(&late, Step(3), LISTENER);
        // What was recorded meanwhile was decided before the answer came.
        let mut other = known.clone();
        other.recorded(LEG.booking, &SagaEvent::LegUnknown { leg: 0 }, Step(4));
        let mut recorded = known.clone();
        recorded.recorded(LEG.booking, &SagaEvent::LegHeld { leg: 0, locator: LATE }, Step(4));
        for (mut known, secret) in [(known, true), (other, true), (recorded, false)] {
            known.restarted(NodeId(1));
            assert!(!known.is_secret(LEG, LATE), "another node was down");
            known.restarted(LISTENER);
            assert_eq!(known.is_secret(LEG, LATE), secret);
        }
    }

    #[test]
    fn an_order_that_was_requested_in_events_that_are_lost_is_no_copy() {
        let mut known = Knowledge::default();
        known.called(&hold());
        known.made(LEG, Locator(6), Step(1));
        known.made(LEG, LATE, Step(4));
        assert!(known.is_secret(LEG, LATE), "a copy of the request");
        let mut later = known.clone();
        later.rewound(Step(4));
        assert!(later.is_secret(LEG, LATE), "it was made before");
        known.rewound(Step(3));
        assert!(!known.is_secret(LEG, LATE));
    }
}

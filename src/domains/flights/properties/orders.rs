//! `no-orphan` and `compensated`: at rest the vendors have the orders of our bookings, all or none of them.

use crate::collections::{SortedMap, SortedSet};

use arrayvec::ArrayVec;

use super::is_handed_over;
use super::knowledge::Knowledge;
use super::late::{Calls, NO_LATE_RELEASE};
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::flights::event::{BookingEvent, Event};
use crate::domains::flights::ids::{BookingId, FlightIds, LEGS_MAX, LegRef, Locator};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderState, VendorAct, VendorEntry};
use crate::domains::flights::{Entry, Ledger, Reply, Request};
use crate::kernel::{Instant, Step};
use crate::model::{Fact, Record, Rest, ServiceId};

/// Live orders and live bookings match.
pub static NO_ORPHAN: Property = Property {
    id: "no-orphan",
    when: When::AtRest,
    says: "live orders at the vendors and live bookings with us match one to one and agree on \
           times; no hold that can be known outlives its booking, and every open ticket belongs to a \
           live booking",
};

/// All or nothing.
pub static COMPENSATED: Property = Property {
    id: "compensated",
    when: When::AtRest,
    says: "a booking of several legs is wholly ticketed or wholly undone",
};

/// Follows bookings and orders.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    bookings: SortedMap<BookingId, Said>,
    /// When a vendor last acted for a leg.
    done: SortedMap<LegRef, Step>,
    known: Knowledge,
    /// Bookings whose case was handed to an operator, who settles what is left.
    handed: SortedSet<BookingId>,
    calls: Calls,
}

/// What our events say of a booking.
#[derive(Clone, Debug)]
struct Said {
    flights: FlightIds,
    life: Life,
    at: Step,
    /// Until when the seats are held without a payment.
    expires_at: Instant,
    /// For each leg, the newest change of times that was recorded.
    changes: [u8; LEGS_MAX],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Held,
    Ticketed,
    Over,
}

/// What the vendors have for a booking: for each leg its live orders, and how many of those are ticketed.
#[derive(Clone, Debug, Default)]
struct Found {
    legs: [(u32, u32); LEGS_MAX],
    /// For each leg whose order was moved with its flight, the newest change, and whether we accepted it.
    times: [Option<(u8, bool)>; LEGS_MAX],
    /// Orders for a leg, or on a flight, that the booking does not have.
    strange: u32,
}

impl Checker<Flights> for Orders {
    const PROPERTIES: &'static [Property] = &[NO_ORPHAN, COMPENSATED, NO_LATE_RELEASE];
    const FACTS: FactKinds = kinds!(Stored Entered Restarted Rewound Called Served Replied);

    fn observe(&mut self, record: &Record<Flights>, _: &mut Checks<'_, Flights>) {
        match &record.fact {
            Fact::Stored(stored) => {
                let booking = BookingId(stored.stream.number);
                match &stored.event {
                    Event::Booking(event) => self.stored(booking, event, record.step),
                    Event::Saga(event) => {
                        self.known.recorded(booking, event, record.step);
                        match is_handed_over(event) {
                            Some(true) => self.handed.insert(booking),
                            Some(false) => self.handed.remove(&booking),
                            None => false,
                        };
                    }
                    Event::Flight(_) | Event::Old(_) => {}
                }
            }
            Fact::Entered {
                service,
                entry: Entry::Vendor(VendorEntry::Order { act, reference, order, .. }),
            } => {
                self.done.insert(*reference, record.step);
                let locator = Locator::of(*service, *order);
                let over = || self.bookings.get(&reference.booking).is_some_and(Said::is_over);
                match act {
                    VendorAct::Held => self.known.made(*reference, locator, record.step),
                    VendorAct::Lapsed if over() => self.calls.lapsed(*reference, locator),
                    VendorAct::Lapsed
                    | VendorAct::Ticketed
                    | VendorAct::Cancelled
                    | VendorAct::Voided
                    | VendorAct::Refunded
                    | VendorAct::Withdrawn => {}
                }
            }
            Fact::Rewound { last, .. } => self.known.rewound(*last),
            Fact::Restarted => self.known.restarted(record.node),
            Fact::Called { request: Request::Vendor(request), again, .. } => {
                self.calls.called(request, record.step);
                if !again {
                    self.known.called(request);
                }
            }
            Fact::Served { reply: Reply::Vendor(reply), .. } => {
                self.known.answered(reply, record.step);
            }
            Fact::Replied { reply: Reply::Vendor(reply), .. } => {
                self.known.told(reply, record.step, record.node);
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Flights>, checks: &mut Checks<'_, Flights>) {
        let mut found = self.look(rest);
        for (&booking, said) in &self.bookings {
            let found = found.remove(&booking).unwrap_or_default();
            let legs = &found.legs[..said.flights.len()];
            let each = match said.life {
                Life::Held => (1, 0),
                Life::Ticketed => (1, 1),
                Life::Over => (0, 0),
            };
            let times = said.life == Life::Over || said.agrees(&found);
            let matched = found.strange == 0 && legs.iter().all(|leg| *leg == each) && times;
            // A booking that was handed to an operator is settled by that operator.
            let handed = self.handed.contains(&booking);
            let because = || {
                let legs = booking.leg(0)..=booking.leg(u8::MAX);
                self.done.range(legs).map(|(_, step)| *step).chain([said.at])
            };
            checks
                .that(&NO_ORPHAN, matched || handed, because(), |_| said.mismatch(booking, &found));
            let live: u32 = legs.iter().map(|(live, _)| live).sum();
            let ticketed = legs.iter().filter(|(_, ticketed)| *ticketed > 0).count();
            let whole = live == 0 || ticketed == legs.len();
            checks.that(&COMPENSATED, whole || handed, because(), |_| {
                format!(
                    "{booking} is neither ticketed nor undone: {live} live orders, {ticketed} of {} \
                     legs ticketed",
                    legs.len()
                )
            });
        }
        for (booking, _) in found {
            checks.that(&NO_ORPHAN, false, [], |_| {
                format!("a vendor has an order for {booking}, which we never booked")
            });
        }
        self.late(rest, checks);
    }
}

impl Orders {
    fn stored(&mut self, booking: BookingId, event: &BookingEvent, at: Step) {
        let life = match event {
            BookingEvent::SeatHeld { legs, expires_at, .. } => {
                let (flights, life, changes) = (legs.flights(), Life::Held, [0; LEGS_MAX]);
                let expires_at = *expires_at;
                self.bookings.insert(booking, Said { flights, life, at, expires_at, changes });
                return;
            }
            BookingEvent::ScheduleChanged { flight, change, .. } => {
                if let Some(said) = self.bookings.get_mut(&booking)
                    && let Some(leg) = said.flights.iter().position(|known| known == flight)
                {
                    said.changes[leg] = *change;
                    said.at = at;
                }
                return;
            }
            BookingEvent::TicketIssued { .. } => Life::Ticketed,
            BookingEvent::SeatHoldExpired { .. }
            | BookingEvent::BookingCancelled { .. }
            | BookingEvent::SeatReleased { .. } => Life::Over,
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::CaptureStarted { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. }
            | BookingEvent::PaymentChargedBack { .. } => return,
        };
        if let Some(said) = self.bookings.get_mut(&booking) {
            (said.life, said.at) = (life, at);
        }
    }

    /// Checks that nothing that is over, or has run out, is still held.
    fn late(&self, rest: &Rest<'_, Flights>, checks: &mut Checks<'_, Flights>) {
        for (booking, said) in &self.bookings {
            let runs_out = said.life == Life::Held && said.expires_at < rest.at;
            let holds = !runs_out || self.handed.contains(booking);
            checks.that(&NO_LATE_RELEASE, holds, [said.at], |_| {
                let (expires_at, now) = (said.expires_at, rest.at);
                format!(
                    "the hold of {booking} ran out at {expires_at}, and at {now} it is still held"
                )
            });
        }
        for (reference, locator) in self.calls.left_to_lapse() {
            let booking = reference.booking;
            let Some(said) = self.bookings.get(&booking) else { continue };
            let holds = self.calls.is_undone(reference, said.at)
                || self.known.is_secret(reference, locator)
                || self.handed.contains(&booking);
            let because = self.done.get(&reference).copied().into_iter().chain([said.at]);
            checks.that(&NO_LATE_RELEASE, holds, because, |_| {
                format!(
                    "{booking} is over, but the order for its leg {} was left to lapse at the vendor",
                    u32::from(reference.leg) + 1
                )
            });
        }
    }

    /// Counts the vendors' live orders by booking and leg.
    fn look(&self, rest: &Rest<'_, Flights>) -> SortedMap<BookingId, Found> {
        let mut all: SortedMap<BookingId, Found> = SortedMap::new();
        for (service, ledger) in (0..).map(ServiceId).zip(&rest.ledgers) {
            let Ledger::Vendor(ledger) = ledger else { continue };
            for (number, order) in (0..).zip(ledger.orders()) {
                let LegRef { booking, leg } = order.reference;
                let lapses = order.state == OrderState::Held;
                let locator = Locator::of(service, number);
                if !order.stands() || lapses && self.known.is_secret(order.reference, locator) {
                    continue;
                }
                let (found, leg) = (all.entry(booking).or_default(), usize::from(leg));
                let changes = ledger.changes(order.flight).0;
                // An order that was made after the last change never had other times.
                if let Some(times) = found.times.get_mut(leg)
                    && order.born_after < changes
                {
                    *times = Some((changes, order.accepted == changes));
                }
                let planned = self.bookings.get(&booking).and_then(|said| said.flights.get(leg));
                match found.legs.get_mut(leg) {
                    Some((live, ticketed)) if planned == Some(&order.flight) => {
                        *live += 1;
                        *ticketed += u32::from(order.state == OrderState::Ticketed);
                    }
                    Some(_) | None => found.strange += 1,
                }
            }
        }
        all
    }
}

impl Said {
    fn is_over(&self) -> bool {
        self.life == Life::Over
    }

    /// Whether the booking records the newest times of its flights, and their vendors know that.
    fn agrees(&self, found: &Found) -> bool {
        found.times.iter().zip(self.changes).all(|(times, recorded)| {
            times.is_none_or(|(changes, accepted)| accepted && recorded == changes)
        })
    }

    fn mismatch(&self, booking: BookingId, found: &Found) -> String {
        let life = match self.life {
            Life::Held => "held",
            Life::Ticketed => "ticketed",
            Life::Over => "over",
        };
        let orders = found.legs[..self.flights.len()].iter();
        let orders = orders.map(|(live, ticketed)| format!("{live} live, {ticketed} ticketed"));
        let orders: ArrayVec<String, LEGS_MAX> = orders.collect();
        let times = if self.agrees(found) { "" } else { "; they do not agree on times" };
        format!("{booking} is {life}, but its vendors have: {}{times}", orders.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE};
    use crate::domains::flights::event::ChargeStep;

    const SCHEDULE_CHANGE: usize = 1;
    const FLIGHT_CANCELLED: usize = 2;

    #[test]
    fn an_order_that_outlives_its_booking_is_rejected() {
        let mut story = History::new();
        story.held();
        story.expired();
        assert_eq!(story.at_rest(), ["no-orphan", "compensated"]);
        story.cancel_at_vendor();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_second_order_for_the_same_leg_is_rejected() {
        let mut story = paid();
        story.issue();
        story.ticketed();
        story.hold_again();
        assert_eq!(story.at_rest(), ["no-orphan"]);
    }

    #[test]
    fn a_ticket_for_one_leg_of_two_is_rejected() {
        let mut story = paid();
        story.issue_first();
        story.ticketed();
        assert_eq!(story.at_rest(), ["no-orphan", "compensated"]);
    }

    #[test]
    fn an_order_without_a_booking_is_rejected() {
        let mut story = History::new();
        story.hold_again();
        assert_eq!(story.at_rest(), ["no-orphan"]);
    }

    #[test]
    fn a_flight_that_is_moved_is_to_be_accepted_and_recorded() {
        let mut story = paid();
        story.issue();
        story.ticketed();
        story.inject(SCHEDULE_CHANGE);
        assert_eq!(story.at_rest(), ["no-orphan"], "neither side knows of it");
        story.accept(1);
        assert_eq!(story.at_rest(), ["no-orphan"], "the traveller does not know");
        story.rescheduled(1);
        assert_eq!(story.at_rest(), Vec::<&str>::new());
        story.inject(SCHEDULE_CHANGE);
        story.rescheduled(2);
        assert_eq!(story.at_rest(), ["no-orphan"], "the vendor does not know");
    }

    #[test]
    fn a_flight_that_is_not_operated_ends_its_booking_and_leaves_no_ticket_open() {
        let mut story = paid();
        story.issue();
        story.ticketed();
        story.inject(FLIGHT_CANCELLED);
        assert!(story.at_rest().contains(&"no-orphan"), "a ticket for no flight");
        story.released();
        story.charge(ChargeStep::Refund, 0, PRICE);
        story.cancel_at_first_vendor();
        assert_eq!(story.at_rest(), ["no-orphan", "compensated"], "the ticket is still open");
        story.refund_at_vendor();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
        assert_eq!(story.violated(), Vec::<&str>::new());
    }

    #[test]
    fn a_case_that_was_handed_to_an_operator_is_no_violation() {
        let mut story = paid();
        story.issue_first();
        story.released();
        assert_eq!(story.at_rest(), ["money-conserved", "no-orphan", "compensated"]);
        story.handed_over();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_hold_that_cannot_be_known_is_left_to_lapse_and_a_known_one_is_not() {
        let mut story = History::new();
        story.held_without_second();
        story.asked_and_denied();
        story.expired();
        story.cancel_at_first_vendor();
        story.hold_again();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
        story.told_of_order();
        assert_eq!(story.at_rest(), ["no-orphan", "compensated"]);
    }

    fn paid() -> History {
        let mut story = History::new();
        story.held();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story
    }
}

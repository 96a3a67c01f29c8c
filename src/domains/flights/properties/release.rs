//! `no-early-release`: a held seat is lost only by the end of its own booking.
//!
//! With us a seat goes back only in the transaction that ends its booking, and each way to end it is open
//! to one party: the customer cancels, the booking's own saga lets it expire or releases it. A vendor is
//! asked to take a seat back only for a booking that is over, or if there is more than one order. After the store
//! has lost events, a vendor may still execute requests that were made in them.

use crate::collections::SortedMap;

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::flights::event::{BookingEvent, Event, FlightEvent, Leg, Legs, Reason};
use crate::domains::flights::ids::{BookingId, FlightId, LegRef, Seat};
use crate::domains::flights::vendors::{VendorAct, VendorEntry, VendorRequest};
use crate::domains::flights::{Entry, Request};
use crate::kernel::{CLOCK_AHEAD, Instant, Span, Step};
use crate::model::{CommandId, CustomerId, Fact, Metadata, Record};

use super::Flights;

/// A held seat is lost only by the end of its own booking.
pub static NO_EARLY_RELEASE: Property = Property {
    id: "no-early-release",
    when: When::Always,
    says: "a hold is released only by expiry at its time, by its customer's cancellation, by the \
           compensation of its own booking or, from an overbooked flight, by staff",
};

/// Follows bookings and vendor orders until they end.
#[derive(Clone, Debug, Default)]
pub(super) struct Releases {
    bookings: SortedMap<BookingId, Kept>,
    orders: SortedMap<LegRef, Orders>,
    /// The booking that the transaction in progress ends.
    ending: Option<(CommandId, BookingId, Legs)>,
    /// How far any clock was ahead at most.
    ahead: Span,
    /// Whether the store has lost events.
    rewound: bool,
}

/// A booking that holds seats, or did.
#[derive(Clone, Copy, Debug)]
struct Kept {
    customer: CustomerId,
    expires_at: Instant,
    held: Step,
    over: bool,
}

/// What a vendor has under one of our references.
#[derive(Clone, Copy, Debug, Default)]
struct Orders {
    live: u32,
    /// Whether the vendor ended one by itself. Which of several is the one too many is then open.
    let_go: bool,
    /// Whether, by the events that are left, the vendor was asked to take one back.
    asked: bool,
}

impl Checker<Flights> for Releases {
    const PROPERTIES: &'static [Property] = &[NO_EARLY_RELEASE];
    const FACTS: FactKinds = kinds!(Fault Stored Rewound Called Entered);

    fn observe(&mut self, record: &Record<Flights>, checks: &mut Checks<'_, Flights>) {
        match &record.fact {
            Fact::Fault(fired) if *fired.fault == CLOCK_AHEAD => {
                self.ahead = self.ahead.max(Span::from_micros(fired.size));
            }
            Fact::Stored(stored) => match &stored.event {
                Event::Booking(event) => {
                    let booking = BookingId(stored.stream.number);
                    self.booking(booking, event, &stored.metadata, record.at, checks);
                }
                Event::Flight(FlightEvent::SeatReturned { booking, seat }) => {
                    let flight = FlightId(stored.stream.number as u16);
                    self.returned(*booking, flight, *seat, stored.metadata.id.command, checks);
                }
                Event::Flight(FlightEvent::SeatAllocated { .. })
                | Event::Saga(_)
                | Event::Old(_) => {}
            },
            Fact::Rewound { .. } => self.rewound = true,
            Fact::Called {
                request:
                    Request::Vendor(
                        VendorRequest::Cancel { reference, .. }
                        | VendorRequest::Refund { reference },
                    ),
                ..
            } => self.orders.entry(*reference).or_default().asked = true,
            Fact::Entered { entry: Entry::Vendor(entry), .. } => self.vendor(entry, checks),
            _ => {}
        }
    }
}

impl Releases {
    /// When a booking was held.
    fn held(&self, booking: BookingId) -> Step {
        self.bookings.get(&booking).map_or(Step(0), |kept| kept.held)
    }

    fn booking(
        &mut self,
        booking: BookingId,
        event: &BookingEvent,
        metadata: &Metadata,
        at: Instant,
        checks: &mut Checks<'_, Flights>,
    ) {
        let (command, step) = (metadata.id.command, checks.step());
        let kept = self.bookings.get(&booking).copied();
        let own_saga = matches!(command, CommandId::Effect(e) if e.saga == booking.saga());
        let (legs, allowed, why) = match event {
            BookingEvent::SeatHeld { customer, expires_at, .. } => {
                let (customer, expires_at) = (*customer, *expires_at);
                self.bookings
                    .insert(booking, Kept { customer, expires_at, held: step, over: false });
                return;
            }
            BookingEvent::SeatHoldExpired { legs } => {
                // By the clock of the deciding node, which may be wrong, but only by that much.
                let timely = |at: Instant| kept.is_none_or(|kept| at >= kept.expires_at);
                let due = timely(metadata.occurred_at) && timely(at + self.ahead);
                (legs, own_saga && due, "expires before its time, or not by its own saga")
            }
            BookingEvent::BookingCancelled { legs } => {
                let own = |customer| kept.is_some_and(|kept| kept.customer == customer);
                let allowed = matches!(command, CommandId::Request(r) if own(r.customer));
                (legs, allowed, "is cancelled, but not by its customer")
            }
            BookingEvent::SeatReleased { legs, reason: Reason::Bumped } => {
                let by_staff = matches!(command, CommandId::Request(_));
                (legs, by_staff, "is bumped, but not by staff")
            }
            BookingEvent::SeatReleased { legs, .. } => {
                (legs, own_saga, "is released, but not by its own saga")
            }
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::CaptureStarted { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::TicketIssued { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. }
            | BookingEvent::PaymentChargedBack { .. }
            | BookingEvent::ScheduleChanged { .. } => return,
        };
        checks.that(&NO_EARLY_RELEASE, allowed, [self.held(booking), step], |_| {
            format!("{booking} {why}")
        });
        self.ending = Some((command, booking, legs.clone()));
        if let Some(kept) = self.bookings.get_mut(&booking) {
            kept.over = true;
        }
    }

    fn returned(
        &self,
        booking: BookingId,
        flight: FlightId,
        seat: Seat,
        command: CommandId,
        checks: &mut Checks<'_, Flights>,
    ) {
        let together = self.ending.as_ref().is_some_and(|(ending, ended, legs)| {
            let own = |leg: &Leg| leg.flight == flight && leg.seat == seat;
            *ending == command && *ended == booking && legs.list.iter().any(own)
        });
        let because = [self.held(booking), checks.step()];
        checks.that(&NO_EARLY_RELEASE, together, because, |_| {
            format!("{seat} of {booking} goes back, although nothing ends the booking")
        });
    }

    fn vendor(&mut self, entry: &VendorEntry, checks: &mut Checks<'_, Flights>) {
        let VendorEntry::Order { act, reference, .. } = entry else { return };
        let orders = self.orders.entry(*reference).or_default();
        match act {
            VendorAct::Held => orders.live += 1,
            VendorAct::Ticketed => {}
            VendorAct::Lapsed | VendorAct::Withdrawn => {
                orders.live = orders.live.saturating_sub(1);
                orders.let_go = true;
            }
            VendorAct::Cancelled | VendorAct::Voided | VendorAct::Refunded => {
                let LegRef { booking, leg } = *reference;
                let spare = orders.live > 1 || orders.let_go;
                let by_the_lost = self.rewound && !orders.asked;
                orders.live = orders.live.saturating_sub(1);
                let over = self.bookings.get(&booking).is_none_or(|kept| kept.over);
                let because = [self.held(booking), checks.step()];
                let allowed = over || spare || by_the_lost;
                checks.that(&NO_EARLY_RELEASE, allowed, because, |_| {
                    format!(
                        "the vendor of leg {} was asked to take back the seat of {booking}, which is \
                         not over",
                        u32::from(leg) + 1
                    )
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::History;

    /// What is violated, without violations about owners of seats: only that seats go back matters here.
    fn early(story: &History) -> Vec<&'static str> {
        let mut violated = story.violated();
        violated.retain(|id| *id == "no-early-release");
        violated
    }

    #[test]
    fn a_hold_that_ends_in_one_of_the_three_ways_is_accepted() {
        for end in [History::expired, History::cancelled, History::released] {
            let mut story = History::new();
            story.held();
            end(&mut story);
            story.cancel_at_vendor();
            assert_eq!(early(&story), Vec::<&str>::new());
        }
    }

    #[test]
    fn a_seat_that_goes_back_by_itself_is_rejected() {
        let mut story = History::new();
        story.held();
        story.seats_returned();
        assert_eq!(early(&story), ["no-early-release", "no-early-release"]);
    }

    #[test]
    fn a_hold_that_expires_before_its_time_is_rejected() {
        let mut story = History::new();
        story.held_for_ever();
        story.expired();
        assert_eq!(early(&story), ["no-early-release"]);
    }

    #[test]
    fn a_booking_that_another_party_ends_is_rejected() {
        for end in [History::expired, History::cancelled, History::released] {
            let mut story = History::new();
            story.held();
            story.by_a_stranger();
            end(&mut story);
            assert_eq!(early(&story), ["no-early-release"]);
        }
    }

    #[test]
    fn a_seat_that_a_vendor_is_to_take_back_from_a_live_booking_is_rejected() {
        let mut story = History::new();
        story.held();
        story.cancel_at_vendor();
        assert_eq!(early(&story), ["no-early-release", "no-early-release"]);
    }

    #[test]
    fn a_vendor_may_execute_what_was_asked_for_in_events_that_are_lost() {
        for (asks, violated) in [(false, &[][..]), (true, &["no-early-release"])] {
            let mut story = History::new();
            story.held();
            story.rewound();
            if asks {
                story.calls_first_vendor_to_cancel();
            }
            story.cancel_at_first_vendor();
            assert_eq!(early(&story), violated);
        }
    }

    #[test]
    fn an_order_too_many_may_be_taken_back() {
        let mut story = History::new();
        story.held();
        story.hold_again();
        story.cancel_second_order();
        assert_eq!(early(&story), Vec::<&str>::new());
    }
}

//! `no-early-release`: a held seat is lost only by the end of its own booking.
//!
//! With us a seat goes back only in the transaction that ends its booking, and each way to end it has one
//! party that may: the customer cancels, the booking's own saga lets it expire or releases it. A vendor is asked
//! to take a seat back only for a booking that is over, or for an order too many.

use crate::collections::SortedMap;
use std::sync::Arc;

use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::flights::Entry;
use crate::domains::flights::event::{BookingEvent, Event, FlightEvent, Leg, Legs};
use crate::domains::flights::ids::{BookingId, FlightId, LegRef, Seat};
use crate::domains::flights::vendors::{VendorAct, VendorEntry};
use crate::kernel::{CLOCK_AHEAD, Instant, Span, Step};
use crate::model::{CommandId, CustomerId, Fact, FactKind, Metadata, Names, Record};

use super::Flights;

/// A held seat is lost only by the end of its own booking.
pub static NO_EARLY_RELEASE: Property = Property {
    id: "no-early-release",
    when: When::Always,
    says: "a hold is released only by expiry at its time, by its customer's cancellation or by the \
           compensation of its own booking",
};

#[derive(Clone, Debug)]
pub(super) struct Releases {
    tally: Tally,
    bookings: SortedMap<BookingId, Kept>,
    orders: SortedMap<LegRef, Orders>,
    /// What the transaction that becomes visible ends.
    ending: Option<(CommandId, BookingId, Legs)>,
    /// How far any clock was ahead at most.
    ahead: Span,
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
    /// Whether the vendor let one go by itself: which of several was one too many is then open.
    let_go: bool,
}

impl Checker<Flights> for Releases {
    const PROPERTIES: &'static [Property] = &[NO_EARLY_RELEASE];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Fault, FactKind::Stored, FactKind::Entered]);

    fn new(_: &Flights, _: &Arc<Names>) -> Self {
        Self {
            tally: Tally::new(&NO_EARLY_RELEASE),
            bookings: SortedMap::new(),
            orders: SortedMap::new(),
            ending: None,
            ahead: Span::ZERO,
        }
    }

    fn observe(&mut self, _: &Flights, record: &Record<Flights>, violations: &mut Violations) {
        match &record.fact {
            Fact::Fault(fired) if *fired.fault == CLOCK_AHEAD => {
                self.ahead = self.ahead.max(Span::from_micros(fired.size));
            }
            Fact::Stored(stored) => match &stored.event {
                Event::Booking(event) => {
                    let booking = BookingId(stored.stream.number);
                    self.booking(booking, event, &stored.metadata, record, violations);
                }
                Event::Flight(FlightEvent::SeatReturned { booking, seat }) => {
                    let flight = FlightId(stored.stream.number as u16);
                    self.returned(*booking, flight, *seat, &stored.metadata, record, violations);
                }
                Event::Flight(FlightEvent::SeatAllocated { .. })
                | Event::Saga(_)
                | Event::Old(_) => {}
            },
            Fact::Entered { entry: Entry::Vendor(entry), .. } => {
                self.vendor(entry, record, violations)
            }
            _ => {}
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Releases {
    fn booking(
        &mut self,
        booking: BookingId,
        event: &BookingEvent,
        metadata: &Metadata,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
        let command = metadata.id.command;
        let kept = self.bookings.get(&booking).copied();
        let held = kept.map_or(Step(0), |kept| kept.held);
        let own_saga = matches!(command, CommandId::Effect(e) if e.saga == booking.saga());
        let (legs, allowed, why) = match event {
            BookingEvent::SeatHeld { customer, expires_at, .. } => {
                let (customer, expires_at) = (*customer, *expires_at);
                let kept = Kept { customer, expires_at, held: record.step, over: false };
                self.bookings.insert(booking, kept);
                return;
            }
            BookingEvent::SeatHoldExpired { legs } => {
                // By the clock of the node that decided, which may be wrong, but not by more than that.
                let timely = |at: Instant| kept.is_none_or(|kept| at >= kept.expires_at);
                let due = timely(metadata.occurred_at) && timely(record.at + self.ahead);
                (legs, own_saga && due, "expires before its time, or not by its own saga")
            }
            BookingEvent::BookingCancelled { legs } => {
                let own = |customer| kept.is_some_and(|kept| kept.customer == customer);
                let allowed = matches!(command, CommandId::Request(r) if own(r.customer));
                (legs, allowed, "is cancelled, but not by its customer")
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
            | BookingEvent::ScheduleChanged { .. } => return,
        };
        self.tally.check(allowed, record.at, record.step, violations, || {
            (format!("{booking} {why}"), vec![held, record.step])
        });
        self.ending = Some((command, booking, legs.clone()));
        if let Some(kept) = self.bookings.get_mut(&booking) {
            kept.over = true;
        }
    }

    fn returned(
        &mut self,
        booking: BookingId,
        flight: FlightId,
        seat: Seat,
        metadata: &Metadata,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
        let together = self.ending.as_ref().is_some_and(|(command, ended, legs)| {
            let own = |leg: &Leg| leg.flight == flight && leg.seat == seat;
            *command == metadata.id.command && *ended == booking && legs.list.iter().any(own)
        });
        let held = self.bookings.get(&booking).map_or(Step(0), |kept| kept.held);
        self.tally.check(together, record.at, record.step, violations, || {
            let says = format!("{seat} of {booking} goes back, though nothing ends the booking");
            (says, vec![held, record.step])
        });
    }

    fn vendor(
        &mut self,
        entry: &VendorEntry,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
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
                let kept = self.bookings.get(&reference.booking);
                let over = kept.is_none_or(|kept| kept.over);
                let spare = orders.live > 1 || orders.let_go;
                let held = kept.map_or(Step(0), |kept| kept.held);
                orders.live = orders.live.saturating_sub(1);
                self.tally.check(over || spare, record.at, record.step, violations, || {
                    let booking = reference.booking;
                    let leg = u32::from(reference.leg) + 1;
                    let says = format!(
                        "the vendor of leg {leg} was asked to take back the seat of {booking}, \
                         which is not over"
                    );
                    (says, vec![held, record.step])
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
            story.seats_returned();
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
    fn a_booking_that_somebody_else_ends_is_rejected() {
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
    fn an_order_too_many_may_be_taken_back() {
        let mut story = History::new();
        story.held();
        story.hold_again();
        story.cancel_second_order();
        assert_eq!(early(&story), Vec::<&str>::new());
    }
}

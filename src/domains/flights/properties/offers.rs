//! `free-is-offered` and `refused-with-cause`: every seat that is not sold can be bought.
//!
//! A seat is sold while a booking that has it stands. Bookings are followed by their own events; the
//! events of flights, from which the view and the decisions are made, are not read. What a vendor has sold
//! is counted from its orders and from the lines of its ledger. The two counts are not compared: the vendor
//! also sells to others, and we do not know how many seats it has. `no-orphan` compares the orders.

use crate::check::{Asked, Checker, Checks, FactKinds, Phases, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::flights::command::Rejection;
use crate::domains::flights::event::{BookingEvent, Event};
use crate::domains::flights::ids::{BookingId, FlightId, FlightIds};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderState, VendorEntry, VendorLedger};
use crate::domains::flights::views::{FLIGHT_AVAILABILITY, Row};
use crate::domains::flights::{Command, Entry, Ledger};
use crate::kernel::{CLOCK_AHEAD, Instant, Span, Step};
use crate::model::{CommandId, Fact, Record, Rest, RowKey};

/// Every seat that is not sold is offered.
pub static FREE_IS_OFFERED: Property = Property {
    id: "free-is-offered",
    when: When::AtRest,
    says: "what FlightAvailability offers of a flight is its seats less those of bookings that are \
           held or ticketed; what a vendor has left is its capacity less live orders and seats sold \
           elsewhere, or nothing if the flight is cancelled",
};

/// What a customer is told was true.
pub static REFUSED_WITH_CAUSE: Property = Property {
    id: "refused-with-cause",
    when: When::Always,
    says: "a customer is refused as sold out, expired, ticketed, ended, unknown or already booked only \
           if that was so at a moment between the request and the refusal",
};

const HELD: usize = 0;
const TICKETED: usize = 1;
const OVER: usize = 2;

/// Follows what is sold, by bookings.
#[derive(Clone, Debug, Default)]
pub(super) struct Offers {
    bookings: SortedMap<BookingId, Sale>,
    flights: Vec<Sold>,
    asked: Asked,
    /// How far any clock was ahead at most.
    ahead: Span,
}

/// One booking.
#[derive(Clone, Debug, Default)]
struct Sale {
    flights: FlightIds,
    expires_at: Instant,
    phases: Phases<3>,
}

/// One flight.
#[derive(Clone, Copy, Debug, Default)]
struct Sold {
    /// The bookings that stand.
    live: u32,
    /// When that changed last.
    changed: Step,
    /// The last moment before now at which no seat was free.
    full_until: Step,
    /// Seats that the vendor sold to other buyers.
    elsewhere: u32,
    cancelled: bool,
}

impl Checker<Flights> for Offers {
    const PROPERTIES: &'static [Property] = &[FREE_IS_OFFERED, REFUSED_WITH_CAUSE];
    const FACTS: FactKinds = Asked::FACTS.or(kinds!(Fault Stored Entered Refused RefusedAgain));

    fn observe(&mut self, record: &Record<Flights>, checks: &mut Checks<'_, Flights>) {
        self.asked.observe(record);
        match &record.fact {
            Fact::Fault(fired) if *fired.fault == CLOCK_AHEAD => {
                self.ahead = self.ahead.max(Span::from_micros(fired.size));
            }
            Fact::Stored(stored) => {
                if let Event::Booking(event) = &stored.event {
                    self.stored(BookingId(stored.stream.number), event, checks);
                }
            }
            Fact::Entered { entry: Entry::Vendor(entry), .. } => match *entry {
                VendorEntry::SoldElsewhere { flight, seats, .. } => {
                    self.flight(flight).elsewhere += u32::from(seats);
                }
                VendorEntry::FlightCancelled { flight, .. } => self.flight(flight).cancelled = true,
                any_of!(VendorEntry: Order | Rescheduled | Invoiced) => {}
            },
            Fact::Refused { command, body, rejection, .. } => {
                self.refused(*command, body, rejection, record.at, checks);
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Flights>, checks: &mut Checks<'_, Flights>) {
        let rows = &rest.rows[usize::from(FLIGHT_AVAILABILITY.0)];
        for (id, flight) in (0..).map(FlightId).zip(rest.domain.flights()) {
            let sold = *self.flight(id);
            if !rest.is_known(FLIGHT_AVAILABILITY, RowKey(u32::from(id.0))) {
                continue;
            }
            // A flight without a row has sold nothing yet, and all its seats are offered.
            let offered = match rows.get(id.index()).and_then(Option::as_deref) {
                Some(Row::FlightAvailability(row)) => u32::from(row.left()),
                Some(_) | None => u32::from(flight.seats),
            };
            let holds = offered + sold.live == u32::from(flight.seats);
            checks.that(&FREE_IS_OFFERED, holds, [sold.changed], |_| {
                let (code, seats, live) = (&flight.code, flight.seats, sold.live);
                format!("{code} offers {offered} of {seats} seats, but {live} are held or ticketed")
            });
        }
        for ledger in &rest.ledgers {
            if let Ledger::Vendor(ledger) = ledger {
                self.vendor(ledger, checks);
            }
        }
    }
}

impl Offers {
    fn flight(&mut self, flight: FlightId) -> &mut Sold {
        if self.flights.len() <= flight.index() {
            self.flights.resize(flight.index() + 1, Sold::default());
        }
        &mut self.flights[flight.index()]
    }

    fn stored(
        &mut self,
        booking: BookingId,
        event: &BookingEvent,
        checks: &mut Checks<'_, Flights>,
    ) {
        let step = checks.step();
        let sale = self.bookings.entry(booking).or_default();
        match event {
            BookingEvent::SeatHeld { legs, expires_at, .. } => {
                (sale.flights, sale.expires_at) = (legs.flights(), *expires_at);
                sale.phases.begin(HELD, step);
                for flight in sale.flights.clone() {
                    let sold = self.flight(flight);
                    (sold.live, sold.changed) = (sold.live + 1, step);
                }
            }
            BookingEvent::TicketIssued { .. } => sale.phases.begin(TICKETED, step),
            BookingEvent::SeatHoldExpired { .. }
            | BookingEvent::BookingCancelled { .. }
            | BookingEvent::SeatReleased { .. } => {
                let ended = sale.phases.began(OVER).is_some();
                sale.phases.begin(OVER, step);
                let flights = if ended { FlightIds::new() } else { sale.flights.clone() };
                for flight in flights {
                    let seats = u32::from(checks.words.domain.flight(flight).seats);
                    let sold = self.flight(flight);
                    if sold.live >= seats {
                        sold.full_until = step;
                    }
                    (sold.live, sold.changed) = (sold.live.saturating_sub(1), step);
                }
            }
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::CaptureStarted { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. }
            | BookingEvent::PaymentChargedBack { .. }
            | BookingEvent::ScheduleChanged { .. } => {}
        }
    }

    /// Checks what a customer will be told. Sagas act on refusals in ways of their own.
    fn refused(
        &mut self,
        command: CommandId,
        body: &Command,
        rejection: &Rejection,
        at: Instant,
        checks: &mut Checks<'_, Flights>,
    ) {
        if !matches!(command, CommandId::Request(_)) {
            return;
        }
        let Some(since) = self.asked.since(command) else { return };
        let none = Sale::default();
        let sale = self.bookings.get(&body.booking()).unwrap_or(&none);
        let phases = sale.phases;
        let (holds, changed) = match *rejection {
            Rejection::SoldOut { flight } => {
                let seats = u32::from(checks.words.domain.flight(flight).seats);
                let sold = self.flight(flight);
                (sold.live >= seats || sold.full_until >= since, Some(sold.changed))
            }
            Rejection::HoldExpired { at: expired } => {
                let passed = expired <= at + self.ahead;
                (expired == sale.expires_at && passed, phases.began(HELD))
            }
            Rejection::NoSuchBooking => (phases.was_none(since), phases.began(HELD)),
            Rejection::AlreadyBooked => (phases.began(HELD).is_some(), None),
            Rejection::AlreadyTicketed => (phases.was(TICKETED, since), phases.began(OVER)),
            Rejection::AlreadyOver => (phases.began(OVER).is_some(), phases.began(HELD)),
            Rejection::NotYours
            | Rejection::NoLegs
            | Rejection::SameFlightTwice
            | Rejection::OtherFlights
            | Rejection::NotExpired { .. }
            | Rejection::AlreadyRequested
            | Rejection::NotRequested
            | Rejection::NotAuthorized
            | Rejection::CaptureUnderWay
            | Rejection::IssueUnderWay
            | Rejection::NotCaptured
            | Rejection::RefundUnderWay
            | Rejection::NoRefund
            | Rejection::StillAlive
            | Rejection::WrongAmount { .. }
            | Rejection::WrongTickets
            | Rejection::NotAboveCapacity
            | Rejection::NotTheLast => return,
        };
        checks.that(
            &REFUSED_WITH_CAUSE,
            holds,
            [Some(since), changed].into_iter().flatten(),
            |words| {
                let command = words.command(command);
                let why = match *rejection {
                    Rejection::SoldOut { flight } => {
                        let (flight, sold) =
                            (words.domain.flight(flight), self.flights[flight.index()]);
                        let (code, seats, live) = (&flight.code, flight.seats, sold.live);
                        format!("{live} of {seats} seats of {code} are held or ticketed")
                    }
                    _ => format!("{} is not so", body.booking()),
                };
                format!("{command} was refused because of \"{rejection}\", but {why}")
            },
        );
    }

    /// Checks what a vendor has left.
    fn vendor(&mut self, ledger: &VendorLedger, checks: &mut Checks<'_, Flights>) {
        for (id, stock) in ledger.stocks() {
            let live = |state| matches!(state, OrderState::Held | OrderState::Ticketed);
            let of_flight = ledger.orders().iter().filter(|order| order.flight == id);
            let orders = of_flight.filter(|order| live(order.state)).count() as u32;
            let (sold, flight) = (*self.flight(id), checks.words.domain.flight(id));
            let taken = if sold.cancelled { flight.really.into() } else { orders + sold.elsewhere };
            let (left, capacity) = (stock.left(), flight.really);
            let holds = u32::from(left) + taken == u32::from(capacity);
            checks.that(&FREE_IS_OFFERED, holds, [], |_| {
                let code = &flight.code;
                match sold.cancelled {
                    true => format!("the vendor of {code} has {left} seats left, but cancelled it"),
                    false => format!(
                        "the vendor of {code} has {left} of {capacity} seats left, but {taken} are sold"
                    ),
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::History;
    use super::*;
    use crate::domains::flights::ids::Seat;

    const NOTHING: Vec<&str> = Vec::new();

    /// What of the two is violated, also at rest.
    fn missed(story: &History) -> Vec<&'static str> {
        let mut violated = [story.violated(), story.at_rest()].concat();
        violated.retain(|id| [FREE_IS_OFFERED.id, REFUSED_WITH_CAUSE.id].contains(id));
        violated
    }

    #[test]
    fn seats_that_are_held_are_not_offered_and_those_that_came_back_are() {
        let mut story = History::new();
        story.held();
        assert_eq!(missed(&story), NOTHING);
        story.expired();
        story.cancel_at_vendor();
        assert_eq!(missed(&story), NOTHING);
    }

    #[test]
    fn seats_that_do_not_come_back_are_rejected() {
        for end in [History::expired_only, History::cancelled_only, History::released_only] {
            let mut story = History::new();
            story.held();
            end(&mut story);
            assert_eq!(missed(&story), ["free-is-offered"; 2], "one for each flight");
            story.seats_returned();
            assert_eq!(missed(&story), NOTHING);
        }
    }

    #[test]
    fn seats_that_are_offered_although_they_are_held_are_rejected() {
        let mut story = History::new();
        story.held();
        story.seats_returned();
        assert_eq!(missed(&story), ["free-is-offered"; 2]);
    }

    #[test]
    fn a_view_that_offers_other_seats_than_are_free_is_rejected() {
        let mut story = History::new();
        story.held();
        story.offers_as_at_the_start();
        assert_eq!(missed(&story), ["free-is-offered"; 2]);
    }

    #[test]
    fn a_vendor_that_does_not_take_a_seat_back_is_rejected() {
        let mut story = History::new();
        story.held();
        story.cancel_at_vendor();
        story.expired();
        assert_eq!(missed(&story), NOTHING);
        story.loses_a_seat_at_vendor();
        assert_eq!(missed(&story), ["free-is-offered"]);
    }

    #[test]
    fn a_flight_that_is_not_operated_has_no_seat_left() {
        const FLIGHT_CANCELLED: usize = 2;
        let mut story = History::new();
        story.inject(FLIGHT_CANCELLED);
        assert_eq!(missed(&story), NOTHING);
    }

    fn sold_out(story: &mut History) -> Vec<&'static str> {
        story.refused(Rejection::SoldOut { flight: FlightId(0) });
        missed(story)
    }

    #[test]
    fn a_refusal_because_of_the_last_seat_is_accepted_while_or_just_after_it_is_gone() {
        let mut story = History::new();
        story.held();
        story.asks();
        assert_eq!(sold_out(&mut story.clone()), NOTHING);
        story.expired();
        assert_eq!(sold_out(&mut story), NOTHING, "it was gone when the customer asked");
    }

    #[test]
    fn a_refusal_because_of_a_seat_that_is_free_is_rejected() {
        let mut story = History::new();
        story.asks();
        for attempt in [1, 2] {
            let mut story = story.clone();
            story.refused_at(attempt, Rejection::SoldOut { flight: FlightId(0) });
            assert_eq!(missed(&story), ["refused-with-cause"], "decision {attempt}");
        }
        let mut story = History::new();
        story.held();
        story.expired();
        story.asks();
        assert_eq!(sold_out(&mut story), ["refused-with-cause"], "it came back before");
        let mut story = History::new();
        story.allocated_to_nobody(FlightId(0), Seat(0));
        story.asks();
        assert!(sold_out(&mut story).contains(&"refused-with-cause"), "no booking has it");
    }

    #[test]
    fn a_refusal_must_fit_the_booking() {
        let judged = |before: &[fn(&mut History)], rejection| {
            let mut story = History::new();
            before.iter().for_each(|happens| happens(&mut story));
            story.asks();
            story.refused(rejection);
            story.violated().contains(&"refused-with-cause")
        };
        let (held, expired) = (History::held as fn(&mut _), History::expired as fn(&mut _));
        let lasting = History::held_for_ever as fn(&mut _);
        let passed = Rejection::HoldExpired { at: Instant::ZERO };
        for (before, rejection) in [
            (&[][..], Rejection::NoSuchBooking),
            (&[held], Rejection::AlreadyBooked),
            (&[held], passed),
            (&[held, History::ticketed], Rejection::AlreadyTicketed),
            (&[held, expired], Rejection::AlreadyOver),
        ] {
            assert!(!judged(before, rejection), "{rejection:?} is so");
        }
        for (before, rejection) in [
            (&[held][..], Rejection::NoSuchBooking),
            (&[], Rejection::AlreadyBooked),
            (&[lasting], passed),
            (&[lasting], Rejection::HoldExpired { at: Instant::MAX }),
            (&[held], Rejection::AlreadyTicketed),
            (&[held, History::ticketed, History::cancelled], Rejection::AlreadyTicketed),
            (&[held], Rejection::AlreadyOver),
        ] {
            assert!(judged(before, rejection), "{rejection:?} is not so");
        }
    }
}

//! The terms of the domain in words, each in one short line.

use std::fmt::{self, Formatter};

use super::command::{Command, Rejection};
use super::ids::{BOOKING, BookingId, FLIGHT, FlightId};
use super::saga::{Saga, TIMER_EXPIRY};
use super::setup::Flights;
use super::vendors::{self, VendorEntry};
use super::views::{
    BOOKING_SEARCH, CUSTOMER_BOOKINGS, FLIGHT_AVAILABILITY, PastBooking, Row, SAGA_MONITOR,
    SagaStep, Sum, VENDOR_LEDGER,
};
use super::{Entry, Ledger, Query, Question, Reply, Request, payment};
use crate::model::{CustomerId, Names, RowKey, ServiceId, StreamId, Term, ViewId, counted};
use crate::saga::Saga as _;

mod events;
mod ledgers;

use events::{passenger, say_reason};

/// Puts a term into words.
pub(super) fn say(
    flights: &Flights,
    term: Term<'_, Flights>,
    names: &Names,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let teller = Teller { flights, names };
    match term {
        Term::Stream(StreamId { category: BOOKING, number }) => write!(f, "{}", BookingId(number)),
        Term::Stream(StreamId { category: FLIGHT, number }) => teller.flight(number, f),
        Term::Stream(StreamId { number, .. }) => say_saga(number, f),
        Term::Event(event) => teller.event(event, f),
        Term::Command(command) => teller.command(command, f),
        Term::Rejection(rejection) => teller.rejection(rejection, f),
        Term::Query(query) => teller.query(*query, f),
        Term::Row(row) => teller.row(row, f),
        Term::Request(service, request) => teller.request(service, request, f),
        Term::Reply(service, reply) => teller.reply(service, reply, f),
        Term::Entry(_, entry) => teller.entry(entry, f),
        Term::Ledger(service, Ledger::Vendor(ledger)) => {
            ledgers::say_vendor(flights, service, ledger, f)
        }
        Term::Ledger(_, Ledger::Provider(ledger)) => ledgers::say_provider(ledger, f),
        Term::Timer(TIMER_EXPIRY) => f.write_str("end of hold"),
        Term::Timer(Saga::TIMER_RETRY) => f.write_str("next attempt"),
        Term::Timer(Saga::TIMER_LOOK) => f.write_str("an operator's look"),
        Term::Timer(other) => write!(f, "timer {other}"),
        Term::Gathered(number) => teller.query(Query::Search(Question::numbered(number)), f),
        Term::RowOf(view, key) => teller.row_of(view, key, f),
    }
}

struct Teller<'a> {
    flights: &'a Flights,
    names: &'a Names,
}

impl Teller<'_> {
    fn code(&self, flight: FlightId) -> &str {
        self.flights.flights().get(flight.index()).map_or("?", |flight| &flight.code)
    }

    fn codes(&self, flights: &[FlightId]) -> String {
        flights.iter().map(|&flight| self.code(flight)).collect::<Vec<_>>().join(" + ")
    }

    fn vendor_id(&self, service: ServiceId) -> &str {
        self.flights.vendor(service).map_or(super::PROVIDER, |vendor| &vendor.id)
    }

    fn flight(&self, number: u32, f: &mut Formatter<'_>) -> fmt::Result {
        match self.flights.flights().get(number as usize) {
            Some(flight) => f.write_str(&flight.code),
            None => write!(f, "flight {number}"),
        }
    }

    fn command(&self, command: &Command, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", command.name(), command.booking())?;
        match command {
            Command::HoldSeat { flights, .. } => write!(f, " {}", self.codes(flights)),
            any_of!(Command { amount, .. }: RecordAuthorization | RecordCapture | RecordRefund) => {
                write!(f, " {amount}")
            }
            Command::RecordTicket { tickets, .. } => {
                tickets.iter().try_for_each(|ticket| write!(f, " {ticket}"))
            }
            Command::Release { reason, .. } => write!(f, ", {}", say_reason(*reason)),
            Command::RecordScheduleChange { leg, change, later, .. } => {
                write!(f, " leg {}, change {change}: {later} later", u32::from(*leg) + 1)
            }
            any_of!(Command: RequestPayment | StartCapture | RecordPaymentFailure | Cancel | Expire
                | StartRefund | RecordVoid | RecordChargeback | Bump) => Ok(()),
        }
    }

    fn rejection(&self, rejection: &Rejection, f: &mut Formatter<'_>) -> fmt::Result {
        match rejection {
            Rejection::SoldOut { flight } => {
                write!(f, "SoldOut: {} has no seat left", self.code(*flight))
            }
            Rejection::HoldExpired { at } => write!(f, "HoldExpired: the hold expired at {at}"),
            Rejection::NotExpired { at } => write!(f, "NotExpired: the hold lasts until {at}"),
            Rejection::WrongAmount { price } => write!(f, "WrongAmount: the price is {price}"),
            any_of!(Rejection: AlreadyBooked | NoSuchBooking | NotYours | NoLegs | SameFlightTwice
                | OtherFlights | AlreadyOver | AlreadyTicketed | AlreadyRequested | NotRequested
                | NotAuthorized | CaptureUnderWay | IssueUnderWay | NotCaptured | RefundUnderWay
                | NoRefund | StillAlive | WrongTickets | NotAboveCapacity | NotTheLast) => {
                write!(f, "{rejection:?}: {rejection}")
            }
        }
    }

    fn query(&self, query: Query, f: &mut Formatter<'_>) -> fmt::Result {
        match query {
            Query::MyBookings => f.write_str("my bookings"),
            Query::Booking(booking) => write!(f, "booking {booking}"),
            Query::AsOf(booking, at) => write!(f, "booking {booking} as of {at}"),
            Query::Search(Question::Everything) => f.write_str("all flights"),
            Query::Search(Question::Of(vendor)) => {
                write!(f, "flights of {}", self.vendor_id(vendor))
            }
        }
    }

    fn row(&self, row: &Row, f: &mut Formatter<'_>) -> fmt::Result {
        match row {
            Row::CustomerBookings(row) => {
                for (nth, line) in row.lines.iter().take(3).enumerate() {
                    let comma = if nth == 0 { "" } else { ", " };
                    write!(f, "{comma}{} {}", line.booking, line.status.word())?;
                    passenger(line.passenger.as_ref(), f)?;
                }
                match row.lines.len() {
                    0 => f.write_str("no bookings"),
                    1..=3 => Ok(()),
                    more => write!(f, " and {} more", more - 3),
                }
            }
            Row::FlightAvailability(row) => write!(f, "{} of {} left", row.left(), row.seats),
            Row::VendorLedger(row) => {
                let say = |sum: Sum| format!("{} ({})", sum.legs, sum.worth);
                let (held, ticketed) = (say(row.held), say(row.ticketed));
                write!(f, "held {held}, ticketed {ticketed}, released {}", say(row.released))
            }
            Row::SagaMonitor(row) => match row.step {
                SagaStep::Holding => f.write_str("holding"),
                SagaStep::Paying => f.write_str("paying"),
                SagaStep::Issuing => f.write_str("issuing"),
                SagaStep::Undoing(reason) => write!(f, "undoing, {}", say_reason(reason)),
                SagaStep::Completed => f.write_str("completed"),
                SagaStep::Compensated(reason) => write!(f, "compensated, {}", say_reason(reason)),
                SagaStep::HandedToHuman(trouble) => write!(f, "handed to an operator, {trouble}"),
            },
            Row::BookingSearch(row) => {
                let who = self.names.customer(row.customer);
                let (flights, status) = (self.codes(&row.flights), row.status.word());
                write!(f, "{who} {flights} {status}, {}", row.price)?;
                passenger(row.passenger.as_ref(), f)
            }
            Row::Past(past) => {
                let PastBooking { booking, version, seats, funds, legs } = past;
                let legs = counted(*legs as u64, "leg");
                write!(f, "{booking} {version} {}, {legs}, {}", seats.word(), funds.word())
            }
            Row::Offers(offers) => {
                let left = offers.iter().filter(|offer| offer.left > 0).count();
                write!(f, "{left} of {} flights have seats left", offers.len())
            }
        }
    }

    fn request(&self, service: ServiceId, request: &Request, f: &mut Formatter<'_>) -> fmt::Result {
        match (request, self.flights.vendor(service)) {
            (Request::Vendor(request), Some(vendor)) => {
                vendors::say_request(self.flights, vendor.gds, request, f)
            }
            (Request::Charge(request), None) => payment::say_request(request, f),
            (Request::Vendor(_) | Request::Charge(_), _) => f.write_str("misdirected request"),
        }
    }

    fn reply(&self, service: ServiceId, reply: &Reply, f: &mut Formatter<'_>) -> fmt::Result {
        match (reply, self.flights.vendor(service)) {
            (Reply::Vendor(reply), Some(vendor)) => {
                vendors::say_reply(self.flights, vendor.gds, reply, f)
            }
            (Reply::Charge(reply), None) => payment::say_reply(reply, f),
            (Reply::Vendor(_) | Reply::Charge(_) | Reply::Misdirected, _) => {
                f.write_str("misdirected request")
            }
        }
    }

    fn entry(&self, entry: &Entry, f: &mut Formatter<'_>) -> fmt::Result {
        let stock = match entry {
            Entry::Vendor(VendorEntry::Order { act, flight, reference, stock, .. }) => {
                write!(f, "{} {} {reference}", act.word(), self.code(*flight))?;
                stock
            }
            Entry::Vendor(VendorEntry::SoldElsewhere { flight, seats, stock }) => {
                write!(f, "sold {seats} of {} elsewhere", self.code(*flight))?;
                stock
            }
            Entry::Vendor(VendorEntry::FlightCancelled { flight, stock }) => {
                write!(f, "cancelled flight {}", self.code(*flight))?;
                stock
            }
            Entry::Vendor(VendorEntry::Rescheduled {
                flight, reference, change, later, ..
            }) => {
                let code = self.code(*flight);
                return write!(f, "rescheduled {code} {reference}, change {change}: {later} later");
            }
            Entry::Vendor(VendorEntry::Invoiced { flight, reference, fare }) => {
                return write!(f, "invoiced {} {reference}, {fare}", self.code(*flight));
            }
            Entry::Charge(entry) => return payment::say_entry(entry, f),
            Entry::Notice(notice) => return payment::say_notice(notice, f),
        };
        write!(f, ", {} of {} taken", stock.taken(), stock.capacity)
    }

    fn row_of(&self, view: ViewId, key: RowKey, f: &mut Formatter<'_>) -> fmt::Result {
        match view {
            CUSTOMER_BOOKINGS => {
                write!(f, "bookings of {}", self.names.customer(CustomerId(key.0)))
            }
            FLIGHT_AVAILABILITY => self.flight(key.0, f),
            VENDOR_LEDGER => match u8::try_from(key.0) {
                Ok(vendor) => write!(f, "ledger of {}", self.vendor_id(ServiceId(vendor))),
                Err(_) => write!(f, "ledger {}", key.0),
            },
            SAGA_MONITOR => say_saga(key.0, f),
            BOOKING_SEARCH => write!(f, "{}", BookingId(key.0)),
            other => write!(f, "row {} of view {}", key.0, other.0),
        }
    }
}

fn say_saga(number: u32, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "s-{}", u64::from(number) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::flights::booking::Given;
    use crate::domains::flights::ids::{FlightIds, Locator};
    use crate::domains::flights::vendors::{VendorAct, VendorReply, VendorRequest};
    use crate::kernel::{Instant, Span};

    /// A term of the test world in words.
    struct Said<'a>(std::cell::RefCell<Option<Term<'a, Flights>>>);

    impl fmt::Display for Said<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let names = Names { customers: vec!["ana".to_owned()] };
            let term = self.0.take().expect("said once");
            say(&Given::nothing().world, term, &names, f)
        }
    }

    fn said(term: Term<'_, Flights>) -> String {
        Said(std::cell::RefCell::new(Some(term))).to_string()
    }

    #[test]
    fn the_words_of_a_hold_name_flight_seat_customer_and_price() {
        let booking = BookingId(0);
        let flights = FlightIds::from_iter([FlightId(0)]);
        let command = Command::HoldSeat {
            booking,
            customer: CustomerId(0),
            flights,
            contact: crate::model::Named::NONE,
        };
        assert_eq!(said(Term::Command(&command)), "HoldSeat b-1 IB1");
        let events = Given::nothing().when(command).expect("accepted");
        let held = "SeatHeld IB1 1A for ana, 420.00 EUR until 15m00s";
        assert_eq!(said(Term::Event(&events[0].1)), held);
        assert_eq!(said(Term::Event(&events[1].1)), "SeatAllocated 1A b-1");
        let sold_out = Rejection::SoldOut { flight: FlightId(0) };
        assert_eq!(said(Term::Rejection(&sold_out)), "SoldOut: IB1 has no seat left");
        assert_eq!(said(Term::Rejection(&Rejection::NotYours)), "NotYours: not your booking");
        assert_eq!(said(Term::Stream(booking.saga())), "s-1");
        assert_eq!(said(Term::Stream(FlightId(2).stream())), "DL3");
    }

    #[test]
    fn each_vendor_has_its_own_dialect() {
        let reference = BookingId(0).leg(0);
        let limit = Instant::ZERO + Span::from_secs(1_200);
        let speak = |vendor: u8| {
            let service = ServiceId(vendor);
            let flight = FlightId(u16::from(vendor));
            let locator = Locator::of(service, 0);
            let hold = Request::Vendor(VendorRequest::Hold { reference, flight });
            let held = Reply::Vendor(VendorReply::Held { reference, locator, limit });
            [said(Term::Request(service, &hold)), said(Term::Reply(service, &held))]
        };
        let [asked, answered] = speak(0);
        assert_eq!(asked, "OrderCreateRQ b-1/1 IB1");
        assert!(answered.starts_with("OrderViewRS b-1/1 "), "{answered}");
        let [asked, answered] = speak(1);
        assert_eq!(asked, "PNR_AddMultiElements b-1/1 LH2 NN1");
        assert!(answered.ends_with("HK1, TKTL 20m00s"), "{answered}");
        let [asked, _] = speak(2);
        assert_eq!(asked, "EnhancedAirBookRQ + PassengerDetailsRQ b-1/1 DL3 NN1");
    }

    #[test]
    fn a_line_of_the_vendor_s_ledger_states_the_seats_taken() {
        let (act, flight, reference) = (VendorAct::Held, FlightId(1), BookingId(0).leg(1));
        let stock = vendors::Stock { held: 1, capacity: 2, ..vendors::Stock::default() };
        let entry = Entry::Vendor(VendorEntry::Order { act, flight, order: 0, reference, stock });
        assert_eq!(said(Term::Entry(ServiceId(1), &entry)), "held LH2 b-1/2, 1 of 2 taken");
    }
}

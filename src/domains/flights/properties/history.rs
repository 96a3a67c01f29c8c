//! Histories for the properties' tests: facts written by hand, ledgers moved by the real services.

use super::FlightsProperties;
use crate::check::Upcast;
use crate::domains::flights::event::{
    BookingEvent, ChargeStep, Event, FlightEvent, Leg, Legs, Reason, SagaEvent, Ticket, Tickets,
    Trouble,
};
use crate::domains::flights::ids::{Attempt, BookingId, FlightId, Locator, Seat};
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::payment::{ChargeRequest, Key};
use crate::domains::flights::setup::{Flights, Setup, VendorSetup};
use crate::domains::flights::vendors::{Dialect, VendorReply, VendorRequest};
use crate::domains::flights::{Command, Entry, Rejection, Reply, Request};
use crate::kernel::{Instant, Span, Step};
use crate::model::{
    CommandId, CustomerId, EffectId, EventId, Fact, Metadata, Principal, RequestId, ServiceId,
    StreamId, Version,
};
use crate::testing;

/// The price of the trip in every story: two legs, at two vendors.
pub(super) const PRICE: i64 = 30_000;
const ID: BookingId = BookingId(0);
/// A request of the customer.
const ASKED: RequestId = RequestId { customer: CustomerId(0), nth: 9 };

#[derive(Clone)]
pub(super) struct History {
    facts: testing::History<Flights>,
    /// Whether the next end of the booking comes from a party that may not end it.
    strange: bool,
    /// The command whose event was stored last.
    last: Option<CommandId>,
    /// Whether no view has applied an event.
    stale: bool,
}

impl History {
    pub(super) fn new() -> Self {
        let fare = |minor| Money::new(minor, Currency::Eur);
        let vendors = vec![
            VendorSetup::new("V1", Dialect::Ndc).flight("IB1", 1, fare(10_000)),
            VendorSetup::new("V2", Dialect::Amadeus).flight("LH2", 3, fare(20_000)),
        ];
        let domain = Flights::new(Setup { vendors, ..Setup::default() }).expect("a world");
        Self { facts: testing::History::new(domain), strange: false, last: None, stale: false }
    }

    /// A flight with two seats, of which three are sold.
    pub(super) fn overbooked() -> Self {
        let fare = Money::new(10_000, Currency::Eur);
        let mut vendor = VendorSetup::new("V1", Dialect::Ndc).flight("IB1", 2, fare);
        vendor.flights[0].overbook = "50%".parse().expect("a share");
        let setup = Setup { vendors: vec![vendor], customers: 3, ..Setup::default() };
        let domain = Flights::new(setup).expect("a world");
        Self { facts: testing::History::new(domain), strange: false, last: None, stale: false }
    }

    /// A booking of one seat, numbered like its customer.
    pub(super) fn held_by(&mut self, number: u16) {
        let (customer, expires_at) = (CustomerId(number.into()), Instant::MAX);
        let (passenger, legs) = (crate::domains::flights::event::Party::NONE, Self::seat(number));
        let held = BookingEvent::SeatHeld { customer, passenger, legs, expires_at };
        self.stored(BookingId(number.into()).stream(), held.into());
        let (booking, seat) = (BookingId(number.into()), Seat(number));
        self.stored(FlightId(0).stream(), FlightEvent::SeatAllocated { booking, seat }.into());
    }

    /// Staff bump a booking.
    pub(super) fn bumped(&mut self, number: u16) {
        self.strange = true;
        let (legs, reason) = (Self::seat(number), Reason::Bumped);
        let released = BookingEvent::SeatReleased { legs, reason };
        self.stored(BookingId(number.into()).stream(), released.into());
        let (booking, seat) = (BookingId(number.into()), Seat(number));
        self.stored(FlightId(0).stream(), FlightEvent::SeatReturned { booking, seat }.into());
    }

    fn seat(number: u16) -> Legs {
        let leg = Leg { flight: FlightId(0), seat: Seat(number), fare: 10_000 };
        Legs { list: [leg].into_iter().collect(), currency: Currency::Eur }
    }

    /// The booking is held with us, just until now, and at both vendors.
    pub(super) fn held(&mut self) {
        self.held_until(Instant::ZERO);
    }

    /// The same, but the hold lasts.
    pub(super) fn held_for_ever(&mut self) {
        self.held_until(Instant::MAX);
    }

    fn held_until(&mut self, expires_at: Instant) {
        let (customer, legs) = (CustomerId(0), self.legs());
        self.booking(BookingEvent::SeatHeld {
            customer,
            passenger: crate::domains::flights::event::Party::NONE,
            legs,
            expires_at,
        });
        self.seats_allocated();
        for leg in 0..2 {
            let (reference, flight) = (ID.leg(leg), FlightId(u16::from(leg)));
            self.ask(leg, VendorRequest::Hold { reference, flight });
        }
    }

    /// The second vendor makes another order for the second leg.
    pub(super) fn hold_again(&mut self) {
        self.ask(1, VendorRequest::Hold { reference: ID.leg(1), flight: FlightId(1) });
    }

    /// Both vendors issue.
    pub(super) fn issue(&mut self) {
        self.issue_first();
        self.issue_leg(1);
    }

    /// Only the first vendor issues.
    pub(super) fn issue_first(&mut self) {
        self.issue_leg(0);
    }

    pub(super) fn cancel_at_vendor(&mut self) {
        for leg in 0..2 {
            self.ask(leg, VendorRequest::Cancel { reference: ID.leg(leg), locator: None });
        }
    }

    /// The second vendor moves its flight, or cancels it.
    pub(super) fn inject(&mut self, inject: usize) {
        self.facts.injected(ServiceId(1), inject, 60_000_000);
    }

    /// We accept the second vendor's new times.
    pub(super) fn accept(&mut self, change: u8) {
        self.ask(1, VendorRequest::Accept { reference: ID.leg(1), change });
    }

    /// The booking records the second vendor's new times.
    pub(super) fn rescheduled(&mut self, change: u8) {
        let (flight, later) = (FlightId(1), Span::from_secs(60));
        self.booking(BookingEvent::ScheduleChanged { flight, change, later });
    }

    /// The second vendor refunds what it has ticketed.
    pub(super) fn refund_at_vendor(&mut self) {
        self.ask(1, VendorRequest::Refund { reference: ID.leg(1) });
    }

    /// The first vendor cancels or voids what it has.
    pub(super) fn cancel_at_first_vendor(&mut self) {
        self.ask(0, VendorRequest::Cancel { reference: ID.leg(0), locator: None });
    }

    /// The booking's saga is handed to an operator.
    pub(super) fn handed_over(&mut self) {
        let trouble = Trouble::ProviderUnreachable;
        self.stored(ID.saga(), SagaEvent::HandedToHuman { trouble }.into());
    }

    /// The saga requests its leg from the second vendor and is answered that it does not exist.
    pub(super) fn asked_and_denied(&mut self) {
        let request =
            Request::Vendor(VendorRequest::Hold { reference: ID.leg(1), flight: FlightId(1) });
        let (service, saga) = (ServiceId(1), ID.saga());
        let effect = EffectId { saga, version: Version(2), nth: 0 };
        self.facts.fact(Fact::Called { effect, service, request, again: false });
        let (reference, nth, orders) = (ID.leg(1), 1, Default::default());
        let reply = Reply::Vendor(VendorReply::Found { reference, nth, orders });
        self.facts.fact(Fact::Replied { saga, service, reply, webhook: false });
    }

    /// The saga gets an answer with the second vendor's first order.
    pub(super) fn told_of_order(&mut self) {
        let (reference, locator, limit) = (ID.leg(1), Locator::of(ServiceId(1), 0), Instant::MAX);
        let reply = Reply::Vendor(VendorReply::Held { reference, locator, limit });
        let (service, saga) = (ServiceId(1), ID.saga());
        self.facts.fact(Fact::Replied { saga, service, reply, webhook: false });
    }

    /// Only the first leg is held, with us and at its vendor.
    pub(super) fn held_without_second(&mut self) {
        let (customer, legs, expires_at) = (CustomerId(0), self.legs(), Instant::MAX);
        let passenger = crate::domains::flights::event::Party::NONE;
        self.booking(BookingEvent::SeatHeld { customer, passenger, legs, expires_at });
        self.seats_allocated();
        self.ask(0, VendorRequest::Hold { reference: ID.leg(0), flight: FlightId(0) });
    }

    /// The second vendor cancels the surplus order.
    pub(super) fn cancel_second_order(&mut self) {
        let locator = Some(Locator::of(ServiceId(1), 1));
        self.ask(1, VendorRequest::Cancel { reference: ID.leg(1), locator });
    }

    /// The flights give the seats away, in the transaction that was stored last.
    fn seats_allocated(&mut self) {
        for leg in self.legs().list {
            let event = FlightEvent::SeatAllocated { booking: ID, seat: leg.seat };
            self.stored(leg.flight.stream(), event.into());
        }
    }

    /// The flights get the seats back, in the transaction that was stored last.
    pub(super) fn seats_returned(&mut self) {
        for leg in self.legs().list {
            let event = FlightEvent::SeatReturned { booking: ID, seat: leg.seat };
            self.stored(leg.flight.stream(), event.into());
        }
    }

    /// From here on the booking is ended neither by its customer nor by its saga.
    pub(super) fn by_a_stranger(&mut self) {
        self.strange = true;
    }

    pub(super) fn charge(&mut self, step: ChargeStep, again: u8, minor: i64) {
        let key = Key { booking: ID, step, again };
        let amount = Money::new(minor, Currency::Eur);
        let attempt = Attempt::FIRST;
        self.serve(ServiceId(2), Request::Charge(ChargeRequest { key, amount, attempt }));
    }

    /// Much later the cardholder's bank decides.
    pub(super) fn dispute_decided(&mut self) {
        self.facts.lapsed(ServiceId(2));
    }

    /// The booking records these movements, a dispute as one that was lost.
    pub(super) fn records(&mut self, steps: &[ChargeStep]) {
        let amount = Money::new(PRICE, Currency::Eur);
        for step in steps {
            self.booking(match step {
                ChargeStep::Authorise => BookingEvent::PaymentAuthorized { amount },
                ChargeStep::Capture => BookingEvent::PaymentCaptured { amount },
                ChargeStep::Void => BookingEvent::AuthorizationVoided { amount },
                ChargeStep::Refund => BookingEvent::PaymentRefunded { amount },
                ChargeStep::Dispute => BookingEvent::PaymentChargedBack { amount },
                ChargeStep::Query | ChargeStep::Contest => panic!("nothing is recorded of it"),
            });
        }
    }

    pub(super) fn ticketed(&mut self) {
        let ticket =
            |leg: &Leg| Ticket { airline: 75, flight: leg.flight, serial: 1, fare: leg.fare };
        let list = self.legs().list.iter().map(ticket).collect();
        self.booking(BookingEvent::TicketIssued {
            tickets: Tickets { list, currency: Currency::Eur },
        });
    }

    pub(super) fn capture_started(&mut self) {
        let amount = Money::new(PRICE, Currency::Eur);
        self.booking(BookingEvent::CaptureStarted { amount });
    }

    pub(super) fn expired(&mut self) {
        self.expired_only();
        self.seats_returned();
    }

    pub(super) fn cancelled(&mut self) {
        self.cancelled_only();
        self.seats_returned();
    }

    pub(super) fn released(&mut self) {
        self.released_only();
        self.seats_returned();
    }

    /// It expires, and its seats do not come back.
    pub(super) fn expired_only(&mut self) {
        self.booking(BookingEvent::SeatHoldExpired { legs: self.legs() });
    }

    /// It is cancelled, and its seats do not come back.
    pub(super) fn cancelled_only(&mut self) {
        self.booking(BookingEvent::BookingCancelled { legs: self.legs() });
    }

    /// It is released, and its seats do not come back.
    pub(super) fn released_only(&mut self) {
        let (legs, reason) = (self.legs(), Reason::IssueFailed);
        self.booking(BookingEvent::SeatReleased { legs, reason });
    }

    /// A seat is given to a booking that does not exist.
    pub(super) fn allocated_to_nobody(&mut self, flight: FlightId, seat: Seat) {
        let event = FlightEvent::SeatAllocated { booking: BookingId(7), seat };
        self.stored(flight.stream(), event.into());
    }

    /// The views show nothing of what has happened.
    pub(super) fn offers_as_at_the_start(&mut self) {
        self.stale = true;
    }

    /// A seat of the first vendor is gone, and no line of its ledger says why.
    pub(super) fn loses_a_seat_at_vendor(&mut self) {
        let facts = self.facts.facts.clone();
        self.ask(0, VendorRequest::SellElsewhere { flight: FlightId(0), seats: 1 });
        self.facts.facts = facts;
    }

    /// The customer sends a command about the booking.
    pub(super) fn asks(&mut self) {
        let command = Command::RequestPayment { booking: ID };
        self.facts.fact(Fact::Commanded { request: ASKED, command, resend: false });
    }

    /// That command is refused.
    pub(super) fn refused(&mut self, rejection: Rejection) {
        self.refused_at(1, rejection);
    }

    /// That command is refused by this decision.
    pub(super) fn refused_at(&mut self, attempt: u32, rejection: Rejection) {
        let (command, body) = (CommandId::Request(ASKED), Command::RequestPayment { booking: ID });
        self.facts.fact(Fact::Refused { command, body, attempt, rejection });
    }

    /// The first leg's order lapses at its vendor.
    pub(super) fn lapses_at_first_vendor(&mut self) {
        const EARLY_LAPSE: usize = 3;
        self.facts.injected(ServiceId(0), EARLY_LAPSE, 1);
    }

    /// The saga calls the first vendor about the first leg.
    pub(super) fn calls_first_vendor(&mut self) {
        self.call_first_vendor(VendorRequest::Retrieve { reference: ID.leg(0), nth: 1 });
    }

    /// The saga asks the first vendor to cancel the first leg.
    pub(super) fn calls_first_vendor_to_cancel(&mut self) {
        self.call_first_vendor(VendorRequest::Cancel { reference: ID.leg(0), locator: None });
    }

    fn call_first_vendor(&mut self, request: VendorRequest) {
        let request = Request::Vendor(request);
        let (service, saga) = (ServiceId(0), ID.saga());
        let effect = EffectId { saga, version: Version(3), nth: 0 };
        self.facts.fact(Fact::Called { effect, service, request, again: false });
    }

    /// The store goes back, and loses nothing that is in this history.
    pub(super) fn rewound(&mut self) {
        let (to, last) = (Instant::ZERO, Step(0));
        let (lost, events) = (Vec::new(), Vec::new());
        self.facts.fact(Fact::Rewound { timeline: 1, to, last, lost, events });
    }

    /// Time passes.
    pub(super) fn waits(&mut self, secs: u64) {
        self.facts.wait(secs * 1_000);
    }

    /// States that an event was stored.
    pub(super) fn stored(&mut self, stream: StreamId, event: Event) {
        let command = self.whose(&event);
        self.last = Some(command);
        let metadata = Metadata {
            id: EventId { command, nth: 0 },
            schema: 1,
            correlation: command,
            causation: None,
            actor: Principal::Saga,
            occurred_at: Instant::ZERO,
            recorded_at: Instant::ZERO,
        };
        self.facts.stored(stream, event, metadata);
    }

    /// Customers hold and cancel, sagas do everything else.
    fn whose(&self, event: &Event) -> CommandId {
        let customers = match event {
            Event::Booking(BookingEvent::BookingCancelled { .. }) => !self.strange,
            Event::Booking(BookingEvent::SeatHeld { .. }) => true,
            Event::Booking(_) => self.strange,
            Event::Flight(_) | Event::Saga(_) | Event::Old(_) => match self.last {
                Some(command) => return command,
                None => true,
            },
        };
        match customers {
            true => CommandId::Request(RequestId { customer: CustomerId(0), nth: 1 }),
            false => CommandId::Effect(EffectId { saga: ID.saga(), version: Version(1), nth: 0 }),
        }
    }

    /// States that a service wrote a line.
    pub(super) fn entered(&mut self, service: ServiceId, entry: Entry) {
        self.facts.entered(service, [entry]);
    }

    /// What is violated so far.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        self.facts.violated::<Upcast<FlightsProperties>>()
    }

    /// What would be violated if the run came to rest now, beside what is already.
    pub(super) fn at_rest(&self) -> Vec<&'static str> {
        let mut facts = self.facts.clone();
        if !self.stale {
            facts.settle();
        }
        facts.violated_at_rest::<Upcast<FlightsProperties>>()
    }

    fn legs(&self) -> Legs {
        let leg = |flight, fare| Leg { flight: FlightId(flight), seat: Seat(0), fare };
        Legs {
            list: [leg(0, 10_000), leg(1, 20_000)].into_iter().collect(),
            currency: Currency::Eur,
        }
    }

    fn issue_leg(&mut self, leg: u8) {
        let (reference, fare) = (ID.leg(leg), Money::zero(Currency::Eur));
        let locator = Locator::of(ServiceId(leg), 0);
        self.ask(leg, VendorRequest::Issue { reference, locator, fare });
    }

    fn booking(&mut self, event: BookingEvent) {
        self.stored(ID.stream(), event.into());
    }

    fn ask(&mut self, vendor: u8, request: VendorRequest) {
        self.serve(ServiceId(vendor), Request::Vendor(request));
    }

    fn serve(&mut self, service: ServiceId, request: Request) {
        self.facts.served(service, &request);
    }
}

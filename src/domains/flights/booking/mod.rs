//! A booking: the consistency boundary that customers and sagas write to.
//!
//! Its state has two dimensions, its seats and its funds. Every rule is about a pair of the two;
//! [`Booking::is_legal_transition`] is the table of pairs.

use super::command::{Command, Rejection};
use super::defects::SEAT_NEVER_OFFERED_AGAIN;
use super::event::{BookingEvent, Event, FlightEvent, Legs, Reason};
use super::ids::{Attempt, BookingId, FlightId, LEGS_MAX, TicketNumbers};
use super::setup::Flights;
use super::state::State;
use crate::kernel::Instant;
use crate::model::{CustomerId, Folded, People, Personal, StreamId};

mod bump;
mod capture;
mod end;
mod hold;
mod pay;
mod refund;
mod schedule;
mod ticket;

/// The seats of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seats {
    /// None was allocated yet.
    None,
    /// Allocated.
    Held,
    /// Allocated, with tickets.
    Ticketed,
    /// Returned because the hold expired.
    Expired,
    /// Returned because the customer cancelled.
    Cancelled,
    /// Returned because the booking could not be completed.
    Released,
}

/// The money of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Funds {
    /// No payment was requested.
    Untouched,
    /// The customer requested to pay.
    Requested,
    /// Reserved.
    Authorized,
    /// A capture has started; its outcome is unknown.
    Capturing,
    /// Captured.
    Captured,
    /// The provider declined. While the seats are held, the customer may pay with another card.
    Failed,
    /// The reservation was voided.
    Voided,
    /// A refund has started; its outcome is unknown.
    Refunding,
    /// Refunded.
    Refunded,
    /// The cardholder has it back by a dispute that we lost.
    ChargedBack,
}

/// One booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Booking {
    pub id: BookingId,
    pub customer: CustomerId,
    pub seats: Seats,
    pub funds: Funds,
    /// The present attempt to pay, or the next one. It is incremented when one fails.
    pub attempt: Attempt,
    /// Present once it holds seats.
    pub passenger: Option<Personal>,
    /// Whom to call in an emergency.
    pub contact: People,
    /// Its legs, also after they were returned.
    pub legs: Legs,
    pub expires_at: Instant,
    pub tickets: TicketNumbers,
    /// Why it was released, if it was.
    pub released: Option<Reason>,
    /// For each leg, the newest change of its flight's times.
    pub changes: [u8; LEGS_MAX],
}

type Decision = Result<Vec<(StreamId, Event)>, Rejection>;

impl Booking {
    /// A booking that does not exist yet.
    pub fn blank(flights: &Flights, id: BookingId) -> Self {
        Self {
            id,
            customer: flights.owner(id),
            seats: Seats::None,
            funds: Funds::Untouched,
            attempt: Attempt::FIRST,
            passenger: None,
            contact: People::NONE,
            legs: Legs { list: Default::default(), currency: flights.currency() },
            expires_at: Instant::ZERO,
            tickets: TicketNumbers::new(),
            released: None,
            changes: [0; LEGS_MAX],
        }
    }

    /// Whether its seats were returned.
    pub const fn is_over(&self) -> bool {
        matches!(self.seats, Seats::Expired | Seats::Cancelled | Seats::Released)
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &BookingEvent) {
        match event {
            BookingEvent::SeatHeld { customer, passenger, legs, expires_at } => {
                self.customer = *customer;
                self.passenger = Some(passenger.passenger());
                self.contact = passenger.contact();
                self.legs = legs.clone();
                self.expires_at = *expires_at;
                self.seats = Seats::Held;
            }
            BookingEvent::PaymentRequested { .. } => self.funds = Funds::Requested,
            BookingEvent::PaymentAuthorized { .. } => self.funds = Funds::Authorized,
            BookingEvent::CaptureStarted { .. } => self.funds = Funds::Capturing,
            BookingEvent::PaymentCaptured { .. } => self.funds = Funds::Captured,
            BookingEvent::TicketIssued { tickets } => {
                self.tickets = tickets.numbers();
                self.seats = Seats::Ticketed;
            }
            BookingEvent::SeatHoldExpired { .. } => self.seats = Seats::Expired,
            BookingEvent::BookingCancelled { .. } => self.seats = Seats::Cancelled,
            BookingEvent::SeatReleased { reason, .. } => {
                self.seats = Seats::Released;
                self.released = Some(*reason);
            }
            BookingEvent::PaymentFailed { .. } => {
                self.funds = Funds::Failed;
                self.attempt = self.attempt.next();
            }
            BookingEvent::AuthorizationVoided { .. } => self.funds = Funds::Voided,
            BookingEvent::RefundStarted { .. } => self.funds = Funds::Refunding,
            BookingEvent::PaymentRefunded { .. } => self.funds = Funds::Refunded,
            BookingEvent::PaymentChargedBack { .. } => self.funds = Funds::ChargedBack,
            BookingEvent::ScheduleChanged { flight, change, .. } => {
                if let Some(leg) = self.leg_on(*flight) {
                    self.changes[leg] = *change;
                }
            }
        }
    }

    /// The life cycle as a table: which event may follow which pair of seats and funds.
    pub fn is_legal_transition(&self, event: &BookingEvent) -> bool {
        let (ended, held) = (self.is_over(), self.seats == Seats::Held);
        let done = self.seats == Seats::Ticketed && self.funds == Funds::Captured;
        match event {
            BookingEvent::SeatHeld { legs, .. } => {
                self.seats == Seats::None && !legs.list.is_empty()
            }
            BookingEvent::PaymentRequested { .. } => {
                held && matches!(self.funds, Funds::Untouched | Funds::Failed)
            }
            BookingEvent::PaymentAuthorized { .. } => held && self.funds == Funds::Requested,
            BookingEvent::CaptureStarted { .. } => held && self.funds == Funds::Authorized,
            BookingEvent::PaymentCaptured { .. } => held && self.funds == Funds::Capturing,
            BookingEvent::TicketIssued { tickets } => {
                let flights = tickets.list.iter().map(|ticket| ticket.flight);
                held && self.funds == Funds::Captured && flights.eq(self.legs.flights())
            }
            BookingEvent::SeatHoldExpired { .. } => held && self.is_untaken(),
            BookingEvent::BookingCancelled { .. } => held && self.is_untaken() || done,
            BookingEvent::SeatReleased { reason, .. } => {
                held && (self.is_untaken() || self.funds == Funds::Captured)
                    || done && reason.ends_ticketed()
            }
            BookingEvent::PaymentFailed { .. } => {
                held && matches!(self.funds, Funds::Requested | Funds::Capturing)
            }
            BookingEvent::AuthorizationVoided { .. } => ended && self.funds == Funds::Authorized,
            BookingEvent::RefundStarted { .. } => ended && self.funds == Funds::Captured,
            BookingEvent::PaymentRefunded { .. } => ended && self.funds == Funds::Refunding,
            BookingEvent::PaymentChargedBack { .. } => {
                ended && matches!(self.funds, Funds::Captured | Funds::Refunding)
            }
            BookingEvent::ScheduleChanged { flight, change, .. } => {
                let newer = self.leg_on(*flight).is_some_and(|leg| *change > self.changes[leg]);
                newer && matches!(self.seats, Seats::Held | Seats::Ticketed)
            }
        }
    }

    fn leg_on(&self, flight: FlightId) -> Option<usize> {
        self.legs.list.iter().position(|leg| leg.flight == flight)
    }

    /// Whether no capture has started, or was declined.
    pub const fn is_untaken(&self) -> bool {
        use Funds::*;
        matches!(self.funds, Untouched | Requested | Authorized | Failed)
    }

    /// Rejects what needs held seats without tickets.
    fn must_be_held(&self) -> Result<(), Rejection> {
        match self.seats {
            Seats::Held => Ok(()),
            Seats::None => Err(Rejection::NoSuchBooking),
            Seats::Ticketed => Err(Rejection::AlreadyTicketed),
            Seats::Expired | Seats::Cancelled | Seats::Released => Err(Rejection::AlreadyOver),
        }
    }

    /// Rejects what comes after the hold has expired.
    fn must_last(&self, now: Instant) -> Result<(), Rejection> {
        let at = self.expires_at;
        if now < at { Ok(()) } else { Err(Rejection::HoldExpired { at }) }
    }

    fn one(&self, event: BookingEvent) -> Decision {
        Ok(vec![(self.id.stream(), event.into())])
    }

    /// These events of the booking, and the return of every seat to its flight in the same transaction.
    fn with_seats_returned<const N: usize>(
        &self,
        world: &Flights,
        flights: &[FlightId],
        events: [BookingEvent; N],
    ) -> Decision {
        if self.legs.flights()[..] != *flights {
            return Err(Rejection::OtherFlights);
        }
        let events = events.into_iter().map(|event| (self.id.stream(), event.into()));
        let all = if world.has(&SEAT_NEVER_OFFERED_AGAIN) { 1 } else { LEGS_MAX };
        let returned = self.legs.list.iter().take(all).map(|leg| {
            let returned = FlightEvent::SeatReturned { booking: self.id, seat: leg.seat };
            (leg.flight.stream(), returned.into())
        });
        Ok(events.chain(returned).collect())
    }
}

/// Decides a command on the streams that it named.
pub(super) fn decide(
    flights: &Flights,
    folded: &Folded<'_, State>,
    command: &Command,
    now: Instant,
) -> Decision {
    let booking = folded.state(command.booking().stream()).booking();
    match command {
        Command::HoldSeat { customer, flights: wanted, .. } => {
            hold::hold(flights, folded, booking, *customer, wanted, now)
        }
        Command::RequestPayment { .. } => pay::request(booking, now),
        Command::RecordAuthorization { amount, .. } => {
            pay::authorized(flights, booking, *amount, now)
        }
        Command::RecordPaymentFailure { flights: own, attempt, .. } => {
            pay::failed(flights, booking, own, *attempt)
        }
        Command::StartCapture { .. } => capture::start(flights, booking, now),
        Command::RecordCapture { amount, .. } => capture::captured(booking, *amount),
        Command::RecordTicket { tickets, .. } => ticket::issued(booking, tickets),
        Command::Cancel { flights: own, .. } => end::cancel(flights, booking, own),
        Command::Expire { flights: own, .. } => end::expire(flights, booking, own, now),
        Command::Release { flights: own, reason, .. } => {
            end::release(flights, booking, own, *reason)
        }
        Command::StartRefund { .. } => refund::start(flights, booking),
        Command::RecordRefund { amount, .. } => refund::refunded(flights, booking, *amount),
        Command::RecordVoid { .. } => refund::voided(booking),
        Command::RecordScheduleChange { leg, change, later, .. } => {
            schedule::changed(booking, *leg, *change, *later)
        }
        Command::RecordChargeback { .. } => refund::charged_back(booking),
        Command::Bump { flights: own, .. } => bump::bump(flights, folded, booking, own),
    }
}

#[cfg(test)]
mod given;
#[cfg(test)]
mod invariants;
#[cfg(test)]
pub(in crate::domains::flights) use given::{Given, world};

//! A booking: the consistency boundary that customers, sagas and timers all write to.
//!
//! Its life has two dimensions: where its seats are, and where its money is. Every rule is about a
//! pair of the two; [`Booking::is_legal_transition`] is the table of pairs.

use super::command::{Command, Rejection};
use super::event::{BookingEvent, Event, FlightEvent, Legs, Reason};
use super::ids::{BookingId, FlightId, LEGS_MAX, TicketNumbers};
use super::setup::Flights;
use super::state::State;
use crate::kernel::Instant;
use crate::model::{CustomerId, Folded, Personal, StreamId};

mod capture;
mod end;
mod hold;
mod pay;
mod refund;
mod schedule;
mod ticket;

/// Where the seats of a booking are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seats {
    /// Nobody held any yet.
    None,
    /// Allocated, for a time or for good.
    Held,
    /// Allocated, with tickets.
    Ticketed,
    /// Given back because the hold ran out.
    Expired,
    /// Given back because the customer cancelled.
    Cancelled,
    /// Given back because the booking could not be completed.
    Released,
}

/// Where the money of a booking is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Funds {
    /// With the customer.
    Untouched,
    /// With the customer, who wants to pay.
    Requested,
    /// Reserved.
    Authorized,
    /// About to be taken: whether it was is open.
    Capturing,
    /// With us.
    Captured,
    /// With the customer: the provider said no.
    Failed,
    /// With the customer: the reservation was set free.
    Voided,
    /// About to be given back: whether it was is open.
    Refunding,
    /// With the customer again.
    Refunded,
}

/// One booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Booking {
    /// Which.
    pub id: BookingId,
    /// Whose, once it holds seats.
    pub customer: CustomerId,
    /// Where its seats are.
    pub seats: Seats,
    /// Where its money is.
    pub funds: Funds,
    /// Who travels, under the customer's key; once it holds seats.
    pub passenger: Option<Personal>,
    /// Its legs, kept after they were given back.
    pub legs: Legs,
    /// When its hold runs out.
    pub expires_at: Instant,
    /// Its tickets.
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
            passenger: None,
            legs: Legs { list: Default::default(), currency: flights.currency() },
            expires_at: Instant::ZERO,
            tickets: TicketNumbers::new(),
            released: None,
            changes: [0; LEGS_MAX],
        }
    }

    /// Whether its seats were given back.
    pub const fn is_over(&self) -> bool {
        match self.seats {
            Seats::None | Seats::Held | Seats::Ticketed => false,
            Seats::Expired | Seats::Cancelled | Seats::Released => true,
        }
    }

    /// Folds an event in.
    pub fn evolve(&mut self, event: &BookingEvent) {
        match event {
            BookingEvent::SeatHeld { customer, passenger, legs, expires_at } => {
                self.customer = *customer;
                self.passenger = Some(passenger.clone());
                self.legs = legs.clone();
                self.expires_at = *expires_at;
                self.seats = Seats::Held;
            }
            BookingEvent::PaymentRequested { .. } => self.funds = Funds::Requested,
            BookingEvent::PaymentAuthorized { .. } => self.funds = Funds::Authorized,
            BookingEvent::CaptureStarted { .. } => self.funds = Funds::Capturing,
            BookingEvent::PaymentCaptured { .. } => self.funds = Funds::Captured,
            BookingEvent::TicketIssued { tickets } => {
                self.tickets = tickets.list.iter().map(|ticket| ticket.number()).collect();
                self.seats = Seats::Ticketed;
            }
            BookingEvent::SeatHoldExpired { .. } => self.seats = Seats::Expired,
            BookingEvent::BookingCancelled { .. } => self.seats = Seats::Cancelled,
            BookingEvent::SeatReleased { reason, .. } => {
                self.seats = Seats::Released;
                self.released = Some(*reason);
            }
            BookingEvent::PaymentFailed { .. } => self.funds = Funds::Failed,
            BookingEvent::AuthorizationVoided { .. } => self.funds = Funds::Voided,
            BookingEvent::RefundStarted { .. } => self.funds = Funds::Refunding,
            BookingEvent::PaymentRefunded { .. } => self.funds = Funds::Refunded,
            BookingEvent::ScheduleChanged { flight, change, .. } => {
                if let Some(leg) = self.legs.list.iter().position(|leg| leg.flight == *flight) {
                    self.changes[leg] = *change;
                }
            }
        }
    }

    /// The life cycle as a table: which event may follow which pair of seats and funds.
    pub fn is_legal_transition(&self, event: &BookingEvent) -> bool {
        let ended = matches!(self.seats, Seats::Expired | Seats::Cancelled | Seats::Released);
        let held = self.seats == Seats::Held;
        match event {
            BookingEvent::SeatHeld { legs, .. } => {
                self.seats == Seats::None && !legs.list.is_empty()
            }
            BookingEvent::PaymentRequested { .. } => held && self.funds == Funds::Untouched,
            BookingEvent::PaymentAuthorized { .. } => held && self.funds == Funds::Requested,
            BookingEvent::CaptureStarted { .. } => held && self.funds == Funds::Authorized,
            BookingEvent::PaymentCaptured { .. } => held && self.funds == Funds::Capturing,
            BookingEvent::TicketIssued { tickets } => {
                let each = self.legs.list.iter().map(|leg| leg.flight);
                held && self.funds == Funds::Captured
                    && tickets.list.iter().map(|ticket| ticket.flight).eq(each)
            }
            BookingEvent::SeatHoldExpired { .. } => held && self.is_untaken(),
            BookingEvent::BookingCancelled { .. } => {
                held && self.is_untaken()
                    || self.seats == Seats::Ticketed && self.funds == Funds::Captured
            }
            BookingEvent::SeatReleased { reason, .. } => {
                held && (self.is_untaken() || matches!(self.funds, Funds::Captured | Funds::Failed))
                    || *reason == Reason::FlightCancelled
                        && self.seats == Seats::Ticketed
                        && self.funds == Funds::Captured
            }
            BookingEvent::PaymentFailed { .. } => {
                held && matches!(self.funds, Funds::Requested | Funds::Capturing)
            }
            BookingEvent::AuthorizationVoided { .. } => ended && self.funds == Funds::Authorized,
            BookingEvent::RefundStarted { .. } => ended && self.funds == Funds::Captured,
            BookingEvent::PaymentRefunded { .. } => ended && self.funds == Funds::Refunding,
            BookingEvent::ScheduleChanged { flight, change, .. } => {
                let leg = self.legs.list.iter().position(|leg| leg.flight == *flight);
                let newer = leg.is_some_and(|leg| *change > self.changes[leg]);
                newer && matches!(self.seats, Seats::Held | Seats::Ticketed)
            }
        }
    }

    /// Whether no money was taken and none is being taken.
    const fn is_untaken(&self) -> bool {
        matches!(self.funds, Funds::Untouched | Funds::Requested | Funds::Authorized)
    }

    /// Refuses what only a booking with held seats can take part in.
    fn must_be_held(&self) -> Result<(), Rejection> {
        match self.seats {
            Seats::Held => Ok(()),
            Seats::None => Err(Rejection::NoSuchBooking),
            Seats::Ticketed => Err(Rejection::AlreadyTicketed),
            Seats::Expired | Seats::Cancelled | Seats::Released => Err(Rejection::AlreadyOver),
        }
    }

    /// Refuses what comes after the hold has run out.
    fn must_last(&self, now: Instant) -> Result<(), Rejection> {
        if now >= self.expires_at {
            return Err(Rejection::HoldExpired { at: self.expires_at });
        }
        Ok(())
    }

    fn one(&self, event: BookingEvent) -> Decision {
        Ok(vec![(self.id.stream(), event.into())])
    }

    /// These events of the booking, and every seat given back to its flight in the same transaction.
    fn with_seats_returned(
        &self,
        flights: &[FlightId],
        events: impl IntoIterator<Item = BookingEvent>,
    ) -> Decision {
        if !self.legs.list.iter().map(|leg| leg.flight).eq(flights.iter().copied()) {
            return Err(Rejection::OtherFlights);
        }
        let mut decided: Vec<(StreamId, Event)> =
            events.into_iter().map(|event| (self.id.stream(), event.into())).collect();
        decided.extend(self.legs.list.iter().map(|leg| {
            let returned = FlightEvent::SeatReturned { booking: self.id, seat: leg.seat };
            (leg.flight.stream(), returned.into())
        }));
        Ok(decided)
    }
}

/// Decides a command on the streams it named.
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
        Command::RecordAuthorization { amount, .. } => pay::authorized(booking, *amount, now),
        Command::RecordPaymentFailure { flights, .. } => pay::failed(booking, flights),
        Command::StartCapture { .. } => capture::start(booking, now),
        Command::RecordCapture { amount, .. } => capture::captured(booking, *amount),
        Command::RecordTicket { tickets, .. } => ticket::issued(booking, tickets),
        Command::Cancel { flights, .. } => end::cancel(booking, flights),
        Command::Expire { flights, .. } => end::expire(booking, flights, now),
        Command::Release { flights, reason, .. } => end::release(booking, flights, *reason),
        Command::StartRefund { .. } => refund::start(booking),
        Command::RecordRefund { amount, .. } => refund::refunded(booking, *amount),
        Command::RecordVoid { .. } => refund::voided(booking),
        Command::RecordScheduleChange { leg, change, later, .. } => {
            schedule::changed(booking, *leg, *change, *later)
        }
    }
}

#[cfg(test)]
mod given;
#[cfg(test)]
mod invariants;
#[cfg(test)]
pub(in crate::domains::flights) use given::{Given, world};

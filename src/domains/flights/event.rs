//! Everything that can happen to a booking and to a flight's seats; [`saga_event`](super::saga_event)
//! has what happens to a saga.

use arrayvec::ArrayVec;

use super::ids::{BookingId, FlightId, FlightIds, LEGS_MAX, Seat, TicketNumber};
use super::money::{Currency, Money};
use super::old_event::OldEvent;
pub(crate) use super::saga_event::{ChargeStep, SagaEvent, Tell, Trouble};
use crate::event_names;
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, Personal};

/// A fact in one of the domain's streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// In a booking's stream.
    Booking(BookingEvent),
    /// In a flight's stream.
    Flight(FlightEvent),
    /// In a saga's stream.
    Saga(SagaEvent),
    /// As it was written once; read as one of the others.
    Old(OldEvent),
}

/// One leg of a booking: which seat, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    /// The flight.
    pub flight: FlightId,
    /// Our seat on it.
    pub seat: Seat,
    /// Its fare in minor units of the booking's currency.
    pub fare: i64,
}

/// The legs of a booking, all priced in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Legs {
    /// In order of travel.
    pub list: ArrayVec<Leg, LEGS_MAX>,
    /// What the fares are in.
    pub currency: Currency,
}

/// A ticket for one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The airline's three digits.
    pub airline: u16,
    /// The flight.
    pub flight: FlightId,
    /// The ten digits after the airline's.
    pub serial: u32,
    /// What the leg cost, in minor units of the booking's currency.
    pub fare: i64,
}

/// The tickets of a booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tickets {
    /// In order of travel.
    pub list: ArrayVec<Ticket, LEGS_MAX>,
    /// What the fares are in.
    pub currency: Currency,
}

/// Why a booking was given up, or a saga turned back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A vendor has no seat for us.
    VendorRefused,
    /// A vendor could not be reached.
    VendorSilent,
    /// The provider declined to authorise or to capture.
    PaymentDeclined,
    /// The provider could not be reached.
    ProviderSilent,
    /// The money was captured, but a vendor did not issue.
    IssueFailed,
    /// The hold ran out.
    Expired,
    /// The customer cancelled.
    Cancelled,
    /// A vendor does not operate its flight.
    FlightCancelled,
}

/// What happens to a booking.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BookingEvent {
    /// Seats were allocated to a customer until `expires_at`.
    SeatHeld {
        /// Who.
        customer: CustomerId,
        /// Who travels, under the customer's key.
        passenger: Personal,
        /// Which seats.
        legs: Legs,
        /// Until when without paying.
        expires_at: Instant,
    },
    /// The customer wants to pay.
    PaymentRequested {
        /// The price of all legs.
        amount: Money,
    },
    /// The provider reserved the money.
    PaymentAuthorized {
        /// How much.
        amount: Money,
    },
    /// The booking is claimed for capture: from here on neither expiry nor cancellation may end it.
    CaptureStarted {
        /// How much.
        amount: Money,
    },
    /// The provider took the money.
    PaymentCaptured {
        /// How much.
        amount: Money,
    },
    /// Every vendor issued its ticket.
    TicketIssued {
        /// One for each leg.
        tickets: Tickets,
    },
    /// The hold ran out unpaid.
    SeatHoldExpired {
        /// The seats given back.
        legs: Legs,
    },
    /// The customer cancelled.
    BookingCancelled {
        /// The seats given back.
        legs: Legs,
    },
    /// The booking could not be completed.
    SeatReleased {
        /// The seats given back.
        legs: Legs,
        /// Why.
        reason: Reason,
    },
    /// The provider said no.
    PaymentFailed {
        /// To how much.
        amount: Money,
    },
    /// The reserved money was set free.
    AuthorizationVoided {
        /// How much.
        amount: Money,
    },
    /// The booking is claimed for a refund: no other refund may start.
    RefundStarted {
        /// How much.
        amount: Money,
    },
    /// The provider gave the money back.
    PaymentRefunded {
        /// How much.
        amount: Money,
    },
    /// The vendor of a leg moved its flight, and the traveller goes along.
    ScheduleChanged {
        /// Which flight.
        flight: FlightId,
        /// Which change of the flight's times, from 1.
        change: u8,
        /// How much later than planned the flight leaves by now.
        later: Span,
    },
}

/// What happens to a flight's seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlightEvent {
    /// A seat went to a booking.
    SeatAllocated {
        /// Whose it is now.
        booking: BookingId,
        /// Which.
        seat: Seat,
    },
    /// A booking gave its seat back.
    SeatReturned {
        /// Whose it was.
        booking: BookingId,
        /// Which.
        seat: Seat,
    },
}

impl Legs {
    /// The price of all legs. Fares are bounded by the set-up, so that the sum can be counted.
    pub fn price(&self) -> Money {
        Money::new(self.list.iter().map(|leg| leg.fare).sum(), self.currency)
    }

    /// The legs' flights.
    pub fn flights(&self) -> FlightIds {
        self.list.iter().map(|leg| leg.flight).collect()
    }
}

impl Ticket {
    /// The thirteen digits.
    pub const fn number(&self) -> TicketNumber {
        TicketNumber { airline: self.airline, serial: self.serial }
    }
}

event_names! { Event of Booking(BookingEvent), Flight(FlightEvent), Saga(SagaEvent); old Old }

event_names! {
    BookingEvent {
        SeatHeld, PaymentRequested, PaymentAuthorized, CaptureStarted, PaymentCaptured, TicketIssued,
        SeatHoldExpired, BookingCancelled, SeatReleased, PaymentFailed, AuthorizationVoided,
        RefundStarted, PaymentRefunded, ScheduleChanged,
    }
}

event_names! {
    FlightEvent {
        SeatAllocated, SeatReturned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_stays_small_enough_to_be_copied_about() {
        assert!(size_of::<Event>() <= 104, "{}", size_of::<Event>());
    }
}

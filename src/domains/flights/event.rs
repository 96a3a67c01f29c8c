//! The events of bookings and of flights; those of sagas are in [`saga_event`](super::saga_event).

use std::hash::{Hash, Hasher};

use arrayvec::ArrayVec;

use super::ids::{BookingId, FlightId, FlightIds, LEGS_MAX, Seat, TicketNumber, TicketNumbers};
use super::money::{Currency, Money};
use super::old_event::OldEvent;
pub(crate) use super::saga_event::{ChargeStep, SagaEvent, Tell, Trouble};
use crate::event_names;
use crate::kernel::{Instant, Span};
use crate::model::{CustomerId, People, Personal};

/// An event in one of the domain's streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// In a booking's stream.
    Booking(BookingEvent),
    /// In a flight's stream.
    Flight(FlightEvent),
    /// In a saga's stream.
    Saga(SagaEvent),
    /// In an older schema; it is upcast before it is used.
    Old(OldEvent),
}

/// One leg of a booking: the flight, our seat on it, and the fare in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    pub flight: FlightId,
    pub seat: Seat,
    pub fare: i64,
}

/// The legs of a booking in order of travel, all priced in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Legs {
    pub list: ArrayVec<Leg, LEGS_MAX>,
    pub currency: Currency,
}

/// A ticket for one leg, with the leg's fare in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The accounting code of the airline, the first three digits.
    pub airline: u16,
    pub flight: FlightId,
    /// The other ten digits.
    pub serial: u32,
    pub fare: i64,
}

/// The tickets of a booking in order of travel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tickets {
    pub list: ArrayVec<Ticket, LEGS_MAX>,
    pub currency: Currency,
}

/// Why a booking was given up, or a saga turned back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A vendor has no seat for us.
    VendorRefused,
    /// A vendor did not answer.
    VendorSilent,
    /// The provider declined to capture.
    PaymentDeclined,
    /// The provider did not answer.
    ProviderSilent,
    /// The money was captured, but a vendor did not issue the ticket.
    IssueFailed,
    /// The hold expired.
    Expired,
    /// The customer cancelled.
    Cancelled,
    /// A vendor does not operate its flight.
    FlightCancelled,
    /// The cardholder disputes the payment, and has the money back.
    ChargedBack,
    /// More passengers have come than the flight has seats for.
    Bumped,
    /// The store has lost events, and services have gone on to what cannot be continued from what is left.
    Lost,
}

/// The passenger of a booking, and whom to call in an emergency. In a place of their own: an event is copied often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party(Option<Box<(Personal, People)>>);

impl Party {
    /// Nothing is kept about anybody.
    pub const NONE: Self = Self(None);

    /// What is kept about the passenger, and about whom to call.
    pub fn of(passenger: Personal, contact: People) -> Self {
        let nobody = passenger == Personal::Forgotten && contact.are_none();
        Self((!nobody).then(|| Box::new((passenger, contact))))
    }

    /// The passenger.
    pub fn passenger(&self) -> Personal {
        self.0.as_ref().map_or(Personal::Forgotten, |party| party.0.clone())
    }

    /// Whom to call in an emergency.
    pub fn contact(&self) -> People {
        self.0.as_ref().map_or(People::NONE, |party| party.1.clone())
    }
}

/// As the passenger alone, if there is nobody to call: events had only that before.
impl Hash for Party {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.passenger().hash(state);
        self.contact().hash(state);
    }
}

/// What happens to a booking. Each `amount` is the price of all legs, in a refund without the fee that is kept.
#[expect(missing_docs, reason = "a field's type says what it is")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BookingEvent {
    /// Seats are allocated to a customer until `expires_at`.
    SeatHeld { customer: CustomerId, passenger: Party, legs: Legs, expires_at: Instant },
    /// The customer wants to pay.
    PaymentRequested { amount: Money },
    /// The provider reserved the money.
    PaymentAuthorized { amount: Money },
    /// The booking is claimed for capture: from now on neither expiry nor cancellation may end it.
    CaptureStarted { amount: Money },
    /// The provider took the money.
    PaymentCaptured { amount: Money },
    /// Every vendor issued its ticket.
    TicketIssued { tickets: Tickets },
    /// The hold expired unpaid; the seats are returned.
    SeatHoldExpired { legs: Legs },
    /// The customer cancelled; the seats are returned.
    BookingCancelled { legs: Legs },
    /// The booking could not be completed; the seats are returned.
    SeatReleased { legs: Legs, reason: Reason },
    /// The provider declined the payment. Unless the seats are released with it, the customer may pay with
    /// another card.
    PaymentFailed { amount: Money },
    /// The reservation of the money was voided.
    AuthorizationVoided { amount: Money },
    /// The booking is claimed for a refund: no other refund may start.
    RefundStarted { amount: Money },
    /// The provider gave the money back.
    PaymentRefunded { amount: Money },
    /// The vendor moved a flight, and the booking is kept. `change` counts the changes of the flight's
    /// times from 1; `later` is the delay since the original times.
    ScheduleChanged { flight: FlightId, change: u8, later: Span },
    /// The cardholder has the money back by a dispute that we lost.
    PaymentChargedBack { amount: Money },
}

/// What happens to a flight's seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlightEvent {
    /// A seat was allocated to a booking.
    SeatAllocated { booking: BookingId, seat: Seat },
    /// A booking returned its seat.
    SeatReturned { booking: BookingId, seat: Seat },
}

impl Reason {
    /// Whether a booking can end for it that is ticketed already.
    pub const fn ends_ticketed(self) -> bool {
        matches!(self, Self::FlightCancelled | Self::ChargedBack | Self::Bumped | Self::Lost)
    }
}

impl Legs {
    /// The price of all legs. The set-up bounds fares, so the sum cannot overflow.
    pub fn price(&self) -> Money {
        Money::new(self.list.iter().map(|leg| leg.fare).sum(), self.currency)
    }

    /// The legs' flights.
    pub fn flights(&self) -> FlightIds {
        self.list.iter().map(|leg| leg.flight).collect()
    }
}

impl Tickets {
    /// The numbers of the tickets.
    pub fn numbers(&self) -> TicketNumbers {
        let number = |&Ticket { airline, serial, .. }: &Ticket| TicketNumber { airline, serial };
        self.list.iter().map(number).collect()
    }
}

event_names! { Event of Booking(BookingEvent), Flight(FlightEvent), Saga(SagaEvent); old Old }

event_names! {
    BookingEvent {
        SeatHeld, PaymentRequested, PaymentAuthorized, CaptureStarted, PaymentCaptured, TicketIssued,
        SeatHoldExpired, BookingCancelled, SeatReleased, PaymentFailed, AuthorizationVoided,
        RefundStarted, PaymentRefunded, ScheduleChanged, PaymentChargedBack,
    }
}

event_names! { FlightEvent { SeatAllocated, SeatReturned } }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Digest;

    #[test]
    fn a_party_without_a_contact_has_the_hash_of_its_passenger() {
        let hashed = |fold: &dyn Fn(&mut Digest)| {
            let mut digest = Digest::default();
            fold(&mut digest);
            digest
        };
        let alone = hashed(&|digest| digest.fold(&Personal::Forgotten));
        assert_eq!(hashed(&|digest| digest.fold(&Party::NONE)), alone);
        let contact = People::of(&[(CustomerId(1), Personal::Forgotten)]);
        let both = Party::of(Personal::Forgotten, contact);
        assert_ne!(hashed(&|digest| digest.fold(&both)), alone);
    }

    #[test]
    fn an_event_is_small_enough_to_be_copied_often() {
        assert!(size_of::<Event>() <= 104, "{}", size_of::<Event>());
    }
}

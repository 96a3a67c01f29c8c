//! The numbers of this domain: bookings, flights, seats, orders, tickets.
//!
//! What passengers know as text (a locator, a seat, a ticket number) is an integer here and becomes text
//! only when it is displayed.

use std::fmt;
use std::hash::{Hash, Hasher};

use arrayvec::ArrayVec;

use crate::model::{Category, ServiceId, StreamId};

/// The category of bookings.
pub const BOOKING: Category = Category(0);
/// The category of flights: our own count of their seats.
pub(crate) const FLIGHT: Category = Category(1);
/// The category of sagas: one for each booking.
pub(crate) const SAGA: Category = Category(2);

/// The most legs of one booking.
pub(crate) const LEGS_MAX: usize = 4;

/// A booking. Its number determines its customer: see [`Flights::booking_of`](super::Flights::booking_of).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookingId(pub u32);

/// A flight that we sell, by its index in the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlightId(pub u16);

/// The flights of a trip, in order of travel.
pub(crate) type FlightIds = ArrayVec<FlightId, LEGS_MAX>;

/// A seat, counted from 0 through rows of six.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat(pub u16);

/// Our reference for one leg at its vendor. Legs count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegRef {
    pub booking: BookingId,
    pub leg: u8,
}

/// A vendor's name for an order: six unambiguous characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator(pub u32);

/// An electronic ticket: the airline's three digits and ten more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketNumber {
    /// The airline's accounting code, as in `075` for Iberia.
    pub airline: u16,
    /// Form and serial number.
    pub serial: u32,
}

/// A customer's attempt to pay for a booking, counted from 0. Each is made with another card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(pub u8);

/// The ticket numbers of a trip, in order of its legs.
pub(crate) type TicketNumbers = ArrayVec<TicketNumber, LEGS_MAX>;

impl Attempt {
    /// The attempt that most bookings need.
    pub const FIRST: Self = Self(0);

    /// The attempt after a decline.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Default for Attempt {
    fn default() -> Self {
        Self::FIRST
    }
}

impl Hash for Attempt {
    /// The first attempt adds nothing: a run without a decline has the digest that it had before attempts
    /// were counted.
    fn hash<H: Hasher>(&self, state: &mut H) {
        if *self != Self::FIRST {
            self.0.hash(state);
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "card {}", u32::from(self.0) + 1)
    }
}

impl BookingId {
    /// The booking's stream.
    pub const fn stream(self) -> StreamId {
        StreamId { category: BOOKING, number: self.0 }
    }

    /// The stream of the saga that follows the booking.
    pub const fn saga(self) -> StreamId {
        StreamId { category: SAGA, number: self.0 }
    }

    /// Our reference for one of its legs.
    pub const fn leg(self, leg: u8) -> LegRef {
        LegRef { booking: self, leg }
    }
}

impl FlightId {
    /// The stream of our own count of its seats.
    pub const fn stream(self) -> StreamId {
        StreamId { category: FLIGHT, number: self.0 as u32 }
    }

    /// Its index in dense tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Without `I`, `O`, `0` and `1`, which are misread on the telephone.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LOCATOR_BITS: u32 = 30;

impl Locator {
    /// The locator of a vendor's nth order. Multiplication by an odd number permutes the 2^30 locators:
    /// all orders of a vendor differ, and neighbours do not look alike.
    pub const fn of(vendor: ServiceId, order: u32) -> Self {
        let mask = (1_u64 << LOCATOR_BITS) - 1;
        let mixed = (order as u64 + 1) * 0x2545_F491 + (vendor.0 as u64) * 0x0BAD_5EED;
        Self((mixed & mask) as u32)
    }
}

impl fmt::Display for BookingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b-{}", u64::from(self.0) + 1)
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = ["A", "B", "C", "D", "E", "F"][usize::from(self.0 % 6)];
        write!(f, "{}{letter}", self.0 / 6 + 1)
    }
}

impl fmt::Display for LegRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.booking, u32::from(self.leg) + 1)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..LOCATOR_BITS / 5).rev().try_for_each(|place| {
            let symbol = ALPHABET[(self.0 >> (place * 5) & 31) as usize];
            write!(f, "{}", char::from(symbol))
        })
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}{:010}", self.airline, self.serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_lettered_through_rows_of_six() {
        let shown: Vec<String> = [0, 5, 6, 17].map(|n| Seat(n).to_string()).to_vec();
        assert_eq!(shown, ["1A", "1F", "2A", "3F"]);
    }

    #[test]
    fn a_ticket_has_thirteen_digits() {
        let ticket = TicketNumber { airline: 6, serial: 24 };
        assert_eq!(ticket.to_string(), "0060000000024");
    }

    #[test]
    fn the_locators_of_a_vendor_are_six_unambiguous_characters_and_all_differ() {
        let mut locators: Vec<Locator> =
            (0..10_000).map(|n| Locator::of(ServiceId(1), n)).collect();
        assert!(locators.iter().all(|locator| {
            let text = locator.to_string();
            text.len() == 6 && !text.contains(['I', 'O', '0', '1'])
        }));
        locators.sort_unstable();
        locators.dedup();
        assert_eq!(locators.len(), 10_000);
    }

    #[test]
    fn numbers_are_shown_from_one() {
        assert_eq!(BookingId(0).leg(1).to_string(), "b-1/2");
        assert_eq!(BookingId(u32::MAX).to_string(), "b-4294967296");
    }
}

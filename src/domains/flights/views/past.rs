//! A booking as it was, read from its stream.
//!
//! Who the passenger is belongs to the booking's owner, and a past state can be looked up by anybody.

use crate::domains::flights::booking::{Funds, Seats};
use crate::domains::flights::ids::BookingId;
use crate::domains::flights::setup::Flights;
use crate::domains::flights::state::State;
use crate::domains::flights::views::Row;
use crate::model::{StreamId, StreamLookup, Version};

/// A booking as of a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PastBooking {
    pub booking: BookingId,
    pub version: Version,
    pub seats: Seats,
    pub funds: Funds,
    /// The number of its legs.
    pub legs: usize,
}

/// A booking, read from its stream.
pub(in crate::domains::flights) fn of_stream(booking: BookingId) -> StreamLookup<Flights> {
    let row = |_: &Flights, stream: StreamId, version: Version, state: &State| {
        let State::Booking(state) = state else { return None };
        let (seats, funds, legs) = (state.seats, state.funds, state.legs.list.len());
        let booking = BookingId(stream.number);
        (seats != Seats::None).then_some(Row::Past(PastBooking {
            booking,
            version,
            seats,
            funds,
            legs,
        }))
    };
    StreamLookup { stream: booking.stream(), row }
}

impl Seats {
    /// What became of the seats.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "no seats yet",
            Self::Held => "held",
            Self::Ticketed => "ticketed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Released => "released",
        }
    }
}

impl Funds {
    /// What became of the money.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Untouched => "not paid for",
            Self::Requested => "payment requested",
            Self::Authorized => "payment authorized",
            Self::Capturing => "payment being captured",
            Self::Captured => "paid",
            Self::Failed => "payment declined",
            Self::Voided => "authorization voided",
            Self::Refunding => "refund under way",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged back",
        }
    }
}

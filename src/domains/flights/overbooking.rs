//! Overbooking: a flight is sold more often than it has seats, because some customers do not come.
//!
//! When too many do come, the last to have booked is bumped: [`Booking`](super::Booking)s are released in the opposite
//! order of their seats' allocation, and only while there are more of them than seats.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ids::BookingId;

/// A share of whole percents, from 0% to 100%.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Percent(u8);

/// How many passengers a flight has seats for, of those that are sold. Equal if it is not overbooked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    pub places: u16,
    pub seats: u16,
}

/// The bookings of a flight that is overbooked, in the order in which they got their seats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Queue {
    places: u16,
    bookings: Vec<BookingId>,
}

impl Percent {
    /// A number and so much of it on top, rounded down.
    pub fn on_top_of(self, seats: u16) -> u16 {
        let more = u32::from(seats) * u32::from(self.0) / 100;
        u16::try_from(u32::from(seats) + more).unwrap_or(u16::MAX)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits =
            text.strip_suffix('%').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        let share = digits.and_then(|digits| digits.parse().ok()).filter(|share| *share <= 100);
        share.map(Self).ok_or_else(|| {
            format!("`{text}` is not a share; write whole percents from 0% to 100%, like \"5%\"")
        })
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Places {
    /// Whether more seats are sold than there are.
    pub const fn is_overbooked(self) -> bool {
        self.places < self.seats
    }
}

impl Hash for Places {
    /// A flight that is not overbooked adds nothing.
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.is_overbooked() {
            self.places.hash(state);
        }
    }
}

impl Queue {
    /// The queue of a flight without bookings; `None` if it is not overbooked.
    pub const fn of(places: Places) -> Option<Self> {
        if places.is_overbooked() {
            Some(Self { places: places.places, bookings: Vec::new() })
        } else {
            None
        }
    }

    pub fn join(&mut self, booking: BookingId) {
        self.bookings.push(booking);
    }

    pub fn leave(&mut self, booking: BookingId) {
        self.bookings.retain(|one| *one != booking);
    }

    /// How many bookings there are, and how many of them can travel.
    pub fn counts(&self) -> (usize, usize) {
        (self.bookings.len(), usize::from(self.places))
    }

    /// Whether no booking is later.
    pub fn is_last(&self, booking: BookingId) -> bool {
        self.bookings.last() == Some(&booking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_in_whole_percents_and_rounded_down() {
        let five: Percent = "5%".parse().expect("a share");
        assert_eq!([20, 39, 40, 0, u16::MAX].map(|n| five.on_top_of(n)), [21, 40, 42, 0, u16::MAX]);
        assert_eq!(five.to_string(), "5%");
        for wrong in ["5", "%", "-1%", "101%", "5.5%", "+5%", "five%"] {
            assert!(wrong.parse::<Percent>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_last_of_a_queue_is_the_latest_that_is_still_in_it() {
        assert_eq!(Queue::of(Places { places: 2, seats: 2 }), None);
        let mut queue = Queue::of(Places { places: 1, seats: 3 }).expect("overbooked");
        for booking in [4, 2, 9] {
            queue.join(BookingId(booking));
        }
        queue.leave(BookingId(9));
        assert!(queue.is_last(BookingId(2)) && !queue.is_last(BookingId(4)));
        assert_eq!(queue.counts(), (2, 1));
    }
}

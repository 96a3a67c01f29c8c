//! Ids of orders, products, payments and parcels, and days of the calendar.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::{Category, StreamId};

pub(crate) const ORDER: Category = Category(0);
pub(crate) const SAGA: Category = Category(1);

/// An order, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u32);

/// A product of the catalogue, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub u16);

/// A payment; it has the number of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentId(pub u32);

/// A tracking number, without the shipper's prefix `1Z999AA1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tracking(pub u64);

/// A day of the calendar: the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

/// The number of days from 0000-03-01 to 1970-01-01.
const TO_1970: u64 = 719_468;
/// The number of days in 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;

impl OrderId {
    pub const fn stream(self) -> StreamId {
        StreamId { category: ORDER, number: self.0 }
    }

    pub const fn saga(self) -> StreamId {
        StreamId { category: SAGA, number: self.0 }
    }

    pub const fn payment(self) -> PaymentId {
        PaymentId(self.0)
    }
}

impl ProductId {
    /// The index in dense tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Day {
    /// Year, month and day of the month. Years begin in March here, so that a leap day is the last day.
    fn date(self) -> (u64, u64, u64) {
        let days = u64::from(self.0) + TO_1970;
        let (era, of_era) = (days / ERA, days % ERA);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        (era * 400 + year + carry, month, day)
    }

    fn of_date(year: u64, month: u64, day: u64) -> Option<Self> {
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        let (month, year) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
        let (era, of_era) = (year / 400, year % 400);
        let of_year = (153 * month + 2) / 5 + day - 1;
        let days = era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        u32::try_from(days.checked_sub(TO_1970)?).ok().map(Self)
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "o-{}", u64::from(self.0) + 1)
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pay-{:03}", u64::from(self.0) + 1)
    }
}

impl fmt::Display for Tracking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1Z999AA1{:010}", self.0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split('-').map(|part| part.parse().ok());
        let day = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) => {
                Self::of_date(year, month, day)
            }
            _ => None,
        };
        let known = day.filter(|day| day.to_string() == text);
        known.ok_or_else(|| format!("`{text}` is not a day; write it like \"2025-01-10\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_printed_as_it_is_parsed() {
        for text in ["1970-01-01", "2000-02-29", "2024-12-31", "2025-01-15", "9999-12-31"] {
            assert_eq!(text.parse::<Day>().map(|day| day.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("1970-01-02".parse(), Ok(Day(1)));
        assert_eq!("2025-01-15".parse(), Ok(Day(20_103)));
        for text in ["2025-02-29", "2025-13-01", "2025-1-1", "1969-12-31", "today", "", "2025-01"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn ids_are_printed_with_their_prefixes() {
        assert_eq!(OrderId(0).to_string(), "o-1");
        assert_eq!(OrderId(0).payment().to_string(), "pay-001");
        assert_eq!(Tracking(123_456_784).to_string(), "1Z999AA10123456784");
    }
}

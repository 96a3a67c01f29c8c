//! The time of day: `"14:05"`, to the minute.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::kernel::{Instant, Span};

/// The minutes of an hour, and of a day.
const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// A time of day: the minutes since midnight, less than a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(pub u16);

impl TimeOfDay {
    /// How long it takes until it is `later`, today or tomorrow.
    pub fn until(self, later: Self) -> Span {
        let minutes = (u32::from(later.0) + DAY - u32::from(self.0)) % DAY;
        Span::from_secs(u64::from(minutes) * 60)
    }

    /// The number of the hour of a run that begins at this time of day, from the midnight before on.
    pub fn hour_at(self, now: Instant) -> u32 {
        let minutes = now.since(Instant::ZERO).as_micros() / 60_000_000;
        let hour = (u64::from(self.0) + minutes) / u64::from(HOUR);
        u32::try_from(hour).unwrap_or(u32::MAX)
    }

    /// The number of the first hour of a run that begins at this time of day in which it is `time`: today, or
    /// tomorrow.
    pub fn hour_of(self, time: Self) -> u32 {
        let (begins, hour) = (u32::from(self.0) / HOUR, u32::from(time.0) / HOUR);
        if hour < begins { hour + DAY / HOUR } else { hour }
    }

    /// The time of day of an instant of a run that begins at this time of day, to the minute.
    pub fn at(self, now: Instant) -> Self {
        let minutes = now.since(Instant::ZERO).as_micros() / 60_000_000;
        Self(((u64::from(self.0) + minutes) % u64::from(DAY)) as u16)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = u32::from(self.0);
        write!(f, "{:02}:{:02}", minutes / HOUR, minutes % HOUR)
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2);
        let number = |part: &str, below: u16| part.parse::<u16>().ok().filter(|it| *it < below);
        let parsed = parts
            .and_then(|(hour, minute)| Some(Self(number(hour, 24)? * 60 + number(minute, 60)?)));
        let known = parsed.filter(|time| time.to_string() == text);
        known.ok_or_else(|| format!("`{text}` is not a time of day; write it like \"14:05\""))
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_printed_as_it_is_parsed() {
        for text in ["00:00", "09:05", "14:12", "23:59"] {
            assert_eq!(text.parse::<TimeOfDay>().map(|time| time.to_string()), Ok(text.to_owned()));
        }
        for text in ["24:00", "9:05", "14:60", "14", "", "1412", "+1:00", "14:5"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_run_that_begins_at_two_knows_its_hours() {
        let two = TimeOfDay(14 * 60);
        let at = |minutes: u64| Instant::ZERO + Span::from_secs(minutes * 60);
        assert_eq!(two.at(at(12)).to_string(), "14:12");
        assert_eq!(two.at(at(10 * 60)).to_string(), "00:00", "the next day");
        assert_eq!([59, 60, 10 * 60].map(|minutes| two.hour_at(at(minutes))), [14, 15, 24]);
        assert_eq!([13, 14, 15].map(|hour| two.hour_of(TimeOfDay(hour * 60))), [37, 14, 15]);
        assert_eq!(two.until(TimeOfDay(14 * 60 + 12)), Span::from_secs(12 * 60));
        assert_eq!(two.until(TimeOfDay(13 * 60)), Span::from_secs(23 * 3600), "tomorrow");
    }
}

//! How often something happens: `"50/s"`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::kernel::{Frequency, Span};

/// The units of time, with their names.
const UNITS: [(&str, Span); 4] = [
    ("ms", Span::from_millis(1)),
    ("s", Span::from_secs(1)),
    ("m", Span::from_secs(60)),
    ("h", Span::from_secs(3600)),
];

/// A number of times in a unit of time. Never zero, and at most once per nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    times: u64,
    /// An index into [`UNITS`].
    unit: usize,
}

/// Why a text is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RateError {
    /// Not a whole number, a slash and a unit.
    #[error("`{0}` is not a rate; write a number and a unit, like \"50/s\" or \"200/ms\"")]
    Malformed(String),
    /// An unknown unit.
    #[error("`{0}` is not a unit for rates; known are ms, s, m, h")]
    UnknownUnit(String),
    /// Zero times.
    #[error("a rate must be greater than zero; if nothing is to arrive, remove the workload")]
    Zero,
    /// A number below zero.
    #[error("`{0}` is negative; must be greater than zero")]
    Negative(String),
    /// More than once per nanosecond.
    #[error("`{0}` is too large; at most one per nanosecond")]
    TooMany(String),
}

impl Rate {
    /// The same for the engine.
    pub const fn frequency(self) -> Frequency {
        Frequency::new(self.times, UNITS[self.unit].1)
    }

    /// The time from one to the next, in whole nanoseconds.
    pub const fn every(self) -> Span {
        self.frequency().every()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    /// Reads a number and a unit of time.
    ///
    /// ```
    /// use jetlag::kernel::Span;
    /// use jetlag::scenario::Rate;
    /// assert_eq!("50/s".parse::<Rate>().unwrap().every(), Span::from_millis(20));
    /// assert!("50".parse::<Rate>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, RateError> {
        let text = text.trim();
        if text.starts_with('-') {
            return Err(RateError::Negative(text.to_owned()));
        }
        let malformed = || RateError::Malformed(text.to_owned());
        let (times, unit) = text.split_once('/').ok_or_else(malformed)?;
        let (times, unit) = (times.trim(), unit.trim());
        if times.is_empty() || !times.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let name = if unit == "min" { "m" } else { unit };
        let known = UNITS.iter().position(|(known, _)| *known == name);
        let unit = match known {
            Some(unit) => unit,
            None if unit.is_empty() => return Err(malformed()),
            None => return Err(RateError::UnknownUnit(unit.to_owned())),
        };
        let too_many = || RateError::TooMany(text.to_owned());
        let times: u64 = times.parse().map_err(|_| too_many())?;
        match times {
            0 => Err(RateError::Zero),
            times if times > UNITS[unit].1.as_nanos() => Err(too_many()),
            times => Ok(Self { times, unit }),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.times, UNITS[self.unit].0)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_prints_as_it_was_written() {
        for text in ["50/s", "200/ms", "1/h", "7/m"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn bad_texts_say_what_is_wrong_with_them() {
        let error = |text: &str| text.parse::<Rate>().unwrap_err();
        assert_eq!(error("0/s"), RateError::Zero);
        assert_eq!(error("-1/s"), RateError::Negative("-1/s".into()));
        assert_eq!(error("50"), RateError::Malformed("50".into()));
        assert_eq!(error("1.5/s"), RateError::Malformed("1.5/s".into()));
        assert_eq!(error("5/day"), RateError::UnknownUnit("day".into()));
        assert_eq!(error("2000000/ms"), RateError::TooMany("2000000/ms".into()));
        assert!(matches!(error("99999999999999999999/s"), RateError::TooMany(_)));
    }
}

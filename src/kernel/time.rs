//! Virtual time: instants and spans in whole nanoseconds.
//!
//! Arithmetic saturates and never wraps: an instant past the end of time is the end of time, where every
//! budget stops. There is no conversion from or to the wall clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use thiserror::Error;

const NS_PER_US: u64 = 1_000;
const NS_PER_MS: u64 = 1_000_000;
const NS_PER_S: u64 = 1_000_000_000;

/// Units of time in nanoseconds, the largest first.
const UNITS: [(&str, u64); 6] = [
    ("h", 3600 * NS_PER_S),
    ("m", 60 * NS_PER_S),
    ("s", NS_PER_S),
    ("ms", NS_PER_MS),
    ("us", NS_PER_US),
    ("ns", 1),
];

/// An instant of virtual time, in nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// A duration of virtual time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Instant {
    /// The instant at which every run begins.
    pub const ZERO: Self = Self(0);
    /// The end of time: later than anything that can happen.
    pub const MAX: Self = Self(u64::MAX);

    /// The instant `ns` nanoseconds after the beginning.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// Nanoseconds since the beginning.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The instant this much earlier, or the beginning of time.
    pub(super) const fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The time since `earlier`; zero if this is not after it.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `ns` nanoseconds.
    pub const fn from_nanos(ns: u64) -> Self {
        Self(ns)
    }

    /// A span of `us` microseconds.
    pub const fn from_micros(us: u64) -> Self {
        Self(us.saturating_mul(NS_PER_US))
    }

    /// A span of `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms.saturating_mul(NS_PER_MS))
    }

    /// A span of `s` seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self(s.saturating_mul(NS_PER_S))
    }

    /// Nanoseconds in this span.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole microseconds in this span.
    pub const fn as_micros(self) -> u64 {
        self.0 / NS_PER_US
    }

    /// This span, rounded up to whole hours.
    pub const fn in_hours(self) -> Self {
        let hour = UNITS[0].1;
        Self(self.0.div_ceil(hour).saturating_mul(hour))
    }

    /// This span times a number.
    pub const fn times(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Span {
    /// Seconds with as many groups of three decimals as needed to be exact, but at least one: `4.350s`. From
    /// a minute on with minutes and hours, and with decimals only if there are any: `15m00.006687s`,
    /// `3h00m01s`. The text parses to the same span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, rest) = (self.0 / NS_PER_S, self.0 % NS_PER_S);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let whole = match (hours, minutes) {
            (0, 0) => seconds.to_string(),
            (0, _) => format!("{minutes}m{:02}", seconds % 60),
            (..) => format!("{hours}h{minutes:02}m{:02}", seconds % 60),
        };
        if rest == 0 && seconds >= 60 {
            return f.pad(&format!("{whole}s"));
        }
        let units = [(3, NS_PER_MS), (6, NS_PER_US)];
        let (decimals, unit) =
            units.into_iter().find(|(_, unit)| rest % unit == 0).unwrap_or((9, 1));
        f.pad(&format!("{whole}.{:0decimals$}s", rest / unit))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Span(self.0), f)
    }
}

impl Span {
    /// In the largest unit that gives a whole number, or in decimals of a second if it is longer than one.
    /// The text parses to the same span.
    ///
    /// ```
    /// use jetlag::kernel::Span;
    /// assert_eq!(Span::from_secs(900).written(), "15m");
    /// assert_eq!(Span::from_millis(2500).written(), "2.5s");
    /// assert_eq!(Span::from_micros(100).written(), "100us");
    /// ```
    pub fn written(self) -> String {
        if self.0 == 0 {
            return "0s".to_owned();
        }
        let whole = |(_, ns): &(&str, u64)| self.0.is_multiple_of(*ns);
        let (unit, ns) = UNITS.into_iter().find(whole).unwrap_or(("ns", 1));
        if self.0 > NS_PER_S && ns < NS_PER_S {
            let decimals = format!("{:09}", self.0 % NS_PER_S);
            return format!("{}.{}s", self.0 / NS_PER_S, decimals.trim_end_matches('0'));
        }
        format!("{}{unit}", self.0 / ns)
    }
}

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written())
    }
}

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The reason why a text is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TimeError {
    /// There is no number, or it is malformed.
    #[error("`{0}` is not a time; write a number and a unit, like \"2.5s\" or \"250ms\"")]
    Malformed(String),
    /// There is no unit.
    #[error("`{0}` has no unit; write one of ns, us, ms, s, m, h, like \"{0}ms\"")]
    NoUnit(String),
    /// The unit is unknown.
    #[error("`{0}` is not a unit of time; units are ns, us, ms, s, m, h")]
    UnknownUnit(String),
    /// The number is negative.
    #[error("`{0}` is negative; times count forward from the start of the run")]
    Negative(String),
    /// More than 64 bits of nanoseconds.
    #[error("`{0}` is more than virtual time can hold (584 years); a week is \"168h\"")]
    Overflow(String),
    /// Finer than a nanosecond.
    #[error("`{0}` is finer than a nanosecond; round it to whole nanoseconds")]
    TooFine(String),
}

impl FromStr for Span {
    type Err = TimeError;

    /// Reads a number and a unit, or several with units that get smaller: `"250ms"`, `"2.5s"`, `"1h30m"`,
    /// `"15m00.006687s"`.
    ///
    /// ```
    /// use jetlag::kernel::Span;
    /// assert_eq!("2.5s".parse(), Ok(Span::from_millis(2500)));
    /// assert_eq!("250 ms".parse::<Span>().unwrap().to_string(), "0.250s");
    /// assert_eq!("1h30m".parse(), Ok(Span::from_secs(5400)));
    /// assert!("250".parse::<Span>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        if text.starts_with('-') {
            return Err(TimeError::Negative(text.to_owned()));
        }
        let (mut total, mut rest, mut smallest) = (0_u64, text, u64::MAX);
        loop {
            let is_number = |c: char| c.is_ascii_digit() || c == '.';
            let (number, after) = rest.split_at(rest.find(|c| !is_number(c)).unwrap_or(rest.len()));
            let (unit, after) = after.split_at(after.find(is_number).unwrap_or(after.len()));
            let (ns, unit) = quantity(number, unit.trim(), text)?;
            // `30s5m` is a mistake, and so is `1m1m`.
            if unit >= smallest {
                return Err(TimeError::Malformed(text.to_owned()));
            }
            let overflow = || TimeError::Overflow(text.to_owned());
            total = total.checked_add(ns).ok_or_else(overflow)?;
            if after.is_empty() {
                return Ok(Self(total));
            }
            (rest, smallest) = (after, unit);
        }
    }
}

/// A number of units in nanoseconds, and the unit in nanoseconds. `text` is named in errors.
fn quantity(number: &str, unit: &str, text: &str) -> Result<(u64, u64), TimeError> {
    let owned = || text.to_owned();
    let known = match unit {
        "µs" => "us",
        "min" => "m",
        unit => unit,
    };
    let Some((_, ns_per_unit)) = UNITS.into_iter().find(|(name, _)| *name == known) else {
        return Err(match (number, unit) {
            ("", _) => TimeError::Malformed(owned()),
            (_, "") => TimeError::NoUnit(owned()),
            _ => TimeError::UnknownUnit(unit.to_owned()),
        });
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(TimeError::Malformed(owned()));
    }
    let digits = |part: &str| {
        if part.is_empty() { Ok(0) } else { part.parse::<u128>() }
            .map_err(|_| TimeError::Overflow(owned()))
    };
    if fraction.len() > 18 {
        return Err(TimeError::TooFine(owned()));
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let small = digits(fraction)? * u128::from(ns_per_unit);
    if small % scale != 0 {
        return Err(TimeError::TooFine(owned()));
    }
    digits(whole)?
        .checked_mul(u128::from(ns_per_unit))
        .and_then(|ns| ns.checked_add(small / scale))
        .and_then(|ns| u64::try_from(ns).ok())
        .map(|ns| (ns, ns_per_unit))
        .ok_or_else(|| TimeError::Overflow(owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Instant::MAX + Span::from_secs(1), Instant::MAX);
        assert_eq!(Instant::ZERO.since(Instant::MAX), Span::ZERO);
        assert_eq!(Span::MAX.times(3), Span::MAX);
    }

    #[test]
    fn an_instant_prints_in_seconds_and_is_exact() {
        assert_eq!(Instant::from_nanos(4_350_000_000).to_string(), "4.350s");
        assert_eq!(Instant::from_nanos(1_372_000).to_string(), "0.001372s");
        assert_eq!(Span::from_nanos(1).to_string(), "0.000000001s");
    }

    #[test]
    fn from_a_minute_on_minutes_and_hours_are_printed() {
        let printed = |ms| Span::from_millis(ms).to_string();
        assert_eq!(printed(59_999), "59.999s");
        assert_eq!(printed(60_000), "1m00s");
        assert_eq!(printed(900_250), "15m00.250s");
        assert_eq!(printed(10_801_000), "3h00m01s");
        assert_eq!(printed(360_000_000), "100h00m00s");
    }

    #[test]
    fn a_printed_span_parses_to_the_same_span() {
        for exponent in 0..20 {
            for ns in [1, 25, 60, 3600, 123_456_789].map(|n| 10_u64.pow(exponent).saturating_mul(n))
            {
                let span = Span::from_nanos(ns);
                assert_eq!(span.to_string().parse(), Ok(span), "{span}");
            }
        }
    }

    #[test]
    fn a_written_span_parses_to_the_same_span() {
        for exponent in 0..20 {
            for ns in [1, 25, 60, 3600, 123_456_789].map(|n| 10_u64.pow(exponent).saturating_mul(n))
            {
                let span = Span::from_nanos(ns);
                assert_eq!(span.written().parse(), Ok(span), "{}", span.written());
            }
        }
        assert_eq!(Span::ZERO.written().parse(), Ok(Span::ZERO));
    }

    #[test]
    fn errors_say_what_is_wrong_with_a_text() {
        let error = |text: &str| text.parse::<Span>().unwrap_err();
        assert_eq!(error("5"), TimeError::NoUnit("5".into()));
        assert_eq!(error("-5s"), TimeError::Negative("-5s".into()));
        assert_eq!(error("5 parsecs"), TimeError::UnknownUnit("parsecs".into()));
        assert_eq!(error("soon"), TimeError::Malformed("soon".into()));
        assert_eq!(error("1.2.3s"), TimeError::Malformed("1.2.3s".into()));
        assert_eq!(error("99999999999h"), TimeError::Overflow("99999999999h".into()));
        assert_eq!(error("0.5ns"), TimeError::TooFine("0.5ns".into()));
        assert_eq!(error("30s5m"), TimeError::Malformed("30s5m".into()));
        assert_eq!(error("1m1m"), TimeError::Malformed("1m1m".into()));
        assert_eq!(error("1h30"), TimeError::NoUnit("1h30".into()));
    }
}

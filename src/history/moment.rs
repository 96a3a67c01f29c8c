//! Moments, in nanoseconds since 1970 or since any other beginning.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// A moment of a history. Only the order of moments matters, so it does not matter since when they count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Moment(pub(super) i64);

/// The unit of times that are whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Unit {
    Seconds,
    Millis,
    Micros,
    #[default]
    Nanos,
}

impl Moment {
    pub(super) fn of_number(number: i64, unit: Unit) -> Option<Self> {
        let nanos = match unit {
            Unit::Seconds => 1_000_000_000,
            Unit::Millis => 1_000_000,
            Unit::Micros => 1_000,
            Unit::Nanos => 1,
        };
        number.checked_mul(nanos).map(Self)
    }

    /// A time as RFC 3339 and as PostgreSQL write it; in UTC if it has no offset.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let at = text.parse::<Timestamp>().or_else(|_| {
            let local: DateTime = text.parse()?;
            Ok::<_, jiff::Error>(local.to_zoned(TimeZone::UTC)?.timestamp())
        });
        i64::try_from(at.ok()?.as_nanosecond()).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_databases_write_them() {
        let at = Some(Moment(1_777_636_800_500_000_000));
        for text in [
            "2026-05-01T12:00:00.5Z",
            "2026-05-01T12:00:00.500000+00:00",
            "2026-05-01 12:00:00.5+00",
            "2026-05-01 14:00:00.5+02",
            "2026-05-01T12:00:00.5",
        ] {
            assert_eq!(Moment::of_text(text), at, "{text}");
        }
        assert_eq!(Moment::of_text("yesterday"), None);
        assert_eq!(Moment::of_number(1_777_636_800_500, Unit::Millis), at);
        assert_eq!(Moment::of_number(i64::MAX, Unit::Seconds), None);
    }
}

//! A line as fields, and the values that they must have.

use std::borrow::Cow;

use arrayvec::ArrayVec;

use super::moment::{Moment, Unit};
use super::value::{Id, Raw, Wrong};
use super::vocabulary::{Field, Kind};
use crate::scenario::hint;

/// Versions by stream.
pub(super) type Versions<'a> = Vec<(Cow<'a, str>, u32)>;

/// The fields of one line.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    values: ArrayVec<(Field, Raw<'a>), { Field::ALL.len() }>,
    present: u64,
    /// The unit of times that are whole numbers.
    pub(super) unit: Unit,
}

impl<'a> Row<'a> {
    /// Adds a value; false if the field has one already.
    pub(super) fn add(&mut self, field: Field, value: Raw<'a>) -> bool {
        let is_new = self.present & field.bit() == 0;
        if is_new {
            self.present |= field.bit();
            self.values.push((field, value));
        }
        is_new
    }

    /// Whether a field has a value.
    pub(super) const fn has(&self, field: Field) -> bool {
        self.present & field.bit() != 0
    }

    /// Whether the fields are those of a kind.
    ///
    /// # Errors
    ///
    /// When one is missing, or one does not belong there.
    pub(super) fn fits(&self, kind: Kind) -> Result<(), Wrong> {
        if let Some((field, _)) = self.values.iter().find(|(field, _)| !kind.has(*field)) {
            let message =
                format!("a line of kind `{}` has no field `{}`", kind.word(), field.word());
            let known = kind.words();
            let hint = hint(field.word(), &known).unwrap_or_default();
            return Err(Wrong::of(*field, message, hint));
        }
        match kind.required().iter().find(|field| !self.has(**field)) {
            Some(missing) => {
                let message =
                    format!("the field `{}` of kind `{}` is missing", missing.word(), kind.word());
                let hint = format!("it is {}", missing.of_type().says());
                Err(Wrong::of_line(message, hint))
            }
            None => Ok(()),
        }
    }

    fn take(&mut self, field: Field) -> Option<Raw<'a>> {
        if !self.has(field) {
            return None;
        }
        let place = self.values.iter().position(|(known, _)| *known == field)?;
        Some(self.values.swap_remove(place).1)
    }

    /// An id, if it is there.
    pub(super) fn id(&mut self, field: Field) -> Result<Option<Id<'a>>, Wrong> {
        match self.take(field) {
            None => Ok(None),
            Some(Raw::Text(text)) if text.is_empty() => {
                Err(Wrong::of(field, format!("`{}` is empty", field.word()), "leave the field out"))
            }
            Some(Raw::Text(text)) => Ok(Some(Id::Text(text))),
            Some(Raw::Number(number)) => Ok(Some(Id::Number(number))),
            Some(other) => Err(misfit(field, &other)),
        }
    }

    /// An id of a field that [`fits`](Self::fits) has found.
    pub(super) fn the_id(&mut self, field: Field) -> Result<Id<'a>, Wrong> {
        let found = self.id(field)?;
        found.ok_or_else(|| Wrong::of_line(format!("the field `{}` is missing", field.word()), ""))
    }

    pub(super) fn text(&mut self, field: Field) -> Result<Option<Cow<'a, str>>, Wrong> {
        match self.take(field) {
            None => Ok(None),
            Some(Raw::Text(text)) => Ok(Some(text)),
            Some(Raw::Number(number)) => Ok(Some(number.to_string().into())),
            Some(other) => Err(misfit(field, &other)),
        }
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(
        &mut self,
        field: Field,
        known: &[(&'static str, T)],
    ) -> Result<T, Wrong> {
        let found = self.text(field)?.unwrap_or_default();
        let place = known.iter().find(|(word, _)| *word == found);
        place.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` cannot be `{found}`", field.word());
            Wrong::of(field, message, hint(&found, &words).unwrap_or_default())
        })
    }

    /// A whole number; a text of digits is one too.
    pub(super) fn number(&mut self, field: Field) -> Result<Option<u64>, Wrong> {
        let value = match self.take(field) {
            None => return Ok(None),
            Some(Raw::Number(number)) => u64::try_from(number).ok(),
            Some(Raw::Text(text)) => text.parse().ok(),
            Some(other) => return Err(misfit(field, &other)),
        };
        value.map(Some).ok_or_else(|| {
            let message = format!("`{}` is not a whole number from 0", field.word());
            Wrong::of(field, message, "write digits only")
        })
    }

    pub(super) fn version(&mut self, field: Field) -> Result<Option<u32>, Wrong> {
        let Some(number) = self.number(field)? else { return Ok(None) };
        u32::try_from(number).map(Some).map_err(|_| {
            let message = format!("`{}` is larger than 4294967295", field.word());
            Wrong::of(field, message, "a version counts the events of one stream")
        })
    }

    /// An amount in ten-thousandths.
    pub(super) fn amount(&mut self, field: Field) -> Result<Option<i64>, Wrong> {
        let value = match self.take(field) {
            None => return Ok(None),
            Some(Raw::Number(number)) => number.checked_mul(AMOUNT_PARTS),
            Some(Raw::Text(text)) => decimal(&text),
            Some(other) => return Err(misfit(field, &other)),
        };
        value.filter(|amount| *amount >= 0).map(Some).ok_or_else(|| {
            let message = format!("`{}` is not an amount", field.word());
            let hint = "write a whole number of minor units, or a text like \"420.00\" with at most four decimals";
            Wrong::of(field, message, hint)
        })
    }

    pub(super) fn time(&mut self, field: Field) -> Result<Option<Moment>, Wrong> {
        let value = match self.take(field) {
            None => return Ok(None),
            Some(Raw::Number(number)) => Moment::of_number(number, self.unit),
            Some(Raw::Text(text)) => Moment::of_text(&text),
            Some(other) => return Err(misfit(field, &other)),
        };
        value.map(Some).ok_or_else(|| {
            let message = format!("`{}` is not a time", field.word());
            let hint = "write one like 2026-05-01T12:00:00.5Z, or a whole number of nanoseconds";
            Wrong::of(field, message, hint)
        })
    }

    /// Whether something is so. A time says that it is, no value that it is not.
    pub(super) fn flag(&mut self, field: Field) -> Result<Option<bool>, Wrong> {
        match self.take(field) {
            None => Ok(None),
            Some(Raw::Flag(flag)) => Ok(Some(flag)),
            Some(Raw::Number(0)) => Ok(Some(false)),
            Some(Raw::Number(_)) => Ok(Some(true)),
            Some(Raw::Text(text)) => match &*text {
                "true" | "t" => Ok(Some(true)),
                "false" | "f" => Ok(Some(false)),
                text if Moment::of_text(text).is_some() => Ok(Some(true)),
                _ => Err(misfit(field, &Raw::Text(text))),
            },
            Some(other) => Err(misfit(field, &other)),
        }
    }

    pub(super) fn list(&mut self, field: Field) -> Result<Option<Vec<Cow<'a, str>>>, Wrong> {
        match self.take(field) {
            None => Ok(None),
            Some(Raw::List(list)) => Ok(Some(list)),
            Some(other) => Err(misfit(field, &other)),
        }
    }

    /// One text or several.
    pub(super) fn texts(&mut self, field: Field) -> Result<Option<Vec<Cow<'a, str>>>, Wrong> {
        match self.take(field) {
            None => Ok(None),
            Some(Raw::List(list)) => Ok(Some(list)),
            Some(Raw::Text(text)) => Ok(Some(vec![text])),
            Some(Raw::Number(number)) => Ok(Some(vec![number.to_string().into()])),
            Some(other) => Err(misfit(field, &other)),
        }
    }

    pub(super) fn versions(&mut self, field: Field) -> Result<Option<Versions<'a>>, Wrong> {
        match self.take(field) {
            None => Ok(None),
            Some(Raw::Versions(versions)) => Ok(Some(versions)),
            Some(other) => Err(misfit(field, &other)),
        }
    }
}

/// An amount of 1 has this many parts.
pub(super) const AMOUNT_PARTS: i64 = 10_000;

fn decimal(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = match fraction.trim_end_matches('0') {
        "" if is_digits(fraction) => "0",
        fraction => fraction,
    };
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 4 {
        return None;
    }
    let parts: i64 = format!("{fraction:0<4}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(AMOUNT_PARTS)?.checked_add(parts)
}

fn misfit(field: Field, found: &Raw<'_>) -> Wrong {
    let found = match found {
        Raw::Flag(_) => "true or false",
        Raw::Number(_) => "a number",
        Raw::Text(_) => "a text",
        Raw::List(_) => "a list",
        Raw::Versions(_) | Raw::Any => "an object",
        Raw::Unreadable(what) => what,
    };
    let message = format!("`{}` is {found}", field.word());
    Wrong::of(field, message, format!("it must be {}", field.of_type().says()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly() {
        for (text, parts) in [
            ("420.00", Some(4_200_000)),
            ("0.1", Some(1_000)),
            ("7", Some(70_000)),
            ("0.12340000", Some(1_234)),
            ("0.12345", None),
            ("1e3", None),
            ("-1", None),
            ("", None),
            (".5", None),
            ("5.", None),
        ] {
            assert_eq!(decimal(text), parts, "{text}");
        }
    }
}

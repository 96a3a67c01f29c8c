//! Money and currencies as text in scenario files, with hints for malformed ones.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Currency, Money, MoneyError};
use crate::scenario::{Complaints, Place};

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Diagnostics show the text after the semicolon as a hint.
fn read(text: &str) -> Result<Money, String> {
    text.parse().map_err(|error| match &error {
        MoneyError::Decimals { decimals: 0, .. } => format!("{error}; remove the decimals"),
        MoneyError::Decimals { currency, decimals, .. } => {
            let zeros = "0".repeat(*decimals as usize);
            format!("{error}; write it like \"420.{zeros} {currency}\"")
        }
        MoneyError::Overflow(_) => format!("{error}; write a smaller amount"),
        _ => error.to_string(),
    })
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|currency| currency.code() == text);
        known.ok_or_else(|| de::Error::custom(MoneyError::UnknownCurrency(text)))
    }
}

impl Currency {
    /// The amount, or a complaint that the `what` at `place` is in another currency than `others`.
    pub(crate) fn must_be_of(
        self,
        amount: Money,
        what: &str,
        others: &str,
        place: Place,
        complaints: &mut Complaints,
    ) -> Option<Money> {
        if amount.currency == self {
            return Some(amount);
        }
        let message = format!("this is in {}, but {others} in {self}", amount.currency);
        complaints.add(place, message, format!("write the {what} in {self}"));
        None
    }
}

//! Money and currencies as text in scenario files.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Currency, Money};
use crate::scenario::{Complaints, Place};

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of_code(&String::deserialize(deserializer)?).map_err(de::Error::custom)
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

//! Money in scenario files: a text with a number and a currency, and a hint for whoever writes it badly.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Money, MoneyError};

/// Writes an amount.
pub(crate) fn write<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(money)
}

/// Reads an amount.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    parse_money(&String::deserialize(deserializer)?)
}

/// What stands behind the semicolon of a message is shown as the hint.
fn parse_money<E: de::Error>(text: &str) -> Result<Money, E> {
    text.parse().map_err(|error| match &error {
        MoneyError::Decimals { decimals: 0, .. } => {
            E::custom(format!("{error}; drop the decimals"))
        }
        MoneyError::Decimals { currency, decimals, .. } => {
            let zeros = "0".repeat(*decimals as usize);
            E::custom(format!("{error}; write it like \"420.{zeros} {currency}\""))
        }
        MoneyError::Overflow(_) => E::custom(format!("{error}; prices are smaller")),
        MoneyError::Malformed(_)
        | MoneyError::NoCurrency(_)
        | MoneyError::UnknownCurrency(_)
        | MoneyError::Negative(_) => E::custom(error),
    })
}

/// Writes an amount, if there is one.
pub(crate) fn write_limit<S: Serializer>(
    limit: &Option<Money>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    limit.map(|limit| limit.to_string()).serialize(serializer)
}

/// Reads an amount, if there is one.
pub(crate) fn read_limit<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Money>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_money(&text)).transpose()
}

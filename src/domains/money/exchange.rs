//! Exchange: an amount in another currency at a quoted rate, in whole minor units and without floats.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Currency, Money};

/// What one unit of a currency costs in another, as a decimal number with at most nine decimals.
///
/// ```
/// use jetlag::domains::money::{Currency, Money, Rate};
/// let rate: Rate = "0.9215".parse()?;
/// let dollars = Money::new(100_01, Currency::Usd);
/// // 92.159215 EUR
/// assert_eq!(rate.convert(dollars, Currency::Eur), Some(Money::new(92_16, Currency::Eur)));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// The digits, without the point.
    digits: u64,
    /// How many of them follow the point.
    decimals: u32,
}

const DECIMALS_MAX: usize = 9;

impl Rate {
    /// The amount in another currency, rounded up to whole minor units: who quotes the rate bears no loss. `None` if
    /// it overflows.
    pub fn convert(self, amount: Money, to: Currency) -> Option<Money> {
        let power = |exponent: u32| 10_i128.pow(exponent);
        let numerator = i128::from(amount.minor)
            .checked_mul(i128::from(self.digits))?
            .checked_mul(power(to.decimals()))?;
        let denominator = power(self.decimals) * power(amount.currency.decimals());
        let up = numerator.checked_add(denominator - 1)?.div_euclid(denominator);
        i64::try_from(up).ok().map(|minor| Money::new(minor, to))
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.digits == 0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u64.pow(self.decimals);
        let (whole, part) = (self.digits / scale, self.digits % scale);
        match self.decimals {
            0 => write!(f, "{whole}"),
            width => write!(f, "{whole}.{part:0width$}", width = width as usize),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = !whole.is_empty() && are_digits(whole) && are_digits(part);
        let fits = part.len() <= DECIMALS_MAX && !text.ends_with('.');
        let digits = format!("{whole}{part}").parse::<u32>().ok().filter(|_| is_number && fits);
        let rate = digits.map(|digits| Self { digits: digits.into(), decimals: part.len() as u32 });
        rate.ok_or_else(|| {
            format!(
                "`{text}` is not a rate; write a number with at most nine digits, like \"0.9215\""
            )
        })
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
    use proptest::prelude::*;

    fn rate(text: &str) -> Rate {
        text.parse().expect("a rate")
    }

    #[test]
    fn minor_units_differ_by_currency() {
        let yen = Money::new(10_000, Currency::Jpy);
        let euros = Money::new(6_13, Currency::Eur);
        assert_eq!(
            rate("0.0061").convert(yen, Currency::Eur),
            Some(Money::new(61_00, Currency::Eur))
        );
        assert_eq!(
            rate("163.5").convert(euros, Currency::Jpy),
            Some(Money::new(1_003, Currency::Jpy))
        );
        let dinars = rate("0.308").convert(euros, Currency::Kwd);
        assert_eq!(dinars, Some(Money::new(1_889, Currency::Kwd)));
    }

    #[test]
    fn what_is_not_a_rate_is_rejected() {
        for text in ["", ".5", "1.", "-1", "1,5", "1.0000000001", "99999999999", "one"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert_eq!(rate("0.92").to_string(), "0.92");
        assert_eq!(rate("12").convert(Money::new(i64::MAX, Currency::Usd), Currency::Eur), None);
    }

    proptest! {
        /// The least amount that is not below the exact one.
        #[test]
        fn an_amount_is_rounded_up(minor in 0..1_000_000_000_i64, digits in 1..2_000_000_u32, decimals in 0..9_u32) {
            let rate = Rate { digits: digits.into(), decimals };
            let converted = rate.convert(Money::new(minor, Currency::Usd), Currency::Eur).expect("small");
            let exact = i128::from(minor) * i128::from(digits);
            let scale = 10_i128.pow(decimals);
            let got = i128::from(converted.minor) * scale;
            prop_assert!(got >= exact && got - exact < scale);
        }
    }
}

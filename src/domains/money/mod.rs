//! Money: whole minor units of one currency. One currency becomes another only at a quoted [`Rate`].

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

mod exchange;
mod written;

pub use exchange::Rate;

/// A currency, by its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Currency {
    /// Euro.
    Eur,
    /// United States dollar.
    Usd,
    /// Pound sterling.
    Gbp,
    /// Swiss franc.
    Chf,
    /// Yen, without a minor unit.
    Jpy,
    /// Kuwaiti dinar, divided into thousandths.
    Kwd,
}

/// An amount of money. It is not negative where it is paid or refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// The number of minor units: cents for EUR, yen for JPY.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// Why a text is not an amount. Diagnostics show the text after the semicolon as a hint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// It is not a number and a currency.
    #[error("`{0}` is not an amount; write a number and a currency, like \"420.00 EUR\"")]
    Malformed(String),
    /// It is a number without a currency.
    #[error("`{0}` has no currency; write it like \"{0} EUR\"")]
    NoCurrency(String),
    /// The currency is not known.
    #[error("`{0}` is not a known currency; known are {known}", known = KNOWN)]
    UnknownCurrency(String),
    /// It has more or fewer decimals than its currency.
    #[error("`{text}` must have {decimals} decimals, as amounts in {currency} do; {}", hint(.currency))]
    #[expect(missing_docs, reason = "a field's type says what it is")]
    Decimals { text: String, currency: Currency, decimals: u32 },
    /// It is less than zero.
    #[error("`{0}` is negative; must be at least 0")]
    Negative(String),
    /// It has more than 63 bits of minor units.
    #[error("`{text}` is too large; at most {}", Money { minor: i64::MAX, currency: *.currency })]
    #[expect(missing_docs, reason = "a field's type says what it is")]
    Overflow { text: String, currency: Currency },
}

/// The minor units in an amount that must be in this currency.
///
/// # Errors
///
/// What is wrong with it, then a semicolon and a hint.
pub fn minor_units(text: &str, currency: Currency) -> Result<i64, String> {
    let money: Money = text.parse().map_err(|error: MoneyError| error.to_string())?;
    if money.currency == currency {
        Ok(money.minor)
    } else {
        Err(format!("`{text}` is in another currency; prices are in {currency}"))
    }
}

const KNOWN: &str = "EUR, USD, GBP, CHF, JPY, KWD";

fn hint(currency: &Currency) -> String {
    match currency.decimals() {
        0 => "remove the decimals".to_owned(),
        decimals => {
            format!("write it like \"420.{:0width$} {currency}\"", 0, width = decimals as usize)
        }
    }
}

impl Currency {
    /// All known currencies.
    pub const ALL: [Self; 6] = [Self::Eur, Self::Usd, Self::Gbp, Self::Chf, Self::Jpy, Self::Kwd];

    /// The code, three letters.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
            Self::Jpy => "JPY",
            Self::Kwd => "KWD",
        }
    }

    fn of_code(code: &str) -> Result<Self, MoneyError> {
        let found = Self::ALL.into_iter().find(|currency| currency.code() == code);
        found.ok_or_else(|| MoneyError::UnknownCurrency(code.to_owned()))
    }

    /// The number of decimals of an amount.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Eur | Self::Usd | Self::Gbp | Self::Chf => 2,
            Self::Jpy => 0,
            Self::Kwd => 3,
        }
    }
}

impl Money {
    /// This number of minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Zero.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The sum; `None` if the currencies differ or the sum overflows.
    ///
    /// ```
    /// use jetlag::domains::money::{Currency, Money};
    /// let fare: Money = "420.00 EUR".parse()?;
    /// assert_eq!(fare.plus(fare).map(|sum| sum.to_string()).as_deref(), Some("840.00 EUR"));
    /// assert_eq!(fare.plus(Money::new(1, Currency::Usd)), None);
    /// # Ok::<(), jetlag::domains::money::MoneyError>(())
    /// ```
    pub fn plus(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then_some(Self::new(minor, self.currency))
    }

    /// The difference; `None` if the currencies differ or the difference overflows.
    pub fn minus(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_sub(other.minor)?;
        (self.currency == other.currency).then_some(Self::new(minor, self.currency))
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let scale = 10_u64.pow(decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, part) = (self.minor.unsigned_abs() / scale, self.minor.unsigned_abs() % scale);
        let width = decimals as usize;
        match decimals {
            0 => write!(f, "{sign}{whole} {}", self.currency),
            _ => write!(f, "{sign}{whole}.{part:0width$} {}", self.currency),
        }
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    /// Reads a number with all of its decimals and a currency: `"420.00 EUR"`, `"52000 JPY"`.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let trimmed = text.trim();
        let owned = || trimmed.to_owned();
        let malformed = || MoneyError::Malformed(owned());
        let unsigned = trimmed.strip_prefix('-').unwrap_or(trimmed);
        let split =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, code) = (&unsigned[..split], unsigned[split..].trim());
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || fraction.contains('.') {
            return Err(malformed());
        }
        if code.is_empty() {
            return Err(MoneyError::NoCurrency(owned()));
        }
        if !code.chars().all(|c| c.is_ascii_alphabetic()) {
            return Err(malformed());
        }
        let currency = Currency::of_code(code)?;
        if unsigned != trimmed {
            return Err(MoneyError::Negative(owned()));
        }
        let decimals = currency.decimals();
        if fraction.len() != decimals as usize || number.ends_with('.') {
            return Err(MoneyError::Decimals { text: owned(), currency, decimals });
        }
        let digits = format!("{whole}{fraction}");
        let minor = digits.parse().map_err(|_| MoneyError::Overflow { text: owned(), currency })?;
        Ok(Self { minor, currency })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_malformed_text_gives_the_matching_error() {
        let error = |text: &str| text.parse::<Money>().unwrap_err();
        assert_eq!(error("420.00"), MoneyError::NoCurrency("420.00".into()));
        assert_eq!(error("much EUR"), MoneyError::Malformed("much EUR".into()));
        assert_eq!(error("4.2.0 EUR"), MoneyError::Malformed("4.2.0 EUR".into()));
        assert_eq!(error("4 €"), MoneyError::Malformed("4 €".into()));
        assert_eq!(error(""), MoneyError::Malformed(String::new()));
        assert_eq!(error("4.00 DEM"), MoneyError::UnknownCurrency("DEM".into()));
        assert_eq!(error("-4.00 EUR"), MoneyError::Negative("-4.00 EUR".into()));
        assert!(matches!(error("4.5 EUR"), MoneyError::Decimals { decimals: 2, .. }));
        assert!(matches!(error("450. JPY"), MoneyError::Decimals { decimals: 0, .. }));
        let overflow = "99999999999999999999.00 EUR";
        assert_eq!(
            error(overflow).to_string(),
            format!("`{overflow}` is too large; at most 92233720368547758.07 EUR")
        );
        assert_eq!(
            error("4.5 EUR").to_string(),
            "`4.5 EUR` must have 2 decimals, as amounts in EUR do; write it like \"420.00 EUR\""
        );
    }

    #[test]
    fn sums_and_differences_do_not_wrap() {
        assert_eq!(Money::new(i64::MAX, Currency::Eur).plus(Money::new(1, Currency::Eur)), None);
        assert_eq!(
            Money::new(5, Currency::Eur).minus(Money::new(7, Currency::Eur)).unwrap().minor,
            -2
        );
    }

    proptest! {
        #[test]
        fn a_printed_amount_is_parsed_to_the_same_amount(minor in 0..=i64::MAX, which in 0..6_usize) {
            let money = Money::new(minor, Currency::ALL[which]);
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }
    }
}

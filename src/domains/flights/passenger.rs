//! The personal data that a customer gives with a booking, invented from the customer's number.
//!
//! The names in a scenario are labels for its author; these are the names that a vendor needs.

use crate::model::{CustomerId, Plain};

const FIRST: &str = "Amara Bastian Catalina Dagmar Emilio Farida Gregor Henrike Ignacio Jasmina \
    Katarina Leopold Marisol Nathaniel Ottilie Pernille";
const LAST: &str = "Abendroth Bellweather Castellanos Drosselmeyer Eskildsen Fairweather Grünewald \
    Hawthorne Iturriaga Jankowski Kellermann Lindqvist Montalbano Nightingale Oyelaran Papadakis";
/// How many names each list has.
const NAMES: usize = 16;

/// Name, e-mail address and passport number of a customer.
pub(super) fn of(customer: CustomerId) -> Plain {
    let number = customer.0 as usize;
    let name =
        |list: &'static str, nth: usize| list.split(' ').nth(nth % NAMES).unwrap_or_default();
    let (first, last) = (name(FIRST, number), name(LAST, number / NAMES));
    let account = customer.0;
    Plain::new(format!("{first} {last}\n{first}.{account:06}@example.org\nXP{account:08}"))
}

/// Name and telephone number of a customer whom another one names, to be called in an emergency.
pub(super) fn to_call(customer: CustomerId) -> Plain {
    let whole = of(customer);
    let name = whole.lines().next().unwrap_or_default();
    Plain::new(format!("{name}\n+43 660 {:07}", customer.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn addresses_and_passports_of_customers_differ() {
        let people: Vec<Plain> = (0..1000).map(|number| of(CustomerId(number))).collect();
        let of_all: BTreeSet<&str> = people.iter().flat_map(|one| one.lines().skip(1)).collect();
        assert_eq!(of_all.len(), 2000);
    }
}

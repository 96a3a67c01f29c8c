//! Who travels: what a customer says of themselves with a booking.
//!
//! The names of a scenario are labels that its author reads by. These are the people behind them, as a
//! vendor wants to know them, invented from the customer's number.

use crate::model::{CustomerId, Plain};

const FIRST: [&str; 16] = [
    "Amara",
    "Bastian",
    "Catalina",
    "Dagmar",
    "Emilio",
    "Farida",
    "Gregor",
    "Henrike",
    "Ignacio",
    "Jasmina",
    "Katarina",
    "Leopold",
    "Marisol",
    "Nathaniel",
    "Ottilie",
    "Pernille",
];

const LAST: [&str; 16] = [
    "Abendroth",
    "Bellweather",
    "Castellanos",
    "Drosselmeyer",
    "Eskildsen",
    "Fairweather",
    "Grünewald",
    "Hawthorne",
    "Iturriaga",
    "Jankowski",
    "Kellermann",
    "Lindqvist",
    "Montalbano",
    "Nightingale",
    "Oyelaran",
    "Papadakis",
];

/// Name, e-mail address and passport of a customer.
pub(super) fn of(customer: CustomerId) -> Plain {
    let number = customer.0 as usize;
    let (first, last) = (FIRST[number % FIRST.len()], LAST[number / FIRST.len() % LAST.len()]);
    let account = customer.0;
    Plain::new(format!("{first} {last}\n{first}.{account:06}@example.org\nXP{account:08}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_customers_have_an_address_or_a_passport_in_common() {
        let people: Vec<Plain> = (0..1000).map(|number| of(CustomerId(number))).collect();
        let of_all: BTreeSet<&str> = people.iter().flat_map(|one| one.lines().skip(1)).collect();
        assert_eq!(of_all.len(), 2000);
    }
}

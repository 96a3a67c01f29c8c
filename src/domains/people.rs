//! What customers say about themselves and about each other, in the domains in which that is a setting.
//!
//! The names in a scenario are labels for its author; these are the data that a real system would keep, invented from the
//! number of the customer.

use crate::model::{CustomerId, Named, Plain};

const NAMES: [&str; 8] = [
    "Adelheid Obermayr",
    "Bertrand Fontenelle",
    "Constanza Villaverde",
    "Dragomir Stoyanov",
    "Eleonora Bassani",
    "Frederik Holmqvist",
    "Guadalupe Zaragoza",
    "Hyacinth Featherstone",
];

/// Name, address and card of a customer, as they say it about themselves.
fn own(customer: CustomerId) -> Plain {
    let number = customer.0;
    let name = NAMES[number as usize % NAMES.len()];
    let card = 1000 + number % 9000;
    Plain::new(format!(
        "{name} {number:04}\nKastanienallee {number:04}, 10435 Berlin\ncard ending in {card}"
    ))
}

/// Name and address of a customer, as another one says it.
fn of_another(customer: CustomerId) -> Plain {
    let whole = own(customer);
    let lines: Vec<&str> = whole.lines().take(2).collect();
    Plain::new(lines.join("\n"))
}

/// What a customer says about themselves, and about the one whom they name.
pub(super) fn said(who: CustomerId, named: Named) -> Vec<(CustomerId, Plain)> {
    let named = named.0.map(|whom| (whom, of_another(whom)));
    std::iter::once((who, own(who))).chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_two_customers_say_has_no_line_in_common() {
        let of_all: Vec<_> =
            (0..500).flat_map(|number| said(CustomerId(number), Named::NONE)).collect();
        let lines: BTreeSet<&str> = of_all.iter().flat_map(|(_, plain)| plain.lines()).collect();
        assert_eq!(lines.len(), 3 * 500);
    }

    #[test]
    fn what_is_said_about_another_one_is_theirs() {
        let (ana, ben) = (CustomerId(0), CustomerId(1));
        let both = said(ana, Named(Some(ben)));
        assert_eq!(both.iter().map(|(whose, _)| *whose).collect::<Vec<_>>(), [ana, ben]);
        assert!(own(ben).text().starts_with(both[1].1.text()));
    }
}

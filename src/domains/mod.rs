//! The domains that ship. No other place names them all.

use crate::harness::Harness;

/// A pattern that matches any of several variants, with the fields that it binds:
/// `any_of!(Event { amount }: Authorized | Captured)`. It keeps long exhaustive matches readable.
macro_rules! any_of {
    ($type:ident: $($variant:ident)|+) => { $($type::$variant { .. })|+ };
    ($type:ident $fields:tt: $($variant:ident)|+) => { $($type::$variant $fields)|+ };
}

// The tests and benches of this crate reach into these; for other crates a domain is only its name.
pub mod accounts;
pub mod box_office;
pub mod delivery;
pub mod flights;
pub mod money;
pub mod orders;
mod past;
mod people;
mod tour;

pub use accounts::Accounts;
pub use box_office::BoxOffice;
pub use delivery::Delivery;
pub use flights::Flights;
pub use orders::Orders;

/// All domains that ship, with their scenarios: what the `jetlag` command works on.
///
/// ```
/// let harness = jetlag::domains::harness();
/// let text = r#"( name: "nothing", domain: Orders() )"#;
/// assert_eq!(harness.load("shop.ron", text.as_bytes()).unwrap().domain(), "Orders");
/// ```
pub fn harness() -> Harness {
    let harness = Harness::of::<Flights>("scenarios")
        .and::<Orders>()
        .and::<Accounts>()
        .and::<Delivery>()
        .and::<BoxOffice>();
    Harness { tour: tour::TOUR, ..harness }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_domain_that_a_file_names_is_the_one_that_reads_it() {
        let harness = super::harness();
        for (text, domain) in [("Flights()", "Flights"), ("Orders()", "Orders")] {
            let text = format!("(name: \"nothing\", domain: {text})");
            assert_eq!(harness.load("a.ron", text.as_bytes()).unwrap().domain(), domain);
        }
    }
}

//! Personal data: what customers say about themselves, and how it is kept under their keys.

use crate::model::{CustomerId, Domain, Personal, Plain};

/// The personal data of a domain. A domain without personal data says [`NoPersonalData`].
pub trait Privacy<D: Domain> {
    /// The personal data that accompanies a command, of each person that it is about. It is sealed under the key of
    /// that person before the command is decided, and no command contains it.
    fn personal(domain: &D, who: CustomerId, command: &D::Command) -> Vec<(CustomerId, Plain)>;
    /// Puts the sealed data into an event of the command, in the same order.
    fn keep(domain: &D, event: &mut D::Event, personal: &[(CustomerId, Personal)]);
    /// The personal data in a row. A customer who queries the row is shown their own data; data that cannot
    /// be opened is replaced by [`Forgotten`](Personal::Forgotten).
    fn persons<'a>(domain: &D, row: &'a mut D::Row) -> Vec<&'a mut Personal>;
    /// Whether an action can lead to an [`Ask::Erase`](crate::model::Ask::Erase). Only runs with such actions
    /// are searched for plain text of personal data.
    fn erases(domain: &D, action: &D::Action) -> bool;
}

/// The personal data of a domain that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoPersonalData {}

impl<D: Domain> Privacy<D> for NoPersonalData {
    fn personal(_: &D, _: CustomerId, _: &D::Command) -> Vec<(CustomerId, Plain)> {
        Vec::new()
    }

    fn keep(_: &D, _: &mut D::Event, _: &[(CustomerId, Personal)]) {}

    fn persons<'a>(_: &D, _: &'a mut D::Row) -> Vec<&'a mut Personal> {
        Vec::new()
    }

    fn erases(_: &D, _: &D::Action) -> bool {
        false
    }
}

//! Personal data: what customers say of themselves, and what is kept of it under their keys.

use crate::model::{CustomerId, Domain, Personal, Plain};

/// The personal data of a domain. A domain without personal data says [`NoPersonalData`].
pub trait Privacy<D: Domain> {
    /// What a customer says of themselves along with a command. It is sealed before anything is decided,
    /// and travels beside the command: no command contains it.
    fn personal(domain: &D, who: CustomerId, command: &D::Command) -> Option<Plain>;
    /// Puts what may be kept of that into an event that the command has led to.
    fn keep(domain: &D, event: &mut D::Event, personal: &Personal);
    /// The personal data in a row. A customer who is shown the row is shown their own, if it can be
    /// opened; what cannot be opened is replaced by [`Forgotten`](Personal::Forgotten).
    fn persons<'a>(domain: &D, row: &'a mut D::Row) -> Vec<&'a mut Personal>;
    /// Whether an action can lead to an [`Ask::Erase`](crate::model::Ask::Erase). Only runs in which one
    /// can are searched for what must not be left.
    fn erases(domain: &D, action: &D::Action) -> bool;
}

/// The personal data of a domain that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoPersonalData {}

impl<D: Domain> Privacy<D> for NoPersonalData {
    fn personal(_: &D, _: CustomerId, _: &D::Command) -> Option<Plain> {
        None
    }

    fn keep(_: &D, _: &mut D::Event, _: &Personal) {}

    fn persons<'a>(_: &D, _: &'a mut D::Row) -> Vec<&'a mut Personal> {
        Vec::new()
    }

    fn erases(_: &D, _: &D::Action) -> bool {
        false
    }
}

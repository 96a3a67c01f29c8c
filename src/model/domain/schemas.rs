//! Schemas: the forms in which older code has written events and states.

use crate::model::{Domain, StreamId};

/// The schemas of a domain. A domain whose events have never changed says [`OneSchema`].
pub trait Schemas<D: Domain> {
    /// The newest schema of events and states, counted from 1.
    const SCHEMA: u16;

    /// Converts an event of `schema` to the next one: to one event, or to several into which it is split;
    /// `None` if it is the same. Total: every event that was ever written stays readable. Parts are folded
    /// and projected in order, but share one version.
    fn upcast(domain: &D, schema: u16, event: &D::Event) -> Option<Vec<D::Event>>;
    /// Converts a decision to the form in which code of `schema` would have written it, where several events
    /// may have been one. Upcasting the result must give the events of each stream again, in order.
    fn downcast(
        domain: &D,
        schema: u16,
        events: Vec<(StreamId, D::Event)>,
    ) -> Vec<(StreamId, D::Event)>;
    /// Converts a state to the form of `schema`. By default states are the same in all schemas.
    fn downcast_state(_domain: &D, _schema: u16, state: &D::State) -> D::State {
        state.clone()
    }
}

/// The schemas of a domain that has only one.
#[derive(Clone, Copy, Debug)]
pub enum OneSchema {}

impl<D: Domain> Schemas<D> for OneSchema {
    const SCHEMA: u16 = 1;

    fn upcast(_: &D, _: u16, _: &D::Event) -> Option<Vec<D::Event>> {
        None
    }

    fn downcast(_: &D, _: u16, events: Vec<(StreamId, D::Event)>) -> Vec<(StreamId, D::Event)> {
        events
    }
}

//! Schemas: how events and states were written by older code.

use crate::model::{Domain, StreamId};

/// The schemas of a domain. A domain whose events have never changed says [`OneSchema`].
pub trait Schemas<D: Domain> {
    /// The newest schema of events and states, counted from 1.
    const SCHEMA: u16;

    /// An event of `schema` in the form of the next one: one event, or several that it is split into, but
    /// never none; `None` if it is the same. Total: every event that was ever written stays readable.
    /// Parts are folded, projected and acted upon one after the other, but share one version.
    fn upcast(domain: &D, schema: u16, event: &D::Event) -> Option<Vec<D::Event>>;
    /// A decision as code of `schema` would have written it, where two events may have been one. What is
    /// written of a stream, read again, must be the events of the decision for that stream, in order.
    fn downcast(
        domain: &D,
        schema: u16,
        events: Vec<(StreamId, D::Event)>,
    ) -> Vec<(StreamId, D::Event)>;
    /// A state as code of `schema` would have kept it. By default states are the same in all schemas.
    fn downcast_state(_domain: &D, _schema: u16, state: &D::State) -> D::State {
        state.clone()
    }
}

/// The schemas of a domain that has one only.
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

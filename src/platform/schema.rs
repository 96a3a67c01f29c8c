//! The schema of events and states: what was written long ago is read as today's code knows it.
//!
//! Events are never rewritten. One of an older schema is brought up to date by a chain of upcasters, a
//! version at a time, wherever somebody reads it: on loading a stream, on applying it to a view, on
//! completing a row, on judging it. A snapshot cannot be brought up to date: one of an older schema is
//! passed over and made anew from the events.
//!
//! Until a deploy the instances run code that writes the first schema. What that code would have read
//! and decided is the same, so the model reads and decides by today's code throughout; only what is
//! written differs.

use std::borrow::Cow;

use arrayvec::ArrayVec;

use super::cx::Cx;
use super::domain::Domain;
use super::event::Stored;
use super::ids::{RowKey, StreamId, ViewId};
use crate::kernel::Instant;

/// The schema that is written until a deploy.
const FIRST: u16 = 1;

impl<E: Clone> Stored<E> {
    /// What happened, as today's code knows it.
    #[inline]
    pub fn native<D: Domain<Event = E>>(&self, domain: &D) -> Cow<'_, E> {
        if self.metadata.schema == D::SCHEMA {
            return Cow::Borrowed(&self.event);
        }
        (self.metadata.schema..D::SCHEMA).fold(Cow::Borrowed(&self.event), |event, schema| {
            domain
                .upcast(schema, &event)
                .and_then(|events| events.into_iter().next())
                .map_or(event, Cow::Owned)
        })
    }

    /// The whole event, as today's code knows it.
    #[inline]
    pub fn upcast<D: Domain<Event = E>>(&self, domain: &D) -> Cow<'_, Self> {
        match self.native(domain) {
            Cow::Borrowed(_) => Cow::Borrowed(self),
            Cow::Owned(event) => Cow::Owned(Self { event, ..self.clone() }),
        }
    }
}

/// The schema that is written now. A deploy comes when it comes, whatever the clock of a node says.
pub(super) fn written<D: Domain>(cx: &Cx<'_, '_, D>) -> u16 {
    match cx.settings().schema.deploy {
        Some(deploy) if cx.uptime() < Instant::ZERO + deploy => FIRST,
        Some(_) | None => D::SCHEMA,
    }
}

/// Events as code of `schema` writes them.
pub(super) fn downcast<D: Domain>(
    domain: &D,
    schema: u16,
    mut events: Vec<(StreamId, D::Event)>,
) -> Vec<(StreamId, D::Event)> {
    if schema < D::SCHEMA {
        for (_, event) in &mut events {
            if let Some(older) = domain.downcast(schema, event) {
                *event = older;
            }
        }
    }
    events
}

/// The rows of a view that an event of whatever schema touches.
pub(crate) fn rows<D: Domain>(
    domain: &D,
    view: ViewId,
    event: &Stored<D::Event>,
) -> ArrayVec<RowKey, 4> {
    domain.rows(view, &event.upcast(domain))
}

/// Brings a row up to date with an event of whatever schema.
pub(crate) fn project<D: Domain>(
    domain: &D,
    view: ViewId,
    key: RowKey,
    row: &mut Option<D::Row>,
    event: &Stored<D::Event>,
) {
    domain.project(view, key, row, &event.upcast(domain));
}

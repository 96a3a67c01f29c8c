//! How a domain is read: its views, and how queries are answered.

use super::Domain;
use crate::kernel::Instant;
use crate::model::{Category, RowKey, ServiceId, StreamId, Version, ViewId};

/// A read model: rows kept up to date from the events of one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name, as in `CustomerBookings`.
    pub name: &'static str,
    /// The category whose events feed it.
    pub category: Category,
    /// Whether a customer who has just written must find the write in it. The command side then also
    /// hands the new event to the cache, beside the row that the projector brings up to date later.
    pub pinned: bool,
    /// When it is brought up to date.
    pub strategy: Strategy,
}

impl View {
    /// A view that a projector brings up to date, some time after its events.
    pub const fn of(name: &'static str, category: Category) -> Self {
        Self { name, category, pinned: false, strategy: Strategy::Outbox }
    }
}

/// When a view is brought up to date with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// In the transaction that appends it: never behind, and every writer pays for it.
    Synchronous,
    /// Later, through outbox, broker and a projector: writers pay nothing, readers see it late.
    Outbox,
    /// When somebody asks: nobody pays before that, and who asks first pays for all that was missed.
    OnDemand,
}

impl View {
    /// Whether a projector keeps it, fed by a queue: its rows are the read store's, and are cached.
    pub const fn has_projector(&self) -> bool {
        match self.strategy {
            Strategy::Outbox => true,
            Strategy::Synchronous | Strategy::OnDemand => false,
        }
    }

    /// Whether it is kept as its events come, somewhere; one that is not is made when it is asked for.
    pub const fn is_kept(&self) -> bool {
        match self.strategy {
            Strategy::Synchronous | Strategy::Outbox => true,
            Strategy::OnDemand => false,
        }
    }
}

impl Strategy {
    /// What it is called, in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Synchronous => "synchronous",
            Self::Outbox => "outbox",
            Self::OnDemand => "on demand",
        }
    }
}

/// How a query is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup<D: Domain> {
    /// From one row of a view, cached.
    Row(ViewId, RowKey),
    /// By asking services and gathering their replies into one row, cached under a number.
    Gather(u32, Vec<(ServiceId, D::Request)>),
    /// From the event store itself: one stream, folded as it was.
    Stream(StreamId, AsOf),
}

/// A moment in the life of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AsOf {
    /// With all that can be read.
    Now,
    /// After the event of this version.
    Version(Version),
    /// With all that was recorded until then, by the store's clock.
    Instant(Instant),
}

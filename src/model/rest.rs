//! The final state of a run, as plain data.

use std::sync::Arc;

use crate::kernel::{Instant, Step};
use crate::model::{
    CustomerId, Domain, Ledger, Names, Position, Stored, StreamId, Version, ViewId,
};

/// A message that nobody could handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue it came from.
    pub queue: u8,
    /// The event it carried.
    pub position: Position,
}

/// A saved state of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<S> {
    /// Of which stream.
    pub stream: StreamId,
    /// After which of its events.
    pub version: Version,
    /// The schema of the state.
    pub schema: u16,
    /// The state.
    pub state: S,
}

/// What came of the search for people in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// How many people were looked for.
    pub people: u64,
    /// How many things were looked through: nodes, records, words.
    pub places: u64,
    /// Who was found where.
    pub found: Vec<Found>,
}

/// Something that a person said of themselves, found in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whom it gives away.
    pub whose: CustomerId,
    /// Where it lies, as in `read-store`.
    pub place: String,
    /// When it was seen there first.
    pub step: Step,
}

/// A view on demand, as one instance of the query API has it in memory.
#[derive(Clone, Debug)]
pub struct Recalled<D: Domain> {
    /// Which instance.
    pub node: String,
    /// Which view.
    pub view: ViewId,
    /// How many events of its category are in the rows, from the first on.
    pub checkpoint: u64,
    /// The rows, by key; `None` where there is no row.
    pub rows: Vec<Option<Arc<D::Row>>>,
}

/// What is left when a run has come to rest, or was cut short.
#[derive(Debug)]
pub struct Rest<'a, D: Domain> {
    /// The domain.
    pub domain: &'a D,
    /// What customers are called.
    pub names: &'a Names,
    /// When it ended.
    pub at: Instant,
    /// The last occurrence.
    pub step: Step,
    /// Every visible event, by position.
    pub events: Vec<Arc<Stored<D::Event>>>,
    /// The snapshot of every stream that has one.
    pub snapshots: Vec<Snapshot<D::State>>,
    /// The rows of each view that is kept, by key; `None` where there is no row.
    pub rows: Vec<Vec<Option<Arc<D::Row>>>>,
    /// What instances have in memory of views that are not kept.
    pub recalled: Vec<Recalled<D>>,
    /// How far each projected view's checkpoint came, as a count of its category's events.
    pub checkpoints: Vec<u64>,
    /// Outbox rows that were never marked as sent.
    pub unsent: u64,
    /// What each queue of the broker still holds, acknowledged by nobody.
    pub queued: Vec<u64>,
    /// What each projector still holds back, waiting for a predecessor.
    pub buffered: Vec<u64>,
    /// Dead letters, in order of arrival.
    pub dead_letters: Vec<DeadLetter>,
    /// Each service's ledger.
    pub ledgers: Vec<&'a Ledger<D>>,
    /// What came of the search for people, in a world in which somebody may ask to be forgotten.
    pub searched: Option<Searched>,
    /// Who still has work, and what; empty if the run came to rest.
    pub busy: Vec<String>,
}

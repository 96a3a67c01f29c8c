//! The final state of a run, as plain data.

use std::borrow::Cow;
use std::sync::Arc;

use crate::kernel::{Digest, Instant, Step};
use crate::model::{
    CustomerId, Domain, Events, Ledger, Names, Position, RowKey, StreamId, Version, ViewId,
};

/// A message that was delivered too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue it came from.
    pub queue: u8,
    /// The position of its event.
    pub position: Position,
}

/// A saved state of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<S> {
    /// The stream.
    pub stream: StreamId,
    /// The version after which it was saved.
    pub version: Version,
    /// The schema of the state.
    pub schema: u16,
    /// The state.
    pub state: S,
}

/// The result of the search for personal data in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// The number of people whose data was searched for.
    pub people: u64,
    /// The number of things that were searched: nodes, records, words.
    pub places: u64,
    /// The matches.
    pub found: Vec<Found>,
}

/// Personal data that was found in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The customer whose data it is.
    pub whose: CustomerId,
    /// Where it was found, as in `read-store`.
    pub place: String,
    /// The first occurrence after which it was there.
    pub step: Step,
}

/// A view on demand in the memory of one query API instance.
#[derive(Clone, Debug)]
pub struct Recalled<D: Domain> {
    /// The instance.
    pub node: String,
    /// The view.
    pub view: ViewId,
    /// The number of events of its category in the rows, from the first on.
    pub checkpoint: u64,
    /// The rows, by key; `None` where there is no row.
    pub rows: Vec<Option<Arc<D::Row>>>,
}

/// The state of a platform at the end of a run.
#[derive(Debug)]
pub struct Rest<'a, D: Domain> {
    /// The domain.
    pub domain: &'a D,
    /// The names of customers.
    pub names: &'a Names,
    /// The virtual time of the end.
    pub at: Instant,
    /// The last occurrence.
    pub step: Step,
    /// All visible events, by position.
    pub events: Cow<'a, Events<D::Event>>,
    /// The snapshot of every stream that has one.
    pub snapshots: Vec<Snapshot<D::State>>,
    /// The rows of each view that is kept, by key; `None` where there is no row.
    pub rows: Vec<Vec<Option<Arc<D::Row>>>>,
    /// The views that are kept in a cache which has lost rows, each with the rows that it holds. Of other rows it is not
    /// known whether they exist.
    pub partial: Vec<(ViewId, Vec<RowKey>)>,
    /// The views on demand of all instances.
    pub recalled: Vec<Recalled<D>>,
    /// The checkpoint of each view, as a number of events of its category.
    pub checkpoints: Vec<u64>,
    /// The number of outbox rows that are not marked as sent.
    pub unsent: u64,
    /// The number of unacknowledged messages in each queue.
    pub queued: Vec<u64>,
    /// The number of events in each projector that wait for a predecessor.
    pub buffered: Vec<u64>,
    /// Dead letters, in order of arrival.
    pub dead_letters: Vec<DeadLetter>,
    /// The ledgers of all services.
    pub ledgers: Vec<&'a Ledger<D>>,
    /// The result of the search for personal data, if customers may ask for erasure.
    pub searched: Option<Searched>,
    /// The pending work of nodes; empty if the run came to rest.
    pub busy: Vec<String>,
}

impl<D: Domain> Rest<'_, D> {
    /// Whether all rows of a view are known.
    pub fn is_whole(&self, view: ViewId) -> bool {
        self.partial.iter().all(|(partial, _)| *partial != view)
    }

    /// Whether it is known what a row of a view is, and if it exists.
    pub fn is_known(&self, view: ViewId, row: RowKey) -> bool {
        let partial = self.partial.iter().find(|(partial, _)| *partial == view);
        partial.is_none_or(|(_, held)| held.binary_search(&row).is_ok())
    }

    /// The hash of what nodes keep: events, snapshots, rows, checkpoints, queues and ledgers. When the run ended
    /// is not part of it.
    pub fn digest(&self) -> Digest {
        let Self { domain: _, names: _, at: _, step: _, searched: _, .. } = self;
        let mut digest = Digest::default();
        self.events.iter().for_each(|event| digest.fold(&*event));
        for Snapshot { stream, version, schema, state } in &self.snapshots {
            digest.fold(&(stream, version, schema, state));
        }
        digest.fold(&self.rows);
        if !self.partial.is_empty() {
            digest.fold(&self.partial);
        }
        for Recalled { node, view, checkpoint, rows } in &self.recalled {
            digest.fold(&(node, view, checkpoint, rows));
        }
        let counts = [&self.checkpoints, &self.queued, &self.buffered].into_iter().flatten();
        counts.chain([&self.unsent]).for_each(|count| digest.word(*count));
        for DeadLetter { queue, position } in &self.dead_letters {
            digest.fold(&(queue, position));
        }
        digest.fold(&self.ledgers);
        digest.fold(&self.busy);
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Stored;
    use crate::testing::{Counting, Event, History, Row, State, added, counter, counting};

    /// Something that a run leaves.
    type Change<'a> = &'a dyn Fn(&mut History<Counting>);

    #[test]
    fn the_digest_covers_all_that_is_kept_and_not_when_the_run_ended() {
        let digest = |change: Change<'_>| {
            let mut history = History::new(counting());
            change(&mut history);
            history.rest().digest()
        };
        let (stream, version) = (counter(0), Version(1));
        let row = |total| Some(Arc::new(Row { total, version }));
        let kept = |total| Recalled {
            node: "query".to_owned(),
            view: ViewId(2),
            checkpoint: 1,
            rows: vec![row(total)],
        };
        let saved = |total| Snapshot { stream, version, schema: 1, state: State::of(total) };
        let other =
            || Stored { event: Event::Noted(1), chain: [9; 32], ..(*added(0, 1, 1)).clone() };
        let queue = |queue| DeadLetter { queue, position: Position(1) };
        let changes: &[Change<'_>] = &[
            &|_| (),
            &|history| history.log.push(added(0, 1, 1)),
            &|history| history.log.push(Arc::new(other())),
            &|history| history.snapshots.push(saved(1)),
            &|history| history.snapshots.push(saved(2)),
            &|history| history.rows[0].push(row(1)),
            &|history| history.rows[1].push(row(1)),
            &|history| history.recalled.push(kept(1)),
            &|history| history.recalled.push(kept(2)),
            &|history| history.checkpoints[0] = 1,
            &|history| history.unsent = 1,
            &|history| history.queued[0] = 1,
            &|history| history.buffered[0] = 1,
            &|history| history.dead_letters.push(queue(0)),
            &|history| history.dead_letters.push(queue(1)),
            &|history| history.ledgers[0] = 1,
            &|history| history.busy.push("store: 1 transaction".to_owned()),
        ];
        let mut seen: Vec<u64> = changes.iter().map(|change| digest(*change).value()).collect();
        assert_eq!(digest(&|history| history.wait(5)).value(), seen[0]);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), changes.len());
    }
}

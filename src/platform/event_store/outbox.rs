//! The outbox: one row per event, written in the event's own transaction, and the lease under which
//! one relay at a time publishes them.

use std::sync::Arc;

use super::log::Log;
use super::sent::Sent;
use crate::collections::{Packed, SortedMap};
use crate::kernel::{Cause, Instant, NodeId, Span};
use crate::model::{Category, Domain, Fact, Ordinal, Position, Stored};
use crate::platform::cx::Cx;
use crate::platform::defects::{DEAD_RELAY_KEEPS_ROWS, MARK_BY_COUNT, MARK_TAKES_ALL};
use crate::platform::message::{Letter, Message};

/// Rows that are not marked as sent, by position.
#[derive(Clone, Debug)]
pub(super) struct Outbox<D: Domain> {
    rows: SortedMap<Position, Row<D>>,
    /// Those that are, and are kept.
    sent: Sent<D>,
    /// The operations that have had rows sent again, by number.
    again: Vec<u32>,
    /// The positions of each category's events, in order of their ranks.
    ranks: Vec<Packed<Position>>,
    /// Every position before this one has a rank.
    unranked: Position,
    /// How many rows the last batch had.
    batch: usize,
    lease: Lease,
}

#[derive(Clone, Debug)]
pub(super) struct Row<D: Domain> {
    event: Arc<Stored<D::Event>>,
    /// The step in which it was stored.
    cause: Cause,
    /// Assigned when the row is first read: only then are all earlier positions visible or burned.
    ordinal: Option<Ordinal>,
}

/// The relay that may publish, and the fencing token that tells it from earlier holders.
#[derive(Clone, Copy, Debug)]
struct Lease {
    holder: Option<NodeId>,
    fence: u64,
    until: Instant,
}

impl<D: Domain> Outbox<D> {
    pub(super) fn new() -> Self {
        Self {
            rows: SortedMap::new(),
            sent: Sent::default(),
            again: Vec::new(),
            ranks: vec![Packed::default(); D::CATEGORIES.len()],
            unranked: Position(0),
            batch: 0,
            lease: Lease { holder: None, fence: 0, until: Instant::ZERO },
        }
    }

    /// An outbox with a row for each event of a log, none of which is sent. Fencing tokens go on from those of the
    /// outbox that it replaces.
    pub(super) fn anew(replaced: &Self, log: &Log<D>) -> Self {
        let mut outbox = Self::new();
        outbox.lease.fence = replaced.lease.fence;
        outbox.again.clone_from(&replaced.again);
        for event in log.shared() {
            outbox.add(&event, log.cause(event.position));
        }
        outbox
    }

    /// The number of rows that are not marked as sent.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The positions of rows that are not marked as sent.
    pub(super) fn unsent(&self) -> impl Iterator<Item = Position> {
        self.rows.keys().copied()
    }

    /// The first row that no reader has got yet.
    pub(super) fn first_unread(&self) -> Option<Position> {
        let unread = self.rows.iter().find(|(_, row)| row.ordinal.is_none());
        unread.map(|(position, _)| *position)
    }

    /// The holder of the lease, its fencing token and its end.
    pub(super) fn lease(&self) -> Option<(NodeId, u64, Instant)> {
        let Lease { holder, fence, until } = self.lease;
        Some((holder?, fence, until))
    }

    /// The rank of an event in its category, if it has one.
    pub(super) fn ordinal(&self, category: Category, position: Position) -> Option<Ordinal> {
        let ranked = &self.ranks[usize::from(category.0)];
        let place = ranked.partition_point(|other| *other < position);
        (ranked.copied(place) == Some(position)).then_some(Ordinal(place as u64 + 1))
    }

    /// Adds the row of an event.
    pub(super) fn add(&mut self, event: &Arc<Stored<D::Event>>, cause: Cause) {
        let event = Arc::clone(event);
        self.rows.insert(event.position, Row { event, cause, ordinal: None });
    }

    /// Whether a row has waited for so long to be sent.
    pub(super) fn is_stuck(&self, now: Instant, patience: Span) -> bool {
        let mut stored = self.rows.iter().map(|(_, row)| row.event.metadata.recorded_at);
        stored.next().is_some_and(|at| at + patience <= now)
    }

    /// Sends rows before `horizon` to a relay, if it holds the lease or can take it.
    pub(super) fn fetch(
        &mut self,
        relay: NodeId,
        fence: u64,
        horizon: Position,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if !self.lease.grant(relay, fence, cx) {
            return cx.send_idly(relay, Message::Batch { fence: 0, letters: Vec::new() });
        }
        let (fence, ranks) = (self.lease.fence, &mut self.ranks);
        let rows = self.rows.range_mut(..horizon).take(cx.settings().relay.batch as usize);
        let letters: Vec<_> = rows.map(|(_, row)| row.letter(ranks)).collect();
        self.batch = letters.len();
        if letters.is_empty() {
            cx.send_idly(relay, Message::Batch { fence, letters });
        } else {
            cx.send(relay, Message::Batch { fence, letters });
        }
    }

    /// Assigns a rank to every row before `horizon`, whether or not a relay has fetched it. Returns
    /// the last rank in a category before `horizon`.
    pub(super) fn rank(&mut self, category: Category, horizon: Position) -> Ordinal {
        if self.unranked < horizon {
            for (_, row) in self.rows.range_mut(self.unranked..horizon) {
                row.rank(&mut self.ranks);
            }
            self.unranked = horizon;
        }
        let ranked = &self.ranks[usize::from(category.0)];
        let last = ranked.len().checked_sub(1).and_then(|last| ranked.get(last));
        let count = match last {
            // A replica is read, which has less than what has a rank at the primary.
            Some(last) if *last >= horizon => ranked.partition_point(|at| *at < horizon),
            Some(_) | None => ranked.len(),
        };
        Ordinal(count as u64)
    }

    /// The positions of a category's events after one rank and up to another, at most `limit`.
    pub(super) fn ranked(
        &self,
        category: Category,
        after: Ordinal,
        upto: Ordinal,
        limit: u32,
    ) -> impl Iterator<Item = (Ordinal, Position)> {
        let ranked = &self.ranks[usize::from(category.0)];
        let end = (upto.0 as usize).min(ranked.len());
        let begin = (after.0 as usize).min(end);
        let page = begin..end.min(begin + limit as usize);
        (after.0 + 1..).map(Ordinal).zip(page.filter_map(|at| ranked.get(at).map(|at| *at)))
    }

    /// Marks everything up to `upto` as sent, unless the lease has passed to another relay.
    pub(super) fn mark(
        &mut self,
        relay: NodeId,
        fence: u64,
        upto: Position,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if self.lease.is_held_by(relay, fence) {
            // Rows that were still open when the batch was read lie beyond its end.
            let as_many = || self.rows.keys().take(self.batch).next_back().copied();
            let upto = match upto {
                _ if cx.has(&MARK_TAKES_ALL) => Position(u64::MAX),
                upto if cx.has(&MARK_BY_COUNT) => as_many().unwrap_or(upto),
                upto => upto,
            };
            let marked = self.rows.remove_range(..=upto);
            if cx.settings().store.retention.outbox.is_some() {
                marked.for_each(|(position, row)| self.sent.add(position, row, cx.now()));
            }
            cx.fact(Fact::Marked { upto });
        } else {
            cx.fact(Fact::Fenced { relay, fence });
        }
        cx.send(relay, Message::Marked);
    }
}

impl<D: Domain> Outbox<D> {
    /// Has the rows that are kept sent again, for an operation, and returns how many; nothing if that is done. Relays
    /// publish them as they publish new ones.
    pub(super) fn send_again(&mut self, nth: u32, since: Instant, cause: Cause) -> Option<u32> {
        if self.again.contains(&nth) {
            return None;
        }
        self.again.push(nth);
        let rows = self.sent.take_since(since);
        let count = rows.len() as u32;
        for (position, row) in rows {
            self.rows.insert(position, Row { cause, ..row });
        }
        Some(count)
    }

    /// Removes the rows that were sent so long ago, and returns how many. `unsent_too`: also those that are so old and
    /// were not sent.
    pub(super) fn clean(&mut self, keep: Span, now: Instant, unsent_too: bool) -> u32 {
        let old = self.rows.extract_if(|_, row| unsent_too && row.recorded_at() + keep <= now);
        old.count() as u32 + self.sent.clean(keep, now)
    }
}

impl<D: Domain> Row<D> {
    /// When its event was recorded.
    pub(super) fn recorded_at(&self) -> Instant {
        self.event.metadata.recorded_at
    }

    fn letter(&mut self, ranks: &mut [Packed<Position>]) -> Letter<D> {
        let (event, cause) = (Arc::clone(&self.event), self.cause);
        Letter { event, ordinal: self.rank(ranks), redelivered: false, cause }
    }

    /// Its rank among the events of its category, assigned now if it has none.
    fn rank(&mut self, ranks: &mut [Packed<Position>]) -> Ordinal {
        let ranked = &mut ranks[usize::from(self.event.stream.category.0)];
        *self.ordinal.get_or_insert_with(|| {
            ranked.push(self.event.position);
            Ordinal(ranked.len() as u64)
        })
    }
}

impl Lease {
    fn is_held_by(&self, relay: NodeId, fence: u64) -> bool {
        self.holder == Some(relay) && self.fence == fence
    }

    /// Renews the lease of `relay`, or gives it an expired one. Returns whether it holds the lease.
    fn grant<D: Domain>(&mut self, relay: NodeId, fence: u64, cx: &mut Cx<'_, '_, D>) -> bool {
        let renewed = cx.now() + cx.settings().relay.lease;
        if !self.is_held_by(relay, fence) {
            // A lease that ends later than a new one was given by a clock that was ahead.
            let lasts = cx.now() < self.until && self.until <= renewed;
            let lasts = lasts || cx.has(&DEAD_RELAY_KEEPS_ROWS);
            if self.holder.is_some() && lasts {
                return false;
            }
            self.fence += 1;
            self.holder = Some(relay);
            cx.fact(Fact::Leased { fence: self.fence, until: renewed });
        }
        self.until = renewed;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;
    use crate::testing::{Bench, Counting, added};

    const DEAD: NodeId = NodeId(1);
    const NEXT: NodeId = NodeId(2);

    struct Rig {
        bench: Bench,
        outbox: Outbox<Counting>,
    }

    impl Rig {
        /// Three rows, which one relay has fetched.
        fn new() -> Self {
            let mut rig = Self { bench: Bench::new(), outbox: Outbox::new() };
            for nth in 1..=3 {
                rig.outbox.add(&added(0, nth, u64::from(nth)), Cause::START);
            }
            assert_eq!(rig.fetch(DEAD, 0), (1, vec![1, 2, 3]));
            rig
        }

        /// The fence and the ranks that a relay gets.
        fn fetch(&mut self, relay: NodeId, fence: u64) -> (u64, Vec<u64>) {
            let (store, outbox) = (self.bench.map.store(), &mut self.outbox);
            self.bench.tell(store, |cx| outbox.fetch(relay, fence, Position(9), cx));
            let Some((_, Message::Batch { fence, letters })) = self.bench.next() else {
                panic!("a fetch is answered")
            };
            (fence, letters.iter().map(|letter| letter.ordinal.0).collect())
        }

        fn mark(&mut self, relay: NodeId, fence: u64, upto: u64) {
            let (store, outbox) = (self.bench.map.store(), &mut self.outbox);
            self.bench.tell(store, |cx| outbox.mark(relay, fence, Position(upto), cx));
            self.bench.next();
        }

        fn wait(&mut self, span: Span) {
            let store = self.bench.map.store();
            self.bench.tell(store, |cx| cx.timer(span, Message::Tick));
            self.bench.next();
        }
    }

    #[test]
    fn only_the_holder_gets_rows_while_the_lease_lasts() {
        let mut rig = Rig::new();
        let lease = rig.bench.plan.settings.relay.lease;
        rig.wait(Span::from_micros(lease.as_micros() / 2));
        assert_eq!(rig.fetch(NEXT, 0), (0, Vec::new()));
        assert_eq!(rig.fetch(DEAD, 1).0, 1, "its holder renews it");
    }

    #[test]
    fn the_next_holder_gets_the_same_ranks_and_a_late_mark_of_the_previous_one_changes_nothing() {
        let mut rig = Rig::new();
        let lease = rig.bench.plan.settings.relay.lease;
        rig.wait(lease);
        assert_eq!(rig.fetch(NEXT, 0), (2, vec![1, 2, 3]));
        rig.outbox.add(&added(0, 4, 4), Cause::START);
        rig.mark(DEAD, 1, 3);
        assert_eq!(rig.outbox.len(), 4);
        assert!(rig.bench.facts().contains(&Fact::Fenced { relay: DEAD, fence: 1 }));
        rig.mark(NEXT, 2, 3);
        assert_eq!(rig.outbox.len(), 1);
        assert_eq!(rig.fetch(DEAD, 1), (0, Vec::new()), "another relay holds the lease");
    }

    #[test]
    fn a_page_of_a_category_starts_after_a_rank_and_is_within_its_limit() {
        let rig = Rig::new();
        let page = |after, upto, limit| {
            let (after, upto) = (Ordinal(after), Ordinal(upto));
            let ranked = rig.outbox.ranked(Category(0), after, upto, limit);
            ranked.map(|(rank, position)| (rank.0, position.0)).collect::<Vec<_>>()
        };
        assert_eq!(page(0, 9, 2), [(1, 1), (2, 2)]);
        assert_eq!(page(2, 9, 2), [(3, 3)]);
        assert_eq!(page(1, 2, 9), [(2, 2)]);
        assert_eq!(page(7, 9, 2), []);
    }
}

//! What is read of the store: streams for a decision, pages of the log.

use std::sync::Arc;

use super::transaction::Transaction;
use super::{Durable, EventStore};
use crate::kernel::{Entity, NodeId, Span};
use crate::model::{Category, Domain, Ordinal, Position, Stored, StreamId, Version, ViewId};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    DEAD_GAP_STALLS, GAP_ABOVE_START_UNSEEN, GAP_BY_TIMEOUT, MARK_OF_THE_PRIMARY,
    OLD_SNAPSHOT_LOADED, POLL_SKIPS_GAP, REMOVED_SNAPSHOT_READ, SNAPSHOT_OFF_BY_ONE,
    UPCASTER_SKIPPED,
};
use crate::platform::message::{Letter, Load, Loaded, Message, Slice};

/// After so long a gap is taken for one that is never filled, by a defect.
const GAP_PATIENCE: Span = Span::from_secs(1);

impl<D: Domain> EventStore<D> {
    /// The oldest position whose outcome is unknown: each one before it is visible or burned.
    pub(super) fn horizon(&self, cx: &Cx<'_, '_, D>) -> Position {
        if cx.has(&POLL_SKIPS_GAP) {
            return Position(self.durable.sequence.0 + 1);
        }
        if cx.has(&DEAD_GAP_STALLS) {
            return self.durable.log.first_gap();
        }
        // Not in the order in which they began: one that had to wait can have taken later positions since.
        let open = self.volatile.open.values().filter(|one| !self.is_overlooked(one, cx));
        let first = open.filter_map(|transaction| transaction.work.first()).min();
        first.unwrap_or(Position(self.durable.sequence.0 + 1))
    }

    /// Whether a defect makes readers of the log overlook that a transaction is open.
    fn is_overlooked(&self, transaction: &Transaction<D>, cx: &Cx<'_, '_, D>) -> bool {
        let is_before_unread = || {
            let unread = self.durable.outbox.first_unread();
            unread.is_some_and(|row| transaction.work.first().is_some_and(|first| first < row))
        };
        cx.has(&GAP_BY_TIMEOUT) && transaction.begun + GAP_PATIENCE <= cx.uptime()
            || cx.has(&GAP_ABOVE_START_UNSEEN) && is_before_unread()
    }

    /// Reads a page of a category, by rank.
    pub(super) fn read_log(
        &self,
        from: NodeId,
        category: Category,
        (after, upto): (Ordinal, Ordinal),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let behind = self.replica_for(false, Entity(category.0.into()), cx);
        let lacks = self.first_lacking(behind, cx);
        let is_there = |at: Position| lacks.is_none_or(|first| at < first);
        let Durable { log, outbox, .. } = &self.durable;
        let letter = |(ordinal, at)| {
            let (event, cause) = (log.at(at)?, log.cause(at));
            Some(Letter { event, ordinal, redelivered: false, cause })
        };
        let limit = cx.settings().projectors.page;
        let page = outbox.ranked(category, after, upto, limit);
        let page = page.take_while(|(_, at)| is_there(*at)).filter_map(letter).collect();
        cx.send(from, Message::LogPage { after, page });
    }

    /// Reads a page of the events that feed a view, up to the horizon. A page does not end within a
    /// transaction: its reader may show what it has so far.
    ///
    /// The horizon is that of the node that is read. What the primary knows to be complete, a replica may lack.
    pub(super) fn read_tail(
        &mut self,
        from: NodeId,
        (nth, fresh): (u64, bool),
        (view, after): (ViewId, Ordinal),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let behind = self.replica_for(fresh, view, cx);
        let (horizon, of_primary) = (self.horizon_at(behind, cx), self.horizon(cx));
        let Durable { log, outbox, .. } = &mut self.durable;
        let category = D::VIEWS[usize::from(view.0)].category;
        let marked = if cx.has(&MARK_OF_THE_PRIMARY) { of_primary } else { horizon };
        let end = outbox.rank(category, marked);
        let limit = cx.settings().projectors.page as usize;
        let mut page: Vec<Arc<Stored<D::Event>>> = Vec::new();
        // A page that is not full has everything up to the end.
        let mut upto = end.max(after);
        for (rank, at) in outbox.ranked(category, after, end, u32::MAX) {
            let Some(event) = log.at(at).filter(|_| at < horizon) else { continue };
            let command = event.metadata.id.command;
            let within = page.last().is_some_and(|last| last.metadata.id.command == command);
            if page.len() >= limit && !within {
                upto = Ordinal(rank.0 - 1);
                break;
            }
            page.push(event);
        }
        cx.send(from, Message::TailPage { nth, view, after, page, upto, end });
    }

    /// Reads in one statement, so that all slices are consistent with each other.
    pub(super) fn load(&self, from: NodeId, load: &Load, cx: &mut Cx<'_, '_, D>) {
        let upto = |stream| self.version_for(load.fresh, stream, cx);
        let slice =
            |&(stream, known): &_| self.slice(stream, (known, upto(stream)), load.schema, cx);
        let slices = load.streams.iter().map(slice).collect();
        let done = self.durable.processed.answer(&load.command, cx);
        let Durable { log, tags, .. } = &self.durable;
        let matches = load.queries.iter().map(|query| {
            let mut matching = tags.read(query, log);
            matching.retain(|event| event.version <= upto(event.stream));
            matching
        });
        let matches = matches.collect();
        let loaded = Loaded { command: load.command, done, fresh: load.fresh, slices, matches };
        cx.send(from, Message::Loaded(Box::new(loaded)));
    }

    pub(super) fn slice(
        &self,
        stream: StreamId,
        (known, upto): (Version, Version),
        schema: u16,
        cx: &Cx<'_, '_, D>,
    ) -> Slice<D> {
        let (log, defects) = (&self.durable.log, cx.plan().defects);
        let wanted = (!defects.has(&OLD_SNAPSHOT_LOADED)).then_some(schema);
        let mut snapshot = log.snapshot_after(stream, known, wanted);
        snapshot = snapshot.filter(|(version, _)| *version <= upto);
        let begins_after = self.begins_after(stream, cx).min(upto);
        if known < begins_after {
            // What is known of the life before is replaced.
            let outlived = snapshot.take_if(|(version, _)| *version <= begins_after);
            let blank = || cx.domain().blank(stream);
            let state = outlived.map(|(_, state)| state);
            snapshot = snapshot.or_else(|| Some((begins_after, state.unwrap_or_else(blank))));
        }
        let removed = log.removed_snapshot(stream).min(upto);
        if defects.has(&REMOVED_SNAPSHOT_READ) && snapshot.is_none() && known < removed {
            snapshot = Some((removed, cx.domain().blank(stream)));
        }
        if defects.has(&SNAPSHOT_OFF_BY_ONE)
            && let Some((version, _)) = &mut snapshot
        {
            *version = Version(version.0 - 1);
        }
        let after = snapshot.as_ref().map_or(known, |(version, _)| *version);
        let mut tail = log.tail(stream, after);
        tail.truncate(upto.0.saturating_sub(after.0) as usize);
        if defects.has(&UPCASTER_SKIPPED) {
            tail.iter_mut().for_each(|event| Arc::make_mut(event).metadata.schema = schema);
        }
        let version = tail.last().map_or(after, |event| event.version);
        Slice { stream, version, snapshot, tail, origin: log.origin(stream) }
    }
}

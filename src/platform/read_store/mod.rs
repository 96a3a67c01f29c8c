//! The database of the read models.
//!
//! One transaction changes three things: the rows of an event, the idempotency log of its consumer,
//! and the consumer's checkpoint. The checkpoint is the rank up to which *every* event of the
//! category is applied. Events that are applied beyond a gap are listed beside it.
//!
//! A view is rebuilt in a second table. It applies pages of the log from position 0, up to the live
//! table's checkpoint, and the events that the live table applies meanwhile, as soon as it has
//! their predecessors. When both tables contain the same events, the new one replaces the live one
//! in one transaction: readers see one or the other, and no event is missed. The old one may be kept: then it gets
//! each event that the new one gets, in the same transaction, so that readers can be switched back at any time.
//!
//! The idempotency log has one version for each stream, or, if the platform is set so, the ids of messages in an
//! [`inbox`], which are removed when they are old.
//!
//! A view may be kept in a search index instead ([`index`]): it refuses documents when it is busy, and what it has
//! taken is read after the next refresh. Or it is kept in a cache ([`row_cache`]): its rows are in memory and can be lost
//! at any time, and a reader folds from the log what is not there.
//!
//! Instances that listen to a row are notified when readers see a change of it. Who listens is lost in a crash.

mod cached;
mod inbox;
mod index;
mod row_cache;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::collections::SortedMap;
use crate::kernel::{Cause, NodeId, Span};
use crate::model::{
    Domain, Expired, Fact, Loss, Ordinal, Position, RowKey, StreamId, Version, ViewId,
};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{
    CHECKPOINT_SKIPS_GAP, DEDUP_ON_FLAG, EFFECT_AND_INBOX_APART, EVICTED_ROW_BEGUN_ANEW,
    FIFO_ASSUMED, INBOX_DROPPED_BY_PERIOD, INBOX_IN_MEMORY, INBOX_KEY_WITHOUT_CONSUMER,
    INBOX_NOT_REBUILT, INBOX_OF_EACH_INSTANCE, LATE_IS_DROPPED, OLD_VERSION_NOT_FED,
    POISON_SKIPS_AHEAD, REBUILD_CLEARS_LIVE, REBUILD_ENDS_AT_REPLICA, REBUILD_SWAPS_EARLY,
};
use crate::platform::faults::{BULK_REJECTED, REFRESH_LATE};
use crate::platform::listeners::Listeners;
use crate::platform::message::{ApplyOutcome, Channel, Letter, Message};
use crate::platform::rows::Rows;
use crate::platform::schema::{self, ROWS_MAX};
use crate::platform::settings::Idempotency;
use crate::platform::stream_table::StreamTable;
pub(crate) use cached::ROW_EVICTS;
use inbox::Inbox;
use index::Index;
use row_cache::RowCache;

/// The read store as a node. All that it stores survives a crash.
#[derive(Clone, Debug)]
pub(crate) struct ReadStore<D: Domain> {
    durable: Vec<View<D>>,
    /// When search indexes are refreshed. Lost in a crash, after which all are refreshed.
    refreshes: Deadlines<ViewId>,
    listeners: Listeners,
    /// Whether the rows in a cache were lost by a fault, and no reader has missed one since.
    loss_unseen: bool,
    /// The timeline of the event store that checkpoints and rows are of.
    timeline: u32,
    /// Events whose rows are written and which are not in the idempotency log yet, by a defect. Lost in a crash.
    unlogged: Vec<(ViewId, StreamId, Version)>,
}

/// One view: the table that is read, and the one that a rebuild fills.
#[derive(Clone, Debug)]
struct View<D: Domain> {
    live: Table<D>,
    /// The table that was read before the last rebuild, if it is kept. It gets each event that the live one gets.
    kept: Option<Table<D>>,
    /// What readers see of it, if it is in a search index that was written to.
    index: Option<Index<D>>,
    /// Its rows, if it is in a cache that was written to: then the tables have none.
    cache: Option<RowCache<D>>,
    shadow: Option<Shadow<D>>,
    /// The logs of single instances. Empty but for a defect.
    inboxes: SortedMap<(NodeId, StreamId), Version>,
    /// The number of the last finished rebuild.
    rebuilt: u32,
    /// The number of the last operation that switched readers back.
    switched: u32,
}

/// The table of a rebuild.
#[derive(Clone, Debug)]
struct Shadow<D: Domain> {
    /// The number of the rebuild.
    nth: u32,
    /// The step in which it started.
    started: Cause,
    /// The checkpoint of the live table at that time.
    target: Ordinal,
    table: Table<D>,
}

/// The rows of a view, and how far its streams are applied.
#[derive(Clone, Debug)]
struct Table<D: Domain> {
    rows: Rows<D>,
    /// The consumer's idempotency log. Streams are applied in order, so one version each is enough.
    applied: StreamTable<Version>,
    /// The ids of messages, if these are what it goes by. Versions then only say what comes next.
    inbox: Inbox,
    checkpoint: Ordinal,
    /// The position of the event at the checkpoint.
    upto: Position,
    /// Events applied beyond the checkpoint, with their positions.
    beyond: SortedMap<Ordinal, Position>,
}

impl<D: Domain> ReadStore<D> {
    pub(crate) fn new() -> Self {
        let view = |_| View {
            live: Table::default(),
            kept: None,
            index: None,
            cache: None,
            shadow: None,
            inboxes: SortedMap::new(),
            rebuilt: 0,
            switched: 0,
        };
        let (refreshes, listeners) = (Deadlines::default(), Listeners::default());
        let durable = D::VIEWS.iter().map(view).collect();
        let (loss_unseen, timeline, unlogged) = (false, 0, Vec::new());
        Self { durable, refreshes, listeners, loss_unseen, timeline, unlogged }
    }

    /// The rows of every view as readers see them, by key.
    pub(crate) fn rows(&self) -> Vec<Vec<Option<Arc<D::Row>>>> {
        let all = |view: &View<D>| {
            let cached = view.cache.as_ref().map(RowCache::all);
            cached.unwrap_or_else(|| view.read().all())
        };
        self.durable.iter().map(all).collect()
    }

    /// The views of which only some rows are held, with these rows.
    pub(crate) fn partial(&self) -> Vec<(ViewId, Vec<RowKey>)> {
        let views = (0..).map(ViewId).zip(&self.durable);
        let caches = views.filter_map(|(id, view)| Some((id, view.cache.as_ref()?)));
        let partial = caches.filter(|(_, cache)| cache.is_partial());
        partial.map(|(id, cache)| (id, cache.keys())).collect()
    }

    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| "a search index is not refreshed yet".to_owned())
    }

    /// Whether readers see everything that was written.
    pub(crate) fn is_idle(&self) -> bool {
        self.durable.iter().flat_map(|view| &view.index).all(Index::is_fresh)
    }

    /// Loses its timers, the connections of those who listen, and what it keeps in a cache.
    pub(crate) fn crash(&mut self) {
        self.durable.iter_mut().flat_map(|view| &mut view.cache).for_each(RowCache::lose_all);
        (self.refreshes, self.listeners) = (Deadlines::default(), Listeners::default());
        self.unlogged.clear();
    }

    /// Makes readable what was written before a crash.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        for view in (0..).map(ViewId).take(self.durable.len()) {
            self.refresh(view, cx);
            let cache = self.durable[usize::from(view.0)].cache.as_ref();
            if cache.is_some_and(RowCache::is_partial) {
                cx.fact(Fact::RowLost { view, row: None, why: Loss::Restarted });
            }
        }
    }

    /// The event store begins a timeline. Rows and checkpoints of another one are dropped: they may contain events that
    /// are lost, and the positions and versions of those are taken again.
    pub(crate) fn begin_timeline(&mut self, timeline: u32) {
        if self.timeline != timeline {
            *self = Self { timeline, ..Self::new() };
        }
    }

    /// The checkpoint of every view.
    pub(crate) fn checkpoints(&self) -> Vec<u64> {
        self.durable.iter().map(|view| view.live.checkpoint.0).collect()
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        self.clean(cx);
        for (view, stream, version) in self.unlogged.drain(..) {
            *self.durable[usize::from(view.0)].live.applied.entry(stream) = version;
        }
        match message {
            Message::Apply(view, letter) => self.apply(from, view, &letter, cx),
            Message::Read { request, nth, view, key } => {
                if cx.settings().row_cache.has(&D::VIEWS[usize::from(view.0)]) {
                    return self.read_cached(from, (request, nth), (view, key), cx);
                }
                let copy = self.durable[usize::from(view.0)].read().copy(key);
                cx.send(from, Message::ReadReply { request, nth, copy });
            }
            Message::RestoreRow { request, nth, view, key, after, page } => {
                self.restore(from, (request, nth), (view, key), (after, &page), cx);
            }
            Message::Shadow { view, nth, keeps, page, ended } => {
                self.build(from, view, (nth, keeps), (&page, ended), cx);
            }
            Message::SwitchBack { nth, view } => self.switch_back(from, view, nth, cx),
            Message::Tick => {
                for (view, cause) in self.refreshes.take_due(cx) {
                    cx.because(cause, |cx| self.refresh(view, cx));
                }
            }
            Message::Listen { channel, on } => self.listeners.listen(from, channel, on),
            Message::Disconnected(_) => {}
            other => unreachable!("the read store does not take {other:?}"),
        }
    }

    fn apply(&mut self, from: NodeId, view: ViewId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = (letter.event.stream, letter.event.version);
        let is_searched = cx.settings().search_index.has(&D::VIEWS[usize::from(view.0)]);
        if is_searched && cx.fault(&BULK_REJECTED, stream) > 0 {
            let outcome = Box::new(ApplyOutcome::Rejected);
            return cx.send_faulty(
                &BULK_REJECTED,
                from,
                Message::ApplyReply { stream, version, outcome },
            );
        }
        let others = self.durable.iter().filter(|_| cx.has(&INBOX_KEY_WITHOUT_CONSUMER));
        let others = others.filter_map(|view| view.live.applied.get(stream).copied()).max();
        let is_cached = cx.settings().row_cache.has(&D::VIEWS[usize::from(view.0)]);
        if is_cached {
            self.lose_all(view, stream, cx);
        }
        let View { live, kept, index, cache, shadow, inboxes, .. } =
            &mut self.durable[usize::from(view.0)];
        let applied = others.unwrap_or_default().max(*live.applied.entry(stream));
        let known = match cx.has(&INBOX_OF_EACH_INSTANCE) {
            true => inboxes.get(&(from, stream)).copied().unwrap_or_default(),
            false => applied,
        };
        let by_ids = matches!(cx.settings().projectors.idempotency, Idempotency::MessageIds { .. });
        let is_known = if by_ids { live.inbox.has((stream, version)) } else { version <= known };
        let is_known = is_known && (letter.redelivered || !cx.has(&DEDUP_ON_FLAG));
        let takes_any = cx.has(&LATE_IS_DROPPED)
            || cx.has(&POISON_SKIPS_AHEAD)
            || by_ids && cx.has(&FIFO_ASSUMED);
        let outcome = if is_known && !cx.has(&INBOX_IN_MEMORY) {
            ApplyOutcome::Duplicate(applied)
        } else if version > applied.next() && !takes_any {
            ApplyOutcome::Gap(applied)
        } else {
            let mut keys = if is_cached {
                live.note(letter, cx);
                let keys = schema::rows(cx.domain(), view, &letter.event);
                let begins_anew = cx.has(&EVICTED_ROW_BEGUN_ANEW);
                let cache = cache.get_or_insert_default();
                cache.apply(view, letter, &keys, begins_anew, cx.domain());
                keys
            } else {
                live.add(view, letter, cx)
            };
            if cx.has(&EFFECT_AND_INBOX_APART) {
                *live.applied.entry(stream) = applied;
                self.unlogged.push((view, stream, version));
            }
            if cx.has(&INBOX_OF_EACH_INSTANCE) {
                inboxes.insert((from, stream), version);
            }
            // Readers of an index see the change after the next refresh.
            let changed = if is_searched { ArrayVec::new() } else { keys.clone() };
            if is_searched && index.get_or_insert_default().change(&keys) {
                let late = Span::from_micros(cx.fault(&REFRESH_LATE, stream));
                self.refreshes.set(view, cx.settings().search_index.refresh + late, cx);
            }
            if is_searched || is_cached || !D::VIEWS[usize::from(view.0)].is_pinned() {
                keys.clear();
            }
            let (checkpoint, upto) = (live.checkpoint, live.upto);
            cx.fact(Fact::Applied { view, event: letter.event.clone(), checkpoint, upto });
            if let Some(shadow) = shadow {
                shadow.table.follow(view, letter, cx);
            }
            if let Some(kept) = kept.as_mut().filter(|_| !cx.has(&OLD_VERSION_NOT_FED))
                && kept.is_next(letter)
            {
                kept.add(view, letter, cx);
            }
            for key in changed {
                self.listeners.changed(Channel::Row(view, key), cx);
            }
            ApplyOutcome::Applied(keys.into_iter().map(|key| (key, live.rows.copy(key))).collect())
        };
        if is_cached {
            self.make_room(view, cx);
        }
        cx.send(from, Message::ApplyReply { stream, version, outcome: Box::new(outcome) });
    }

    /// Adds a page to the table of a rebuild, and swaps the tables if both contain the same events.
    /// A repeated request changes nothing.
    fn build(
        &mut self,
        from: NodeId,
        id: ViewId,
        (nth, keeps): (u32, bool),
        (page, ended): (&[Letter<D>], bool),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let view = &mut self.durable[usize::from(id.0)];
        let live = view.live.checkpoint;
        if nth <= view.rebuilt {
            return cx.send(from, Message::ShadowAt { nth, upto: live, live, swapped: true });
        }
        view.shadow.take_if(|running| running.nth != nth);
        let Shadow { table: shadow, target, .. } = view.shadow.get_or_insert_with(|| {
            cx.fact(Fact::RebuildStarted { view: id });
            if cx.has(&REBUILD_CLEARS_LIVE) {
                view.live.rows = Rows::default();
            }
            Shadow { nth, started: cx.here(), target: live, table: Table::default() }
        });
        for letter in page {
            cx.because(letter.cause, |cx| shadow.follow(id, letter, cx));
        }
        let upto = shadow.checkpoint;
        let is_whole = upto == live && shadow.beyond == view.live.beyond;
        let swapped = is_whole
            || upto >= *target && cx.has(&REBUILD_SWAPS_EARLY)
            || ended && cx.has(&REBUILD_ENDS_AT_REPLICA);
        if let Some(Shadow { started, mut table, .. }) = view.shadow.take_if(|_| swapped) {
            if cx.has(&INBOX_NOT_REBUILT) {
                table.inbox = Inbox::default();
            }
            let events = table.checkpoint.0 + table.beyond.len() as u64;
            let before = std::mem::replace(&mut view.live, table);
            (view.kept, view.rebuilt) = (keeps.then_some(before), nth);
            if let Some(index) = &mut view.index {
                index.replace(&view.live.rows);
                self.refreshes.clear(id);
            }
            if let Some(cache) = &mut view.cache {
                cache.replace(&std::mem::take(&mut view.live.rows));
            }
            cx.because(started, |cx| cx.fact(Fact::Rebuilt { view: id, events }));
            if view.cache.is_some() {
                self.make_room(id, cx);
            }
        }
        cx.send(from, Message::ShadowAt { nth, upto, live, swapped });
    }
}

impl<D: Domain> ReadStore<D> {
    /// Lets readers see the table again that they saw before the last rebuild. The operator asks again until that is
    /// finished.
    fn switch_back(&mut self, from: NodeId, id: ViewId, nth: u32, cx: &mut Cx<'_, '_, D>) {
        let view = &mut self.durable[usize::from(id.0)];
        if nth > view.switched {
            let Some(kept) = view.kept.take() else { return };
            let events = kept.checkpoint.0 + kept.beyond.len() as u64;
            view.kept = Some(std::mem::replace(&mut view.live, kept));
            view.switched = nth;
            if let Some(index) = &mut view.index {
                index.replace(&view.live.rows);
                self.refreshes.clear(id);
            }
            cx.fact(Fact::SwitchedBack { view: id, events });
        }
        cx.send(from, Message::RebuildDone { nth });
    }

    /// Removes the ids of messages that are too old.
    fn clean(&mut self, cx: &mut Cx<'_, '_, D>) {
        let Some(keep) = cx.settings().projectors.idempotency.kept() else { return };
        let (now, by_period) = (cx.now(), cx.has(&INBOX_DROPPED_BY_PERIOD));
        for (view, id) in self.durable.iter_mut().zip((0..).map(ViewId)) {
            let shadow = view.shadow.as_mut().map(|shadow| &mut shadow.table);
            let tables = [Some(&mut view.live), view.kept.as_mut(), shadow];
            let tables = tables.into_iter().flatten();
            let count = tables.map(|table| table.inbox.clean(keep, now, by_period)).sum();
            if count > 0 {
                // It follows from the time, and from no request.
                let what = Expired::MessageIds(id);
                cx.because(Cause::START, |cx| cx.fact(Fact::Expired { what, count }));
            }
        }
    }

    /// Refreshes the search index of a view, if it has one that was written to.
    fn refresh(&mut self, id: ViewId, cx: &mut Cx<'_, '_, D>) {
        let View { live, index, .. } = &mut self.durable[usize::from(id.0)];
        let Some(index) = index.as_mut().filter(|index| !index.is_fresh()) else { return };
        let changed = index.refresh(&live.rows);
        cx.fact(Fact::Refreshed { view: id, rows: changed.len() as u32 });
        for key in changed {
            self.listeners.changed(Channel::Row(id, key), cx);
        }
    }
}

impl<D: Domain> View<D> {
    /// The rows that readers see.
    fn read(&self) -> &Rows<D> {
        self.index.as_ref().map_or(&self.live.rows, Index::rows)
    }
}

impl<D: Domain> Default for Table<D> {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            applied: StreamTable::default(),
            inbox: Inbox::default(),
            checkpoint: Ordinal(0),
            upto: Position(0),
            beyond: SortedMap::new(),
        }
    }
}

impl<D: Domain> Table<D> {
    /// Applies an event to the table of a rebuild if it is next; otherwise a later page brings it.
    fn follow(&mut self, view: ViewId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        if self.is_next(letter) {
            self.add(view, letter, cx);
            cx.fact(Fact::Replayed { view, event: letter.event.clone() });
        }
    }

    /// Whether an event follows the last one of its stream.
    fn is_next(&mut self, letter: &Letter<D>) -> bool {
        letter.event.version == self.applied.entry(letter.event.stream).next()
    }

    /// Applies an event, and returns the keys of its rows.
    fn add(
        &mut self,
        view: ViewId,
        letter: &Letter<D>,
        cx: &Cx<'_, '_, D>,
    ) -> ArrayVec<RowKey, ROWS_MAX> {
        self.note(letter, cx);
        self.rows.project(view, &letter.event, cx.domain())
    }

    /// Notes that an event is applied.
    fn note(&mut self, letter: &Letter<D>, cx: &Cx<'_, '_, D>) {
        let Letter { event, ordinal, .. } = letter;
        let applied = self.applied.entry(event.stream);
        // What is applied again is not what the next one follows.
        *applied = event.version.max(*applied);
        if let Idempotency::MessageIds { kept } = cx.settings().projectors.idempotency {
            self.inbox.add((event.stream, event.version), cx.now(), kept.is_some());
        }
        self.beyond.insert(*ordinal, event.position);
        while let Some(position) = self.beyond.remove(&self.checkpoint.next()) {
            self.checkpoint = self.checkpoint.next();
            self.upto = position;
        }
        if cx.has(&CHECKPOINT_SKIPS_GAP) && *ordinal > self.checkpoint {
            (self.checkpoint, self.upto) = (*ordinal, event.position);
        }
    }
}

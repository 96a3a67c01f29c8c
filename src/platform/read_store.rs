//! The database of the read models.
//!
//! One transaction changes three things: the rows of an event, the idempotency log of its consumer,
//! and the consumer's checkpoint. The checkpoint is the rank up to which *every* event of the
//! category is applied. Events that are applied beyond a gap are listed beside it.
//!
//! A view is rebuilt in a second table. It applies pages of the log from position 0, up to the live
//! table's checkpoint, and the events that the live table applies meanwhile, as soon as it has
//! their predecessors. When both tables contain the same events, the new one replaces the live one
//! in one transaction: readers see one or the other, and no event is missed.
//!
//! Instances that listen to a row are notified when it has changed. Who listens is lost in a crash.

use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::collections::SortedMap;
use crate::kernel::{Cause, NodeId};
use crate::model::{Domain, Fact, Ordinal, Position, RowKey, Version, ViewId};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    CHECKPOINT_SKIPS_GAP, INBOX_IN_MEMORY, INBOX_KEY_WITHOUT_CONSUMER, LATE_IS_DROPPED,
    REBUILD_CLEARS_LIVE, REBUILD_SWAPS_EARLY,
};
use crate::platform::listeners::Listeners;
use crate::platform::message::{ApplyOutcome, Channel, Letter, Message};
use crate::platform::rows::Rows;
use crate::platform::schema::ROWS_MAX;
use crate::platform::stream_table::StreamTable;

/// The read store as a node. All that it stores survives a crash.
#[derive(Clone, Debug)]
pub(crate) struct ReadStore<D: Domain> {
    durable: Vec<View<D>>,
    listeners: Listeners,
}

/// One view: the table that is read, and the one that a rebuild fills.
#[derive(Clone, Debug)]
struct View<D: Domain> {
    live: Table<D>,
    shadow: Option<Shadow<D>>,
    /// The number of the last finished rebuild.
    rebuilt: u32,
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
    checkpoint: Ordinal,
    /// The position of the event at the checkpoint.
    upto: Position,
    /// Events applied beyond the checkpoint, with their positions.
    beyond: SortedMap<Ordinal, Position>,
}

impl<D: Domain> ReadStore<D> {
    pub(crate) fn new() -> Self {
        let view = |_| View { live: Table::default(), shadow: None, rebuilt: 0 };
        Self { durable: D::VIEWS.iter().map(view).collect(), listeners: Listeners::default() }
    }

    /// Loses the connections of those who listen.
    pub(crate) fn crash(&mut self) {
        self.listeners = Listeners::default();
    }

    /// The rows of every view, by key.
    pub(crate) fn rows(&self) -> Vec<Vec<Option<Arc<D::Row>>>> {
        self.durable.iter().map(|view| view.live.rows.all()).collect()
    }

    /// The checkpoint of every view.
    pub(crate) fn checkpoints(&self) -> Vec<u64> {
        self.durable.iter().map(|view| view.live.checkpoint.0).collect()
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Apply(view, letter) => self.apply(from, view, &letter, cx),
            Message::Read { request, nth, view, key } => {
                let copy = self.durable[usize::from(view.0)].live.rows.copy(key);
                cx.send(from, Message::ReadReply { request, nth, copy });
            }
            Message::Shadow { view, nth, page } => self.build(from, view, nth, &page, cx),
            Message::Listen { channel, on } => self.listeners.listen(from, channel, on),
            Message::Disconnected(_) => {}
            other => unreachable!("the read store does not take {other:?}"),
        }
    }

    fn apply(&mut self, from: NodeId, view: ViewId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        let (stream, version) = (letter.event.stream, letter.event.version);
        let others = self.durable.iter().filter(|_| cx.has(&INBOX_KEY_WITHOUT_CONSUMER));
        let others = others.filter_map(|view| view.live.applied.get(stream).copied()).max();
        let View { live, shadow, .. } = &mut self.durable[usize::from(view.0)];
        let applied = others.unwrap_or_default().max(*live.applied.entry(stream));
        let outcome = if version <= applied && !cx.has(&INBOX_IN_MEMORY) {
            ApplyOutcome::Duplicate(applied)
        } else if version > applied.next() && !cx.has(&LATE_IS_DROPPED) {
            ApplyOutcome::Gap(applied)
        } else {
            let mut keys = live.add(view, letter, cx);
            let changed = keys.clone();
            if !D::VIEWS[usize::from(view.0)].is_pinned() {
                keys.clear();
            }
            let (checkpoint, upto) = (live.checkpoint, live.upto);
            cx.fact(Fact::Applied { view, event: letter.event.clone(), checkpoint, upto });
            if let Some(shadow) = shadow {
                shadow.table.follow(view, letter, cx);
            }
            for key in changed {
                self.listeners.changed(Channel::Row(view, key), cx);
            }
            ApplyOutcome::Applied(keys.into_iter().map(|key| (key, live.rows.copy(key))).collect())
        };
        cx.send(from, Message::ApplyReply { stream, version, outcome: Box::new(outcome) });
    }

    /// Adds a page to the table of a rebuild, and swaps the tables if both contain the same events.
    /// A repeated request changes nothing.
    fn build(
        &mut self,
        from: NodeId,
        id: ViewId,
        nth: u32,
        page: &[Letter<D>],
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
        let swapped = is_whole || upto >= *target && cx.has(&REBUILD_SWAPS_EARLY);
        if let Some(Shadow { started, table, .. }) = view.shadow.take_if(|_| swapped) {
            let events = table.checkpoint.0 + table.beyond.len() as u64;
            (view.live, view.rebuilt) = (table, nth);
            cx.because(started, |cx| cx.fact(Fact::Rebuilt { view: id, events }));
        }
        cx.send(from, Message::ShadowAt { nth, upto, live, swapped });
    }
}

impl<D: Domain> Default for Table<D> {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            applied: StreamTable::default(),
            checkpoint: Ordinal(0),
            upto: Position(0),
            beyond: SortedMap::new(),
        }
    }
}

impl<D: Domain> Table<D> {
    /// Applies an event to the table of a rebuild if it is next; otherwise a later page brings it.
    fn follow(&mut self, view: ViewId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        if letter.event.version == self.applied.entry(letter.event.stream).next() {
            self.add(view, letter, cx);
            cx.fact(Fact::Replayed { view, event: letter.event.clone() });
        }
    }

    /// Applies an event, and returns the keys of its rows.
    fn add(
        &mut self,
        view: ViewId,
        letter: &Letter<D>,
        cx: &Cx<'_, '_, D>,
    ) -> ArrayVec<RowKey, ROWS_MAX> {
        let Letter { event, ordinal, cause: _ } = letter;
        *self.applied.entry(event.stream) = event.version;
        self.beyond.insert(*ordinal, event.position);
        while let Some(position) = self.beyond.remove(&self.checkpoint.next()) {
            self.checkpoint = self.checkpoint.next();
            self.upto = position;
        }
        if cx.has(&CHECKPOINT_SKIPS_GAP) && *ordinal > self.checkpoint {
            (self.checkpoint, self.upto) = (*ordinal, event.position);
        }
        self.rows.project(view, event, cx.domain())
    }
}

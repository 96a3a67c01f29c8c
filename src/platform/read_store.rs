//! The database of the read models.
//!
//! A row transaction moves three things together or not at all: the rows of one event, the idempotency
//! log of its consumer, and the consumer's checkpoint. The checkpoint is the rank up to which *every*
//! event of the category is applied; what is applied beyond a gap is kept beside it.
//!
//! A view is rebuilt in a second table. It is fed with pages of the log from position 0, no further than
//! the live table's checkpoint, and with whatever the live table applies meanwhile as soon as it can
//! follow. When both have the same events it takes the live one's place: readers see one table or the
//! other, and no event is in between.

use crate::collections::SortedMap;
use std::sync::Arc;

use arrayvec::ArrayVec;

use crate::kernel::NodeId;
use crate::model::{Domain, Fact, Ordinal, Position, RowKey, Version, ViewId};
use crate::platform::cx::Cx;
use crate::platform::message::{ApplyOutcome, Copy, Letter, Message};
use crate::platform::schema::{self, ROWS_MAX};
use crate::platform::stream_table::StreamTable;

/// The read store as a node. It survives a crash whole.
#[derive(Clone, Debug)]
pub(crate) struct ReadStore<D: Domain> {
    durable: Vec<View<D>>,
}

/// One view: the table that is read, and the one that is being built beside it.
#[derive(Clone, Debug)]
struct View<D: Domain> {
    live: Table<D>,
    /// With the number of the rebuild.
    shadow: Option<(u32, Table<D>)>,
    /// The last rebuild that was finished.
    rebuilt: u32,
}

/// The rows of a view, and what they are made from.
#[derive(Clone, Debug)]
struct Table<D: Domain> {
    rows: Vec<Copy<D>>,
    /// The last version of each stream that was applied: the consumer's idempotency log, which is a
    /// number for each stream because streams are applied in order.
    applied: StreamTable<Version>,
    checkpoint: Ordinal,
    /// The position of the event at the checkpoint.
    upto: Position,
    /// Events applied beyond the checkpoint, with their positions.
    beyond: SortedMap<Ordinal, Position>,
}

impl<D: Domain> ReadStore<D> {
    pub(crate) fn new() -> Self {
        let view = || View { live: Table::new(), shadow: None, rebuilt: 0 };
        Self { durable: D::VIEWS.iter().map(|_| view()).collect() }
    }

    /// The rows of every view, by key.
    pub(crate) fn rows(&self) -> Vec<Vec<Option<Arc<D::Row>>>> {
        let rows = |view: &View<D>| view.live.rows.iter().map(|copy| copy.row.clone()).collect();
        self.durable.iter().map(rows).collect()
    }

    /// How far the checkpoint of every view came.
    pub(crate) fn checkpoints(&self) -> Vec<u64> {
        self.durable.iter().map(|view| view.live.checkpoint.0).collect()
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {}

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, _cx: &mut Cx<'_, '_, D>) {}

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::Apply(view, letter) => self.apply(from, view, &letter, cx),
            Message::Read { request, nth, view, key } => {
                let rows = &self.durable[usize::from(view.0)].live.rows;
                let copy = rows.get(key.0 as usize).cloned().unwrap_or_default();
                cx.send(from, Message::ReadReply { request, nth, copy });
            }
            Message::Shadow { view, nth, page } => self.build(from, view, nth, &page, cx),
            Message::Disconnected(_) => {}
            other => unreachable!("the read store does not take {other:?}"),
        }
    }

    fn apply(&mut self, from: NodeId, view: ViewId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        let View { live: table, shadow, .. } = &mut self.durable[usize::from(view.0)];
        let (stream, version) = (letter.event.stream, letter.event.version);
        let applied = table.applied.entry(stream);
        let outcome = if version <= *applied {
            ApplyOutcome::Duplicate(*applied)
        } else if version > applied.next() {
            ApplyOutcome::Gap(*applied)
        } else {
            *applied = version;
            let rows = table.project(view, letter, cx.domain());
            table.move_checkpoint(letter.ordinal, letter.event.position);
            let (checkpoint, upto) = (table.checkpoint, table.upto);
            cx.fact(Fact::Applied { view, event: letter.event.clone(), checkpoint, upto });
            if let Some((_, shadow)) = shadow {
                shadow.follow(view, letter, cx);
            }
            ApplyOutcome::Applied(rows)
        };
        cx.send(from, Message::ApplyReply { stream, version, outcome: Box::new(outcome) });
    }
}

/// Rebuilding.
impl<D: Domain> ReadStore<D> {
    /// Adds a page to the table that is being built, and swaps the two if it has all that the live one
    /// has. Asking again changes nothing.
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
            cx.send(from, Message::ShadowAt { nth, upto: live, live, swapped: true });
            return;
        }
        if view.shadow.as_ref().is_none_or(|(under_way, _)| *under_way != nth) {
            cx.fact(Fact::RebuildStarted { view: id });
            view.shadow = Some((nth, Table::new()));
        }
        let (_, shadow) = view.shadow.as_mut().expect("just made");
        for letter in page {
            shadow.follow(id, letter, cx);
        }
        let (upto, swapped) = (shadow.checkpoint, shadow.has_all_of(&view.live));
        if swapped {
            (_, view.live) = view.shadow.take().expect("just seen");
            view.rebuilt = nth;
            cx.fact(Fact::Rebuilt { view: id, events: view.live.events() });
        }
        cx.send(from, Message::ShadowAt { nth, upto, live, swapped });
    }
}

impl<D: Domain> Table<D> {
    fn new() -> Self {
        Self {
            rows: Vec::new(),
            applied: StreamTable::default(),
            checkpoint: Ordinal(0),
            upto: Position(0),
            beyond: SortedMap::new(),
        }
    }

    /// How many events are applied.
    fn events(&self) -> u64 {
        self.checkpoint.0 + self.beyond.len() as u64
    }

    /// Applies an event if it is the next of its stream; one that is not comes with a later page.
    fn follow(&mut self, view: ViewId, letter: &Letter<D>, cx: &mut Cx<'_, '_, D>) {
        let applied = self.applied.entry(letter.event.stream);
        if letter.event.version == applied.next() {
            *applied = letter.event.version;
            self.project(view, letter, cx.domain());
            self.move_checkpoint(letter.ordinal, letter.event.position);
            cx.fact(Fact::Replayed { view, event: letter.event.clone() });
        }
    }

    /// Whether exactly the events of the other one are applied here.
    fn has_all_of(&self, live: &Self) -> bool {
        self.checkpoint == live.checkpoint && self.beyond == live.beyond
    }

    /// Brings the rows of one event up to date; copies of them if the view is pinned.
    fn project(
        &mut self,
        view: ViewId,
        letter: &Letter<D>,
        domain: &D,
    ) -> ArrayVec<(RowKey, Copy<D>), ROWS_MAX> {
        let mut touched = ArrayVec::new();
        for key in schema::rows(domain, view, &letter.event) {
            let index = key.0 as usize;
            if self.rows.len() <= index {
                self.rows.resize(index + 1, Copy::default());
            }
            let copy = &mut self.rows[index];
            let mut row = copy.row.take().map(Arc::unwrap_or_clone);
            schema::project(domain, view, key, &mut row, &letter.event);
            *copy = Copy { row: row.map(Arc::new), revision: copy.revision + 1 };
            if D::VIEWS[usize::from(view.0)].pinned {
                touched.push((key, copy.clone()));
            }
        }
        touched
    }

    fn move_checkpoint(&mut self, ordinal: Ordinal, position: Position) {
        self.beyond.insert(ordinal, position);
        while let Some(position) = self.beyond.remove(&self.checkpoint.next()) {
            self.checkpoint = self.checkpoint.next();
            self.upto = position;
        }
    }
}

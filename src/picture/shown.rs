//! What views show: their rows, folded again from the events that they state to have applied.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::NodeId;
use crate::model::{Domain, Fact, Ordinal, Position, Record, RowKey, Stored, Strategy, ViewId};
use crate::platform::Rows;

/// The tables of all views.
pub(super) struct Shown<'a, D: Domain> {
    domain: &'a D,
    /// The table that is read, of each view that is kept.
    live: BTreeMap<ViewId, Rows<D>>,
    /// The table of a rebuild.
    rebuilt: BTreeMap<ViewId, Rows<D>>,
    /// The tables in the memory of query API instances, each with the number of events in it.
    on_demand: BTreeMap<(NodeId, ViewId), Rows<D>>,
    /// The visible events.
    log: BTreeMap<Position, Arc<Stored<D::Event>>>,
}

impl<'a, D: Domain> Shown<'a, D> {
    pub(super) fn new(domain: &'a D) -> Self {
        let (live, rebuilt, on_demand) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { domain, live, rebuilt, on_demand, log: BTreeMap::new() }
    }

    /// Tells `each` of every row that a record changes: its view, key, revision and content.
    pub(super) fn see(
        &mut self,
        record: &Record<D>,
        mut each: impl FnMut(ViewId, RowKey, u32, Option<&D::Row>),
    ) {
        let Self { domain, live, rebuilt, on_demand, log } = self;
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others change no row")]
        match &record.fact {
            Fact::Stored(event) => {
                log.insert(event.position, Arc::clone(event));
            }
            Fact::Rewound { events, .. } => {
                // Only the views in the store go back with it; the others are filled again from the log.
                (*live, *rebuilt, *on_demand) = Default::default();
                events.iter().for_each(|event| _ = log.remove(&event.position));
                for (view, id) in D::VIEWS.iter().zip((0..).map(ViewId)) {
                    if view.strategy == Strategy::Synchronous {
                        let table = live.entry(id).or_default();
                        let own =
                            log.values().filter(|event| event.stream.category == view.category);
                        own.for_each(|event| _ = table.project(id, event, domain));
                    }
                }
            }
            Fact::Applied { view, event, .. } | Fact::AppliedInline { view, event } => {
                let table = live.entry(*view).or_default();
                for key in table.project(*view, event, domain) {
                    let copy = table.copy(key);
                    each(*view, key, copy.revision, copy.row.as_deref());
                }
            }
            Fact::RebuildStarted { view } => {
                rebuilt.insert(*view, Rows::default());
            }
            Fact::Replayed { view, event } => {
                rebuilt.entry(*view).or_default().project(*view, event, domain);
            }
            Fact::Rebuilt { view, .. } => {
                let after = rebuilt.remove(view).unwrap_or_default();
                let before = live.insert(*view, after.clone()).unwrap_or_default();
                let rows = before.all().len().max(after.all().len());
                for key in (0..).map(RowKey).take(rows) {
                    let (one, other) = (before.copy(key), after.copy(key));
                    if one.row != other.row || one.revision != other.revision {
                        each(*view, key, other.revision, other.row.as_deref());
                    }
                }
            }
            Fact::CaughtUp { view, after, upto, .. } if after < upto => {
                let category = D::VIEWS[usize::from(view.0)].category;
                let events = log.values().filter(|event| event.stream.category == category);
                let ranked = (1..).map(Ordinal).zip(events);
                let new = ranked.skip_while(|(rank, _)| rank <= after);
                let table = on_demand.entry((record.node, *view)).or_default();
                for (_, event) in new.take_while(|(rank, _)| rank <= upto) {
                    for key in table.project(*view, event, domain) {
                        let copy = table.copy(key);
                        each(*view, key, copy.revision, copy.row.as_deref());
                    }
                }
            }
            _ => {}
        }
    }
}

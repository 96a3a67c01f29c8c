//! Reads of views in a cache: a row that is not held, one that is folded again, and how rows get lost.

use std::sync::Arc;

use super::{ReadStore, View};
use crate::kernel::{Entity, NodeId, Site, Space};
use crate::model::{CacheKey, Domain, Fact, Loss, Ordinal, RequestId, RowKey, Stored, ViewId};
use crate::platform::cx::Cx;
use crate::platform::faults::{ROW_EVICTED, ROWS_LOST};
use crate::platform::message::Message;
use crate::platform::settings::Evicts;

/// Which row a cache evicts when it may evict any: 0 is the one that was not used for the longest time.
pub(crate) const ROW_EVICTS: Site = Site::new(43, "row-cache.evicts");

impl<D: Domain> ReadStore<D> {
    /// Reads a row of a view in a cache. One that is not held there may exist: then the reader is told so.
    pub(super) fn read_cached(
        &mut self,
        from: NodeId,
        (request, nth): (RequestId, u64),
        (view, key): (ViewId, RowKey),
        cx: &mut Cx<'_, '_, D>,
    ) {
        self.lose(view, key, cx);
        let View { live, cache, .. } = &mut self.durable[usize::from(view.0)];
        let cache = cache.get_or_insert_default();
        let found = cache.get(key);
        let (upto, known) = (live.upto, found.is_some());
        cx.fact(Fact::RowRead { request, view, row: key, upto, known });
        if let Some(copy) = found {
            return cx.send(from, Message::ReadReply { request, nth, copy });
        }
        let after = cache.restored_upto(key);
        cx.send(from, Message::RowMissing { request, nth, after });
        if std::mem::take(&mut self.loss_unseen) {
            cx.fault_seen(&ROWS_LOST);
        }
    }

    /// Adds a page of the log to a row that was not held when it was read.
    pub(super) fn restore(
        &mut self,
        from: NodeId,
        (request, nth): (RequestId, u64),
        (view, key): (ViewId, RowKey),
        (after, page): (Ordinal, &[Arc<Stored<D::Event>>]),
        cx: &mut Cx<'_, '_, D>,
    ) {
        let View { live, cache, .. } = &mut self.durable[usize::from(view.0)];
        let cache = cache.get_or_insert_default();
        if let Some(copy) = cache.get(key) {
            return cx.send(from, Message::ReadReply { request, nth, copy }); // another reader was faster
        }
        let last = live.beyond.keys().next_back().map_or(live.checkpoint, |last| *last);
        let applied = (&live.applied, last);
        match cache.restore((view, key), (after, page), applied, cx.domain()) {
            Some(copy) => {
                let revision = copy.revision;
                cx.fact(Fact::RowRestored { request, view, row: key, revision });
                cx.send(from, Message::ReadReply { request, nth, copy });
                self.make_room(view, cx);
            }
            None => {
                let after = cache.restored_upto(key);
                cx.send(from, Message::RowMissing { request, nth, after });
            }
        }
    }

    /// Draws whether a cache loses a row before it is read, or all rows.
    pub(super) fn lose(&mut self, view: ViewId, key: RowKey, cx: &mut Cx<'_, '_, D>) {
        self.lose_all(view, CacheKey::Row(view, key), cx);
        let Some(cache) = &mut self.durable[usize::from(view.0)].cache else { return };
        if cache.holds(key) && cx.fault(&ROW_EVICTED, CacheKey::Row(view, key)) > 0 {
            cache.evict(key);
            cx.fact(Fact::RowLost { view, row: Some(key), why: Loss::Evicted });
            cx.fault_seen(&ROW_EVICTED);
        }
    }

    pub(super) fn lose_all(
        &mut self,
        view: ViewId,
        about: impl Into<Entity>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(cache) = &mut self.durable[usize::from(view.0)].cache else { return };
        if !cache.is_empty() && cx.fault(&ROWS_LOST, about) > 0 {
            cache.lose_all();
            self.loss_unseen = true;
            cx.fact(Fact::RowLost { view, row: None, why: Loss::Restarted });
        }
    }

    /// Evicts rows of a view in a cache until the others have room.
    pub(super) fn make_room(&mut self, view: ViewId, cx: &mut Cx<'_, '_, D>) {
        let settings = &cx.settings().row_cache;
        let (Some(room), evicts) = (settings.rows, settings.evicts) else { return };
        let Some(cache) = &mut self.durable[usize::from(view.0)].cache else { return };
        let mut rows = cache.by_use(room);
        while rows.len() > room as usize {
            let nth = match evicts {
                Evicts::LeastRecentlyUsed => 0,
                Evicts::AtRandom => cx.draw(ROW_EVICTS, view, Space::up_to(rows.len() as u64 - 1)),
            };
            let row = rows.remove(nth as usize);
            cache.evict(row);
            cx.fact(Fact::RowLost { view, row: Some(row), why: Loss::Evicted });
        }
    }
}

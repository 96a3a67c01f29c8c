//! Rebuilding a view from position 0 beside the one that is read.
//!
//! ```text
//!  operator ─Rebuild─▶ projector ─Shadow─▶ read store: where is the new table, where the live one?
//!                          ▲  │
//!                          │  └─ReadLog─▶ event store: the next page
//!                          └─── page ── Shadow ─▶ read store: applied to the new table
//! ```
//!
//! The new table is the read store's, and so is the decision to swap: it takes the place of the live one
//! in one transaction, when it has every event that the live one has. What the projector knows of it is
//! which question is open. If that is forgotten, the operator asks again, and the rebuild goes on where
//! it was. Readers see the old table until the swap, and nothing but rows is written.

use super::{Patience, Projector};
use crate::kernel::Span;
use crate::model::{Domain, Ordinal};
use crate::platform::cx::Cx;
use crate::platform::message::{Letter, Message};

/// How long a rebuild that has caught up waits for the live table to have no gap.
const PAUSE: Span = Span::from_millis(50);

/// A rebuild under way.
#[derive(Clone, Debug)]
pub(super) struct Rebuild<D: Domain> {
    nth: u32,
    phase: Phase<D>,
}

#[derive(Clone, Debug)]
enum Phase<D: Domain> {
    /// A page is given to the read store, or only the question how far it is.
    Giving(Vec<Letter<D>>),
    /// A page is asked of the event store.
    Reading { after: Ordinal, upto: Ordinal },
    /// There is nothing to read that the live table has without a gap.
    Waiting,
}

impl<D: Domain> Projector<D> {
    /// The operator wants a rebuild. One at a time: the next is asked for again.
    pub(super) fn rebuild(&mut self, nth: u32, cx: &mut Cx<'_, '_, D>) {
        if self.volatile.rebuild.is_none() {
            self.volatile.rebuild = Some(Rebuild { nth, phase: Phase::Giving(Vec::new()) });
            self.rebuild_further(cx);
        }
    }

    /// Asks what is open, once more if it was asked before.
    pub(super) fn rebuild_further(&mut self, cx: &mut Cx<'_, '_, D>) {
        let view = self.view;
        let Some(rebuild) = &mut self.volatile.rebuild else { return };
        if matches!(rebuild.phase, Phase::Waiting) {
            rebuild.phase = Phase::Giving(Vec::new());
        }
        match &rebuild.phase {
            Phase::Giving(page) => {
                let message = Message::Shadow { view, nth: rebuild.nth, page: page.clone() };
                cx.send(cx.map().read_store(), message);
            }
            &Phase::Reading { after, upto } => {
                let category = D::VIEWS[usize::from(view.0)].category;
                cx.send(cx.map().store(), Message::ReadLog { category, after, upto });
            }
            Phase::Waiting => unreachable!("just left"),
        }
        self.volatile.deadlines.set(Patience::Rebuild, cx.settings().reply_timeout, cx);
    }

    /// The read store says how far the new table is.
    pub(super) fn shadow_at(
        &mut self,
        nth: u32,
        (after, upto): (Ordinal, Ordinal),
        swapped: bool,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(rebuild) = &mut self.volatile.rebuild else { return };
        if rebuild.nth != nth || !matches!(rebuild.phase, Phase::Giving(_)) {
            return; // the answer to an earlier question
        }
        if swapped {
            self.volatile.rebuild = None;
            self.volatile.deadlines.clear(Patience::Rebuild);
            if let Some(operator) = cx.map().operator() {
                cx.send(operator, Message::RebuildDone { nth });
            }
        } else if after < upto {
            rebuild.phase = Phase::Reading { after, upto };
            self.rebuild_further(cx);
        } else {
            rebuild.phase = Phase::Waiting;
            self.volatile.deadlines.set(Patience::Rebuild, PAUSE, cx);
        }
    }

    /// The event store gives a page.
    pub(super) fn page_read(
        &mut self,
        from: Ordinal,
        page: Vec<Letter<D>>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(rebuild) = &mut self.volatile.rebuild else { return };
        if matches!(rebuild.phase, Phase::Reading { after, .. } if after == from) {
            rebuild.phase = Phase::Giving(page);
            self.rebuild_further(cx);
        }
    }
}

//! Rebuilds a view from position 0 beside the one that is read.
//!
//! ```text
//!  operator ─Rebuild─▶ projector ─Shadow─▶ read store: how far are the new table and the live one?
//!                          ▲  │
//!                          │  └─ReadLog─▶ event store: the next page
//!                          └─── page ── Shadow ─▶ read store: applied to the new table
//! ```
//!
//! The read store keeps the new table and decides on the swap: when both tables contain the same
//! events, the new one replaces the live one in one transaction. The projector only knows which
//! request is open. If it loses that, the operator asks again, and the rebuild resumes where it
//! was. Readers see the old table until the swap, and only rows are written.
//!
//! Pages can come from a replica of the event store, which lacks the last events. What it has is not all that the live
//! table has applied: after an empty page the projector waits until there is more.

use super::{Patience, Projector};
use crate::kernel::Span;
use crate::model::{Domain, Ordinal};
use crate::platform::cx::Cx;
use crate::platform::message::{Letter, Message};

/// How long a rebuild that has caught up waits for the live table to fill a gap, or for a replica to have more.
const PAUSE: Span = Span::from_millis(50);

/// A running rebuild.
#[derive(Clone, Debug)]
pub(super) struct Rebuild<D: Domain> {
    nth: u32,
    /// Whether the table before is kept.
    keeps: bool,
    phase: Phase<D>,
}

#[derive(Clone, Debug)]
enum Phase<D: Domain> {
    /// A page goes to the read store; an empty one only asks how far it is. `ended`: the event store had no more.
    Giving { page: Vec<Letter<D>>, ended: bool },
    /// A page is requested from the event store.
    Reading { after: Ordinal, upto: Ordinal },
    /// The new table has everything that the live table has without a gap, or everything that the log has.
    Waiting,
}

impl<D: Domain> Phase<D> {
    /// Asks the read store how far it is.
    const fn asking() -> Self {
        Self::Giving { page: Vec::new(), ended: false }
    }
}

impl<D: Domain> Projector<D> {
    /// Starts a rebuild unless one is running; the operator repeats the request.
    pub(super) fn rebuild(&mut self, nth: u32, keeps: bool, cx: &mut Cx<'_, '_, D>) {
        if self.rebuild.is_none() {
            self.rebuild = Some(Rebuild { nth, keeps, phase: Phase::asking() });
            self.rebuild_further(cx);
        }
    }

    /// Sends the open request, or repeats it.
    pub(super) fn rebuild_further(&mut self, cx: &mut Cx<'_, '_, D>) {
        let view = self.view;
        let Some(Rebuild { nth, keeps, phase }) = &mut self.rebuild else { return };
        if matches!(phase, Phase::Waiting) {
            *phase = Phase::asking();
        }
        match phase {
            Phase::Giving { page, ended } => {
                let (nth, keeps, page, ended) = (*nth, *keeps, page.clone(), *ended);
                let shadow = Message::Shadow { view, nth, keeps, page, ended };
                cx.send(cx.map().read_store(), shadow);
            }
            &mut Phase::Reading { after, upto } => {
                let category = D::VIEWS[usize::from(view.0)].category;
                cx.send(cx.map().store(), Message::ReadLog { category, after, upto });
            }
            Phase::Waiting => unreachable!("just left"),
        }
        self.deadlines.set(Patience::Rebuild, cx.settings().reply_timeout, cx);
    }

    /// Handles the read store's answer: how far the new table is.
    pub(super) fn shadow_at(
        &mut self,
        nth: u32,
        (after, upto): (Ordinal, Ordinal),
        swapped: bool,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let Some(rebuild) = &mut self.rebuild else { return };
        let Phase::Giving { ended, .. } = rebuild.phase else { return };
        if rebuild.nth != nth {
            return; // the answer to an earlier request
        }
        if swapped {
            self.rebuild = None;
            self.deadlines.clear(Patience::Rebuild);
            if let Some(operator) = cx.map().operator() {
                cx.send(operator, Message::RebuildDone { nth });
            }
        } else if after < upto && !ended {
            rebuild.phase = Phase::Reading { after, upto };
            self.rebuild_further(cx);
        } else {
            rebuild.phase = Phase::Waiting;
            self.deadlines.set(Patience::Rebuild, PAUSE, cx);
        }
    }

    /// Passes a page from the event store on to the read store.
    pub(super) fn page_read(&mut self, at: Ordinal, page: Vec<Letter<D>>, cx: &mut Cx<'_, '_, D>) {
        let Some(rebuild) = &mut self.rebuild else { return };
        if matches!(rebuild.phase, Phase::Reading { after, .. } if after == at) {
            rebuild.phase = Phase::Giving { ended: page.is_empty(), page };
            self.rebuild_further(cx);
        }
    }
}

//! The outbox and its relays.

use super::{Narrator, Speaker, Wording};
use crate::kernel::NodeId;
use crate::model::{Domain, Stored};

impl<D: Domain> Narrator<'_, D> {
    /// The outbox ignores what a relay marks after its lease has passed to another one.
    pub(super) fn fenced(&self, here: Speaker, relay: NodeId, fence: u64) -> Wording {
        let name = self.node(relay);
        here.says(format!("fences off {name}: lease {fence} has passed to another relay"))
            .about([self.of_node(relay)])
    }

    pub(super) fn published(
        &self,
        here: Speaker,
        event: &Stored<D::Event>,
        again: bool,
    ) -> Wording {
        let verb = super::once_more(again, "publishes");
        here.says(format!("{verb} {}", self.headline(event))).about([self.of_stream(event.stream)])
    }
}

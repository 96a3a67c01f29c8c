//! The outbox and its relays.

use super::{Place, Wording, once_more};
use crate::kernel::NodeId;
use crate::model::{Domain, Stored};

impl<D: Domain> Place<'_, D> {
    /// The outbox ignores marks of a relay whose lease has passed to another relay.
    pub(super) fn fenced(&self, relay: NodeId, fence: u64) -> Wording {
        let name = self.node(relay);
        self.here(format!("fences off {name}: lease {fence} has passed to another relay"))
            .about([self.of_node(relay)])
    }

    pub(super) fn published(&self, event: &Stored<D::Event>, again: bool) -> Wording {
        let verb = once_more(again, "publishes");
        self.here(format!("{verb} {}", self.headline(event))).about([self.of_stream(event.stream)])
    }
}

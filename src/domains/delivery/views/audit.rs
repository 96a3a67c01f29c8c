//! `AuditTrail`: who changed what of an order, when, on whose behalf, and because of which request.

use crate::domains::delivery::defects::AUDIT_BLAMES_SERVICE;
use crate::domains::delivery::event::OrderEvent;
use crate::domains::delivery::ids::OrderId;
use crate::domains::delivery::setup::Delivery;
use crate::kernel::Instant;
use crate::model::{CommandId, Metadata, Principal, RequestId, Version};

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuditEntry {
    pub version: Version,
    /// What was changed: the name of the event.
    pub what: &'static str,
    /// Who changed it.
    pub who: Principal,
    /// The request that led to it, directly or through the saga, and with it the person on whose behalf. `None`
    /// if there was none.
    pub request: Option<RequestId>,
    /// When it was recorded, by the store's clock.
    pub at: Instant,
}

/// All changes of one order, in order of their versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AuditTrail {
    pub order: OrderId,
    entries: Vec<AuditEntry>,
}

impl AuditEntry {
    /// The entry of an event.
    fn of(version: Version, event: &OrderEvent, metadata: &Metadata) -> Self {
        let request = match metadata.correlation {
            CommandId::Request(request) => Some(request),
            CommandId::Effect(_) | CommandId::Progress { .. } => None,
        };
        let (what, who, at) = (event.name(), metadata.actor, metadata.recorded_at);
        Self { version, what, who, request, at }
    }
}

impl AuditTrail {
    pub(super) const fn blank(order: OrderId) -> Self {
        Self { order, entries: Vec::new() }
    }

    #[cfg(test)]
    pub(in crate::domains::delivery) const fn of(order: OrderId, entries: Vec<AuditEntry>) -> Self {
        Self { order, entries }
    }

    /// All changes, the oldest first.
    pub fn entries(&self) -> &[AuditEntry] {
        &self.entries
    }

    /// The version up to which changes are listed.
    pub(super) fn version(&self) -> Version {
        self.entries.last().map_or(Version(0), |entry| entry.version)
    }

    pub(super) fn apply(
        &mut self,
        delivery: &Delivery,
        version: Version,
        event: &OrderEvent,
        metadata: &Metadata,
    ) {
        let mut entry = AuditEntry::of(version, event, metadata);
        if entry.who == Principal::Saga && delivery.has(&AUDIT_BLAMES_SERVICE) {
            entry.request = None;
        }
        self.entries.push(entry);
    }
}

//! What can happen to any node.

use super::{Place, Wording};
use crate::kernel::{Fired, NodeId, Scope, Span, Unit};
use crate::model::Domain;
use crate::platform::message_name;

/// The message that gives a node an opportunity to fail although nothing was sent to it.
const OCCASION: &str = "Opportunity";

impl<D: Domain> Place<'_, D> {
    /// `! Drop: Append to store`, `! CrashBetween at Confirm from broker, 1.000s`, `! Pause, 3.000s`.
    pub(super) fn fault(&self, fired: &Fired) -> Wording {
        let Fired { fault, actor, entity: _, size, until: _ } = fired;
        let message = message_name(actor.kind);
        let (place, peers) = match fault.scope {
            Scope::Link => (format!(": {message} to {}", self.node(actor.to)), vec![actor.to]),
            Scope::Pair => {
                let (from, to) = (self.node(actor.from), self.node(actor.to));
                (format!(" between {from} and {to}"), vec![actor.from, actor.to])
            }
            Scope::AnyNode | Scope::Node(_) | Scope::Service => match message {
                // The fault does not depend on what the node is doing.
                "" | OCCASION => (String::new(), vec![]),
                _ if actor.from == actor.to => (format!(" at {message}"), vec![]),
                _ => (format!(" at {message} from {}", self.node(actor.from)), vec![actor.from]),
            },
        };
        let size = match fault.unit {
            Unit::Once => String::new(),
            // The unit depends on the fault: it may be seats, or a number of times.
            Unit::Times => format!(", size {size}"),
            Unit::Span | Unit::Lasting => format!(", {}", Span::from_micros(*size)),
        };
        self.here(format!("! {}{place}{size}", fault.name))
            .about(peers.into_iter().map(|node| self.of_node(node)))
    }

    pub(super) fn disconnected(&self, peer: NodeId) -> Wording {
        self.here(format!("loses its connection to {}", self.node(peer)))
            .about([self.of_node(peer)])
    }
}

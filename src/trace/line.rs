//! One line of a story, as data.

use serde::Serialize;

use crate::kernel::{Instant, NodeId, Step};
use crate::model::FactKind;

use super::Importance;

/// One fact of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The occurrence in which the fact was recorded.
    pub step: Step,
    /// Which part of the occurrence: a node may deal with several things in one occurrence, each with a cause
    /// of its own.
    pub part: u32,
    /// The time of the fact.
    pub at: Instant,
    /// The node that stated it.
    pub node: NodeId,
    /// What acts.
    pub speaker: Speaker,
    /// What the fact is about, besides its speaker; each entity once.
    pub about: Vec<Entity>,
    /// The step of the lines that led to this one; `None` if no line did. See
    /// [`Story::leads_to`](super::Story::leads_to).
    pub cause: Option<Step>,
    /// The request whose conversation the line belongs to, as in `request 1 of ana`; `None` if no request led
    /// to it.
    pub correlation: Option<String>,
    /// Why the fact matters to a reader.
    pub importance: Importance,
    /// The kind of fact.
    pub kind: FactKind,
    /// What happened, in words.
    pub text: String,
}

impl Line {
    /// Its correlation id; empty if it has none.
    pub(super) fn correlation_id(&self) -> &str {
        self.correlation.as_deref().unwrap_or_default()
    }
}

/// What acts in a line: a node, or a customer, saga, view or service under its own name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Speaker {
    /// Its name.
    pub name: String,
    /// What it is: `customer`, `saga`, `view`, `service`, or the kind of the node.
    pub role: &'static str,
}

/// Something that a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// Its kind.
    pub kind: EntityKind,
    /// Its name.
    pub name: String,
}

/// The kinds of entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// An event stream, such as an aggregate or a saga.
    Stream,
    /// A customer.
    Customer,
    /// A service outside of the platform.
    Service,
    /// A view.
    View,
    /// The consumer of a queue: a view, or all sagas.
    Queue,
    /// A key of the cache.
    CacheKey,
    /// A node of the platform.
    Node,
}

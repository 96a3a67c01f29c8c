//! What one line of a story says, as data.

use serde::Serialize;

use crate::kernel::{Instant, Step};
use crate::model::FactKind;

use super::Importance;

/// One fact, told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The occurrence in which the fact was stated.
    pub step: Step,
    /// When.
    pub at: Instant,
    /// What acted.
    pub speaker: Speaker,
    /// What the fact is about, besides its speaker; each once.
    pub about: Vec<Entity>,
    /// The step of the line that led to this one; `None` if it began by itself.
    pub cause: Option<Step>,
    /// How much a reader should care.
    pub importance: Importance,
    /// The kind of fact.
    pub kind: FactKind,
    /// What happened, in words.
    pub text: String,
}

/// What acts in a line: a node, or a customer, saga, view or service under its own name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Speaker {
    /// Its name.
    pub name: String,
    /// What it is: `customer`, `saga`, `view`, `service`, or the kind of the node.
    pub role: &'static str,
}

/// A thing that a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Its name.
    pub name: String,
}

/// The kinds of things that lines are about.
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

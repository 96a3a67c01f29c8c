//! Holds: order constraints that differ from the default order.
//!
//! A hold says that one delivery waits until another has happened. It is a delay whose length follows
//! from the run, so it still means the same after the run was changed elsewhere. A hold whose anchor
//! never comes cannot stop a run: when nothing else is left the oldest held delivery is let go.

use std::collections::{BTreeMap, BTreeSet};

use super::name::OccurrenceKey;

/// `delivery` waits until `until` was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hold {
    /// What waits.
    pub delivery: OccurrenceKey,
    /// What it waits for.
    pub until: OccurrenceKey,
}

/// All holds of a run, and which of their anchors have happened.
///
/// ```
/// use jetlag::kernel::*;
///
/// #[derive(Clone)]
/// struct Note(u16);
/// impl Payload for Note {
///     fn kind(&self) -> Kind { Kind(self.0) }
///     fn entity(&self) -> Entity { Entity(0) }
/// }
/// let note = |kind| OccurrenceKey {
///     actor: Actor { from: NodeId(0), to: NodeId(1), kind: Kind(kind) },
///     entity: Entity(0),
///     nth: 0,
/// };
/// let holds = Holds::from_iter([Hold { delivery: note(1), until: note(2) }]);
/// let link = Link { base: Span::from_millis(1), jitter: Span::ZERO, ordered: false };
/// let mut kernel = Kernel::new(Links::new(2, link), Choices::default(), holds);
/// kernel.context(NodeId(0)).send(NodeId(1), Note(1));
/// kernel.context(NodeId(0)).send(NodeId(1), Note(2));
/// let order: Vec<u16> = std::iter::from_fn(|| kernel.next()).map(|due| due.payload.0).collect();
/// assert_eq!(order, [2, 1]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Holds {
    anchor_of: BTreeMap<OccurrenceKey, OccurrenceKey>,
    anchors: BTreeSet<OccurrenceKey>,
    happened: BTreeSet<OccurrenceKey>,
}

impl Holds {
    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.anchor_of.is_empty()
    }

    /// What `delivery` has to wait for, unless that has happened already.
    pub fn waits_for(&self, delivery: &OccurrenceKey) -> Option<OccurrenceKey> {
        self.anchor_of.get(delivery).copied().filter(|anchor| !self.happened.contains(anchor))
    }

    /// Notes that `delivery` happened; whether anything was waiting for it.
    pub fn happened(&mut self, delivery: OccurrenceKey) -> bool {
        self.anchors.contains(&delivery) && self.happened.insert(delivery)
    }
}

impl FromIterator<Hold> for Holds {
    fn from_iter<I: IntoIterator<Item = Hold>>(holds: I) -> Self {
        let anchor_of: BTreeMap<_, _> =
            holds.into_iter().map(|hold| (hold.delivery, hold.until)).collect();
        let anchors = anchor_of.values().copied().collect();
        Self { anchor_of, anchors, happened: BTreeSet::new() }
    }
}

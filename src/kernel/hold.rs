//! Holds: constraints on the order of deliveries.
//!
//! A hold makes one delivery wait until another has happened. It is a delay whose length follows from the
//! run, so it keeps its meaning when the run is changed elsewhere. A hold whose anchor never happens
//! cannot stop a run: when nothing else is left, the oldest held delivery is released.

use std::collections::{BTreeMap, BTreeSet};

use super::name::{Actor, Entity, OccurrenceKey};

/// `delivery` waits until `until` was delivered. Only messages wait; a timer can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hold {
    /// The delivery that waits.
    pub delivery: OccurrenceKey,
    /// The delivery that it waits for, its anchor. The `nth` of a timer counts those of its node, kind and
    /// entity that fired before.
    pub until: OccurrenceKey,
}

/// All holds of a run, and which of their anchors have happened.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    anchor_of: BTreeMap<OccurrenceKey, OccurrenceKey>,
    anchors: BTreeSet<OccurrenceKey>,
    happened: BTreeSet<OccurrenceKey>,
    /// How often each timer has fired.
    fired: BTreeMap<(Actor, Entity), u32>,
}

impl Holds {
    pub(super) fn is_empty(&self) -> bool {
        self.anchor_of.is_empty()
    }

    /// Whether `delivery` has an anchor that has not happened yet.
    pub(super) fn is_waiting(&self, delivery: &OccurrenceKey) -> bool {
        self.anchor_of.get(delivery).is_some_and(|anchor| !self.happened.contains(anchor))
    }

    /// The holds whose anchor never happened.
    pub(super) fn unmet(&self) -> impl Iterator<Item = Hold> + '_ {
        let unmet = self.anchor_of.iter().filter(|(_, until)| !self.happened.contains(until));
        unmet.map(|(delivery, until)| Hold { delivery: *delivery, until: *until })
    }

    /// Notes that `delivery` happened, a message or something else; whether it is an anchor.
    pub(super) fn happened(&mut self, mut delivery: OccurrenceKey, is_message: bool) -> bool {
        if delivery.actor.is_own() && !is_message {
            let fired = self.fired.entry((delivery.actor, delivery.entity)).or_default();
            delivery.nth = *fired;
            *fired += 1;
        }
        self.anchors.contains(&delivery) && self.happened.insert(delivery)
    }
}

impl FromIterator<Hold> for Holds {
    fn from_iter<I: IntoIterator<Item = Hold>>(holds: I) -> Self {
        let anchor_of: BTreeMap<_, _> =
            holds.into_iter().map(|hold| (hold.delivery, hold.until)).collect();
        let anchors = anchor_of.values().copied().collect();
        Self { anchor_of, anchors, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::*;

    #[derive(Clone)]
    struct Note(u16);

    impl Payload for Note {
        fn kind(&self) -> Kind {
            Kind(self.0)
        }

        fn entity(&self) -> Entity {
            Entity(0)
        }
    }

    #[test]
    fn a_held_delivery_waits_for_its_anchor() {
        let note = |kind| OccurrenceKey {
            actor: Actor { from: NodeId(0), to: NodeId(1), kind: Kind(kind) },
            entity: Entity(0),
            nth: 0,
        };
        let holds = Holds::from_iter([Hold { delivery: note(1), until: note(2) }]);
        let link = Link { base: Span::from_millis(1), jitter: Span::ZERO, ordered: false };
        let mut kernel = Kernel::new(Links::new(2, link), Choices::default(), holds);
        kernel.context(NodeId(0)).send(NodeId(1), Note(1));
        kernel.context(NodeId(0)).send(NodeId(1), Note(2));
        let order: Vec<u16> =
            std::iter::from_fn(|| kernel.next()).map(|due| due.payload.0).collect();
        assert_eq!(order, [2, 1]);
    }
}

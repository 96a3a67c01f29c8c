//! The order of a failure from scratch: fewer waits than are left, between other deliveries.

use std::collections::BTreeMap;

use super::element::{Element, Elements};
use crate::kernel::{Delivered, Hold, NodeId};

/// The most orders that are tried in the place of one.
const ORDERS_MAX: usize = 256;

/// Elements without what changes their order, if several do: fewer waits may be enough.
pub(super) fn without_order(elements: &Elements) -> Option<(Elements, usize)> {
    let order = elements.all().iter().copied().filter(Element::is_order);
    let order: Vec<Element> = order.collect();
    (order.len() > 1).then(|| (elements.without(&order), order.len()))
}

/// Sets of fewer than `many` waits, at most two, that can be put into a run with these deliveries: single ones first.
pub(super) fn orders(deliveries: &[Delivered], many: usize) -> impl Iterator<Item = Vec<Hold>> {
    let singles = waits(deliveries);
    let pairs = if many > 2 { pairs(&singles) } else { Vec::new() };
    singles.into_iter().map(|hold| vec![hold]).chain(pairs).take(ORDERS_MAX)
}

/// Each message with the deliveries that come after it at its node, those next to each other first: of two orders that
/// fail the one that changes less is the simpler one. No more than are tried: a long run has millions.
fn waits(deliveries: &[Delivered]) -> Vec<Hold> {
    let mut at_nodes: BTreeMap<NodeId, Vec<usize>> = BTreeMap::new();
    for (place, delivered) in deliveries.iter().enumerate().filter(|(_, it)| !it.is_poll) {
        at_nodes.entry(delivered.key.actor.to).or_default().push(place);
    }
    let longest = at_nodes.values().map(Vec::len).max().unwrap_or(0);
    let mut found = Vec::new();
    for apart in 1..longest {
        let pairs = at_nodes.values().flat_map(|here| here.iter().zip(here.iter().skip(apart)));
        let mut pairs: Vec<(usize, usize)> = pairs
            .map(|(at, until)| (*at, *until))
            .filter(|(at, _)| !deliveries[*at].key.actor.is_own())
            .collect();
        pairs.sort_unstable();
        let hold = |(at, until): (usize, usize)| Hold {
            delivery: deliveries[at].key,
            until: deliveries[until].key,
        };
        found.extend(pairs.into_iter().map(hold));
        if found.len() >= ORDERS_MAX {
            found.truncate(ORDERS_MAX);
            return found;
        }
    }
    found
}

/// Each two that concern different deliveries.
fn pairs(singles: &[Hold]) -> Vec<Vec<Hold>> {
    let with_later = |(nth, one): (usize, &Hold)| {
        let later = singles[nth + 1..].iter().filter(|other| other.delivery != one.delivery);
        later.map(|other| vec![*one, *other]).collect::<Vec<_>>()
    };
    singles.iter().enumerate().flat_map(with_later).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Actor, Digest, Entity, Instant, Kind, NodeId, OccurrenceKey, Step};

    /// The nth message from node 9 to a node.
    fn delivered(to: u16, nth: u32) -> Delivered {
        let actor = Actor { from: NodeId(9), to: NodeId(to), kind: Kind(1) };
        Delivered {
            key: OccurrenceKey { actor, entity: Entity(0), nth },
            is_poll: false,
            at: Instant::ZERO,
            cause: Step(0),
            drawn: 0,
            digest: Digest::default(),
        }
    }

    #[test]
    fn single_waits_come_first_and_those_of_neighbours_before_others() {
        let deliveries = [delivered(1, 0), delivered(2, 0), delivered(1, 1), delivered(1, 2)];
        let named = |holds: Vec<Hold>| -> Vec<(u32, u32)> {
            holds.iter().map(|hold| (hold.delivery.nth, hold.until.nth)).collect()
        };
        let two: Vec<_> = orders(&deliveries, 2).map(named).collect();
        assert_eq!(two, [[(0, 1)], [(1, 2)], [(0, 2)]], "one wait in the place of two");
        let three: Vec<_> = orders(&deliveries, 3).map(named).skip(3).collect();
        assert_eq!(three, [[(0, 1), (1, 2)], [(1, 2), (0, 2)]], "each of another delivery");
    }
}

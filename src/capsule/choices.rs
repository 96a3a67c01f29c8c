//! What was drawn in a run as entries of a capsule.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{Delays, Draws, FaultChoice, Line};
use super::names::Names;
use crate::kernel::{Actor, ChoiceKey, Decision, Entity, LINK_JITTER, NodeId, OccurrenceKey, Site};
use crate::session::{Lexicon, site_name, site_named};

/// The site at which a line of the script is left out, and that of an arrival.
const LINE: &str = "customer.line";
const ARRIVAL: &str = "customer.arrival";
/// The node that draws them.
pub(super) const CUSTOMERS: &str = "customers";

/// Which choices an encoding keeps besides the faults and what nodes drew.
pub(super) enum Lateness {
    /// The delays of these messages.
    Only(BTreeSet<OccurrenceKey>),
    /// Every delay.
    Every,
}

/// The entries of a capsule that are choices.
pub(super) struct Entries {
    pub(super) script: Vec<Line>,
    /// `None` if the scenario has no workload.
    pub(super) arrivals: Option<Vec<u64>>,
    pub(super) faults: Vec<FaultChoice>,
    pub(super) delays: Vec<Delays>,
    pub(super) draws: Vec<Draws>,
}

/// What was drawn at one place about one thing: the largest possible value, and those that are not benign.
type Drawn = (u64, Vec<(u32, u64)>);

/// The sites at which lines and arrivals are left out.
pub(crate) fn line_sites() -> [Site; 2] {
    [LINE, ARRIVAL].map(|name| site_named(name).expect("a site of the customers"))
}

/// The node that draws which lines and arrivals take place, and what the customers of a workload do.
pub(crate) fn customers(lexicon: &dyn Lexicon) -> Actor {
    let node = lexicon.nodes().iter().position(|name| name == CUSTOMERS);
    Actor::node(NodeId(node.and_then(|node| u16::try_from(node).ok()).unwrap_or_default()))
}

/// The entries for all decisions of a run that are not benign.
pub(super) fn entries<'a>(
    decisions: impl Iterator<Item = &'a Decision>,
    lateness: &Lateness,
    (names, lexicon): (&Names<'_>, &dyn Lexicon),
) -> Entries {
    let [line, arrival] = line_sites();
    let lines = lexicon.lines();
    let (mut script, mut arrivals, mut faults) = (Vec::new(), None, Vec::new());
    let mut late: BTreeMap<(Actor, Entity), Drawn> = BTreeMap::new();
    let mut drawn: BTreeMap<(Site, Actor, Entity), Drawn> = BTreeMap::new();
    for Decision { key, space, value } in decisions {
        let (ChoiceKey { site, actor, entity, nth }, value) = (*key, *value);
        if site == line || site == arrival {
            let number = entity.0;
            if site == arrival {
                let arrivals = arrivals.get_or_insert_with(Vec::new);
                arrivals.extend((value == 0).then_some(number));
            } else if value == 0 {
                let who = lines.get(number as usize - 1).cloned().unwrap_or_default();
                script.push(Line { line: number, who });
            }
        } else if value == 0 {
            // Benign choices need no entry.
        } else if site == LINK_JITTER {
            let is_kept = match lateness {
                Lateness::Every => true,
                Lateness::Only(kept) => kept.contains(&OccurrenceKey { actor, entity, nth }),
            };
            if is_kept {
                let entry = late.entry((actor, entity)).or_insert((space.max(), Vec::new()));
                entry.1.push((nth, value));
            }
        } else if let Some(fault) = names.faults.iter().find(|fault| fault.site == site) {
            faults.push(names.fault(fault, *key, value));
        } else {
            let entry = drawn.entry((site, actor, entity)).or_insert((space.max(), Vec::new()));
            entry.1.push((nth, value));
        }
    }
    let delays = late.into_iter().map(|((actor, entity), (of, by))| Delays {
        message: names.message(actor.kind),
        from: names.node(actor.from),
        to: names.node(actor.to),
        about: names.about(entity),
        of,
        by,
    });
    let draws = drawn.into_iter().map(|((site, actor, entity), (of, values))| Draws {
        draw: site_name(site),
        at: names.node(actor.to),
        about: names.about(entity),
        of,
        values,
    });
    Entries { script, arrivals, faults, delays: delays.collect(), draws: draws.collect() }
}

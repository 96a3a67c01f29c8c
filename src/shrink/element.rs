//! What a run consists of besides its scenario, as elements that can be left out one by one.

use std::collections::BTreeSet;

use crate::capsule::{customers, line_sites};
use crate::kernel::{
    Actor, ChoiceKey, Decision, Entity, Hold, LINK_JITTER, Overrides, Schedule, Site,
};
use crate::session::{AnyScenario, Faults, RunOutcome, RunRequest};

/// One element of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// A line of the script that takes place, by its number from 1.
    Line(u64),
    /// An arrival of the workload that takes place, by its number from 1.
    Arrival(u64),
    /// A fault that fires, and its size.
    Fault(ChoiceKey, u64),
    /// A delivery that waits for another.
    Hold(Hold),
    /// A message that takes longer than the least latency, and by how much.
    Delay(ChoiceKey, u64),
    /// Any other choice that is not benign, and its value.
    Draw(ChoiceKey, u64),
}

impl Element {
    /// Whether a customer does something in it.
    pub const fn is_workload(&self) -> bool {
        matches!(self, Self::Line(_) | Self::Arrival(_))
    }

    /// Whether it changes the order of deliveries.
    pub(super) const fn is_order(&self) -> bool {
        matches!(self, Self::Hold(_) | Self::Delay(..))
    }

    /// The choice that it is, if it is one besides the lines and arrivals.
    const fn choice(&self) -> Option<(ChoiceKey, u64)> {
        match self {
            Self::Fault(key, value) | Self::Delay(key, value) | Self::Draw(key, value) => {
                Some((*key, *value))
            }
            Self::Line(_) | Self::Arrival(_) | Self::Hold(_) => None,
        }
    }
}

/// The sites that tell what kind of element a choice is.
#[derive(Clone, Debug)]
pub(super) struct Sites {
    faults: Vec<Site>,
    line: Site,
    arrival: Site,
    customers: Actor,
}

impl Sites {
    pub(super) fn of(scenario: &dyn AnyScenario) -> Self {
        let [line, arrival] = line_sites();
        let lexicon = scenario.lexicon();
        let faults = lexicon.all_faults().into_iter().map(|fault| fault.site).collect();
        Self { faults, line, arrival, customers: customers(lexicon) }
    }
}

/// The elements of one run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Elements {
    all: Vec<Element>,
    /// Whether its lines are known, so that those not among the elements do not take place; also arrivals.
    knows: [bool; 2],
}

impl Elements {
    /// The elements of a run that was made with all its choices logged. What was forced without effect is left
    /// out.
    pub(super) fn of(sites: &Sites, outcome: &RunOutcome) -> Self {
        let mut all = Vec::new();
        let mut knows = [false; 2];
        for Decision { key, value, .. } in outcome.decisions.iter().flatten() {
            let (site, value) = (key.site, *value);
            all.extend(if site == sites.line {
                knows[0] = true;
                (value == 0).then_some(Element::Line(key.entity.0))
            } else if site == sites.arrival {
                knows[1] = true;
                (value == 0).then_some(Element::Arrival(key.entity.0))
            } else if value == 0 {
                None
            } else if sites.faults.contains(&site) {
                Some(Element::Fault(*key, value))
            } else if site == LINK_JITTER {
                Some(Element::Delay(*key, value))
            } else {
                Some(Element::Draw(*key, value))
            });
        }
        let unused: BTreeSet<Hold> = outcome.unused.holds.iter().copied().collect();
        let holds = outcome.request.holds.iter().filter(|hold| !unused.contains(hold));
        all.extend(holds.map(|hold| Element::Hold(*hold)));
        Self { all, knows }
    }

    pub(super) fn all(&self) -> &[Element] {
        &self.all
    }

    /// All but these.
    pub(super) fn without(&self, left_out: &[Element]) -> Self {
        let left_out: BTreeSet<&Element> = left_out.iter().collect();
        let stays = |element: &&Element| !left_out.contains(element);
        Self { all: self.all.iter().filter(stays).copied().collect(), knows: self.knows }
    }

    /// These, and holds beside them.
    pub(super) fn and(&self, holds: &[Hold]) -> Self {
        let holds = holds.iter().copied().map(Element::Hold);
        Self { all: self.all.iter().copied().chain(holds).collect(), knows: self.knows }
    }

    /// The same with one element in the place of another.
    pub(super) fn with(&self, old: Element, new: Element) -> Self {
        let all = self.all.iter().map(|element| if *element == old { new } else { *element });
        Self { all: all.collect(), knows: self.knows }
    }

    /// The run with these elements and nothing else. A fault that the file scripts happens nevertheless, unless it
    /// is `silenced`.
    pub(super) fn request(
        &self,
        sites: &Sites,
        seed: u64,
        silenced: Option<ChoiceKey>,
    ) -> RunRequest {
        let takes_place = |site, number| {
            let (actor, entity) = (sites.customers, Entity(number));
            (ChoiceKey { site, actor, entity, nth: 0 }, 0)
        };
        let forced = self.all.iter().filter_map(|element| match *element {
            Element::Line(number) => Some(takes_place(sites.line, number)),
            Element::Arrival(number) => Some(takes_place(sites.arrival, number)),
            Element::Fault(..) | Element::Delay(..) | Element::Draw(..) | Element::Hold(_) => {
                element.choice()
            }
        });
        let silent = silenced.map(|key| (key, 0));
        let forced = forced.chain(silent);
        let known = self.knows.into_iter().zip([sites.line, sites.arrival]);
        let overrides = known
            .filter(|(known, _)| *known)
            .fold(Overrides::from_iter(forced), |all, (_, site)| all.with_others(site, 1));
        let holds = self.all.iter().filter_map(|element| match element {
            Element::Hold(hold) => Some(*hold),
            _ => None,
        });
        RunRequest {
            seed,
            schedule: Schedule::Benign,
            faults: Faults::Fuzzed,
            overrides,
            holds: holds.collect(),
            bare: true,
            decisions: true,
            ..RunRequest::default()
        }
    }
}

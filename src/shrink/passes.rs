//! The passes, in order of preference: first the elements that say least to a reader, then whole customers,
//! then lines, faults and holds; at last smaller sizes.

use std::collections::BTreeMap;

use super::element::{Element, Elements};
use super::order::{orders, without_order};
use super::parts::can_be_made_again;
use super::sizes::{earlier, smaller};
use super::trials::{Effort, Ended, Found, NotAFailure, Trials};
use crate::capsule::{Recorded, of_forced};
use crate::session::{AnyScenario, Identity, RunOutcome, RunRequest};

/// What shrinking has left of a failure.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The capsule.
    pub capsule: Recorded,
    /// Its run.
    pub outcome: RunOutcome,
    /// Its elements, and what happens without each.
    pub elements: Vec<Without>,
    /// The number of elements before.
    pub before: Sizes,
    /// The number of runs that were made.
    pub replays: u32,
    /// Why it ended.
    pub ended: Ended,
    /// Other failures that were met, each with the capsule of its first run.
    pub others: Vec<(Identity, Recorded)>,
}

impl Shrunk {
    /// The number of its elements.
    pub fn sizes(&self) -> Sizes {
        let elements = self.elements.iter().map(|without| without.element);
        Sizes::of(&elements.collect::<Vec<_>>(), self.outcome.occurrences)
    }
}

/// One element, and how the run ends without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    /// The element.
    pub element: Element,
    /// How the run ends without it; `None` if that was not tried.
    pub ends: Option<WithoutIt>,
    /// Other sizes of the fault with which the run fails in the same way.
    pub also: Vec<u64>,
}

impl Without {
    /// Whether the run holds without the element.
    pub fn holds(&self) -> bool {
        match &self.ends {
            Some(WithoutIt::Scripted(ends)) => **ends == WithoutIt::Holds,
            ends => *ends == Some(WithoutIt::Holds),
        }
    }
}

/// How a run ends without one of its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WithoutIt {
    /// Every property holds.
    Holds,
    /// It fails in another way.
    Other(Identity),
    /// It fails in the same way.
    Same,
    /// It happens again, because the file of the scenario scripts it. Kept from happening, which no file can say,
    /// the run ends in this way.
    Scripted(Box<WithoutIt>),
}

/// How many elements of each kind a run has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Lines of the script and arrivals of the workload.
    pub operations: usize,
    /// Faults.
    pub faults: usize,
    /// Deliveries that wait for others.
    pub holds: usize,
    /// Delays and other choices that are not benign.
    pub draws: usize,
    /// Occurrences.
    pub occurrences: u64,
}

impl Sizes {
    fn of(elements: &[Element], occurrences: u64) -> Self {
        let mut sizes = Self { occurrences, ..Self::default() };
        for element in elements {
            *match element {
                Element::Line(_) | Element::Arrival(_) => &mut sizes.operations,
                Element::Fault(..) => &mut sizes.faults,
                Element::Hold(_) => &mut sizes.holds,
                Element::Delay(..) | Element::Draw(..) => &mut sizes.draws,
            } += 1;
        }
        sizes
    }

    /// Faults and what differs from the default order and timing.
    pub const fn deviations(&self) -> usize {
        self.faults + self.holds + self.draws
    }
}

/// Leaves out of a failed run whatever is not needed for it to fail in the same way. `stop` is asked between
/// runs.
///
/// # Errors
///
/// If the run did not fail, or cannot be made again from its choices.
pub fn shrink(
    scenario: &dyn AnyScenario,
    request: &RunRequest,
    effort: Effort,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Shrunk, NotAFailure> {
    let logged = RunRequest { decisions: true, bare: true, ..request.clone() };
    let outcome = scenario.run(&logged);
    let ends = Identity::of(&outcome);
    let Some(wanted) = ends.clone().filter(|_| can_be_made_again(&outcome)) else {
        return Err(NotAFailure { ends });
    };
    let mut trials = Trials::new(scenario, (&outcome, wanted), effort, stop);
    let elements = Elements::of(&trials.sites, &outcome);
    let before = Sizes::of(elements.all(), outcome.occurrences);
    let mut best = Best { elements, outcome };
    passes(&mut trials, &mut best);
    let elements = best.elements.all().to_vec();
    let without = |element| Without {
        also: trials.other_sizes(&best.elements, element),
        ..trials.without(&best.elements, element)
    };
    let elements = elements.into_iter().map(without).collect();
    let scenario = scenario.recorded().unwrap_or(scenario);
    let others = trials.others.iter();
    let others = others.map(|(other, run)| (other.clone(), of_forced(scenario, run))).collect();
    Ok(Shrunk {
        capsule: of_forced(scenario, &best.outcome),
        outcome: best.outcome,
        elements,
        before,
        replays: trials.replays,
        ended: trials.ended.unwrap_or(Ended::Minimal),
        others,
    })
}

/// The smallest run so far.
struct Best {
    elements: Elements,
    outcome: RunOutcome,
}

fn passes(trials: &mut Trials<'_>, best: &mut Best) {
    let who = trials.lexicon().lines();
    let who = |element: &Element| match element {
        Element::Line(number) => who.get(*number as usize - 1).cloned(),
        _ => None,
    };
    loop {
        let before = best.elements.clone();
        // Draws and delays say least to a reader: mostly none is needed.
        leave_out(trials, best, |elements| {
            by_key(elements, |element| match element {
                Element::Delay(key, _) | Element::Draw(key, _) => {
                    Some((key.site, key.actor, key.entity))
                }
                _ => None,
            })
        });
        leave_out(trials, best, |elements| by_key(elements, who));
        leave_out(trials, best, |elements| {
            singles(elements, |element| matches!(element, Element::Arrival(_)))
        });
        leave_out(trials, best, |elements| {
            singles(elements, |element| matches!(element, Element::Line(_)))
        });
        leave_out(trials, best, |elements| {
            singles(elements, |element| matches!(element, Element::Fault(..)))
        });
        leave_out(trials, best, |elements| {
            singles(elements, |element| matches!(element, Element::Hold(_)))
        });
        leave_out(trials, best, |elements| {
            singles(elements, |element| matches!(element, Element::Delay(..) | Element::Draw(..)))
        });
        reorder(trials, best);
        reduce(trials, best);
        if best.elements == before || trials.ended.is_some() {
            return;
        }
    }
}

/// Leaves out groups of elements: all of them, then halves, then quarters, down to single groups.
fn leave_out(
    trials: &mut Trials<'_>,
    best: &mut Best,
    groups: impl Fn(&[Element]) -> Vec<Vec<Element>>,
) {
    let mut size = groups(best.elements.all()).len();
    let mut from = 0;
    while size > 0 {
        let all = groups(best.elements.all());
        let chunks: Vec<&[Vec<Element>]> =
            all.get(from..).unwrap_or_default().chunks(size).collect();
        let candidates = chunks.iter().map(|chunk| best.elements.without(&chunk.concat()));
        let most = best.elements.all().len() - 1;
        match trials.first(candidates, most) {
            // The chunks before it are needed; those after it come to its place.
            Some(Found { nth, elements, outcome }) => {
                from += nth * size;
                *best = Best { elements, outcome };
            }
            None if trials.ended.is_some() => return,
            None => (from, size) = (0, size / 2),
        }
    }
}

/// Groups of elements with the same key.
fn by_key<K: Ord>(elements: &[Element], key: impl Fn(&Element) -> Option<K>) -> Vec<Vec<Element>> {
    let mut groups: BTreeMap<K, Vec<Element>> = BTreeMap::new();
    for element in elements {
        if let Some(key) = key(element) {
            groups.entry(key).or_default().push(*element);
        }
    }
    groups.into_values().collect()
}

fn singles(elements: &[Element], is_one: impl Fn(&Element) -> bool) -> Vec<Vec<Element>> {
    elements.iter().filter(|element| is_one(element)).map(|element| vec![*element]).collect()
}

/// Puts fewer waits in the place of all that changes the order.
fn reorder(trials: &mut Trials<'_>, best: &mut Best) {
    let Some((bare, many)) = without_order(&best.elements) else { return };
    let Some(deliveries) = trials.deliveries(&bare) else { return };
    let candidates = orders(&deliveries, many).map(|holds| bare.and(&holds));
    if let Some(Found { elements, outcome, .. }) =
        trials.first(candidates, best.elements.all().len() - 1)
    {
        *best = Best { elements, outcome };
    }
}

/// Moves each fault to the earliest opportunity that will do, or else gives it the smallest such size.
fn reduce(trials: &mut Trials<'_>, best: &mut Best) {
    let faults = best.elements.all().iter().copied();
    let faults: Vec<Element> =
        faults.filter(|element| matches!(element, Element::Fault(..))).collect();
    for fault in faults {
        let simpler = [earlier(fault), smaller(trials.lexicon(), fault)].concat();
        let candidates = simpler.into_iter().map(|other| best.elements.with(fault, other));
        if let Some(Found { elements, outcome, .. }) =
            trials.first(candidates, best.elements.all().len())
        {
            *best = Best { elements, outcome };
        }
    }
}

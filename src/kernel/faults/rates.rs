//! Draws which of the allowed faults can happen in a run, and how often.

use super::{Fault, sites};
use crate::kernel::{Actor, Choices, Entity, NodeId, Ratio, Site, Space};

/// Whether a fault can happen in this run, and how often; about each fault.
pub(crate) const FAULT_RATE: Site = Site::new(1, "fault.rate");
/// How sparse faults are: how few of the allowed kinds can happen in this run.
pub(crate) const FAULT_KINDS: Site = Site::new(36, "fault.kinds");
/// How many opportunities pass before a fault can happen; about each fault.
pub(crate) const FAULT_SKIP: Site = Site::new(37, "fault.skip");
/// Whether a fault happens at some nodes only, and at which; about each fault.
pub(crate) const FAULT_REACH: Site = Site::new(38, "fault.reach");

/// One fault in this many opportunities. Some faults have one or two opportunities in a run, others have
/// hundreds.
const RATES: [u32; 7] = [1, 3, 12, 50, 200, 800, 3200];
/// The same where faults are concentrated, among a few dozen opportunities.
const FOCUSED_RATES: [u32; RATES.len()] = [1, 2, 4, 8, 16, 32, 64];
/// How many opportunities a fault skips that cannot happen from the beginning.
const SKIPS: [u64; 4] = [5, 20, 80, 320];
/// The same where faults are concentrated.
const FOCUSED_SKIPS: [u64; SKIPS.len()] = [1, 3, 8, 25];
/// A fault that happens at some nodes only happens at those that draw this value, out of 0 to this.
const REACHED: u64 = 6;
/// The place of a site without a rate.
const NONE: u8 = u8::MAX;

/// How often a fault happens at an opportunity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frequency {
    /// Never.
    Never,
    /// So that a run has a few.
    Seldom,
    /// So that a few dozen opportunities have a few.
    Often,
}

/// How far the drawn faults of a run are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spread {
    /// Over the whole run.
    Wide,
    /// Over a part of it.
    Narrow,
    /// Over a part of it, which is one node.
    OneNode,
}

/// The rates of the drawn faults in one run.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    rates: Vec<FaultRate>,
    /// Index into `rates` by site.
    by_site: [u8; Site::COUNT],
}

#[derive(Clone, Debug)]
struct FaultRate {
    fault: &'static Fault,
    /// Index into the rates.
    rate: usize,
    /// How many opportunities it still skips.
    skip: u64,
    /// Whether the fault can happen at a node, for nodes that have drawn it; `None` if at all nodes.
    reached: Option<Vec<(NodeId, bool)>>,
}

impl Rates {
    /// Draws which faults can happen in this run, and how often.
    ///
    /// The budget of a run is small. If all kinds of fault could happen in every run, those with the most
    /// opportunities would use it up before the others had their first: messages are lost hundreds of
    /// times before a payment can fail. Therefore many runs have few kinds of fault, some faults come
    /// late, and some happen at few nodes.
    pub(super) fn draw(faults: &[&'static Fault], spread: Spread, choices: &mut Choices) -> Self {
        let skips = if spread == Spread::Wide { SKIPS } else { FOCUSED_SKIPS };
        let all = Actor::node(NodeId(0));
        let sparsest = u64::from(faults.len().max(1).ilog2().saturating_sub(2).min(3));
        let sparse = choices.steer(FAULT_KINDS, all, Entity(0), Space::up_to(sparsest));
        let count = RATES.len() as u64;
        let absent = count * ((2 << sparse) - 1);
        let mut drawn = Self { rates: Vec::new(), by_site: [NONE; Site::COUNT] };
        for &fault in faults {
            let about = about(fault);
            let mut draw = |site, most| choices.steer(site, all, about, Space::up_to(most));
            let Some(rate) = draw(FAULT_RATE, absent + count - 1).checked_sub(absent) else {
                continue;
            };
            let rate = rate as usize;
            let early = skips.len() as u64;
            let late = draw(FAULT_SKIP, 2 * early - 1).checked_sub(early);
            let skip = late.map_or(0, |late| skips[late as usize]);
            let is_partial = spread != Spread::OneNode && draw(FAULT_REACH, 1) > 0;
            let reached = is_partial.then(Vec::new);
            drawn.by_site[usize::from(fault.site.index())] = drawn.rates.len() as u8;
            drawn.rates.push(FaultRate { fault, rate, skip, reached });
        }
        drawn
    }

    /// The sites of the faults that can happen, as a set of bits.
    pub(super) fn sites(&self) -> u128 {
        self.rates.iter().fold(0, |all, rate| all | sites(&[rate.fault]))
    }

    /// How likely a fault is at `node` now; `None` if it does not happen there in this run. An opportunity
    /// counts only where the fault can happen.
    pub(super) fn chance(
        &mut self,
        fault: &Fault,
        node: NodeId,
        often: Frequency,
        choices: &mut Choices,
    ) -> Option<Ratio> {
        let rates = match often {
            Frequency::Never => return Some(Ratio::NEVER),
            Frequency::Seldom => RATES,
            Frequency::Often => FOCUSED_RATES,
        };
        let place = self.by_site[usize::from(fault.site.index())];
        let rate = self.rates.get_mut(usize::from(place))?;
        if !rate.reaches(node, choices) {
            return None;
        }
        if rate.skip > 0 {
            rate.skip -= 1;
            return Some(Ratio::NEVER);
        }
        Some(Ratio { times: 1, of: rates[rate.rate] })
    }
}

impl FaultRate {
    fn reaches(&mut self, node: NodeId, choices: &mut Choices) -> bool {
        let Some(known) = &mut self.reached else { return true };
        if let Some((_, reached)) = known.iter().find(|(other, _)| *other == node) {
            return *reached;
        }
        let space = Space::up_to(REACHED);
        let drawn = choices.steer(FAULT_REACH, Actor::node(node), about(self.fault), space);
        let reached = drawn == REACHED;
        known.push((node, reached));
        reached
    }
}

/// The entity of the choices about a fault.
fn about(fault: &Fault) -> Entity {
    Entity(u64::from(fault.site.index()))
}

//! Draws the faults of one run.

use super::focus::Focus;
use super::ledger::Firings;
use super::rates::Rates;
use super::{Fault, FaultLedger, FaultPlan, Fired, Fuzz, Operation, ScriptedRecord, sites};
use crate::kernel::{Actor, Cause, Choices, Entity, Instant, NodeId, Ratio, Site, Space};

/// The most faults that are drawn in a run.
pub(crate) const FAULT_BUDGET: Site = Site::new(2, "fault.budget");

/// The faults of one run.
#[derive(Clone, Debug)]
pub(in crate::kernel) struct FaultInjector {
    /// The sites at which a fault can fire.
    open: u128,
    /// The sites at which a fault is scripted.
    scripted_at: u128,
    /// The sites at which a fault is forced.
    forced_at: u128,
    scripted: Vec<ScriptedRecord>,
    /// The site of each scripted fault, in the same order: most opportunities are for none of them.
    scripted_sites: Vec<u8>,
    rates: Rates,
    /// Where the drawn faults are concentrated.
    pub(in crate::kernel) focus: Focus,
    /// How many faults the seed may still draw.
    budget: u64,
    /// What the seed may draw, and how many faults it has drawn. Of a run with branches only.
    fuzz: Fuzz,
    drawn: u32,
    pub(in crate::kernel) recovery_from: Instant,
    /// Whether a scripted fault is aimed at an operation.
    pub(in crate::kernel) needs_operations: bool,
    pub(in crate::kernel) firings: Firings,
}

impl FaultInjector {
    /// The faults of a run. Draws which of the allowed faults can happen in it.
    pub(in crate::kernel) fn new(plan: &FaultPlan, choices: &mut Choices) -> Self {
        let scripted = plan.scripted.iter();
        let scripted_at = scripted.fold(0, |all, asked| all | sites(&[asked.fault]));
        let forced_at = choices.overrides.sites();
        let (focus, rates, budget) = drawn(&plan.fuzz, choices);
        let mut injector = Self {
            open: 0,
            scripted_at,
            forced_at,
            scripted: plan.scripted.iter().copied().map(ScriptedRecord::of).collect(),
            scripted_sites: plan.scripted.iter().map(|asked| asked.fault.site.index()).collect(),
            rates,
            focus,
            budget,
            fuzz: if choices.has_branches() { plan.fuzz.clone() } else { Fuzz::default() },
            drawn: 0,
            recovery_from: plan.recovery_from,
            needs_operations: plan.scripted.iter().any(|asked| asked.aim.is_of_operation()),
            firings: Firings::default(),
        };
        injector.open(choices);
        injector
    }

    /// Draws again which faults can happen from now on, and how many, because the run departs from its seed.
    /// Faults that fired before count as drawn.
    pub(in crate::kernel) fn branch(&mut self, choices: &mut Choices) {
        self.fuzz.budget = self.fuzz.budget.saturating_sub(std::mem::take(&mut self.drawn));
        let (focus, rates, budget) = drawn(&self.fuzz, choices);
        (self.focus, self.rates, self.budget) = (focus, rates, budget);
        self.open(choices);
    }

    /// From now on no fault can fire but those that are scripted or forced.
    pub(in crate::kernel) fn narrow(&mut self, choices: &Choices) {
        self.forced_at = choices.overrides.sites();
        self.budget = 0;
        self.open &= self.scripted_at | self.forced_at;
    }

    /// Opens the sites at which a fault can fire. A fault may also be drawn after a branch that is still to
    /// come: until then its opportunities are counted, so that it has the same key in every replay.
    fn open(&mut self, choices: &Choices) {
        let later = if choices.has_branches() { sites(&self.fuzz.faults) } else { 0 };
        self.open =
            self.scripted_at | self.forced_at | self.rates.sites() | self.focus.movers | later;
        self.close_spent(choices);
    }

    pub(in crate::kernel) const fn may(&self, fault: &Fault) -> bool {
        self.open >> fault.site.index() & 1 == 1
    }

    /// Whether a fault at one of these sites can fire.
    pub(in crate::kernel) const fn any_of(&self, sites: u128) -> bool {
        self.open & sites != 0
    }

    /// The size with which `fault` moves a message to a deadline that is near when it arrives; `None` if it
    /// does not, or if this run has no such moves.
    #[inline]
    pub(in crate::kernel) fn aimed_at_deadline(
        &mut self,
        fault: &'static Fault,
        actor: Actor,
        entity: Entity,
        (now, due): (Instant, Instant),
        choices: &mut Choices,
    ) -> Option<u64> {
        let can = self.budget > 0 && self.may(fault) && now < self.recovery_from;
        if can { self.focus.aimed_at_deadline(fault, actor, entity, due, choices) } else { None }
    }

    /// Draws whether `fault` fires here and now: its size, or 0, and when its effect ends if that is scripted.
    /// A size that is `meant` replaces a drawn one.
    pub(in crate::kernel) fn strike(
        &mut self,
        fault: &'static Fault,
        actor: Actor,
        (entity, operation): (Entity, Operation),
        (here, now): (Cause, Instant),
        meant: Option<u64>,
        choices: &mut Choices,
    ) -> (u64, Option<Instant>) {
        if now >= self.recovery_from {
            self.open = 0;
            return (0, None);
        }
        let site = 1 << fault.site.index();
        let mut taken = None;
        if self.scripted_at & site != 0 {
            // Every scripted fault counts the opportunity; the first that is due fires.
            let records = self.scripted_sites.iter().zip(&mut self.scripted).enumerate();
            for (nth, (_, record)) in records.filter(|(_, (at, _))| **at == fault.site.index()) {
                if record.asked.covers(fault, actor, (entity, operation), now)
                    && record.count_opportunity()
                {
                    taken = taken.or(Some(nth));
                }
            }
        }
        let scripted = taken.map(|nth| self.scripted[nth].asked);
        let node = fault.node(actor);
        let chance = match self.budget {
            0 => None,
            _ => {
                let often = self.focus.often(fault, actor, entity);
                self.rates.chance(fault, node, often, choices)
            }
        };
        // Of what cannot fire at this node in this run, opportunities need not be counted. A log holds all of them,
        // and a branch may let the fault happen here.
        let is_decided =
            chance.is_none() && taken.is_none() && meant.is_none() && self.forced_at & site == 0;
        if is_decided && choices.log.is_none() && !choices.has_branches() {
            return (0, None);
        }
        let space = Space::sized(chance.unwrap_or(Ratio::NEVER), fault.sizes);
        let size = scripted.map(|scripted| scripted.size_at(now, self.recovery_from));
        let size = choices.draw_or(fault.site, actor, entity, space, size.or(meant));
        if size == 0 {
            return (0, None);
        }
        match taken {
            Some(nth) => self.scripted[nth].fired += 1,
            None => {
                self.focus.fired(actor, entity);
                self.budget = self.budget.saturating_sub(1);
                self.drawn += 1;
                self.close_spent(choices);
            }
        }
        let fired = Fired { fault, actor, entity, size, until: None };
        self.firings.count(fired, here, node, taken);
        (size, scripted.map(|scripted| scripted.ends(now, size)))
    }

    /// Once the budget is spent, only scripted and forced faults can fire, so nothing is drawn at other
    /// sites. If choices are logged, all draws continue: the log has to contain them. They also continue
    /// while branches are to come, which draw the budget again.
    fn close_spent(&mut self, choices: &Choices) {
        if self.budget == 0 && choices.log.is_none() && !choices.has_branches() {
            self.open &= self.scripted_at | self.forced_at;
        }
    }

    pub(in crate::kernel) fn ledger(&self) -> FaultLedger {
        self.firings.ledger(self.scripted.clone())
    }
}

/// Draws where faults are concentrated, which can happen, and how many there can be.
fn drawn(fuzz: &Fuzz, choices: &mut Choices) -> (Focus, Rates, u64) {
    let focus = Focus::draw(fuzz, choices);
    let rates = Rates::draw(&focus.kinds(fuzz, choices), focus.spread(), choices);
    let most = Space::up_to(u64::from(fuzz.budget));
    let budget = choices.steer(FAULT_BUDGET, Actor::node(NodeId(0)), Entity(0), most);
    let budget = focus.budget().unwrap_or(budget);
    (focus, rates, budget)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::choice::{ChoiceKey, Overrides, Policy};
    use crate::kernel::faults::{Fuzz, ScriptedFault};
    use crate::kernel::{Branch, DELAY, DROP, DUPLICATE, REORDER, Step};

    /// Strikes `DROP` until the one fault of the budget has fired, with `DELAY` scripted and `DUPLICATE`
    /// forced.
    fn spent(log: bool) -> FaultInjector {
        let actor = Actor::node(NodeId(0));
        let forced = ChoiceKey { site: DUPLICATE.site, actor, entity: Entity(0), nth: 0 };
        for seed in 0..1_000 {
            let forced = Overrides::from_iter([(forced, 1)]);
            let mut choices = Choices::new(Policy::seeded(seed), forced);
            if log {
                choices.listen();
            }
            let plan = FaultPlan {
                scripted: vec![ScriptedFault::always(&DELAY)],
                fuzz: Fuzz { faults: vec![&DELAY, &DROP, &DUPLICATE, &REORDER], budget: 1 },
                recovery_from: Instant::MAX,
            };
            let mut injector = FaultInjector::new(&plan, &mut choices);
            let start = (Cause::START, Instant::ZERO);
            let mut strike =
                |about| injector.strike(&DROP, actor, about, start, None, &mut choices).0;
            if (0..1_000).any(|entity| strike((Entity(entity), Operation::default())) > 0) {
                return injector;
            }
        }
        panic!("no seed draws a fault");
    }

    #[test]
    fn once_the_budget_is_spent_only_scripted_and_forced_faults_can_fire() {
        let may = |injector: &FaultInjector| {
            [&DELAY, &DROP, &DUPLICATE, &REORDER].map(|fault| injector.may(fault))
        };
        assert_eq!(may(&spent(false)), [true, false, true, false]);
        assert!(spent(true).may(&DROP), "a log holds every draw");
    }

    /// The sizes of faults at five nodes, in a run that departs from its seed once.
    fn sizes(seed: u64, log: bool) -> Vec<u64> {
        let branches = [Branch { step: Step(300), seed: seed + 1_000 }];
        let choices = Choices::new(Policy::seeded(seed), Overrides::default());
        let mut choices = choices.with_branches(&branches);
        if log {
            choices.listen();
        }
        let faults = vec![&DELAY, &DROP, &DUPLICATE, &REORDER];
        let plan = FaultPlan {
            scripted: vec![ScriptedFault { skip: 7, times: 2, ..ScriptedFault::always(&DELAY) }],
            fuzz: Fuzz { faults: faults.clone(), budget: 20 },
            recovery_from: Instant::MAX,
        };
        let mut injector = FaultInjector::new(&plan, &mut choices);
        let mut strike = |nth: u64| {
            if nth == 300 {
                choices.branch(Step(nth));
                injector.branch(&mut choices);
            }
            let (fault, actor) = (faults[nth as usize % 4], Actor::node(NodeId(nth as u16 % 5)));
            if !injector.may(fault) {
                return 0;
            }
            let about = (Entity(nth % 3), Operation::default());
            let start = (Cause::START, Instant::ZERO);
            injector.strike(fault, actor, about, start, None, &mut choices).0
        };
        (0..900).map(&mut strike).collect()
    }

    #[test]
    fn the_same_faults_fire_whether_or_not_choices_are_logged() {
        let mut fired = 0;
        for seed in 0..300 {
            let logged = sizes(seed, true);
            assert_eq!(sizes(seed, false), logged, "seed {seed}");
            fired += logged.iter().filter(|size| **size > 0).count();
        }
        assert!(fired > 1_000, "only {fired} faults fired");
    }
}

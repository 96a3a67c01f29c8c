//! Draws the faults of one run.

use super::ledger::Firings;
use super::rates::Rates;
use super::{Fault, FaultLedger, FaultPlan, Fired, Operation, ScriptedRecord, sites};
use crate::kernel::choice::Ratio;
use crate::kernel::{Actor, Cause, Choices, Entity, Instant, NodeId, Site, Space};

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
    rates: Rates,
    /// How many faults the seed may still draw.
    budget: u64,
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
        let rates = Rates::draw(&plan.fuzz.faults, choices);
        let most = Space::up_to(u64::from(plan.fuzz.budget));
        let budget = choices.draw(FAULT_BUDGET, Actor::node(NodeId(0)), Entity(0), most);
        let mut injector = Self {
            open: scripted_at | forced_at | rates.sites(),
            scripted_at,
            forced_at,
            scripted: plan.scripted.iter().copied().map(ScriptedRecord::of).collect(),
            rates,
            budget,
            recovery_from: plan.recovery_from,
            needs_operations: plan.scripted.iter().any(|asked| asked.aim.is_of_operation()),
            firings: Firings::default(),
        };
        injector.close_spent(choices);
        injector
    }

    pub(in crate::kernel) const fn may(&self, fault: &Fault) -> bool {
        self.open >> fault.site.index() & 1 == 1
    }

    /// Whether a fault at one of these sites can fire.
    pub(in crate::kernel) const fn any_of(&self, sites: u128) -> bool {
        self.open & sites != 0
    }

    /// Draws whether `fault` fires here and now: its size, or 0, and when its effect ends if that is scripted.
    pub(in crate::kernel) fn strike(
        &mut self,
        fault: &'static Fault,
        actor: Actor,
        (entity, operation): (Entity, Operation),
        (here, now): (Cause, Instant),
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
            for (nth, record) in self.scripted.iter_mut().enumerate() {
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
            _ => self.rates.chance(fault, node, choices),
        };
        let is_decided = chance.is_none() && taken.is_none() && self.forced_at & site == 0;
        if is_decided && choices.log.is_none() {
            return (0, None);
        }
        let space = Space::sized(chance.unwrap_or(Ratio::NEVER), fault.sizes);
        let size = scripted.map(|scripted| scripted.size_at(now, self.recovery_from));
        let size = choices.draw_fault(fault.site, actor, entity, space, size);
        if size == 0 {
            return (0, None);
        }
        match taken {
            Some(nth) => self.scripted[nth].fired += 1,
            None => {
                self.budget = self.budget.saturating_sub(1);
                self.close_spent(choices);
            }
        }
        let fired = Fired { fault, actor, entity, size, until: None };
        self.firings.count(fired, here, node, taken);
        (size, scripted.map(|scripted| scripted.ends(now, size)))
    }

    /// Once the budget is spent, only scripted and forced faults can fire, so nothing is drawn at other
    /// sites. If choices are logged, all draws continue: the log has to contain them.
    fn close_spent(&mut self, choices: &Choices) {
        if self.budget == 0 && choices.log.is_none() {
            self.open &= self.scripted_at | self.forced_at;
        }
    }

    pub(in crate::kernel) fn ledger(&self) -> FaultLedger {
        self.firings.ledger(self.scripted.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::choice::{ChoiceKey, Overrides, Policy};
    use crate::kernel::faults::{Fuzz, ScriptedFault};
    use crate::kernel::{DELAY, DROP, DUPLICATE, REORDER};

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
            let mut strike = |about| injector.strike(&DROP, actor, about, start, &mut choices).0;
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
}

//! Choices: the one interface through which every nondeterministic decision of a run is drawn.
//!
//! ```text
//! draw(key, space) ─▶ overrides ─▶ policy(seed) ─▶ recorder ─▶ value
//! ```
//!
//! The code that draws cannot tell which layer answered. Value 0 is always the benign one: no fault, the
//! shortest delay, the default order. With the benign policy and no overrides a run is *the default run*
//! of its scenario.

mod branch;
mod counts;
mod late;
mod overrides;
mod passing;
mod policy;
mod schedule;
mod site;
mod space;

pub use branch::Branch;
use counts::Counts;
pub use overrides::Overrides;
use passing::Passing;
pub use policy::Policy;
pub use schedule::Schedule;
pub use site::Site;
pub use space::{Ratio, Space};

use super::name::{Actor, Entity, count_key};

/// The key of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChoiceKey {
    /// The place in the code that draws.
    pub site: Site,
    /// The node, or sender and receiver.
    pub actor: Actor,
    /// The entity that it is about.
    pub entity: Entity,
    /// How many choices with the same site, actor and entity came before; from 0.
    pub nth: u32,
}

/// One choice as it was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Its key.
    pub key: ChoiceKey,
    /// The values that it could take.
    pub space: Space,
    /// Its value; 0 is benign.
    pub value: u64,
}

/// How long a log gets before opportunities at which no fault happens are left out of it. A run that has more of them
/// is a load test or a livelock, of which nobody enumerates what could have happened so late; a log of everything would
/// take gigabytes.
const OPPORTUNITIES_MAX: usize = 1 << 22;

/// Whether a decision is logged after so many.
fn is_logged(logged: usize, space: Space, value: u64) -> bool {
    value != 0 || logged < OPPORTUNITIES_MAX || space.sizes().is_none()
}

/// All choices of one run.
///
/// A draw depends on the seed and on its own key, not on the draws before it. A drawn value can be forced
/// in another run.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub(super) overrides: Overrides,
    policy: Policy,
    pub(super) log: Option<Vec<Decision>>,
    counts: Counts,
    /// The counters of entities that come and go.
    passing: Passing,
    /// The branches that are still to come, the next one last.
    ahead: Vec<Branch>,
}

impl Choices {
    /// Choices drawn by `policy`, unless `overrides` forces them.
    pub fn new(policy: Policy, overrides: Overrides) -> Self {
        let (counts, passing) = (Counts::default(), Passing::default());
        Self { overrides, policy, log: None, counts, passing, ahead: Vec::new() }
    }

    /// Keeps a log of all choices from now on; a long one leaves out opportunities at which no fault happens. Without
    /// a log a draw pays one predictable branch.
    pub fn listen(&mut self) {
        self.log.get_or_insert_default();
    }

    /// The choices since [`listen`](Self::listen), in order.
    pub fn decisions(&self) -> &[Decision] {
        self.log.as_deref().unwrap_or_default()
    }

    /// Drops the counters, because nothing is drawn any more.
    pub fn rest(&mut self) {
        (self.counts, self.passing) = (Counts::default(), Passing::default());
    }

    /// Draws the next choice of this site, actor and entity; its `nth` is counted here.
    #[inline]
    pub fn draw(&mut self, site: Site, actor: Actor, entity: Entity, space: Space) -> u64 {
        if space.max() == 0 {
            return 0;
        }
        self.draw_or(site, actor, entity, space, None)
    }

    /// Draws a choice for which there may be a value already, such as that of a scripted fault: it yields to a
    /// forced value and replaces a drawn one.
    #[inline]
    pub fn draw_or(
        &mut self,
        site: Site,
        actor: Actor,
        entity: Entity,
        space: Space,
        value: Option<u64>,
    ) -> u64 {
        let nth = self.count(u64::from(site.index()) + 1, actor, entity);
        self.settle(ChoiceKey { site, actor, entity, nth }, space, value)
    }

    /// The same with a number that the caller knows to be the one that would be counted: nothing is kept about the
    /// entity.
    pub fn draw_nth_or(&mut self, key: ChoiceKey, space: Space, value: Option<u64>) -> u64 {
        self.settle(key, space, value)
    }

    /// Draws what only steers other choices, such as how often a fault is drawn in this run. It is neither
    /// logged nor forced: the choices that it steers are, and they alone repeat the run. It is counted apart from
    /// these, whose numbers are the same whether or not anything is steered.
    pub fn steer(&mut self, site: Site, actor: Actor, entity: Entity, space: Space) -> u64 {
        if space.max() == 0 {
            return 0;
        }
        let salt = (Site::COUNT + usize::from(site.index())) as u64 + 1;
        let nth = self.count(salt, actor, entity);
        self.policy.pick(&ChoiceKey { site, actor, entity, nth }, space)
    }

    /// Draws a choice whose `nth` was counted elsewhere.
    #[inline]
    pub(super) fn draw_nth(&mut self, key: ChoiceKey, space: Space) -> u64 {
        if space.max() == 0 { 0 } else { self.settle(key, space, None) }
    }

    #[inline]
    fn settle(&mut self, key: ChoiceKey, space: Space, scripted: Option<u64>) -> u64 {
        let forced = self.overrides.take(&key).map(|value| value.min(space.max()));
        let value = forced.or(scripted).unwrap_or_else(|| self.policy.pick(&key, space));
        if let Some(log) = &mut self.log
            && is_logged(log.len(), space, value)
        {
            log.push(Decision { key, space, value });
        }
        value
    }

    /// Counts a delivery; how many of this kind between these nodes about this entity came before.
    #[inline]
    pub(super) fn count_delivery(&mut self, actor: Actor, entity: Entity) -> u32 {
        self.count(0, actor, entity)
    }

    #[inline]
    fn count(&mut self, salt: u64, actor: Actor, entity: Entity) -> u32 {
        let passing = self.passing.next(salt, actor, entity);
        passing.unwrap_or_else(|| self.counts.next(entity, count_key(salt, actor, entity)))
    }

    /// An entity begins to be counted that will come to an end. The entities of a series, which is known by its
    /// first one, begin in order of their numbers.
    pub fn begin(&mut self, first: Entity, entity: Entity) {
        self.passing.begin(first, entity);
    }

    /// Nothing more is expected to happen about an entity that had [begun](Self::begin).
    pub fn end(&mut self, entity: Entity) {
        self.passing.end(entity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Kind, NodeId, Ratio};
    use proptest::prelude::*;

    const SITE: Site = Site::new(40, "test.site");
    const OTHER: Site = Site::new(41, "test.other");

    fn actor(node: u16) -> Actor {
        Actor { from: NodeId(node), to: NodeId(node), kind: Kind(0) }
    }

    #[test]
    fn the_benign_policy_draws_zero_everywhere() {
        let mut choices = Choices::new(Policy::Benign, Overrides::default());
        for entity in 0..100 {
            assert_eq!(choices.draw(SITE, actor(1), Entity(entity), Space::up_to(9)), 0);
        }
    }

    #[test]
    fn an_override_forces_one_choice_and_affects_no_other() {
        let draw = |overrides: Overrides| {
            let mut choices = Choices::new(Policy::seeded(7), overrides);
            (0..50)
                .map(|n| choices.draw(SITE, actor(1), Entity(n % 5), Space::up_to(1000)))
                .collect::<Vec<_>>()
        };
        let key = ChoiceKey { site: SITE, actor: actor(1), entity: Entity(3), nth: 4 };
        let (free, forced) = (draw(Overrides::default()), draw(Overrides::from_iter([(key, 1)])));
        let differing: Vec<_> =
            (0..50).filter(|&at| free[at] != forced[at]).map(|at| forced[at]).collect();
        assert_eq!(differing, [1], "only draw 23, the fifth about entity 3, may differ");
        assert_eq!(forced[23], 1);
    }

    #[test]
    fn an_override_outside_the_space_is_clamped_into_it() {
        let key = ChoiceKey { site: SITE, actor: actor(1), entity: Entity(0), nth: 0 };
        let mut choices = Choices::new(Policy::Benign, Overrides::from_iter([(key, 99)]));
        assert_eq!(choices.draw(SITE, actor(1), Entity(0), Space::up_to(3)), 3);
    }

    #[test]
    fn a_log_that_is_long_leaves_out_opportunities_at_which_nothing_happens() {
        let fault = Space::sized(Ratio::NEVER, &[1, 2]);
        let late = |space, value| is_logged(OPPORTUNITIES_MAX, space, value);
        assert!(!late(fault, 0));
        assert!(late(fault, 1) && late(Space::up_to(9), 0), "faults, and delays");
        assert!(is_logged(OPPORTUNITIES_MAX - 1, fault, 0));
    }

    #[test]
    fn no_log_is_kept_unless_requested() {
        let mut choices = Choices::new(Policy::seeded(1), Overrides::default());
        choices.draw(SITE, actor(1), Entity(0), Space::up_to(3));
        assert!(choices.decisions().is_empty());
        choices.listen();
        let value = choices.draw(SITE, actor(1), Entity(0), Space::up_to(3));
        assert_eq!(choices.decisions().len(), 1);
        assert_eq!(choices.decisions()[0].key.nth, 1);
        assert_eq!(choices.decisions()[0].value, value);
    }

    #[test]
    fn what_only_steers_is_a_function_of_the_seed_that_is_neither_logged_nor_forced() {
        let key = ChoiceKey { site: SITE, actor: actor(1), entity: Entity(3), nth: 0 };
        let steered = |policy, overrides| {
            let mut choices = Choices::new(policy, overrides);
            choices.listen();
            let values =
                (0..20).map(|_| choices.steer(SITE, actor(1), Entity(3), Space::up_to(99)));
            (values.collect::<Vec<_>>(), choices.decisions().len())
        };
        let free = steered(Policy::seeded(1), Overrides::default());
        assert_eq!(free, steered(Policy::seeded(1), Overrides::from_iter([(key, 100)])));
        assert_ne!(free, steered(Policy::seeded(2), Overrides::default()));
        assert_eq!(free.1, 0);
        assert_eq!(steered(Policy::Benign, Overrides::default()).0, [0; 20]);
    }

    #[test]
    fn what_is_steered_does_not_count_among_the_choices() {
        let mut choices = Choices::new(Policy::seeded(1), Overrides::default());
        choices.listen();
        choices.steer(SITE, actor(1), Entity(3), Space::up_to(99));
        choices.draw(SITE, actor(1), Entity(3), Space::up_to(99));
        assert_eq!(choices.decisions()[0].key.nth, 0);
    }

    proptest! {
        #[test]
        fn a_draw_depends_on_its_key_alone(seed: u64, noise in proptest::collection::vec(0u64..4, 0..40)) {
            let mut quiet = Choices::new(Policy::seeded(seed), Overrides::default());
            let mut noisy = quiet.clone();
            for entity in noise {
                noisy.draw(OTHER, actor(2), Entity(entity), Space::up_to(100));
            }
            for nth in 0..20 {
                let about = Entity(nth % 3);
                prop_assert_eq!(
                    quiet.draw(SITE, actor(1), about, Space::up_to(1 << 40)),
                    noisy.draw(SITE, actor(1), about, Space::up_to(1 << 40))
                );
            }
        }

        #[test]
        fn replaying_a_log_as_overrides_repeats_every_choice(seed: u64, entities in proptest::collection::vec(0u64..6, 1..60)) {
            let mut first = Choices::new(Policy::seeded(seed), Overrides::default());
            first.listen();
            let run = |choices: &mut Choices| {
                entities.iter().map(|&e| choices.draw(SITE, actor(1), Entity(e), Space::up_to(50))).collect::<Vec<_>>()
            };
            let seen = run(&mut first);
            let log = first.decisions().iter().map(|d| (d.key, d.value)).collect();
            let mut second = Choices::new(Policy::Benign, log);
            prop_assert_eq!(seen, run(&mut second));
        }

        #[test]
        fn a_draw_stays_in_its_space(seed: u64, max in 0u64..1000) {
            let mut choices = Choices::new(Policy::seeded(seed), Overrides::default());
            for n in 0..50 {
                prop_assert!(choices.draw(SITE, actor(1), Entity(n), Space::up_to(max)) <= max);
            }
        }
    }
}

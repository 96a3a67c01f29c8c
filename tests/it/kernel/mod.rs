//! What a run of the kernel promises, whatever the model, the seed and the holds are.

mod relay;
mod stops;

use std::collections::BTreeMap;

use jetlag::internals::kernel::{
    Budget, ChoiceKey, Choices, Entity, Hold, Holds, Instant, Kernel, Link, Links, NodeId,
    OccurrenceKey, Overrides, Policy, Simulation, Span,
};
use proptest::prelude::*;

use relay::{
    BASE, JITTER, NODES, Relay, Token, any_choices, any_start, begun, keys, position, run, seeded,
};

proptest! {
    #[test]
    fn deliveries_come_in_order_of_due_time_then_creation(start in any_start(), choices in any_choices(), hops in 0_u8..4) {
        let (model, _) = run(&start, hops, false, choices, Holds::default());
        for pair in model.seen.windows(2) {
            prop_assert!((pair[0].at, pair[0].nth_created) < (pair[1].at, pair[1].nth_created));
            prop_assert_eq!(pair[0].step.0 + 1, pair[1].step.0);
        }
        for one in &model.seen {
            prop_assert!(one.due_between.0 <= one.at && one.at <= one.due_between.1, "{:?}", one);
            prop_assert!(one.cause.step() < one.step);
        }
    }

    #[test]
    fn messages_of_an_ordered_link_never_overtake(start in any_start(), choices in any_choices(), hops in 0_u8..4) {
        let (model, _) = run(&start, hops, true, choices, Holds::default());
        let mut last = BTreeMap::new();
        for one in model.seen.iter().filter(|one| one.is_message) {
            let link = (one.key.actor.from, one.key.actor.to);
            if let Some(before) = last.insert(link, one.nth_created) {
                prop_assert!(before < one.nth_created);
            }
        }
    }

    #[test]
    fn the_decisions_that_are_not_benign_are_the_whole_run(
        start in any_start(), mut choices in any_choices(), hops in 0_u8..4, ordered: bool, until in 1_u64..1_500,
    ) {
        choices.listen();
        let budget = Budget { until: Instant::ZERO + Span::from_micros(until), ..Budget::default() };
        let mut run = begun(&start, hops, ordered, choices, Holds::default());
        let stop = run.run(&budget);
        let forced = run.kernel.choices().decisions().iter().filter(|decision| decision.value > 0);
        let forced: Overrides = forced.map(|decision| (decision.key, decision.value)).collect();
        let choices = Choices::new(Policy::Benign, forced);
        let mut again = begun(&start, hops, ordered, choices, Holds::default());
        prop_assert_eq!(again.run(&budget), stop);
        prop_assert_eq!(again.model.seen, run.model.seen);
        prop_assert_eq!(again.kernel.digest(), run.kernel.digest());
    }

    #[test]
    fn a_held_delivery_comes_after_its_anchor(start in any_start(), seed: u64, wanted in prop::collection::vec((0_usize..60, 0_usize..60), 0..12)) {
        let keys = keys(&start);
        // Odd ones wait for even ones, so that no anchor waits itself.
        let holds: Vec<_> = wanted
            .iter()
            .map(|(held, until)| (held | 1, until & !1))
            .filter(|(held, until)| *held.max(until) < keys.len())
            .map(|(held, until)| Hold { delivery: keys[held], until: keys[until] })
            .collect();
        let (model, _) = run(&start, 0, false, seeded(seed), holds.iter().copied().collect());
        prop_assert_eq!(model.seen.len(), start.len());
        let in_force: BTreeMap<_, _> = holds.iter().map(|hold| (hold.delivery, hold.until)).collect();
        for (held, until) in &in_force {
            prop_assert!(position(&model.seen, held) > position(&model.seen, until));
        }
    }

    #[test]
    fn no_hold_keeps_a_run_from_its_end(start in any_start(), seed: u64, hops in 0_u8..3, wanted in prop::collection::vec((0_usize..60, 0_usize..70), 0..40)) {
        let keys = keys(&start);
        let never = OccurrenceKey { entity: Entity(1000), ..keys[0] };
        let holds = wanted.iter().filter(|(held, _)| *held < keys.len()).map(|(held, until)| Hold {
            delivery: keys[*held],
            until: keys.get(*until).copied().unwrap_or(never),
        });
        let (model, _) = run(&start, hops, false, seeded(seed), holds.collect());
        prop_assert_eq!(model.seen.len() as u64, model.created);
        for pair in model.seen.windows(2) {
            prop_assert!(pair[0].at <= pair[1].at, "time never runs backwards");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_run(start in any_start(), choices in any_choices(), hops in 0_u8..4, ordered: bool) {
        let (first, second) = (
            run(&start, hops, ordered, choices.clone(), Holds::default()),
            run(&start, hops, ordered, choices, Holds::default()),
        );
        prop_assert_eq!(first.1, second.1);
        prop_assert_eq!(first.0.seen, second.0.seen);
    }

    #[test]
    fn forcing_one_delay_moves_one_delivery(start in any_start(), seed: u64, which: prop::sample::Index, late in 0..=JITTER.as_micros()) {
        let keys = keys(&start);
        let moved = keys[which.index(keys.len())];
        let (free, _) = {
            let mut choices = seeded(seed);
            choices.listen();
            run(&start, 0, false, choices, Holds::default())
        };
        let site = jitter_site();
        let OccurrenceKey { actor, entity, nth } = moved;
        let forced = Overrides::from_iter([(ChoiceKey { site, actor, entity, nth }, late)]);
        let (forced, _) =
            run(&start, 0, false, Choices::new(Policy::seeded(seed), forced), Holds::default());
        let at = |model: &Relay| model.seen.iter().map(|one| (one.key, one.at)).collect::<BTreeMap<_, _>>();
        let (mut free, mut forced) = (at(&free), at(&forced));
        free.remove(&moved);
        prop_assert_eq!(forced.remove(&moved), Some(Instant::ZERO + BASE + Span::from_micros(late)));
        prop_assert_eq!(free, forced);
    }

    #[test]
    fn a_fork_runs_on_like_its_original(start in any_start(), choices in any_choices(), steps in 0_u64..40) {
        let links = Links::new(usize::from(NODES), Link { base: BASE, jitter: JITTER, ordered: true });
        let mut kernel = Kernel::new(links, choices, Holds::default());
        let mut model = Relay::default();
        for &(from, to, entity) in &start {
            let token = Token { kind: 0, entity, hops: 3, nth_created: 0, due_between: Default::default() };
            model.send(NodeId(to), token, &mut kernel.context(NodeId(from)));
        }
        let mut original = Simulation { kernel, model };
        original.run(&Budget { occurrences: steps, ..Budget::default() });
        let mut fork = original.clone();
        prop_assert_eq!(original.run(&Budget::default()), fork.run(&Budget::default()));
        prop_assert_eq!(original.kernel.digest(), fork.kernel.digest());
        prop_assert_eq!(original.model.seen, fork.model.seen);
    }
}

/// The site at which links draw, as a run that is listened to names it.
fn jitter_site() -> jetlag::internals::kernel::Site {
    let link = Link { base: BASE, jitter: JITTER, ordered: false };
    let mut kernel = Kernel::new(Links::new(1, link), seeded(0), Holds::default());
    kernel.choices_mut().listen();
    let token =
        Token { kind: 0, entity: 0, hops: 0, nth_created: 0, due_between: Default::default() };
    kernel.context(NodeId(0)).send(NodeId(0), token);
    kernel.choices().decisions()[0].key.site
}

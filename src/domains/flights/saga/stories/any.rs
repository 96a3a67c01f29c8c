//! Any story, under any faults: it ends, and nothing is left.

use proptest::prelude::*;

use super::*;

fn check(world: &World) -> Result<(), TestCaseError> {
    let (saga, booking): (Saga, _) = (world.saga(), world.booking());
    let (live, ticketed, paid, captures) = left(world);
    // The cardholder's bank decided a dispute before it had our proof: only a person gets that money back.
    let is_paid_back_twice = saga.life.end == Some(End::HandedToHuman(Trouble::PaidBackTwice));
    let ended =
        is_paid_back_twice || matches!(saga.life.end, Some(End::Completed | End::Compensated));
    prop_assert!(ended, "{:?} {:?} {:?}", saga, booking, world.records);
    prop_assert!(captures <= 1);
    if booking.seats == Seats::Ticketed {
        prop_assert_eq!((live, ticketed), (saga.legs.len(), saga.legs.len()), "{:?}", saga);
        prop_assert_eq!(paid, saga.price.minor);
        prop_assert_eq!(booking.funds, Funds::Captured);
        for (leg, at) in saga.legs.iter().enumerate() {
            let Ledger::Vendor(ledger) = &world.ledgers[leg] else { panic!("a vendor") };
            let (changes, _) = ledger.changes(at.flight);
            let order = ledger.orders().iter().find(|order| order.state.is_live());
            let accepted = order.map(|order| order.accepted);
            prop_assert_eq!(accepted, Some(changes), "{:?}", saga);
            prop_assert_eq!(booking.changes[leg], at.times.change);
        }
    } else {
        prop_assert!(booking.is_over(), "{:?}", booking);
        // A customer who cancels a ticket pays the fee.
        let fee = world.given.world.cancellation_fee().map_or(0, |fee| fee.minor);
        let cancelled = (booking.seats, booking.funds) == (Seats::Cancelled, Funds::Refunded);
        let owed = if cancelled { fee } else { 0 };
        let owed = if is_paid_back_twice { owed - saga.price.minor } else { owed };
        prop_assert_eq!((live, ticketed, paid), (0, 0, owed), "{:?} {:?}", saga, world.records);
        let settled =
            !matches!(booking.funds, Funds::Authorized | Funds::Capturing | Funds::Refunding);
        prop_assert!(settled, "{:?}", booking);
    }
    Ok(())
}

/// The end of a story: for the booking, for the saga, and at the services.
type Outcome = (Seats, Funds, Option<End<Trouble>>, (usize, usize, i64, u8));

fn outcome(world: &World) -> Outcome {
    (world.booking().seats, world.booking().funds, world.saga().life.end, left(world))
}

/// Stories with different ends, without faults.
fn story(nth: usize) -> World {
    let trip: &[u16] = &[0, 1, 2];
    let (really, limit) = match nth {
        1 => ([1, 1, 0], None),
        2 | 6 => ([1, 1, 1], Some(9_999)),
        _ => ([1, 1, 1], None),
    };
    let mut told = World::new(world(really, limit), FAIR);
    told.customer(0, hold(trip));
    match nth {
        0 | 2 => told.customer(3_000, pay()),
        3 => {
            // Late enough for a ticket also if a crash makes the saga ask again.
            told.customer(3_000, pay());
            told.customer(800_000, cancel(trip));
        }
        4 => told.customer(5_000, cancel(trip)),
        6 => {
            told.customer(3_000, pay());
            told.customer(300_000, pay());
        }
        _ => {}
    }
    told
}

#[test]
fn a_crash_of_the_orchestrator_at_any_step_does_not_change_the_end() {
    for nth in 0..7 {
        let mut undisturbed = story(nth);
        undisturbed.run();
        let expected = outcome(&undisturbed);
        assert!(undisturbed.wakes > 6, "story {nth} has steps at which it can crash");
        for step in 1..=undisturbed.wakes {
            for death in [Death::Before, Death::Between, Death::After] {
                let mut world = story(nth);
                world.die(step, death);
                world.run();
                let records = &world.records;
                assert_eq!(outcome(&world), expected, "{nth} {step} {death:?}: {records:?}");
            }
        }
    }
}

/// Something that happens to a charge, and when.
fn turn() -> impl Strategy<Value = (u64, usize, u64)> {
    let at = prop_oneof![3 => 0..20_000_u64, 1 => 0..200_000_000_u64];
    let micros = prop_oneof![Just(10_000_000_u64), Just(90_000_000), Just(1_200_000_000)];
    (at, NEEDS_CONFIRMATION..=DISPUTE_OPENED, micros).prop_map(|(at, inject, micros)| {
        (at, inject, if inject == NEEDS_CONFIRMATION { micros } else { 1 })
    })
}

/// The terms of the provider, and what a cancellation costs.
fn terms() -> impl Strategy<Value = Setup> {
    let span = |all: &'static [u64]| {
        prop::option::weighted(0.3, prop::sample::select(all).prop_map(Span::from_millis))
    };
    let fee = prop::option::weighted(0.3, Just(Money::new(1_000, Currency::Eur)));
    let parts = (span(&[500, 40_000, 700_000]), span(&[50, 500, 4_000]), any::<bool>(), fee);
    parts.prop_map(|(confirmation, authorisation_life, disputes_won, cancellation_fee)| {
        let usual = PaymentSetup::default();
        let payment = PaymentSetup { confirmation, authorisation_life, disputes_won, ..usual };
        Setup { payment, cancellation_fee, ..Setup::default() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Messages are slow, lost or doubled, nodes restart: the saga ends, completely ticketed or undone.
    #[test]
    fn a_saga_ends_with_money_conserved_under_any_faults(
        seed in any::<u64>(),
        trouble in 0..8_u64,
        legs in 1..4_usize,
        really in prop::array::uniform3(prop_oneof![4 => Just(2_u16), 1 => Just(0_u16), 1 => Just(1_u16)]),
        declines in prop::bool::weighted(0.25),
        pays in prop::option::weighted(0.9, prop_oneof![3 => 0..5_000_u64, 1 => 895_000..905_000_u64]),
        pays_again in prop::option::weighted(0.5, prop_oneof![3 => 0..120_000_u64, 1 => 895_000..905_000_u64]),
        cancels in prop::option::weighted(0.3, prop_oneof![0..10_000_u64, 0..1_000_000_u64, 86_300_000..86_500_000_u64]),
        restarts in prop::collection::vec(prop_oneof![0..20_000_u64, 895_000..910_000_u64], 0..4),
        dies in prop::option::of((1..60_u64, 0..3_usize)),
        lags in any::<bool>(),
        ahead in prop::array::uniform2(prop_oneof![Just(0_u64), 0..5_000_u64]),
        faults in prop::collection::vec(
            (prop_oneof![3 => 0..20_000_u64, 1 => 0..200_000_000_u64], 0..3_u8, 0..4_usize, 0..9_u64),
            0..4,
        ),
        turns in prop::collection::vec(turn(), 0..3),
        terms in terms(),
    ) {
        let fair_from = Instant::ZERO + Span::from_secs(if seed % 2 == 0 { 25 } else { 0 });
        let trouble_rates = FaultRates { seed, fair_from, trouble };
        let flights = world_of(terms, really, declines.then_some(1));
        let mut world = World::new(flights, trouble_rates);
        world.lags = lags;
        world.ahead = ahead.map(Span::from_millis);
        let trip: Vec<u16> = (0..legs as u16).collect();
        world.customer(0, hold(&trip));
        for ms in pays.into_iter().chain(pays_again) { world.customer(ms, pay()); }
        if let Some(ms) = cancels { world.customer(ms, cancel(&trip)); }
        for ms in restarts { world.restart(ms); }
        if let Some((step, death)) = dies {
            world.die(step, [Death::Before, Death::Between, Death::After][death]);
        }
        for (ms, vendor, inject, random) in faults { world.inject(ms, ServiceId(vendor), inject, random); }
        for (ms, inject, size) in turns { world.inject(ms, PROVIDER, inject, size); }
        world.run();
        check(&world)?;
    }
}

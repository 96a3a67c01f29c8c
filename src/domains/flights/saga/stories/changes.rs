//! A flight that is moved.

use super::*;

#[test]
fn the_new_times_of_a_moved_flight_are_accepted_and_recorded_and_nothing_else_changes() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    world.customer(0, hold(&[0, 1]));
    world.customer(2_000, pay());
    world.inject(1_000, ServiceId(1), SCHEDULE_CHANGE, 0);
    world.inject(60_000, ServiceId(1), SCHEDULE_CHANGE, 0);
    world.run();
    assert_eq!(world.booking().changes[..2], [0, 2]);
    let Ledger::Vendor(ledger) = &world.ledgers[1] else { panic!("a vendor") };
    assert_eq!((ledger.orders()[0].accepted, ledger.changes(FlightId(1)).0), (2, 2));
    assert_eq!((world.saga().life.end, left(&world)), (Some(End::Completed), (2, 2, 20_000, 1)));
}

#[test]
fn a_failed_acceptance_of_an_older_change_does_not_block_the_next() {
    let mut saga = Saga::blank(BOOKING, Currency::Eur);
    let price = Money::zero(Currency::Eur);
    let expires_at = Instant::MAX;
    saga.evolve(&SagaEvent::SagaStarted { flights: flights(&[0]), price, expires_at });
    saga.evolve(&SagaEvent::LegHoldRequested { leg: 0 });
    saga.evolve(&SagaEvent::LegHeld { leg: 0, locator: Locator(7) });
    let later = Span::from_secs(600);
    saga.evolve(&SagaEvent::LegRescheduled { leg: 0, change: 1, later });
    saga.evolve(&SagaEvent::LegAcceptRequested { leg: 0 });
    saga.evolve(&SagaEvent::LegRescheduled { leg: 0, change: 2, later });
    let accept = VendorRequest::Accept { reference: BOOKING.leg(0), change: 1 };
    let failed = Reply::Vendor(VendorReply::Unavailable(Box::new(accept)));
    let flights = world([1, 1, 1], None);
    let booking = World::new(flights.clone(), FAIR).booking();
    let stimulus = Stimulus::Replied(ServiceId(0), &failed);
    let records = react(&flights, &saga, &booking, &stimulus, Instant::ZERO);
    let asked_again =
        [SagaEvent::LegAcceptUnknown { leg: 0 }, SagaEvent::LegAcceptRequested { leg: 0 }];
    assert_eq!(records[..2], asked_again, "{records:?}");
}

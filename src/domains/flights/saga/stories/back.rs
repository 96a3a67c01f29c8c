//! A booking that is turned back: refused, cancelled, or too late.

use super::*;

#[test]
fn when_the_second_vendor_has_no_seat_the_first_is_compensated_and_nothing_charged() {
    let mut world = World::new(world([1, 0, 1], None), FAIR);
    world.customer(0, hold(&[0, 1, 2]));
    world.run();
    assert_eq!(world.saga().life.turned_back, Some(Reason::VendorRefused));
    assert_eq!(world.saga().life.end, Some(End::Compensated));
    assert_eq!(left(&world), (0, 0, 0, 0));
    assert_eq!(
        asked_of_vendors(&world.records),
        [
            &SagaEvent::LegHoldRequested { leg: 0 },
            &SagaEvent::LegHoldRequested { leg: 1 },
            &SagaEvent::LegCancelRequested { leg: 0 }
        ],
        "the third leg is never asked for and the second is not undone"
    );
}

#[test]
fn a_ticketed_booking_that_is_cancelled_is_voided_and_refunded() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    world.customer(0, hold(&[0, 1]));
    world.customer(2_000, pay());
    world.customer(60_000, cancel(&[0, 1]));
    world.run();
    assert!(world.records.contains(&SagaEvent::SagaCompleted));
    assert_eq!((world.booking().seats, world.booking().funds), (Seats::Cancelled, Funds::Refunded));
    assert_eq!((world.saga().life.end, left(&world)), (Some(End::Compensated), (0, 0, 0, 1)));
}

#[test]
fn the_saga_turns_back_as_soon_as_a_vendor_does_not_answer_a_hold_in_time() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    world.slow = Some((ServiceId(1), Instant::ZERO + Span::from_secs(6)));
    world.customer(0, hold(&[0, 1]));
    world.run();
    let [asked, unknown] =
        [SagaEvent::LegHoldRequested { leg: 1 }, SagaEvent::LegUnknown { leg: 1 }].map(|event| {
            world.records.iter().position(|record| *record == event).expect("recorded")
        });
    let back = SagaEvent::UndoStarted { reason: Reason::VendorSilent };
    assert_eq!((unknown, &world.records[unknown + 1]), (asked + 1, &back));
}

#[test]
fn a_ticket_that_is_too_old_to_be_voided_is_refunded() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    world.customer(0, hold(&[0]));
    world.customer(2_000, pay());
    world.customer(25 * 60 * 60 * 1_000, cancel(&[0]));
    world.run();
    assert_eq!(
        asked_of_vendors(&world.records)[2..],
        [&SagaEvent::LegCancelRequested { leg: 0 }, &SagaEvent::LegRefundRequested { leg: 0 }]
    );
    let Ledger::Vendor(ledger) = &world.ledgers[0] else { panic!("a vendor") };
    assert_eq!(ledger.orders()[0].coupon, Some(Coupon::Refunded));
    assert_eq!((world.saga().life.end, left(&world)), (Some(End::Compensated), (0, 0, 0, 1)));
}

#[test]
fn a_flight_that_is_not_operated_ends_a_completed_booking() {
    let mut world = World::new(world([1, 1, 1], None), FAIR);
    world.customer(0, hold(&[0, 1]));
    world.customer(2_000, pay());
    world.inject(48 * 60 * 60 * 1_000, ServiceId(1), FLIGHT_CANCELLED, 0);
    world.run();
    assert!(world.records.contains(&SagaEvent::SagaCompleted));
    assert_eq!(world.booking().released, Some(Reason::FlightCancelled));
    assert_eq!(world.booking().funds, Funds::Refunded);
    assert_eq!((world.saga().life.end, left(&world)), (Some(End::Compensated), (0, 0, 0, 1)));
}

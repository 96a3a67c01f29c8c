//! A payment that takes a turn: it is pending, its reservation lapses, the cardholder disputes it.

use super::*;
use crate::domains::flights::payment::Dispute;

fn with(payment: PaymentSetup) -> World {
    World::new(world_of(Setup { payment, ..Setup::default() }, [1, 1, 1], None), FAIR)
}

fn confirmed_in(secs: u64) -> World {
    let confirmation = Some(Span::from_secs(secs));
    with(PaymentSetup { confirmation, ..PaymentSetup::default() })
}

fn count(world: &World, is: fn(&SagaEvent) -> bool) -> usize {
    world.records.iter().filter(|record| is(record)).count()
}

fn asked(step: ChargeStep) -> SagaEvent {
    SagaEvent::ChargeRequested { step }
}

/// A trip that is paid for at three seconds.
fn paid(mut world: World) -> World {
    world.customer(0, hold(&[0, 1]));
    world.customer(3_000, pay());
    world
}

#[test]
fn a_pending_payment_is_reserved_once_the_customer_has_confirmed_it() {
    let mut world = paid(confirmed_in(100));
    world.run_until(Instant::ZERO + Span::from_secs(90));
    assert_eq!(world.booking().funds, Funds::Requested, "nothing is reserved yet");
    assert!(count(&world, |record| *record == SagaEvent::ChargePending) > 1, "it is asked for");
    world.run();
    assert_eq!(left(&world), (2, 2, 20_000, 1));
    let authorised = count(&world, |record| *record == asked(ChargeStep::Authorise));
    assert_eq!(authorised, 1, "it is asked for, and not made again");
}

#[test]
fn a_payment_that_is_not_confirmed_in_time_has_failed() {
    let mut world = paid(confirmed_in(3_000));
    world.run_until(Instant::ZERO + Span::from_secs(700));
    assert_eq!(world.booking().funds, Funds::Failed);
    assert_eq!(world.booking().attempt, Attempt(1));
    world.run();
    assert_eq!((world.booking().seats, left(&world)), (Seats::Expired, (0, 0, 0, 0)));
}

#[test]
fn a_pending_payment_is_voided_when_the_hold_ends_and_cannot_be_confirmed_later() {
    let mut world = confirmed_in(500);
    world.customer(0, hold(&[0]));
    world.customer(600_000, pay());
    world.run();
    assert_eq!((world.booking().seats, left(&world)), (Seats::Expired, (0, 0, 0, 0)));
    assert_eq!(world.saga().charge.void, Progress::Done);
    let Ledger::Provider(ledger) = &world.ledgers[3] else { panic!("the provider") };
    let standing = ledger.standing(BOOKING).expect("a charge");
    assert!(standing.voided && standing.authorised.is_zero() && !standing.pending);
}

#[test]
fn a_reservation_that_has_lapsed_is_made_again_and_captured_once() {
    // The provider answers within a tenth of a second: with the booking's own steps, the capture comes too late.
    let life = |millis| PaymentSetup {
        authorisation_life: Some(Span::from_millis(millis)),
        ..PaymentSetup::default()
    };
    let mut lapsed = 0;
    for seed in 0..20 {
        let faults = FaultRates { seed, ..FAIR };
        let setup = Setup { payment: life(120), ..Setup::default() };
        let mut world = paid(World::new(world_of(setup, [1, 1, 1], None), faults));
        world.run();
        lapsed += count(&world, |record| *record == SagaEvent::ChargeLapsed);
        let ended = (world.booking().seats, left(&world));
        let ticketed = (Seats::Ticketed, (2, 2, 20_000, 1));
        assert!(ended == ticketed || ended == (Seats::Released, (0, 0, 0, 0)), "{ended:?}");
    }
    assert!(lapsed > 5, "{lapsed}");
}

#[test]
fn a_reservation_that_lapses_every_time_is_given_up() {
    let authorisation_life = Some(Span::from_millis(1));
    let mut world = paid(with(PaymentSetup { authorisation_life, ..PaymentSetup::default() }));
    world.run();
    assert_eq!((world.booking().seats, left(&world)), (Seats::Released, (0, 0, 0, 0)));
    assert_eq!(world.booking().released, Some(Reason::PaymentDeclined));
    assert_eq!(count(&world, |record| *record == SagaEvent::ChargeLapsed), 4);
}

/// A ticketed trip that is disputed at 20 seconds.
fn disputed(disputes_won: bool) -> World {
    let dispute_lasts = Some(Span::from_secs(2 * 3_600));
    let usual = PaymentSetup::default();
    let mut world = paid(with(PaymentSetup { disputes_won, dispute_lasts, ..usual }));
    world.inject(20_000, PROVIDER, DISPUTE_OPENED, 1);
    world
}

#[test]
fn a_ticket_whose_payment_was_charged_back_is_given_back() {
    let mut world = disputed(false);
    world.run_until(Instant::ZERO + Span::from_secs(3_600));
    assert_eq!(world.booking().seats, Seats::Ticketed, "until that is decided");
    assert_eq!(count(&world, |record| *record == asked(ChargeStep::Contest)), 1);
    world.run();
    assert_eq!((world.booking().seats, left(&world)), (Seats::Released, (0, 0, 0, 1)));
    assert_eq!(world.booking().released, Some(Reason::ChargedBack));
    assert_eq!(world.booking().funds, Funds::ChargedBack);
    assert_eq!(world.saga().life.end, Some(End::Compensated));
    assert_eq!(count(&world, |record| *record == asked(ChargeStep::Refund)), 0);
}

#[test]
fn a_dispute_that_we_win_changes_nothing() {
    let mut world = disputed(true);
    world.run();
    assert_eq!((world.booking().seats, left(&world)), (Seats::Ticketed, (2, 2, 20_000, 1)));
    assert_eq!(world.saga().charge.rare.dispute, Dispute::Won);
    assert_eq!(world.saga().life.end, Some(End::Completed));
}

#[test]
fn what_is_disputed_is_not_refunded_before_that_is_decided() {
    for (won, funds) in [(false, Funds::ChargedBack), (true, Funds::Refunded)] {
        let mut world = disputed(won);
        world.customer(30_000, cancel(&[0, 1]));
        world.run_until(Instant::ZERO + Span::from_secs(3_600));
        assert_eq!(count(&world, |record| *record == asked(ChargeStep::Refund)), 0);
        world.run();
        assert_eq!((world.booking().funds, left(&world)), (funds, (0, 0, 0, 1)));
    }
}

#[test]
fn a_dispute_of_what_was_refunded_is_contested_and_won() {
    let mut world = paid(with(PaymentSetup::default()));
    world.customer(20_000, cancel(&[0, 1]));
    world.inject(60_000, PROVIDER, DISPUTE_OPENED, 1);
    world.run();
    assert_eq!((world.booking().funds, left(&world)), (Funds::Refunded, (0, 0, 0, 1)));
    assert_eq!(world.saga().charge.rare.dispute, Dispute::Won);
    assert_eq!(world.saga().life.end, Some(End::Compensated));
}

#[test]
fn money_that_was_paid_back_twice_is_handed_to_an_operator() {
    // The bank decides before our answer arrives.
    let dispute_lasts = Some(Span::from_millis(1));
    let mut world = paid(with(PaymentSetup { dispute_lasts, ..PaymentSetup::default() }));
    world.customer(20_000, cancel(&[0, 1]));
    world.inject(60_000, PROVIDER, DISPUTE_OPENED, 1);
    world.run();
    assert_eq!(world.saga().life.end, Some(End::HandedToHuman(Trouble::PaidBackTwice)));
    assert_eq!(left(&world), (0, 0, -20_000, 1));
}

#[test]
fn a_customer_who_cancels_pays_the_fee_and_nobody_else_does() {
    let fee = Money::new(1_500, Currency::Eur);
    let world = || {
        let setup = Setup { cancellation_fee: Some(fee), ..Setup::default() };
        paid(World::new(world_of(setup, [1, 1, 1], None), FAIR))
    };
    let mut cancels = world();
    cancels.customer(20_000, cancel(&[0, 1]));
    cancels.run();
    assert_eq!((cancels.booking().funds, left(&cancels)), (Funds::Refunded, (0, 0, 1_500, 1)));
    let mut grounded = world();
    grounded.inject(20_000, ServiceId(0), FLIGHT_CANCELLED, 1);
    grounded.run();
    assert_eq!((grounded.booking().funds, left(&grounded)), (Funds::Refunded, (0, 0, 0, 1)));
}

#[test]
fn a_ticket_that_has_become_dearer_is_not_issued_and_the_money_is_given_back() {
    for (from, seats, paid) in [(1_000, Seats::Released, 0), (60_000, Seats::Ticketed, 20_000)] {
        let mut world = paid_trip();
        world.inject(from, ServiceId(1), FARE_RAISED, 1);
        world.run();
        let (_, tickets, net, _) = left(&world);
        let whole = if paid == 0 { 0 } else { 2 };
        assert_eq!((world.booking().seats, net, tickets), (seats, paid, whole), "{from}");
    }
}

fn paid_trip() -> World {
    paid(World::new(world([1, 1, 1], None), FAIR))
}

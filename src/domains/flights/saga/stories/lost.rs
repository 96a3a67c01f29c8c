//! The store goes back while a booking is on its way, and services have done more than the log says.

use super::*;

/// A trip of two legs that is held at 100 ms and paid for at three seconds. At `at` everything is lost that was recorded after `to`.
fn lost(at: u64, to: u64) -> World {
    lost_in(world([1, 1, 1], None), at, to)
}

fn lost_in(flights: Flights, at: u64, to: u64) -> World {
    let mut world = World::new(flights, FAIR);
    world.customer(100, hold(&[0, 1]));
    world.customer(3_000, pay());
    world.lose(at, to);
    world.run();
    world
}

/// What is wrong at the end: the booking and the services do not agree, and nobody was told.
fn disagrees(world: &World) -> Option<String> {
    let (saga, booking) = (world.saga(), world.booking());
    let agrees = match (booking.seats, left(world)) {
        (Seats::Ticketed, (2, 2, 20_000, 1)) => saga.life.end == Some(End::Completed),
        (Seats::None | Seats::Expired | Seats::Released | Seats::Cancelled, (0, 0, 0, _)) => {
            saga.life.end.is_some() || booking.seats == Seats::None
        }
        _ => saga.life.handed_over().is_some(),
    };
    let (seats, left, records) = (booking.seats, left(world), &world.records);
    (!agrees).then(|| format!("{seats:?} {left:?} {:?} {records:?}", saga.life.end))
}

#[test]
fn nothing_is_left_of_a_booking_that_is_lost_with_its_saga() {
    let world = lost(10_000, 0);
    assert_eq!(world.booking().seats, Seats::None);
    assert_eq!(left(&world), (0, 0, 0, 1), "the ticket and the money are given back");
    assert_eq!(world.saga().life.end, Some(End::Compensated));
    assert_eq!(world.saga().life.turned_back, Some(Reason::Lost));
}

#[test]
fn a_booking_that_is_left_without_its_payment_is_released() {
    let world = lost(10_000, 2_500);
    assert_eq!(world.booking().released, Some(Reason::Lost));
    assert_eq!((left(&world), world.saga().life.end), ((0, 0, 0, 1), Some(End::Compensated)));
}

#[test]
fn a_booking_whose_capture_is_claimed_goes_on() {
    let claimed = (3_000..4_000).find(|to| {
        let mut world = World::new(self::world([1, 1, 1], None), FAIR);
        world.customer(100, hold(&[0, 1]));
        world.customer(3_000, pay());
        world.run_until(Instant::ZERO + Span::from_millis(*to));
        world.booking().funds == Funds::Capturing
    });
    let world = lost(10_000, claimed.expect("it is claimed at some time"));
    assert_eq!((world.booking().seats, left(&world)), (Seats::Ticketed, (2, 2, 20_000, 1)));
}

#[test]
fn a_booking_that_is_made_anew_after_it_was_undone_is_released() {
    let mut world = World::new(self::world([1, 1, 1], None), FAIR);
    world.customer(100, hold(&[0, 1]));
    world.customer(3_000, pay());
    world.lose(10_000, 0);
    world.customer(60_000, hold(&[0, 1]));
    world.run();
    assert_eq!(world.booking().released, Some(Reason::Lost));
    assert_eq!(left(&world), (0, 0, 0, 1));
}

#[test]
fn whatever_is_lost_the_booking_and_the_services_agree_at_the_end() {
    let mut wrong = Vec::new();
    for at in (100..5_000).step_by(70) {
        for to in (0..at).step_by(110) {
            wrong.extend(disagrees(&lost(at, to)).map(|why| format!("{at} to {to}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{} of them: {}", wrong.len(), wrong[0]);
}

#[test]
fn whatever_is_lost_of_a_trip_that_is_undone_the_booking_and_the_services_agree() {
    let mut wrong = Vec::new();
    for ends in [3_200, 5_000] {
        for at in (3_000..9_000).step_by(150) {
            for to in (0..at).step_by(190) {
                let mut world = World::new(self::world([1, 1, 1], None), FAIR);
                world.customer(100, hold(&[0, 1]));
                world.customer(3_000, pay());
                world.customer(ends, cancel(&[0, 1]));
                world.lose(at, to);
                world.customer(20_000, pay());
                world.run();
                let why = disagrees(&world);
                wrong.extend(why.map(|why| format!("{ends}, {at} to {to}: {why}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them: {}", wrong.len(), wrong[0]);
}

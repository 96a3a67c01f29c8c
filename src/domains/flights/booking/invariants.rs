//! Invariants of the decider, on drawn histories of arbitrary commands.

use proptest::prelude::*;

use super::given::Given;
use crate::domains::flights::command::Command;
use crate::domains::flights::event::Reason;
use crate::domains::flights::ids::{
    Attempt, BookingId, FlightId, FlightIds, TicketNumber, TicketNumbers,
};
use crate::domains::flights::money::{Currency, Money};
use crate::kernel::Span;
use crate::model::{CustomerId, Domain};

/// Trips in the world of the tests: `IB1`, `LH2`, both.
fn trip(which: u8) -> FlightIds {
    let flights: &[u16] = match which % 3 {
        0 => &[0],
        1 => &[1],
        _ => &[0, 1],
    };
    flights.iter().copied().map(FlightId).collect()
}

fn price(which: u8) -> Money {
    Money::new([42_000, 18_000, 60_000][usize::from(which % 3)], Currency::Eur)
}

/// Bookings 0 to 5 of four customers; each mostly names its own trip.
fn command() -> impl Strategy<Value = Command> {
    (0..18_u8, 0..6_u32, 0..12_u8).prop_map(|(what, number, slip)| {
        let booking = BookingId(number);
        let which = if slip == 0 { (number as u8).wrapping_add(1) } else { number as u8 };
        let (flights, amount) = (trip(which), price(which));
        match what {
            0 => Command::HoldSeat {
                booking,
                customer: CustomerId(number % 4),
                flights,
                contact: crate::model::Named::NONE,
            },
            1 => Command::RequestPayment { booking },
            2 => Command::RecordAuthorization { booking, amount },
            3 => Command::StartCapture { booking },
            4 => Command::RecordCapture { booking, amount },
            5 => {
                let ticket = |serial| TicketNumber { airline: 75, serial };
                let tickets: TicketNumbers = (0..flights.len() as u32).map(ticket).collect();
                Command::RecordTicket { booking, tickets }
            }
            6 => {
                let attempt = Attempt(slip % 3);
                Command::RecordPaymentFailure { booking, flights, attempt }
            }
            7 => Command::Cancel { booking, flights },
            8 => Command::Expire { booking, flights },
            9 => Command::Release { booking, flights, reason: Reason::IssueFailed },
            10 => Command::StartRefund { booking },
            11 => Command::RecordRefund { booking, amount },
            12 => {
                let (leg, change) = (slip % 3, slip / 3);
                Command::RecordScheduleChange { booking, leg, change, later: Span::ZERO }
            }
            13 => Command::Release { booking, flights, reason: Reason::FlightCancelled },
            14 => Command::Release { booking, flights, reason: Reason::ChargedBack },
            15 => Command::RecordChargeback { booking },
            16 => Command::Bump { booking, flights },
            _ => Command::RecordVoid { booking },
        }
    })
}

proptest! {
    /// `apply` asserts that each event is legal; `evolve` must not panic; events go only to streams that the
    /// command named; allocated seats stay within capacity.
    #[test]
    fn a_decision_is_legal_and_writes_only_to_the_streams_of_its_command(
        history in prop::collection::vec((command(), 0..60_u64), 1..120)
    ) {
        let mut given = Given::nothing();
        let mut secs = 0;
        for (command, later) in history {
            secs += later;
            let streams = given.world.streams(&command);
            let Ok(events) = given.at_secs(secs).when(command) else { continue };
            prop_assert!(events.iter().all(|(stream, _)| streams.contains(stream)));
            given.apply(&events);
            for (stream, (_, state)) in &given.streams {
                if *stream == FlightId(stream.number as u16).stream() {
                    let seats = state.flight();
                    prop_assert!(seats.taken <= seats.capacity);
                }
            }
        }
    }

    /// An accepted command that is sent again changes nothing.
    #[test]
    fn a_resend_has_no_second_effect(
        history in prop::collection::vec((command(), 0..60_u64), 1..60)
    ) {
        let mut given = Given::nothing();
        let mut secs = 0;
        for (command, later) in history {
            secs += later;
            let now = given.at_secs(secs);
            let Ok(events) = now.when(command.clone()) else { continue };
            given.apply(&events);
            let again = given.at_secs(secs).when(command);
            prop_assert!(again.as_ref().is_ok_and(Vec::is_empty) || again.is_err(), "{again:?}");
        }
    }
}

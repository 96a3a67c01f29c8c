//! The end of a booking, with and without faults.

mod any;
mod back;
mod changes;
mod forward;
mod handed_over;
mod late;
mod lost;
mod payments;

use super::harness::{BOOKING, Death, FaultRates, World};
use super::{Saga, TIMER_EXPIRY, react};
use crate::domains::flights::booking::{Booking, Funds, Seats};
use crate::domains::flights::command::{Command, Rejection};
use crate::domains::flights::event::{ChargeStep, Reason, SagaEvent, Tell, Trouble};
use crate::domains::flights::ids::{Attempt, FlightId, FlightIds, Locator};
use crate::domains::flights::money::{Currency, Money};
use crate::domains::flights::payment::{ChargeReply, ChargeRequest, Key, Standing};
use crate::domains::flights::setup::{Flights, PaymentSetup, Setup, VendorSetup};
use crate::domains::flights::vendors::{
    Coupon, Dialect, OrderView, VendorAct, VendorEntry, VendorReply, VendorRequest,
};
use crate::domains::flights::{Entry, Ledger, Reply};
use crate::kernel::{Instant, Span};
use crate::model::{CommandOutcome, CustomerId, ServiceId, Stimulus};
use crate::saga::{End, Progress, Saga as _};

const SCHEDULE_CHANGE: usize = 1;
const FLIGHT_CANCELLED: usize = 2;
const EARLY_LAPSE: usize = 3;
const NEEDS_CONFIRMATION: usize = 4;
const DISPUTE_OPENED: usize = 6;
const FARE_RAISED: usize = 7;
/// The payment provider.
const PROVIDER: ServiceId = ServiceId(3);
const FAIR: FaultRates = FaultRates { seed: 0, fair_from: Instant::ZERO, trouble: 0 };

fn flights(numbers: &[u16]) -> FlightIds {
    numbers.iter().copied().map(FlightId).collect()
}

/// Three vendors with a flight each. `really` says how many seats they have.
fn world(really: [u16; 3], limit: Option<i64>) -> Flights {
    world_of(Setup::default(), really, limit)
}

/// The same in a set-up with other terms.
fn world_of(changed: Setup, really: [u16; 3], limit: Option<i64>) -> Flights {
    let fare = Money::new(10_000, Currency::Eur);
    let dialects = [Dialect::Ndc, Dialect::Amadeus, Dialect::Sabre];
    let vendors = (0..3)
        .map(|n| {
            let mut vendor =
                VendorSetup::new(&format!("V{n}"), dialects[n]).flight(&format!("F{n}"), 2, fare);
            vendor.flights[0].really = Some(really[n]);
            vendor
        })
        .collect();
    let limit = limit.map(|minor| Money::new(minor, Currency::Eur));
    let setup = Setup { vendors, ..changed };
    let payment = PaymentSetup { limit, ..setup.payment };
    Flights::new(Setup { payment, ..setup }).expect("a world")
}

fn hold(legs: &[u16]) -> Command {
    Command::HoldSeat {
        booking: BOOKING,
        customer: CustomerId(0),
        flights: flights(legs),
        contact: crate::model::Named::NONE,
    }
}

fn pay() -> Command {
    Command::RequestPayment { booking: BOOKING }
}

fn cancel(legs: &[u16]) -> Command {
    Command::Cancel { booking: BOOKING, flights: flights(legs) }
}

/// What is left at the services: orders that can be undone, tickets, the sum paid, and captures.
fn left(world: &World) -> (usize, usize, i64, u8) {
    let (mut live, mut ticketed, mut paid, mut captures) = (0, 0, 0, 0);
    for ledger in &world.ledgers {
        match ledger {
            Ledger::Vendor(ledger) => {
                live += ledger.orders().iter().filter(|order| order.stands()).count();
                ticketed +=
                    ledger.stocks().map(|(_, stock)| usize::from(stock.ticketed)).sum::<usize>();
            }
            Ledger::Provider(ledger) => {
                for (_, standing) in ledger.charges() {
                    paid += standing.net().expect("countable").minor;
                    captures += standing.captures;
                }
            }
        }
    }
    (live, ticketed, paid, captures)
}

fn asked_of_vendors(saga: &[SagaEvent]) -> Vec<&SagaEvent> {
    let asks = |event: &&SagaEvent| {
        matches!(
            event,
            SagaEvent::LegHoldRequested { .. }
                | SagaEvent::LegIssueRequested { .. }
                | SagaEvent::LegCancelRequested { .. }
                | SagaEvent::LegRefundRequested { .. }
        )
    };
    saga.iter().filter(asks).collect()
}

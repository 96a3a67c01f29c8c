//! What a saga learns from the reports of services after the store has lost commits.
//!
//! A report says what is there now. What differs from what the saga knows was asked for in events that are lost, or
//! was answered in them. For a leg it is enough to doubt what is known: the vendor is then asked as after a silence. The
//! charge is taken as it was reported, because its keys must not be used again for what they have been answered with.
//!
//! A saga of which nothing is left, nor of its booking, begins with what services have for it, and turns back at once.

use super::leg_of;
use crate::domains::flights::Reply;
use crate::domains::flights::defects::OLD_ANSWER_TAKEN;
use crate::domains::flights::event::{Reason, SagaEvent};
use crate::domains::flights::ids::{FlightId, FlightIds, LEGS_MAX, LegRef};
use crate::domains::flights::money::Money;
use crate::domains::flights::payment::{ChargeReply, Standing};
use crate::domains::flights::saga::{LegProgress, LegStep, Saga};
use crate::domains::flights::saga_event::Reported;
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderView, VendorReply};
use crate::kernel::{Instant, Span};
use crate::model::ServiceId;
use crate::saga::Draft;

/// The first events of a saga whose events are all lost, and those of its booking.
pub(in crate::domains::flights::saga) fn begin(
    flights: &Flights,
    replies: &[(ServiceId, Reply)],
    now: Instant,
) -> [SagaEvent; 2] {
    let mut legs: [Option<FlightId>; LEGS_MAX] = [None; LEGS_MAX];
    let mut price = Money::zero(flights.currency());
    for (_, reply) in replies {
        match reply {
            Reply::Vendor(VendorReply::Reported { reference, flight, .. }) => {
                if let Some(leg) = legs.get_mut(usize::from(reference.leg)) {
                    *leg = Some(*flight);
                }
            }
            Reply::Charge(ChargeReply::Reported { standing, .. }) => {
                let taken = standing.captures > 0;
                price = if taken { standing.captured } else { standing.authorised };
            }
            any_of!(Reply(_): Vendor | Charge) | Reply::Misdirected => {}
        }
    }
    // Of a leg that no vendor has, nothing is to be undone, whatever its flight is.
    let last = legs.iter().rposition(Option::is_some).unwrap_or(0);
    let any = legs[last].unwrap_or(FlightId(0));
    let flights: FlightIds = legs[..=last].iter().map(|leg| leg.unwrap_or(any)).collect();
    let started = SagaEvent::SagaStarted { flights, price, expires_at: now };
    [started, SagaEvent::UndoStarted { reason: Reason::Lost }]
}

pub(super) fn learn(draft: &mut Draft<Saga>, flights: &Flights, replies: &[(ServiceId, Reply)]) {
    for (_, reply) in replies {
        match reply {
            Reply::Vendor(VendorReply::Reported { reference, orders, change, later, .. }) => {
                leg(draft, *reference, orders, (*change, *later));
            }
            Reply::Charge(ChargeReply::Reported { .. }) if flights.has(&OLD_ANSWER_TAKEN) => {}
            Reply::Charge(ChargeReply::Reported { standing, keys, .. }) => {
                charge(draft, standing, *keys);
            }
            any_of!(Reply(_): Vendor | Charge) | Reply::Misdirected => {}
        }
    }
}

/// What a vendor has for a leg, and the newest times of its flight.
fn leg(
    draft: &mut Draft<Saga>,
    reference: LegRef,
    orders: &[OrderView],
    (change, later): (u8, Span),
) {
    let Some(at) = leg_of(draft, reference) else { return };
    let leg = reference.leg;
    if !is_known(&at, orders) {
        draft.record(SagaEvent::LegReported { leg });
    }
    let Some(at) = leg_of(draft, reference) else { return };
    let is_back = draft.saga.life.turned_back.is_some();
    if !is_back && at.may_travel() && change > at.times.change {
        draft.record(SagaEvent::LegRescheduled { leg, change, later });
    }
}

/// Whether a vendor has what the saga believes it to have, or will be asked in any case.
fn is_known(at: &LegProgress, orders: &[OrderView]) -> bool {
    use LegStep::*;
    let is_own = |ticketed: bool| match orders {
        [one] => {
            Some(one.locator) == at.locator && one.ticket.is_some() == ticketed && !one.withdrawn
        }
        _ => false,
    };
    match at.step {
        Planned | Absent | Refused | Cancelled => orders.is_empty(),
        Held => is_own(false),
        Ticketed => is_own(true),
        Asked | Unknown | Retrieving | NotIssued | Withdrawn | VoidRefused => true,
    }
}

fn charge(draft: &mut Draft<Saga>, standing: &Standing, keys: [u8; 4]) {
    let &Standing { authorised, captured, refunded, voided, pending, dispute, .. } = standing;
    let left = captured.minus(refunded).filter(|left| !left.is_zero());
    let kept = left.filter(|_| !refunded.is_zero());
    let happened = [!authorised.is_zero(), !captured.is_zero(), voided, !refunded.is_zero()];
    let found = Reported { happened, keys, pending, kept };
    if draft.saga.charge.is_news(&found) {
        draft.record(SagaEvent::ChargeReported { found });
    }
    if dispute > draft.saga.charge.rare.dispute {
        draft.record(SagaEvent::DisputeReported { dispute });
    }
}

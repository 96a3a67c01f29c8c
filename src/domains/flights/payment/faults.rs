//! Faults of the provider: what happens to a charge without a request of ours.

use super::{Dispute, ProviderLedger};
use crate::domains::flights::ids::BookingId;
use crate::domains::flights::payment::{ChargeReply, Standing};
use crate::domains::flights::services::{Ledger, Reply};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::pick;
use crate::kernel::{Fault, Scope, Site, Span, Unit};
use crate::model::ServiceFault;

const SECOND: u64 = 1_000_000;
/// The family of these faults, and where they happen.
const PAYMENT: (&str, Scope) = ("Payment", Scope::Service);

/// All of them, in order of their sites.
pub(in crate::domains::flights) const FAULTS: [ServiceFault<Flights>; 3] =
    [NEEDS_CONFIRMATION, RESERVATION_LAPSES, DISPUTE_OPENED];

/// A payment is pending until the customer has confirmed it.
const NEEDS_CONFIRMATION: ServiceFault<Flights> = ServiceFault {
    fault: &Fault::new(
        PAYMENT,
        (Site::new(116, "provider.needs-confirmation"), "NeedsConfirmation"),
        (Unit::Span, &[90 * SECOND, 10 * SECOND, 1_200 * SECOND]),
        "the next reservation is pending until the customer has confirmed it, which takes this long",
        "strong customer authentication: the bank asks the customer, and some never answer",
    ),
    is_applicable: |ledger| provider(ledger).is_some_and(|l| l.later.confirmation.is_none()),
    inject: |ledger, size, _, _| {
        if let Some(ledger) = provider_mut(ledger) {
            ledger.later.confirmation = Some(Span::from_micros(size));
        }
    },
    is_observable: |reply| matches!(reply, Reply::Charge(ChargeReply::Pending { .. })),
};

/// A reservation lapses.
const RESERVATION_LAPSES: ServiceFault<Flights> = ServiceFault {
    fault: &Fault::new(
        PAYMENT,
        (Site::new(117, "provider.reservation-lapses"), "ReservationLapses"),
        (Unit::Times, &[1, 2, 3]),
        "the nth reservation that is not captured lapses, without notice",
        "card networks and banks that release reserved money before the provider captures it",
    ),
    is_applicable: |ledger| reserved(ledger).next().is_some(),
    inject: |ledger, size, now, entries| {
        let nth = pick(reserved(ledger), size);
        if let (Some(booking), Some(ledger)) = (nth, provider_mut(ledger)) {
            ledger.lapse(booking, now, entries);
        }
    },
    is_observable: |reply| match reply {
        Reply::Charge(ChargeReply::Lapsed { .. }) => true,
        Reply::Charge(ChargeReply::Standing { standing, .. }) => standing.has_lapsed(),
        _ => false,
    },
};

/// A cardholder disputes a charge.
const DISPUTE_OPENED: ServiceFault<Flights> = ServiceFault {
    fault: &Fault::new(
        PAYMENT,
        (Site::new(118, "provider.dispute-opened"), "DisputeOpened"),
        (Unit::Times, &[1, 2, 3]),
        "the cardholder of the nth captured charge disputes it, and the bank takes the money back",
        "chargebacks, also of charges that are being refunded",
    ),
    is_applicable: |ledger| disputable(ledger).next().is_some(),
    inject: |ledger, size, now, entries| {
        let nth = pick(disputable(ledger), size);
        if let (Some(booking), Some(ledger)) = (nth, provider_mut(ledger)) {
            ledger.dispute(booking, now, entries);
        }
    },
    is_observable: |reply| {
        matches!(reply, Reply::Charge(ChargeReply::Disputed { dispute: Dispute::Open, .. }))
    },
};

fn provider(ledger: &Ledger) -> Option<&ProviderLedger> {
    match ledger {
        Ledger::Provider(ledger) => Some(ledger),
        Ledger::Vendor(_) => None,
    }
}

fn provider_mut(ledger: &mut Ledger) -> Option<&mut ProviderLedger> {
    match ledger {
        Ledger::Provider(ledger) => Some(ledger),
        Ledger::Vendor(_) => None,
    }
}

fn charges(ledger: &Ledger) -> impl Iterator<Item = (BookingId, Standing)> + '_ {
    provider(ledger).into_iter().flat_map(ProviderLedger::charges)
}

/// Bookings with money reserved that is not captured.
fn reserved(ledger: &Ledger) -> impl Iterator<Item = BookingId> + '_ {
    charges(ledger).filter(|(_, standing)| standing.is_reserved()).map(|(booking, _)| booking)
}

/// Bookings whose captured money was never disputed.
fn disputable(ledger: &Ledger) -> impl Iterator<Item = BookingId> + '_ {
    let untouched =
        |standing: &Standing| standing.captures > 0 && standing.dispute == Dispute::None;
    charges(ledger).filter(move |(_, standing)| untouched(standing)).map(|(booking, _)| booking)
}

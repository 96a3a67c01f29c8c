//! The carrier: one parcel for each order. The order's number is the reference.
//!
//! As with the provider, a repeated request has no further effect. A recalled reference stays closed: a
//! booking that arrives later is refused.

use crate::collections::SortedMap;

use super::event::{Bringer, Parcel};
use super::ids::{Day, OrderId, Tracking};
use crate::kernel::Instant;
use crate::model::Dated;
use crate::names;

/// A request to the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelRequest {
    /// Take a parcel.
    Book { order: OrderId, pieces: u64 },
    /// Bring the parcel back, or refuse it if it is not booked yet.
    Recall { order: OrderId },
    /// Return the status. `nth` distinguishes the answer from answers to earlier queries.
    Track { order: OrderId, nth: u8 },
}

names! { ParcelRequest { Book => BookParcel, Recall => RecallParcel, Track => TrackParcel } }

/// An answer of the carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelReply {
    /// The carrier has the parcel.
    Booked { order: OrderId, parcel: Parcel },
    /// The carrier does not take the parcel.
    Refused { order: OrderId },
    /// The carrier does not have the parcel and will not take it.
    Recalled { order: OrderId },
    /// The status: the parcel that was booked, if any, and whether it was recalled.
    Tracked { order: OrderId, nth: u8, parcel: Option<Parcel>, recalled: bool },
    /// The carrier failed (5xx): the request may have taken effect.
    Unavailable(ParcelRequest),
}

/// An entry of the carrier's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelEntry {
    /// A parcel was booked.
    Booked { order: OrderId, parcel: Parcel },
    /// A parcel was brought back, or its reference closed before a booking.
    Recalled { order: OrderId },
}

/// The state of one reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Consignment {
    /// The parcel that was booked, also if it was recalled.
    pub parcel: Option<Parcel>,
    pub recalled: bool,
}

/// The carrier's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CarrierLedger {
    consignments: SortedMap<OrderId, Dated<Consignment>>,
    booked: u64,
}

/// The conditions of the carrier on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    /// The tracking number of the first parcel.
    pub(super) first: Tracking,
    pub(super) pieces: Option<u64>,
    pub(super) delivery: Day,
}

impl ParcelRequest {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Book { order, .. } | Self::Recall { order } | Self::Track { order, .. } => *order,
        }
    }
}

impl CarrierLedger {
    pub fn consignments(&self) -> impl Iterator<Item = (OrderId, Consignment)> + '_ {
        self.consignments.iter().filter_map(|(&order, known)| Some((order, *known.now()?)))
    }
}

impl Consignment {
    /// The parcel, unless it was recalled.
    pub fn under_way(&self) -> Option<Parcel> {
        self.parcel.filter(|_| !self.recalled)
    }
}

/// Answers a query with what was true at `as_of`; `None` if the request is not one.
pub(super) fn look_up(
    ledger: &CarrierLedger,
    request: &ParcelRequest,
    as_of: Instant,
) -> Option<ParcelReply> {
    let ParcelRequest::Track { order, nth } = *request else { return None };
    let known = ledger.consignments.get(&order).and_then(|known| known.as_of(as_of));
    let Consignment { parcel, recalled } = known.copied().unwrap_or_default();
    Some(ParcelReply::Tracked { order, nth, parcel, recalled })
}

/// Answers a request, and returns the entry if the ledger changed.
pub(super) fn serve(
    terms: &Terms,
    ledger: &mut CarrierLedger,
    request: &ParcelRequest,
    now: Instant,
) -> (ParcelReply, Option<ParcelEntry>) {
    let order = request.order();
    let known = ledger.consignments.get(&order).and_then(Dated::now).copied();
    let Consignment { parcel, recalled } = known.unwrap_or_default();
    match *request {
        ParcelRequest::Track { nth, .. } => {
            (ParcelReply::Tracked { order, nth, parcel, recalled }, None)
        }
        ParcelRequest::Book { pieces, .. } => {
            if let (Some(parcel), false) = (parcel, recalled) {
                return (ParcelReply::Booked { order, parcel }, None);
            }
            if recalled || terms.pieces.is_some_and(|most| pieces > most) {
                return (ParcelReply::Refused { order }, None);
            }
            let tracking = Tracking(terms.first.0 + ledger.booked);
            let parcel = Parcel { tracking, by: Bringer::Carrier, delivery: terms.delivery };
            ledger.booked += 1;
            let known = Consignment { parcel: Some(parcel), recalled };
            ledger.consignments.entry(order).or_default().change(now, known);
            (ParcelReply::Booked { order, parcel }, Some(ParcelEntry::Booked { order, parcel }))
        }
        ParcelRequest::Recall { .. } => {
            let known = Consignment { parcel, recalled: true };
            ledger.consignments.entry(order).or_default().change(now, known);
            let entry = (!recalled).then_some(ParcelEntry::Recalled { order });
            (ParcelReply::Recalled { order }, entry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;

    const ORDER: OrderId = OrderId(0);

    fn ask(ledger: &mut CarrierLedger, request: ParcelRequest) -> (ParcelReply, usize) {
        let terms = Terms { first: Tracking(7), pieces: Some(3), delivery: Day(20_103) };
        let (reply, entry) = serve(&terms, ledger, &request, Instant::ZERO);
        (reply, usize::from(entry.is_some()))
    }

    fn book(order: u32, pieces: u64) -> ParcelRequest {
        ParcelRequest::Book { order: OrderId(order), pieces }
    }

    #[test]
    fn a_parcel_is_booked_once_and_tracking_numbers_are_consecutive() {
        let mut ledger = CarrierLedger::default();
        let (first, entries) = ask(&mut ledger, book(0, 3));
        assert!(matches!(first, ParcelReply::Booked { parcel, .. } if parcel.tracking.0 == 7));
        assert_eq!(entries, 1);
        assert_eq!(ask(&mut ledger, book(0, 3)), (first, 0));
        let (second, _) = ask(&mut ledger, book(1, 3));
        assert!(matches!(second, ParcelReply::Booked { parcel, .. } if parcel.tracking.0 == 8));
        assert!(matches!(ask(&mut ledger, book(2, 4)), (ParcelReply::Refused { .. }, 0)));
    }

    #[test]
    fn a_query_shows_what_was_true_at_its_time() {
        let (mut ledger, at) =
            (CarrierLedger::default(), |secs| Instant::ZERO + Span::from_secs(secs));
        let terms = Terms { first: Tracking(7), pieces: Some(3), delivery: Day(20_103) };
        serve(&terms, &mut ledger, &book(0, 1), at(10));
        serve(&terms, &mut ledger, &ParcelRequest::Recall { order: ORDER }, at(20));
        let track = ParcelRequest::Track { order: ORDER, nth: 1 };
        let shown = |secs| match look_up(&ledger, &track, at(secs)) {
            Some(ParcelReply::Tracked { parcel, recalled, .. }) => (parcel.is_some(), recalled),
            other => panic!("{other:?}"),
        };
        let seen = [9, 10, 19, 20].map(shown);
        assert_eq!(seen, [(false, false), (true, false), (true, false), (true, true)]);
    }

    #[test]
    fn a_recalled_reference_stays_closed() {
        let mut ledger = CarrierLedger::default();
        let recall = ParcelRequest::Recall { order: ORDER };
        assert_eq!(ask(&mut ledger, recall).1, 1, "before the booking arrives");
        assert_eq!(ask(&mut ledger, book(0, 1)), (ParcelReply::Refused { order: ORDER }, 0));
        assert_eq!(ask(&mut ledger, recall).1, 0);
        assert!(ledger.consignments().all(|(_, known)| known.under_way().is_none()));
    }
}

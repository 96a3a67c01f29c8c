//! The carrier: one parcel for each order, known by the order's number.
//!
//! Like the provider it does what it is asked once, and what was recalled stays recalled: a booking
//! that arrives late is refused.

use crate::collections::SortedMap;

use super::event::{Bringer, Parcel};
use super::ids::{Day, OrderId, Tracking};

/// What the carrier is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelRequest {
    /// To take a parcel.
    Book {
        order: OrderId,
        /// How many pieces there are in it.
        pieces: u64,
    },
    /// To bring it back, or never take it.
    Recall { order: OrderId },
    /// How the parcel stands.
    Track {
        order: OrderId,
        /// The how-manieth question.
        nth: u8,
    },
}

/// What the carrier answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelReply {
    /// It has the parcel.
    Booked { order: OrderId, parcel: Parcel },
    /// It does not take it.
    Refused { order: OrderId },
    /// It does not have it, and will not.
    Recalled { order: OrderId },
    /// How things stand.
    Tracked {
        order: OrderId,
        nth: u8,
        /// The parcel, if it has or had one.
        parcel: Option<Parcel>,
        /// Whether it was recalled.
        recalled: bool,
    },
    /// The carrier failed (5xx): what it was asked may have happened.
    Unavailable(ParcelRequest),
}

/// One line of the carrier's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelEntry {
    /// It took a parcel.
    Booked { order: OrderId, parcel: Parcel },
    /// It brought it back, or shut the reference before it had one.
    Recalled { order: OrderId },
}

/// What the carrier knows of one reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Consignment {
    /// The parcel, if it has or had one.
    pub parcel: Option<Parcel>,
    /// Whether it was recalled.
    pub recalled: bool,
}

/// The carrier's ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CarrierLedger {
    consignments: SortedMap<OrderId, Consignment>,
    booked: u64,
}

/// How a carrier works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    /// The number of its first parcel.
    pub(super) first: Tracking,
    /// The most pieces that it takes in a parcel.
    pub(super) pieces: Option<u64>,
    /// When a parcel that is taken now will be there.
    pub(super) delivery: Day,
}

impl ParcelRequest {
    /// What it is about.
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Book { order, .. } | Self::Recall { order } | Self::Track { order, .. } => *order,
        }
    }
}

impl CarrierLedger {
    /// Every reference.
    pub fn consignments(&self) -> impl Iterator<Item = (OrderId, Consignment)> + '_ {
        self.consignments.iter().map(|(&order, &consignment)| (order, consignment))
    }
}

impl Consignment {
    /// The parcel, if it is under way.
    pub fn under_way(&self) -> Option<Parcel> {
        self.parcel.filter(|_| !self.recalled)
    }
}

/// Answers a request.
pub(super) fn serve(
    terms: &Terms,
    ledger: &mut CarrierLedger,
    request: &ParcelRequest,
    entries: &mut Vec<ParcelEntry>,
) -> ParcelReply {
    let order = request.order();
    let known = ledger.consignments.get(&order).copied().unwrap_or_default();
    match *request {
        ParcelRequest::Track { nth, .. } => {
            let Consignment { parcel, recalled } = known;
            ParcelReply::Tracked { order, nth, parcel, recalled }
        }
        ParcelRequest::Book { .. } if known.recalled => ParcelReply::Refused { order },
        ParcelRequest::Book { pieces, .. } => {
            if let Some(parcel) = known.parcel {
                return ParcelReply::Booked { order, parcel };
            }
            if terms.pieces.is_some_and(|most| pieces > most) {
                return ParcelReply::Refused { order };
            }
            let tracking = Tracking(terms.first.0 + ledger.booked);
            let parcel = Parcel { tracking, by: Bringer::Carrier, delivery: terms.delivery };
            ledger.booked += 1;
            let consignment = Consignment { parcel: Some(parcel), recalled: false };
            ledger.consignments.insert(order, consignment);
            entries.push(ParcelEntry::Booked { order, parcel });
            ParcelReply::Booked { order, parcel }
        }
        ParcelRequest::Recall { .. } => {
            if !known.recalled {
                ledger.consignments.insert(order, Consignment { recalled: true, ..known });
                entries.push(ParcelEntry::Recalled { order });
            }
            ParcelReply::Recalled { order }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: OrderId = OrderId(0);

    fn ask(ledger: &mut CarrierLedger, request: ParcelRequest) -> (ParcelReply, usize) {
        let terms = Terms { first: Tracking(7), pieces: Some(3), delivery: Day(20_103) };
        let mut entries = Vec::new();
        (serve(&terms, ledger, &request, &mut entries), entries.len())
    }

    fn book(order: u32, pieces: u64) -> ParcelRequest {
        ParcelRequest::Book { order: OrderId(order), pieces }
    }

    #[test]
    fn a_parcel_is_taken_once_and_numbered_on() {
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
    fn what_was_recalled_stays_recalled() {
        let mut ledger = CarrierLedger::default();
        let recall = ParcelRequest::Recall { order: ORDER };
        assert_eq!(ask(&mut ledger, recall).1, 1, "before the booking arrives");
        assert_eq!(ask(&mut ledger, book(0, 1)), (ParcelReply::Refused { order: ORDER }, 0));
        assert_eq!(ask(&mut ledger, recall).1, 0);
        assert!(ledger.consignments().all(|(_, known)| known.under_way().is_none()));
    }
}

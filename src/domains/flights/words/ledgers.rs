//! The ledger of a service in words, for the inspection of a stopped run.

use std::fmt::{self, Formatter};

use crate::domains::flights::ids::Locator;
use crate::domains::flights::payment::{Dispute, ProviderLedger, Standing, dispute_word};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderState, Stock, VendorLedger};
use crate::model::ServiceId;

/// A vendor's flights, then its orders, oldest first.
pub(super) fn say_vendor(
    flights: &Flights,
    service: ServiceId,
    ledger: &VendorLedger,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    for (flight, stock) in ledger.stocks() {
        let Stock { held, ticketed, elsewhere, capacity, cancelled } = stock;
        write!(f, "{}: {held} held, {ticketed} ticketed", flights.flight(flight).code)?;
        write!(f, ", {elsewhere} elsewhere of {capacity}")?;
        writeln!(f, "{}", if cancelled { ", not operated" } else { "" })?;
    }
    for (order, number) in ledger.orders().iter().zip(0..) {
        let (locator, reference) = (Locator::of(service, number), order.reference);
        write!(f, "{locator} {reference} {} ", flights.flight(order.flight).code)?;
        match order.state {
            OrderState::Held => writeln!(f, "held until {}", order.limit)?,
            OrderState::Withdrawn if order.stands() => {
                writeln!(f, "flight not operated, ticket open")?;
            }
            OrderState::Withdrawn => writeln!(f, "flight not operated")?,
            any_of!(OrderState: Ticketed | Cancelled | Lapsed | Voided | Refunded) => {
                writeln!(f, "{}", order.state.word())?;
            }
        }
    }
    Ok(())
}

/// The provider's charges, by booking.
pub(super) fn say_provider(ledger: &ProviderLedger, f: &mut Formatter<'_>) -> fmt::Result {
    for (booking, standing) in ledger.charges() {
        let Standing { authorised, captured, refunded, voided, .. } = standing;
        write!(f, "{booking}: authorised {authorised}, captured {captured}, refunded {refunded}")?;
        let mark = |is: bool, word: &'static str| if is { word } else { "" };
        write!(f, "{}{}", mark(voided, ", voided"), mark(standing.pending, ", pending"))?;
        write!(f, "{}", mark(standing.has_lapsed(), ", lapsed"))?;
        match standing.dispute {
            Dispute::None => writeln!(f)?,
            dispute => writeln!(f, ", dispute {}", dispute_word(dispute))?,
        }
    }
    Ok(())
}

//! The ledger of a service in words, for a person who stops a run and inspects it.

use std::fmt;

use crate::domains::flights::ids::Locator;
use crate::domains::flights::payment::ProviderLedger;
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderState, VendorLedger};
use crate::model::ServiceId;

/// A vendor's flights, then its orders, oldest first.
pub(super) fn say_vendor(
    flights: &Flights,
    service: ServiceId,
    ledger: &VendorLedger,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (flight, stock) in ledger.stocks() {
        let code = &flights.flight(flight).code;
        let (held, ticketed, elsewhere) = (stock.held, stock.ticketed, stock.elsewhere);
        writeln!(
            f,
            "{code}: {held} held, {ticketed} ticketed, {elsewhere} elsewhere of {}{}",
            stock.capacity,
            if stock.cancelled { ", not operated" } else { "" }
        )?;
    }
    for (order, number) in ledger.orders().iter().zip(0..) {
        let (locator, reference) = (Locator::of(service, number), order.reference);
        let code = &flights.flight(order.flight).code;
        write!(f, "{locator} {reference} {code} ")?;
        match order.state {
            OrderState::Held => writeln!(f, "held until {}", order.limit)?,
            OrderState::Ticketed => writeln!(f, "ticketed")?,
            OrderState::Cancelled => writeln!(f, "cancelled")?,
            OrderState::Lapsed => writeln!(f, "lapsed")?,
            OrderState::Voided => writeln!(f, "voided")?,
            OrderState::Refunded => writeln!(f, "refunded")?,
            OrderState::Withdrawn if order.stands() => {
                writeln!(f, "flight not operated, ticket open")?;
            }
            OrderState::Withdrawn => writeln!(f, "flight not operated")?,
        }
    }
    Ok(())
}

/// The provider's charges, by booking.
pub(super) fn say_provider(ledger: &ProviderLedger, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (booking, standing) in ledger.charges() {
        let (authorised, captured) = (standing.authorised, standing.captured);
        write!(f, "{booking}: authorised {authorised}, captured {captured}")?;
        write!(f, ", refunded {}", standing.refunded)?;
        writeln!(f, "{}", if standing.voided { ", voided" } else { "" })?;
    }
    Ok(())
}

//! `no-double-sale`: no seat is sold twice, neither by us nor by a vendor.
//!
//! Our seats are counted from stored events, a vendor's from the lines of its ledger. A vendor's own count
//! is not used.

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedSet;
use crate::domains::flights::Entry;
use crate::domains::flights::event::{Event, FlightEvent};
use crate::domains::flights::ids::{BookingId, FlightId, Seat};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{VendorAct, VendorEntry};
use crate::kernel::Step;
use crate::model::{Fact, Record};

/// No seat is sold twice.
pub static NO_DOUBLE_SALE: Property = Property {
    id: "no-double-sale",
    when: When::Always,
    says: "for every flight, held and ticketed seats are within capacity, in our store and in the \
           vendor's ledger, and no seat has two owners",
};

/// Counts the seats of each flight.
#[derive(Clone, Debug, Default)]
pub(super) struct Inventory {
    flights: Vec<Count>,
}

/// One flight, counted on both sides.
#[derive(Clone, Debug, Default)]
struct Count {
    owners: Vec<Option<(BookingId, Step)>>,
    ours: u32,
    /// The vendor's live orders, by number.
    orders: SortedSet<u32>,
    /// Seats that the vendor sold to other buyers.
    elsewhere: u32,
    /// When the vendor cancelled the flight.
    cancelled: Option<Step>,
    /// When the vendor's count last changed.
    sold_at: Step,
}

impl Checker<Flights> for Inventory {
    const PROPERTIES: &'static [Property] = &[NO_DOUBLE_SALE];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<Flights>, checks: &mut Checks<'_, Flights>) {
        if self.flights.is_empty() {
            self.flights = vec![Count::default(); checks.words.domain.flights().len()];
        }
        match &record.fact {
            Fact::Stored(stored) => {
                if let Event::Flight(event) = stored.event {
                    self.ours(FlightId(stored.stream.number as u16), event, checks);
                }
            }
            Fact::Entered { entry: Entry::Vendor(entry), .. } => self.theirs(entry, checks),
            _ => {}
        }
    }
}

impl Inventory {
    fn ours(&mut self, flight: FlightId, event: FlightEvent, checks: &mut Checks<'_, Flights>) {
        let Some(count) = self.flights.get_mut(flight.index()) else { return };
        let (flight, step) = (checks.words.domain.flight(flight), checks.step());
        let (code, capacity) = (&flight.code, flight.seats);
        match event {
            FlightEvent::SeatAllocated { booking, seat } => {
                let owner = count.set(seat, Some((booking, step)));
                let (other, since) = owner.unwrap_or((booking, step));
                checks.that(&NO_DOUBLE_SALE, owner.is_none(), [since], |_| {
                    format!("{code} {seat} went to {booking}, but {other} has it")
                });
                count.ours += 1;
                let sold = count.ours;
                let within = sold <= u32::from(capacity) && seat.0 < capacity;
                let since = count.owners.iter().flatten().map(|&(_, since)| since);
                checks.that(&NO_DOUBLE_SALE, within, since, |_| {
                    format!("{code} has {capacity} seats, but {sold} are sold, {seat} last")
                });
            }
            FlightEvent::SeatReturned { booking, seat } => {
                let owner = count.set(seat, None);
                let own = owner.is_some_and(|(owner, _)| owner == booking);
                checks.that(&NO_DOUBLE_SALE, own, owner.map(|(_, since)| since), |_| {
                    let whose = match owner {
                        Some((other, _)) => format!("which {other} has"),
                        None => "which no booking has".to_owned(),
                    };
                    format!("{booking} gave back {code} {seat}, {whose}")
                });
                count.ours -= u32::from(owner.is_some());
            }
        }
    }

    fn theirs(&mut self, entry: &VendorEntry, checks: &mut Checks<'_, Flights>) {
        let (VendorEntry::Order { flight, .. }
        | VendorEntry::SoldElsewhere { flight, .. }
        | VendorEntry::Rescheduled { flight, .. }
        | VendorEntry::FlightCancelled { flight, .. }
        | VendorEntry::Invoiced { flight, .. }) = *entry;
        let Some(count) = self.flights.get_mut(flight.index()) else { return };
        let mut sells = false;
        match *entry {
            VendorEntry::Order { act, order, .. } => match act {
                VendorAct::Held | VendorAct::Ticketed => {
                    sells = true;
                    count.orders.insert(order);
                }
                VendorAct::Cancelled
                | VendorAct::Lapsed
                | VendorAct::Voided
                | VendorAct::Refunded
                | VendorAct::Withdrawn => drop(count.orders.remove(&order)),
            },
            VendorEntry::SoldElsewhere { seats, .. } => count.elsewhere += u32::from(seats),
            VendorEntry::Rescheduled { .. } | VendorEntry::Invoiced { .. } => return,
            VendorEntry::FlightCancelled { .. } => count.cancelled = Some(checks.step()),
        }
        let flight = checks.words.domain.flight(flight);
        let (code, capacity) = (&flight.code, flight.really);
        let before = std::mem::replace(&mut count.sold_at, checks.step());
        let sold = count.orders.len() as u32 + count.elsewhere;
        if sells {
            let cancelled = count.cancelled;
            checks.that(&NO_DOUBLE_SALE, cancelled.is_none(), cancelled, |_| {
                format!("the vendor of {code} sold a seat although the flight is cancelled")
            });
        }
        checks.that(&NO_DOUBLE_SALE, sold <= u32::from(capacity), [before], |_| {
            format!("the vendor of {code} has {capacity} seats and sold {sold}")
        });
    }
}

impl Count {
    /// Sets the owner of a seat; returns the previous one.
    fn set(&mut self, seat: Seat, owner: Option<(BookingId, Step)>) -> Option<(BookingId, Step)> {
        let place = usize::from(seat.0);
        if place >= self.owners.len() {
            self.owners.resize(place + 1, None);
        }
        std::mem::replace(&mut self.owners[place], owner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::History;
    use super::*;
    use crate::domains::flights::vendors::Stock;
    use crate::model::ServiceId;

    fn allocated(booking: u32, seat: u16) -> Event {
        FlightEvent::SeatAllocated { booking: BookingId(booking), seat: Seat(seat) }.into()
    }

    fn returned(booking: u32, seat: u16) -> Event {
        FlightEvent::SeatReturned { booking: BookingId(booking), seat: Seat(seat) }.into()
    }

    fn violated(flight: u16, events: &[Event]) -> Vec<&'static str> {
        let mut story = History::new();
        for event in events {
            story.stored(FlightId(flight).stream(), event.clone());
        }
        only_sales(&story)
    }

    /// What is violated, but for seats that go back although nothing ends their bookings.
    fn only_sales(story: &History) -> Vec<&'static str> {
        let mut violated = story.violated();
        violated.retain(|id| *id == "no-double-sale");
        violated
    }

    #[test]
    fn a_seat_that_came_back_may_be_sold_again() {
        assert!(violated(0, &[allocated(1, 0), returned(1, 0), allocated(2, 0)]).is_empty());
        assert!(violated(1, &[allocated(1, 0), allocated(2, 1), allocated(3, 2)]).is_empty());
    }

    #[test]
    fn a_seat_with_two_owners_is_rejected() {
        let twice = violated(1, &[allocated(1, 0), allocated(2, 0)]);
        assert_eq!(twice, ["no-double-sale"]);
        assert_eq!(violated(1, &[allocated(1, 0), returned(2, 0)]), ["no-double-sale"]);
    }

    #[test]
    fn a_seat_beyond_the_last_is_rejected() {
        assert_eq!(violated(0, &[allocated(1, 0), allocated(2, 1)]), ["no-double-sale"]);
    }

    #[test]
    fn a_vendor_that_sells_a_seat_on_a_flight_that_is_not_operated_is_rejected() {
        let (mut story, flight) = (History::new(), FlightId(0));
        let stock = Stock { capacity: 1, ..Stock::default() };
        let reference = BookingId(0).leg(0);
        let line =
            |act| Entry::Vendor(VendorEntry::Order { act, flight, order: 0, reference, stock });
        story.entered(ServiceId(0), line(VendorAct::Held));
        let cancelled = VendorEntry::FlightCancelled { flight, stock };
        story.entered(ServiceId(0), Entry::Vendor(cancelled));
        story.entered(ServiceId(0), line(VendorAct::Withdrawn));
        assert!(story.violated().is_empty());
        story.entered(ServiceId(0), line(VendorAct::Held));
        assert_eq!(story.violated(), ["no-double-sale"]);
    }

    #[test]
    fn a_vendor_that_sells_more_than_it_has_is_rejected_despite_its_own_sums() {
        let mut story = History::new();
        let line = |seats| {
            let stock = Stock { capacity: 1, ..Stock::default() };
            Entry::Vendor(VendorEntry::SoldElsewhere { flight: FlightId(0), seats, stock })
        };
        story.entered(ServiceId(0), line(1));
        assert!(story.violated().is_empty());
        story.entered(ServiceId(0), line(1));
        assert_eq!(story.violated(), ["no-double-sale"]);
    }
}

//! `no-double-sale`: no seat is sold twice, neither by us nor by a vendor.
//!
//! Our seats are counted from stored events, a vendor's from the lines of its ledger: both are counted
//! again here, and a vendor's own count is not believed.

use crate::collections::SortedSet;
use std::sync::Arc;

use crate::check::{Checker, FactKinds, Property, Tally, Violations, When};
use crate::domains::flights::Entry;
use crate::domains::flights::event::{Event, FlightEvent};
use crate::domains::flights::ids::{BookingId, FlightId, Seat};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{VendorAct, VendorEntry};
use crate::kernel::Step;
use crate::model::{Fact, FactKind, Names, Record};

/// No seat is sold twice.
pub static NO_DOUBLE_SALE: Property = Property {
    id: "no-double-sale",
    when: When::Always,
    says: "for every flight, held and ticketed seats are within capacity, in our store and in the \
           vendor's ledger, and no seat has two owners",
};

#[derive(Clone, Debug)]
pub(super) struct Inventory {
    tally: Tally,
    flights: Vec<Count>,
}

/// One flight, counted on both sides.
#[derive(Clone, Debug, Default)]
struct Count {
    owners: Vec<Option<(BookingId, Step)>>,
    ours: u32,
    /// The vendor's live orders, by number.
    orders: SortedSet<u32>,
    /// Seats that the vendor sold to others.
    elsewhere: u32,
    /// When the vendor stopped operating the flight.
    cancelled: Option<Step>,
    /// When the vendor last gave a seat away.
    sold_at: Step,
}

impl Checker<Flights> for Inventory {
    const PROPERTIES: &'static [Property] = &[NO_DOUBLE_SALE];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored, FactKind::Entered]);

    fn new(domain: &Flights, _: &Arc<Names>) -> Self {
        let flights = vec![Count::default(); domain.flights().len()];
        Self { tally: Tally::new(&NO_DOUBLE_SALE), flights }
    }

    fn observe(&mut self, domain: &Flights, record: &Record<Flights>, violations: &mut Violations) {
        match &record.fact {
            Fact::Stored(stored) => {
                if let Event::Flight(event) = stored.event {
                    self.ours(
                        domain,
                        FlightId(stored.stream.number as u16),
                        event,
                        record,
                        violations,
                    );
                }
            }
            Fact::Entered { entry: Entry::Vendor(entry), .. } => {
                self.theirs(domain, entry, record, violations);
            }
            _ => {}
        }
    }

    fn tallies(&self) -> Vec<&Tally> {
        vec![&self.tally]
    }
}

impl Inventory {
    fn ours(
        &mut self,
        domain: &Flights,
        flight: FlightId,
        event: FlightEvent,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
        let Some(count) = self.flights.get_mut(flight.index()) else { return };
        let (code, capacity) = (&domain.flight(flight).code, domain.flight(flight).seats);
        match event {
            FlightEvent::SeatAllocated { booking, seat } => {
                let owner = count.owner(seat);
                let (at, step) = (record.at, record.step);
                self.tally.check(owner.is_none(), at, step, violations, || {
                    let (other, since) = owner.unwrap_or((booking, step));
                    (format!("{code} {seat} went to {booking}, but {other} has it"), vec![since])
                });
                count.set(seat, Some((booking, step)));
                count.ours += 1;
                let within = count.ours <= u32::from(capacity) && seat.0 < capacity;
                self.tally.check(within, at, step, violations, || {
                    let sold = count.ours;
                    let because = count.owners.iter().flatten().map(|&(_, step)| step).collect();
                    (
                        format!("{code} has {capacity} seats, but {sold} are sold, {seat} last"),
                        because,
                    )
                });
            }
            FlightEvent::SeatReturned { booking, seat } => {
                let owner = count.owner(seat);
                let own = owner.is_some_and(|(owner, _)| owner == booking);
                self.tally.check(own, record.at, record.step, violations, || {
                    let (whose, because) = match owner {
                        Some((other, since)) => (format!("which {other} has"), vec![since]),
                        None => ("which no booking has".to_owned(), Vec::new()),
                    };
                    (format!("{booking} gave back {code} {seat}, {whose}"), because)
                });
                if count.set(seat, None) {
                    count.ours -= 1;
                }
            }
        }
    }

    fn theirs(
        &mut self,
        domain: &Flights,
        entry: &VendorEntry,
        record: &Record<Flights>,
        violations: &mut Violations,
    ) {
        let (VendorEntry::Order { flight, .. }
        | VendorEntry::SoldElsewhere { flight, .. }
        | VendorEntry::Rescheduled { flight, .. }
        | VendorEntry::FlightCancelled { flight, .. }) = *entry;
        let Some(count) = self.flights.get_mut(flight.index()) else { return };
        match *entry {
            VendorEntry::Order { act, order, .. } => match act {
                VendorAct::Held | VendorAct::Ticketed => {
                    count.orders.insert(order);
                }
                VendorAct::Cancelled
                | VendorAct::Lapsed
                | VendorAct::Voided
                | VendorAct::Refunded
                | VendorAct::Withdrawn => {
                    count.orders.remove(&order);
                }
            },
            VendorEntry::SoldElsewhere { seats, .. } => count.elsewhere += u32::from(seats),
            VendorEntry::Rescheduled { .. } => return,
            VendorEntry::FlightCancelled { .. } => count.cancelled = Some(record.step),
        }
        let (code, capacity) = (&domain.flight(flight).code, domain.flight(flight).really);
        let before = std::mem::replace(&mut count.sold_at, record.step);
        let theirs = count.orders.len() as u32 + count.elsewhere;
        if let VendorEntry::Order { act: VendorAct::Held | VendorAct::Ticketed, .. } = entry {
            self.tally.check(count.cancelled.is_none(), record.at, record.step, violations, || {
                let because = count.cancelled.into_iter().collect();
                (format!("the vendor of {code} sold a seat though it is not operated"), because)
            });
        }
        self.tally.check(theirs <= u32::from(capacity), record.at, record.step, violations, || {
            let sold = theirs;
            let says = format!("the vendor of {code} has {capacity} seats and sold {sold}");
            (says, vec![before])
        });
    }
}

impl Count {
    fn owner(&self, seat: Seat) -> Option<(BookingId, Step)> {
        self.owners.get(usize::from(seat.0)).copied().flatten()
    }

    /// Returns whether the seat had an owner.
    fn set(&mut self, seat: Seat, owner: Option<(BookingId, Step)>) -> bool {
        let place = usize::from(seat.0);
        if place >= self.owners.len() {
            self.owners.resize(place + 1, None);
        }
        std::mem::replace(&mut self.owners[place], owner).is_some()
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
    fn a_vendor_that_sells_more_than_it_has_is_rejected_whatever_its_own_sums_say() {
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

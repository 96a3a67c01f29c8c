//! `no-orphan` and `compensated`: at rest the vendors have what our bookings say, and nothing by halves.

use std::collections::BTreeMap;

use arrayvec::ArrayVec;

use crate::check::{Judge, Property, Rest, Tally, When};
use crate::domains::flights::event::{BookingEvent, Event};
use crate::domains::flights::ids::{BookingId, FlightIds, LEGS_MAX, LegRef};
use crate::domains::flights::setup::Flights;
use crate::domains::flights::vendors::{OrderState, VendorEntry};
use crate::domains::flights::{Entry, Ledger};
use crate::kernel::Step;
use crate::platform::Fact;
use crate::trace::Record;

/// Live orders and live bookings match.
pub static NO_ORPHAN: Property = Property {
    id: "no-orphan",
    when: When::AtRest,
    says: "live orders at the vendors and live bookings with us match one to one, and no hold \
           outlives its booking",
};

/// All or nothing.
pub static COMPENSATED: Property = Property {
    id: "compensated",
    when: When::AtRest,
    says: "a booking of several legs is wholly ticketed or wholly undone",
};

#[derive(Clone, Debug)]
pub(super) struct Orders {
    orphan: Tally,
    compensated: Tally,
    bookings: BTreeMap<BookingId, Said>,
    /// When a vendor last did something for a leg.
    done: BTreeMap<LegRef, Step>,
}

/// What our events say of a booking.
#[derive(Clone, Debug)]
struct Said {
    flights: FlightIds,
    life: Life,
    at: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Held,
    Ticketed,
    Over,
}

/// What the vendors have for a booking: for each leg its live orders, and how many are ticketed.
#[derive(Clone, Debug, Default)]
struct Found {
    legs: [(u32, u32); LEGS_MAX],
    /// Orders for a leg, or on a flight, that the booking does not have.
    strange: u32,
}

impl Orders {
    pub(super) const fn new() -> Self {
        Self {
            orphan: Tally::new(&NO_ORPHAN),
            compensated: Tally::new(&COMPENSATED),
            bookings: BTreeMap::new(),
            done: BTreeMap::new(),
        }
    }

    pub(super) const fn checks(&self) -> [(&'static Property, u64); 2] {
        [self.orphan.checks(), self.compensated.checks()]
    }

    pub(super) fn observe(&mut self, record: &Record<Flights>) {
        match &record.fact {
            Fact::Stored(stored) => {
                if let Event::Booking(event) = &stored.event {
                    self.stored(BookingId(stored.stream.number), event, record.step);
                }
            }
            Fact::Entered {
                entry: Entry::Vendor(VendorEntry::Order { reference, .. }), ..
            } => {
                self.done.insert(*reference, record.step);
            }
            _ => {}
        }
    }

    fn stored(&mut self, booking: BookingId, event: &BookingEvent, at: Step) {
        let life = match event {
            BookingEvent::SeatHeld { legs, .. } => {
                let flights = legs.flights();
                self.bookings.insert(booking, Said { flights, life: Life::Held, at });
                return;
            }
            BookingEvent::TicketIssued { .. } => Life::Ticketed,
            BookingEvent::SeatHoldExpired { .. }
            | BookingEvent::BookingCancelled { .. }
            | BookingEvent::SeatReleased { .. } => Life::Over,
            BookingEvent::PaymentRequested { .. }
            | BookingEvent::PaymentAuthorized { .. }
            | BookingEvent::CaptureStarted { .. }
            | BookingEvent::PaymentCaptured { .. }
            | BookingEvent::PaymentFailed { .. }
            | BookingEvent::AuthorizationVoided { .. }
            | BookingEvent::RefundStarted { .. }
            | BookingEvent::PaymentRefunded { .. }
            | BookingEvent::ScheduleChanged { .. } => return,
        };
        if let Some(said) = self.bookings.get_mut(&booking) {
            said.life = life;
            said.at = at;
        }
    }

    pub(super) fn at_rest(&mut self, rest: &Rest<'_, Flights>, judge: &mut Judge) {
        let mut found = self.look(rest);
        let done = &self.done;
        for (&booking, said) in &self.bookings {
            let found = found.remove(&booking).unwrap_or_default();
            let legs = &found.legs[..said.flights.len()];
            let each = match said.life {
                Life::Held => (1, 0),
                Life::Ticketed => (1, 1),
                Life::Over => (0, 0),
            };
            let matched = found.strange == 0 && legs.iter().all(|leg| *leg == each);
            self.orphan.check(matched, rest.at, rest.step, judge, || {
                (mismatch(booking, said, &found), because(done, booking, said))
            });
            let live: u32 = legs.iter().map(|(live, _)| live).sum();
            let whole = legs.iter().all(|(_, ticketed)| *ticketed > 0);
            self.compensated.check(live == 0 || whole, rest.at, rest.step, judge, || {
                let ticketed = legs.iter().filter(|(_, ticketed)| *ticketed > 0).count();
                let of = legs.len();
                let says = format!(
                    "{booking} is neither ticketed nor undone: {live} live orders, {ticketed} of \
                     {of} legs ticketed"
                );
                (says, because(done, booking, said))
            });
        }
        for (booking, _) in found {
            self.orphan.check(false, rest.at, rest.step, judge, || {
                (format!("a vendor has an order for {booking}, which we never booked"), Vec::new())
            });
        }
    }

    /// Counts the vendors' live orders by booking and leg.
    fn look(&self, rest: &Rest<'_, Flights>) -> BTreeMap<BookingId, Found> {
        let mut all: BTreeMap<BookingId, Found> = BTreeMap::new();
        let vendors = rest.ledgers.iter().filter_map(|ledger| match ledger {
            Ledger::Vendor(ledger) => Some(ledger.orders()),
            Ledger::Provider(_) => None,
        });
        for order in vendors.flatten().filter(|order| order.state.is_live()) {
            let LegRef { booking, leg } = order.reference;
            let found = all.entry(booking).or_default();
            let planned = self.bookings.get(&booking).and_then(|s| s.flights.get(usize::from(leg)));
            match found.legs.get_mut(usize::from(leg)) {
                Some((live, ticketed)) if planned == Some(&order.flight) => {
                    *live += 1;
                    *ticketed += u32::from(order.state == OrderState::Ticketed);
                }
                Some(_) | None => found.strange += 1,
            }
        }
        all
    }
}

fn mismatch(booking: BookingId, said: &Said, found: &Found) -> String {
    let life = match said.life {
        Life::Held => "held",
        Life::Ticketed => "ticketed",
        Life::Over => "over",
    };
    let orders: ArrayVec<String, LEGS_MAX> = found.legs[..said.flights.len()]
        .iter()
        .map(|(live, ticketed)| format!("{live} live, {ticketed} ticketed"))
        .collect();
    format!("{booking} is {life}, but its vendors have: {}", orders.join("; "))
}

fn because(done: &BTreeMap<LegRef, Step>, booking: BookingId, said: &Said) -> Vec<Step> {
    let legs = booking.leg(0)..=booking.leg(u8::MAX);
    let mut steps: Vec<Step> = done.range(legs).map(|(_, step)| *step).collect();
    steps.push(said.at);
    steps.sort_unstable();
    steps
}

#[cfg(test)]
mod tests {
    use super::super::story::{PRICE, Story};
    use crate::domains::flights::event::ChargeStep;

    #[test]
    fn an_order_that_outlives_its_booking_is_rejected() {
        let mut story = Story::new();
        story.held();
        story.expired();
        assert_eq!(story.at_rest(), ["no-orphan", "compensated"]);
        story.cancel_at_vendor();
        assert_eq!(story.at_rest(), Vec::<&str>::new());
    }

    #[test]
    fn a_second_order_for_the_same_leg_is_rejected() {
        let mut story = paid();
        story.issue();
        story.ticketed();
        story.hold_again();
        assert_eq!(story.at_rest(), ["no-orphan"]);
    }

    #[test]
    fn a_ticket_for_one_leg_of_two_is_rejected() {
        let mut story = paid();
        story.issue_first();
        story.ticketed();
        assert_eq!(story.at_rest(), ["no-orphan", "compensated"]);
    }

    #[test]
    fn an_order_that_nobody_booked_is_rejected() {
        let mut story = Story::new();
        story.hold_again();
        assert_eq!(story.at_rest(), ["no-orphan"]);
    }

    fn paid() -> Story {
        let mut story = Story::new();
        story.held();
        story.charge(ChargeStep::Authorise, 0, PRICE);
        story.charge(ChargeStep::Capture, 0, PRICE);
        story
    }
}

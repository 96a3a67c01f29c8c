//! The couriers: at most one trip for each order. The order's number is the reference.
//!
//! A courier comes to the restaurant, waits until the food is ready, and brings it to the customer. The
//! service reports the pick-up and the delivery. A courier who quits before the pick-up ends the attempt; the
//! next one needs a new number. A released reference stays closed.

use super::agenda::Agenda;
use crate::collections::{SortedMap, SortedSet};
use crate::domains::delivery::ids::{CourierId, OrderId};
use crate::kernel::{Instant, Span};
use crate::model::Dated;
use crate::names;

/// A request to the couriers' service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CourierRequest {
    /// Find a courier. `attempt` is one more after a courier has quit.
    Assign { order: OrderId, attempt: u8 },
    /// The food is ready.
    Collect { order: OrderId },
    /// No courier is needed any more.
    Release { order: OrderId },
    /// Return the trip. `nth` distinguishes the answer from answers to earlier queries.
    Query { order: OrderId, nth: u8 },
}

names! {
    CourierRequest {
        Assign => AssignTrip, Collect => CollectFood, Release => ReleaseTrip, Query => QueryTrip,
    }
}

/// How far a courier has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// On the way to the restaurant, or waiting there.
    Coming,
    PickedUp,
    Delivered,
}

/// The state of one trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Trip {
    pub attempt: u8,
    /// Who drives; `None` if nobody was found yet, or the last one has quit.
    pub courier: Option<CourierId>,
    pub leg: Leg,
    /// Whether the food is ready, as far as the couriers know.
    pub food_ready: bool,
    /// The courier of this attempt has quit.
    pub quit: bool,
    /// The trip was released, perhaps before it was assigned.
    pub released: bool,
}

/// An answer of the couriers' service, or a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CourierReply {
    /// A courier comes.
    Assigned { order: OrderId, attempt: u8, courier: CourierId },
    /// All couriers are busy, or the trip was released.
    Busy { order: OrderId, attempt: u8 },
    /// The couriers know that the food is ready.
    Noted { order: OrderId },
    /// The order has no courier, and gets none.
    Released { order: OrderId },
    /// The courier has come to a leg.
    Moved { order: OrderId, leg: Leg },
    /// The courier of this attempt does not come.
    Quit { order: OrderId, attempt: u8 },
    /// The answer to a query.
    Found { order: OrderId, nth: u8, trip: Option<Trip> },
    /// The service failed (5xx): the request may have taken effect.
    Unavailable(CourierRequest),
}

/// An entry of the couriers' ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CourierEntry {
    Assigned { order: OrderId, attempt: u8, courier: CourierId },
    Noted { order: OrderId },
    Moved { order: OrderId, leg: Leg },
    Quit { order: OrderId, attempt: u8 },
    Released { order: OrderId },
}

/// The couriers' ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CourierLedger {
    trips: SortedMap<OrderId, Dated<Trip>>,
    /// When each courier arrives at the restaurant.
    arrivals: SortedMap<OrderId, Instant>,
    /// When each courier comes to the next leg.
    agenda: Agenda,
    roster: Roster,
}

/// Which couriers are under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Roster {
    /// How many couriers have been sent at least once; they have the lowest numbers.
    sent: u32,
    /// Those among them who are back.
    back: SortedSet<CourierId>,
}

impl Roster {
    /// The courier with the lowest number who is not under way, if there is one.
    fn free(&self, fleet: &Fleet) -> Option<CourierId> {
        let fresh = (self.sent < fleet.couriers).then_some(CourierId(self.sent));
        self.back.first().copied().or(fresh)
    }

    /// A courier who is free is sent.
    fn send(&mut self, courier: CourierId) {
        if !self.back.remove(&courier) {
            self.sent = courier.0 + 1;
        }
    }

    /// A courier is under way no more.
    fn returned(&mut self, courier: CourierId) {
        self.back.insert(courier);
    }
}

/// How the couriers work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::domains::delivery) struct Fleet {
    pub(in crate::domains::delivery) couriers: u32,
    pub(in crate::domains::delivery) to_restaurant: Span,
    pub(in crate::domains::delivery) to_customer: Span,
}

impl CourierRequest {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Assign { order, .. }
            | Self::Collect { order }
            | Self::Release { order }
            | Self::Query { order, .. } => *order,
        }
    }
}

impl CourierEntry {
    pub const fn order(&self) -> OrderId {
        match self {
            Self::Assigned { order, .. }
            | Self::Noted { order }
            | Self::Moved { order, .. }
            | Self::Quit { order, .. }
            | Self::Released { order } => *order,
        }
    }
}

impl Trip {
    const NONE: Self = Self {
        attempt: 0,
        courier: None,
        leg: Leg::Coming,
        food_ready: false,
        quit: false,
        released: false,
    };
}

impl CourierLedger {
    pub fn trips(&self) -> impl Iterator<Item = (OrderId, Trip)> + '_ {
        self.trips.iter().filter_map(|(&order, trip)| Some((order, *trip.now()?)))
    }

    fn trip(&self, order: OrderId) -> Trip {
        self.trips.get(&order).and_then(Dated::now).copied().unwrap_or(Trip::NONE)
    }

    fn change(&mut self, order: OrderId, now: Instant, trip: Trip) {
        self.trips.entry(order).or_default().change(now, trip);
    }

    /// A courier who waits or comes, and knows that the food is ready, picks it up next.
    fn plan_pick_up(&mut self, order: OrderId, now: Instant) {
        let trip = self.trip(order);
        if let (Some(_), true, Leg::Coming) = (trip.courier, trip.food_ready, trip.leg) {
            let arrives = self.arrivals.get(&order).copied().unwrap_or(now);
            self.agenda.set(order, arrives.max(now));
        }
    }

    /// Orders whose courier has not picked up the food.
    pub(super) fn coming(&self) -> impl Iterator<Item = OrderId> + '_ {
        let is_coming = |trip: &Trip| trip.courier.is_some() && trip.leg == Leg::Coming;
        self.trips().filter(move |(_, trip)| is_coming(trip)).map(|(order, _)| order)
    }

    /// The courier of an order quits before the pick-up.
    pub(super) fn quit(&mut self, order: OrderId, now: Instant, entries: &mut Vec<CourierEntry>) {
        let trip = self.trip(order);
        if let (Some(courier), Leg::Coming) = (trip.courier, trip.leg) {
            self.roster.returned(courier);
            self.agenda.clear(order);
            self.change(order, now, Trip { courier: None, quit: true, ..trip });
            entries.push(CourierEntry::Quit { order, attempt: trip.attempt });
        }
    }
}

/// Answers a query with what was true at `as_of`; `None` if the request is not one.
pub(super) fn look_up(
    ledger: &CourierLedger,
    request: &CourierRequest,
    as_of: Instant,
) -> Option<CourierReply> {
    let CourierRequest::Query { order, nth } = *request else { return None };
    let trip = ledger.trips.get(&order).and_then(|trip| trip.as_of(as_of)).copied();
    Some(CourierReply::Found { order, nth, trip })
}

/// Answers a request, and returns the entry if the ledger changed.
pub(super) fn serve(
    fleet: &Fleet,
    ledger: &mut CourierLedger,
    request: &CourierRequest,
    now: Instant,
) -> (CourierReply, Option<CourierEntry>) {
    let trip = ledger.trip(request.order());
    match *request {
        CourierRequest::Query { order, nth } => {
            let trip = ledger.trips.get(&order).and_then(Dated::now).copied();
            (CourierReply::Found { order, nth, trip }, None)
        }
        CourierRequest::Assign { order, attempt } => assign(fleet, ledger, (order, attempt), now),
        CourierRequest::Collect { order } if trip.food_ready => {
            (CourierReply::Noted { order }, None)
        }
        CourierRequest::Collect { order } => {
            ledger.change(order, now, Trip { food_ready: true, ..trip });
            ledger.plan_pick_up(order, now);
            (CourierReply::Noted { order }, Some(CourierEntry::Noted { order }))
        }
        CourierRequest::Release { order } if trip.released => {
            (CourierReply::Released { order }, None)
        }
        CourierRequest::Release { order } => {
            if let Some(courier) = trip.courier.filter(|_| trip.leg != Leg::Delivered) {
                ledger.roster.returned(courier);
            }
            ledger.agenda.clear(order);
            ledger.change(order, now, Trip { courier: None, released: true, ..trip });
            (CourierReply::Released { order }, Some(CourierEntry::Released { order }))
        }
    }
}

fn assign(
    fleet: &Fleet,
    ledger: &mut CourierLedger,
    (order, attempt): (OrderId, u8),
    now: Instant,
) -> (CourierReply, Option<CourierEntry>) {
    let trip = ledger.trip(order);
    let is_new = trip.courier.is_none() && (!trip.quit || attempt > trip.attempt);
    match trip.courier {
        Some(courier) if attempt == trip.attempt => {
            (CourierReply::Assigned { order, attempt, courier }, None)
        }
        None if trip.quit && attempt == trip.attempt => {
            (CourierReply::Quit { order, attempt }, None)
        }
        Some(_) => (CourierReply::Busy { order, attempt }, None),
        None => {
            let free = ledger.roster.free(fleet);
            let Some(courier) = free.filter(|_| is_new && !trip.released) else {
                return (CourierReply::Busy { order, attempt }, None);
            };
            ledger.roster.send(courier);
            ledger.arrivals.insert(order, now + fleet.to_restaurant);
            let courier_of = Some(courier);
            ledger.change(order, now, Trip { attempt, courier: courier_of, quit: false, ..trip });
            ledger.plan_pick_up(order, now);
            let entry = CourierEntry::Assigned { order, attempt, courier };
            (CourierReply::Assigned { order, attempt, courier }, Some(entry))
        }
    }
}

/// Moves on the couriers that are due; returns when the next one is.
pub(super) fn lapse(
    fleet: &Fleet,
    ledger: &mut CourierLedger,
    now: Instant,
    entries: &mut Vec<CourierEntry>,
) -> Option<Instant> {
    while let Some(order) = ledger.agenda.take_due(now) {
        let trip = ledger.trip(order);
        let Some(courier) = trip.courier else { continue };
        let leg = match trip.leg {
            Leg::Coming => Leg::PickedUp,
            Leg::PickedUp => Leg::Delivered,
            Leg::Delivered => continue,
        };
        ledger.change(order, now, Trip { leg, ..trip });
        match leg {
            Leg::Coming | Leg::PickedUp => {
                ledger.agenda.set(order, now + fleet.to_customer);
            }
            Leg::Delivered => {
                ledger.roster.returned(courier);
                ledger.arrivals.remove(&order);
            }
        }
        entries.push(CourierEntry::Moved { order, leg });
    }
    ledger.agenda.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: OrderId = OrderId(0);
    const FLEET: Fleet =
        Fleet { couriers: 1, to_restaurant: Span::from_secs(10), to_customer: Span::from_secs(20) };

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    fn ask(ledger: &mut CourierLedger, request: CourierRequest, secs: u64) -> CourierReply {
        serve(&FLEET, ledger, &request, at(secs)).0
    }

    const fn assign(order: u32, attempt: u8) -> CourierRequest {
        CourierRequest::Assign { order: OrderId(order), attempt }
    }

    const COLLECT: CourierRequest = CourierRequest::Collect { order: ORDER };

    #[test]
    fn a_courier_waits_for_the_food_and_brings_it() {
        let mut ledger = CourierLedger::default();
        let courier = CourierId(0);
        let assigned = CourierReply::Assigned { order: ORDER, attempt: 0, courier };
        assert_eq!(ask(&mut ledger, assign(0, 0), 0), assigned);
        assert_eq!(ask(&mut ledger, assign(0, 0), 1), assigned, "the same request again");
        let mut entries = Vec::new();
        assert_eq!(lapse(&FLEET, &mut ledger, at(60), &mut entries), None, "the food is not ready");
        assert_eq!(ask(&mut ledger, COLLECT, 60), CourierReply::Noted { order: ORDER });
        assert_eq!(lapse(&FLEET, &mut ledger, at(60), &mut entries), Some(at(80)));
        assert_eq!(lapse(&FLEET, &mut ledger, at(80), &mut entries), None);
        let moved = |leg| CourierEntry::Moved { order: ORDER, leg };
        assert_eq!(entries, [Leg::PickedUp, Leg::Delivered].map(moved));
        assert!(matches!(ask(&mut ledger, assign(1, 0), 81), CourierReply::Assigned { .. }));
    }

    #[test]
    fn food_that_is_ready_waits_for_the_courier() {
        let mut ledger = CourierLedger::default();
        ask(&mut ledger, assign(0, 0), 0);
        ask(&mut ledger, COLLECT, 1);
        assert_eq!(lapse(&FLEET, &mut ledger, at(9), &mut Vec::new()), Some(at(10)));
    }

    #[test]
    fn a_fleet_that_is_busy_refuses() {
        let mut ledger = CourierLedger::default();
        ask(&mut ledger, assign(0, 0), 0);
        let busy = CourierReply::Busy { order: OrderId(1), attempt: 0 };
        assert_eq!(ask(&mut ledger, assign(1, 0), 1), busy);
        ask(&mut ledger, CourierRequest::Release { order: ORDER }, 2);
        assert!(matches!(ask(&mut ledger, assign(1, 0), 3), CourierReply::Assigned { .. }));
    }

    #[test]
    fn after_a_courier_has_quit_only_a_new_attempt_finds_another() {
        let mut ledger = CourierLedger::default();
        ask(&mut ledger, assign(0, 0), 0);
        ask(&mut ledger, COLLECT, 1);
        let mut entries = Vec::new();
        ledger.quit(ORDER, at(2), &mut entries);
        assert_eq!(entries, [CourierEntry::Quit { order: ORDER, attempt: 0 }]);
        let quit = CourierReply::Quit { order: ORDER, attempt: 0 };
        assert_eq!(ask(&mut ledger, assign(0, 0), 3), quit);
        assert!(matches!(ask(&mut ledger, assign(0, 1), 5), CourierReply::Assigned { .. }));
        // The food is ready still, and the first courier's arrival means nothing.
        assert_eq!(lapse(&FLEET, &mut ledger, at(10), &mut Vec::new()), Some(at(15)));
    }

    #[test]
    fn a_released_reference_stays_closed() {
        let mut ledger = CourierLedger::default();
        let release = CourierRequest::Release { order: ORDER };
        assert_eq!(ask(&mut ledger, release, 0), CourierReply::Released { order: ORDER });
        assert_eq!(
            ask(&mut ledger, assign(0, 0), 1),
            CourierReply::Busy { order: ORDER, attempt: 0 }
        );
        assert_eq!(serve(&FLEET, &mut ledger, &release, at(2)).1, None);
    }

    #[test]
    fn a_query_shows_what_was_true_at_its_time() {
        let mut ledger = CourierLedger::default();
        ask(&mut ledger, assign(0, 0), 10);
        ask(&mut ledger, COLLECT, 20);
        let query = CourierRequest::Query { order: ORDER, nth: 1 };
        let shown = |secs| match look_up(&ledger, &query, at(secs)) {
            Some(CourierReply::Found { trip, .. }) => trip.map(|trip| trip.food_ready),
            other => panic!("{other:?}"),
        };
        assert_eq!([9, 10, 20].map(shown), [None, Some(false), Some(true)]);
    }
}

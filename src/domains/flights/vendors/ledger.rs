//! A vendor's orders and seats. The platform does not see them; checkers do.

use crate::collections::{SortedMap, SortedSet};

use super::fares::Raises;
use super::{VendorAct, VendorEntry};
use crate::domains::flights::ids::{FlightId, LegRef};
use crate::domains::flights::money::Money;
use crate::domains::flights::services::Entry;
use crate::kernel::{Instant, Span};
use crate::model::{Dated, StockItem};

/// The seats of one flight at its vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stock {
    /// Held unpaid.
    pub held: u16,
    pub ticketed: u16,
    /// Sold to others.
    pub elsewhere: u16,
    pub capacity: u16,
    /// The flight is not operated any more: no seat is left.
    pub cancelled: bool,
}

impl Stock {
    /// The seats of a flight, for readers.
    pub fn item(self, flight: &str) -> StockItem {
        let Self { held, ticketed, elsewhere, capacity, cancelled } = self;
        let all = [("held", held), ("ticketed", ticketed), ("elsewhere", elsewhere)];
        let left = all.iter().fold(capacity, |left, (_, seats)| left.saturating_sub(*seats));
        let closed = cancelled.then_some(("not operated", left));
        let uses = all.into_iter().chain(closed).map(|(word, seats)| (word, seats.into()));
        StockItem { name: flight.to_owned(), of: capacity.into(), uses: uses.collect() }
    }
}

/// The state of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// A seat is held unpaid (`HK`, with a ticketing time limit).
    Held,
    /// The ticket is issued.
    Ticketed,
    /// The hold was cancelled (`HX`).
    Cancelled,
    /// The unpaid hold lapsed at its limit.
    Lapsed,
    /// The ticket was voided, as if it had never been sold.
    Voided,
    /// The ticket was refunded.
    Refunded,
    /// The flight is not operated (`UN`). A ticket for it can still be refunded.
    Withdrawn,
}

/// The state of a ticket's coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coupon {
    /// `OPEN`: valid for the flight, or for a refund.
    Open,
    /// `VOID`.
    Void,
    /// `RFND`.
    Refunded,
}

/// One order (a PNR).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub reference: LegRef,
    pub flight: FlightId,
    pub state: OrderState,
    pub made_at: Instant,
    /// When it lapses unpaid.
    pub limit: Instant,
    /// The ticket's serial number, if it has one.
    pub serial: Option<u32>,
    /// The ticket's coupon, if there is a ticket.
    pub coupon: Option<Coupon>,
    /// Until when the ticket can be voided.
    pub voidable_until: Instant,
    /// The change of the flight's times that was the newest when the order was made.
    pub born_after: u8,
    /// The newest change of the flight's times that we accepted.
    pub accepted: u8,
}

/// The changes of a flight's times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Times {
    changes: u8,
    /// The delay since the original times.
    later: Span,
}

/// One vendor's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VendorLedger {
    /// The vendor's first flight; the numbers of its flights are consecutive.
    first: FlightId,
    /// The seats of each flight.
    stocks: Vec<Stock>,
    /// The times of each flight.
    times: Vec<Times>,
    /// All orders ever, by number.
    orders: Vec<Order>,
    /// What lookups show of each order.
    shown: Vec<Dated<Order>>,
    /// Orders by our reference.
    by_reference: SortedSet<(LegRef, u32)>,
    /// Unpaid orders by their limit.
    limits: SortedSet<(Instant, u32)>,
    /// How many tickets were issued.
    tickets: u32,
    raises: Raises,
}

/// The ten digits of the first ticket: form 24, serial number 1.
const FIRST_SERIAL: u32 = 2_400_000_001;

impl Stock {
    /// Free seats.
    pub const fn left(self) -> u16 {
        if self.cancelled { 0 } else { self.capacity.saturating_sub(self.taken()) }
    }

    /// Held or sold seats.
    pub const fn taken(self) -> u16 {
        self.held.saturating_add(self.ticketed).saturating_add(self.elsewhere)
    }
}

impl OrderState {
    /// The state in a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Ticketed => "ticketed",
            Self::Cancelled => "cancelled",
            Self::Lapsed => "lapsed",
            Self::Voided => "voided",
            Self::Refunded => "refunded",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether the order has a seat.
    pub const fn is_live(self) -> bool {
        use OrderState::*;
        match self {
            Held | Ticketed => true,
            Cancelled | Lapsed | Voided | Refunded | Withdrawn => false,
        }
    }
}

impl Order {
    /// Whether it can be undone: it has a seat, or a ticket that can be refunded.
    pub fn stands(&self) -> bool {
        self.state.is_live() || self.coupon == Some(Coupon::Open)
    }
}

impl VendorLedger {
    /// A ledger without orders, for consecutive flights.
    pub fn new(first: FlightId, capacities: impl Iterator<Item = u16>) -> Self {
        let stocks: Vec<Stock> =
            capacities.map(|capacity| Stock { capacity, ..Stock::default() }).collect();
        Self {
            first,
            times: vec![Times::default(); stocks.len()],
            stocks,
            orders: Vec::new(),
            shown: Vec::new(),
            by_reference: SortedSet::new(),
            limits: SortedSet::new(),
            tickets: 0,
            raises: Raises::default(),
        }
    }

    /// All orders ever, by number.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// Each flight with its seats.
    pub fn stocks(&self) -> impl Iterator<Item = (FlightId, Stock)> + '_ {
        let first = self.first.0;
        (0..).zip(&self.stocks).map(move |(n, stock): (u16, _)| (FlightId(first + n), *stock))
    }

    /// The seats of a flight; `None` if it belongs to another vendor.
    fn stock(&self, flight: FlightId) -> Option<Stock> {
        self.stocks.get(self.place(flight)?).copied()
    }

    /// The numbers of the live orders under a reference, oldest first.
    pub fn live(&self, reference: LegRef) -> impl Iterator<Item = u32> + '_ {
        self.under(reference).filter(|&order| self.orders[order as usize].state.is_live())
    }

    /// The numbers of the orders under a reference that can be undone, oldest first.
    pub fn standing(&self, reference: LegRef) -> impl Iterator<Item = u32> + '_ {
        self.under(reference).filter(|&order| self.orders[order as usize].stands())
    }

    /// The orders under a reference that could be undone at a time, oldest first, with their numbers.
    pub fn stood(&self, reference: LegRef, at: Instant) -> impl Iterator<Item = (u32, &Order)> {
        let then = move |number: u32| Some((number, self.shown[number as usize].as_of(at)?));
        self.under(reference).filter_map(then).filter(|(_, order)| order.stands())
    }

    /// The references of which an order has changed after a moment, or can be undone and is moved with its flight; each
    /// with the number of its newest order.
    pub fn changed_since(&self, since: Instant) -> SortedMap<LegRef, u32> {
        let has_changed = |number: &u32| {
            let changed = self.shown[*number as usize].changed_at();
            changed.is_some_and(|at| at > since) || self.is_moved(*number)
        };
        let numbers = (0..self.orders.len() as u32).filter(has_changed);
        numbers.map(|number| (self.orders[number as usize].reference, number)).collect()
    }

    /// Whether an order that can be undone leaves at another time than when it was made.
    pub fn is_moved(&self, number: u32) -> bool {
        let order = &self.orders[number as usize];
        order.stands() && order.born_after < self.changes(order.flight).0
    }

    fn under(&self, reference: LegRef) -> impl Iterator<Item = u32> + '_ {
        let orders = self.by_reference.range((reference, 0)..=(reference, u32::MAX));
        orders.map(|&(_, order)| order)
    }

    /// How often the times of a flight were changed, and its delay since the original times.
    pub fn changes(&self, flight: FlightId) -> (u8, Span) {
        let times = self.place(flight).and_then(|place| self.times.get(place));
        times.map_or((0, Span::ZERO), |times| (times.changes, times.later))
    }

    /// The numbers of all unpaid orders, in order of their limits.
    pub fn unpaid(&self) -> impl Iterator<Item = u32> + '_ {
        self.limits.iter().map(|&(_, order)| order)
    }

    /// The next limit at which an unpaid order lapses.
    pub fn next_limit(&self) -> Option<Instant> {
        self.limits.first().map(|&(limit, _)| limit)
    }

    /// What a seat on a flight costs now, if its fare was raised.
    pub fn raised(&self, flight: FlightId, first: Money) -> Option<Money> {
        self.raises.raised(flight, first)
    }

    /// Raises the fare of a flight, also for orders without a ticket.
    pub(super) fn raise(&mut self, flight: FlightId) {
        self.raises.raise(flight);
    }

    /// Holds a seat if one is left; returns the number of the order.
    pub(super) fn hold(
        &mut self,
        reference: LegRef,
        flight: FlightId,
        now: Instant,
        limit: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<u32> {
        let stock = self.stock(flight).filter(|stock| stock.left() > 0)?;
        let number = u32::try_from(self.orders.len()).ok()?;
        let (change, _) = self.changes(flight);
        self.orders.push(Order {
            reference,
            flight,
            state: OrderState::Held,
            made_at: now,
            limit,
            serial: None,
            coupon: None,
            voidable_until: now,
            born_after: change,
            accepted: change,
        });
        self.by_reference.insert((reference, number));
        self.limits.insert((limit, number));
        self.put(flight, Stock { held: stock.held + 1, ..stock });
        self.shown.push(Dated::default());
        self.show(number, now);
        entries.push(self.line(OrderState::Held, number));
        Some(number)
    }

    /// Issues the ticket of a held order.
    pub(super) fn issue(
        &mut self,
        number: u32,
        now: Instant,
        voidable_until: Instant,
        entries: &mut Vec<Entry>,
    ) {
        let serial = FIRST_SERIAL.saturating_add(self.tickets);
        self.tickets += 1;
        self.set_state(number, OrderState::Ticketed, now, entries);
        let order = &mut self.orders[number as usize];
        (order.serial, order.coupon) = (Some(serial), Some(Coupon::Open));
        order.voidable_until = voidable_until;
        self.show(number, now);
    }

    /// Cancels an order that can be undone: a hold is released, a ticket is voided. `None`: the ticket is
    /// too old to be voided.
    pub(super) fn cancel(
        &mut self,
        number: u32,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> Option<VendorAct> {
        let order = self.orders[number as usize];
        match order.coupon {
            None => Some(self.set_state(number, OrderState::Cancelled, now, entries)),
            Some(_) if now < order.voidable_until => {
                Some(self.set_state(number, OrderState::Voided, now, entries))
            }
            Some(_) => None,
        }
    }

    /// Ends an order that can be undone: a hold is released, a ticket is refunded.
    pub(super) fn refund(
        &mut self,
        number: u32,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> VendorAct {
        let held = self.orders[number as usize].coupon.is_none();
        let act = if held { OrderState::Cancelled } else { OrderState::Refunded };
        self.set_state(number, act, now, entries)
    }

    /// We accept a change of times and keep the order.
    pub(super) fn accept(&mut self, number: u32, change: u8) {
        let order = &mut self.orders[number as usize];
        order.accepted = order.accepted.max(change);
    }

    /// Lets an unpaid order lapse before its limit.
    pub(super) fn lapse_early(&mut self, number: u32, now: Instant, entries: &mut Vec<Entry>) {
        self.set_state(number, OrderState::Lapsed, now, entries);
    }

    /// The flight leaves later; every order on it is kept.
    pub(super) fn reschedule(&mut self, flight: FlightId, by: Span, entries: &mut Vec<Entry>) {
        let place = self.place(flight);
        let Some(times) = place.and_then(|place| self.times.get_mut(place)) else { return };
        let Some(change) = times.changes.checked_add(1) else { return };
        let later = times.later + by;
        *times = Times { changes: change, later };
        for (order, &Order { reference, flight: of, state, .. }) in (0..).zip(&self.orders) {
            if of == flight && state.is_live() {
                let line = VendorEntry::Rescheduled { flight, order, reference, change, later };
                entries.push(Entry::Vendor(line));
            }
        }
    }

    /// The flight is not operated; every order on it ends.
    pub(super) fn withdraw(&mut self, flight: FlightId, now: Instant, entries: &mut Vec<Entry>) {
        let Some(stock) = self.stock(flight) else { return };
        let stock = Stock { cancelled: true, ..stock };
        self.put(flight, stock);
        entries.push(Entry::Vendor(VendorEntry::FlightCancelled { flight, stock }));
        for number in 0..self.orders.len() as u32 {
            let order = self.orders[number as usize];
            if order.flight == flight && order.state.is_live() {
                self.set_state(number, OrderState::Withdrawn, now, entries);
            }
        }
    }

    /// Ends every unpaid order whose limit has come; returns the next limit.
    pub fn lapse(&mut self, now: Instant, entries: &mut Vec<Entry>) -> Option<Instant> {
        while let Some(&(limit, number)) = self.limits.first() {
            if limit > now {
                return Some(limit);
            }
            self.set_state(number, OrderState::Lapsed, now, entries);
        }
        None
    }

    /// Sells seats to another buyer: as many as are left, at most `seats`.
    pub(super) fn sell_elsewhere(
        &mut self,
        flight: FlightId,
        seats: u16,
        entries: &mut Vec<Entry>,
    ) -> u16 {
        let Some(stock) = self.stock(flight) else { return 0 };
        let seats = seats.min(stock.left());
        let stock = Stock { elsewhere: stock.elsewhere + seats, ..stock };
        self.put(flight, stock);
        entries.push(Entry::Vendor(VendorEntry::SoldElsewhere { flight, seats, stock }));
        seats
    }

    fn place(&self, flight: FlightId) -> Option<usize> {
        flight.0.checked_sub(self.first.0).map(usize::from)
    }

    fn put(&mut self, flight: FlightId, stock: Stock) {
        let place = self.place(flight).expect("only the vendor's own flights are counted");
        self.stocks[place] = stock;
        assert!(stock.taken() <= stock.capacity, "a vendor never sells a seat twice");
    }

    /// Brings an order that can be undone to another state.
    fn set_state(
        &mut self,
        number: u32,
        act: VendorAct,
        now: Instant,
        entries: &mut Vec<Entry>,
    ) -> VendorAct {
        let Order { flight, limit, state, coupon, .. } = self.orders[number as usize];
        assert!(self.orders[number as usize].stands(), "an order that has ended does not change");
        let mut stock = self.stock(flight).expect("an order is for the vendor's own flight");
        match state {
            OrderState::Held => stock.held -= 1,
            OrderState::Ticketed => stock.ticketed -= 1,
            // The seat is gone with the flight; only the ticket is left.
            OrderState::Withdrawn => {}
            any_of!(OrderState: Cancelled | Lapsed | Voided | Refunded) => panic!("it has ended"),
        }
        let coupon = match act {
            OrderState::Voided => Some(Coupon::Void),
            OrderState::Refunded => Some(Coupon::Refunded),
            any_of!(OrderState: Held | Ticketed | Cancelled | Lapsed | Withdrawn) => coupon,
        };
        stock.ticketed += u16::from(act == OrderState::Ticketed);
        self.limits.remove(&(limit, number));
        let order = &mut self.orders[number as usize];
        (order.state, order.coupon) = (act, coupon);
        self.put(flight, stock);
        self.show(number, now);
        entries.push(self.line(act, number));
        act
    }

    /// Lookups show the order as it is from now on.
    fn show(&mut self, number: u32, now: Instant) {
        self.shown[number as usize].change(now, self.orders[number as usize]);
    }

    fn line(&self, act: VendorAct, number: u32) -> Entry {
        let Order { flight, reference, .. } = self.orders[number as usize];
        let stock = self.stock(flight).expect("an order is for the vendor's own flight");
        Entry::Vendor(VendorEntry::Order { act, flight, order: number, reference, stock })
    }
}

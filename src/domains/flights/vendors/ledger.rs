//! A vendor's own truth: its orders and its seats. The platform never sees it; oracles do.

use crate::collections::SortedSet;

use super::{VendorAct, VendorEntry};
use crate::domains::flights::ids::{FlightId, LegRef};
use crate::kernel::{Instant, Span};

/// The seats of one flight at its vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stock {
    /// Held unpaid.
    pub held: u16,
    /// Ticketed.
    pub ticketed: u16,
    /// Sold to others.
    pub elsewhere: u16,
    /// All there are.
    pub capacity: u16,
    /// Whether the vendor does not operate the flight any more: then none is left.
    pub cancelled: bool,
}

/// How an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderState {
    /// Held unpaid (`HK`, with a ticketing time limit).
    Held,
    /// Ticketed.
    Ticketed,
    /// Cancelled before it was ticketed (`HX`).
    Cancelled,
    /// Lapsed unpaid.
    Lapsed,
    /// Its ticket was voided.
    Voided,
    /// Its ticket was refunded.
    Refunded,
    /// The vendor does not operate the flight (`UN`). A ticket for it is still worth its money.
    Withdrawn,
}

/// How a ticket's coupon stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coupon {
    /// `OPEN`: good for the flight, or for its money.
    Open,
    /// `VOID`: the sale never was.
    Void,
    /// `RFND`: the money was given back.
    Refunded,
}

/// One order (a PNR).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    /// Our reference for it.
    pub reference: LegRef,
    /// The flight.
    pub flight: FlightId,
    /// How it stands.
    pub state: OrderState,
    /// When it was made.
    pub made_at: Instant,
    /// When it lapses unpaid.
    pub limit: Instant,
    /// The ticket's serial number, if it has one.
    pub serial: Option<u32>,
    /// The ticket's coupon, if there is a ticket.
    pub coupon: Option<Coupon>,
    /// Until when the ticket can be voided.
    pub voidable_until: Instant,
    /// How often the flight's times had been changed when the order was made: it never had others.
    pub born_after: u8,
    /// The newest change of the flight's times that we accepted.
    pub accepted: u8,
}

/// How the times of a flight were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Times {
    /// How often.
    changes: u8,
    /// How much later than planned the flight leaves by now.
    later: Span,
}

/// One vendor's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VendorLedger {
    /// The number of the vendor's first flight; its flights are numbered in a row.
    first: FlightId,
    /// The vendor's flights.
    stocks: Vec<Stock>,
    /// When they leave.
    times: Vec<Times>,
    /// All orders ever, by number.
    orders: Vec<Order>,
    /// Orders by our reference.
    by_reference: SortedSet<(LegRef, u32)>,
    /// Unpaid orders by their limit.
    limits: SortedSet<(Instant, u32)>,
    /// How many tickets were issued.
    tickets: u32,
}

/// The ten digits of the first ticket: form 24, serial number 1.
const FIRST_SERIAL: u32 = 2_400_000_001;

impl Stock {
    /// Seats nobody has.
    pub const fn left(self) -> u16 {
        if self.cancelled { 0 } else { self.capacity.saturating_sub(self.taken()) }
    }

    /// Seats somebody has.
    pub const fn taken(self) -> u16 {
        self.held.saturating_add(self.ticketed).saturating_add(self.elsewhere)
    }
}

impl OrderState {
    /// Whether the order has a seat.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Held | Self::Ticketed => true,
            Self::Cancelled | Self::Lapsed | Self::Voided | Self::Refunded | Self::Withdrawn => {
                false
            }
        }
    }
}

impl Order {
    /// Whether there is something to undo: a seat, or a ticket that is worth its money.
    pub fn stands(&self) -> bool {
        self.state.is_live() || self.coupon == Some(Coupon::Open)
    }
}

impl VendorLedger {
    /// A ledger without orders, for flights numbered in a row.
    pub fn new(first: FlightId, capacities: impl Iterator<Item = u16>) -> Self {
        let stocks: Vec<Stock> =
            capacities.map(|capacity| Stock { capacity, ..Stock::default() }).collect();
        Self {
            first,
            times: vec![Times::default(); stocks.len()],
            stocks,
            orders: Vec::new(),
            by_reference: SortedSet::new(),
            limits: SortedSet::new(),
            tickets: 0,
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

    /// The seats of a flight; `None` if another vendor flies it.
    pub fn stock(&self, flight: FlightId) -> Option<Stock> {
        self.stocks.get(self.place(flight)?).copied()
    }

    /// The numbers of the live orders under a reference, oldest first.
    pub fn live(&self, reference: LegRef) -> impl Iterator<Item = u32> + '_ {
        self.by_reference
            .range((reference, 0)..=(reference, u32::MAX))
            .map(|&(_, order)| order)
            .filter(|&order| self.orders[order as usize].state.is_live())
    }

    /// The numbers of the orders under a reference of which something is left to undo, oldest first.
    pub fn standing(&self, reference: LegRef) -> impl Iterator<Item = u32> + '_ {
        self.by_reference
            .range((reference, 0)..=(reference, u32::MAX))
            .map(|&(_, order)| order)
            .filter(|&order| self.orders[order as usize].stands())
    }

    /// How often the times of a flight were changed, and how much later it leaves by now.
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

    /// Holds a seat, if one is left; says under which number.
    pub(super) fn hold(
        &mut self,
        reference: LegRef,
        flight: FlightId,
        now: Instant,
        limit: Instant,
        entries: &mut Vec<VendorEntry>,
    ) -> Option<u32> {
        let stock = self.stock(flight).filter(|stock| stock.left() > 0)?;
        let number = u32::try_from(self.orders.len()).ok()?;
        let state = OrderState::Held;
        self.orders.push(Order {
            reference,
            flight,
            state,
            made_at: now,
            limit,
            serial: None,
            coupon: None,
            voidable_until: now,
            born_after: self.changes(flight).0,
            accepted: self.changes(flight).0,
        });
        self.by_reference.insert((reference, number));
        self.limits.insert((limit, number));
        self.put(flight, Stock { held: stock.held + 1, ..stock });
        entries.push(self.line(VendorAct::Held, number));
        Some(number)
    }

    /// Issues the ticket of a held order.
    pub(super) fn issue(
        &mut self,
        number: u32,
        voidable_until: Instant,
        entries: &mut Vec<VendorEntry>,
    ) {
        let serial = FIRST_SERIAL.saturating_add(self.tickets);
        self.tickets += 1;
        self.move_order(number, VendorAct::Ticketed);
        let order = &mut self.orders[number as usize];
        order.serial = Some(serial);
        order.coupon = Some(Coupon::Open);
        order.voidable_until = voidable_until;
        entries.push(self.line(VendorAct::Ticketed, number));
    }

    /// Cancels an order of which something is left: a hold is released, a ticket is voided while that
    /// is possible. `None`: it is not.
    pub(super) fn cancel(
        &mut self,
        number: u32,
        now: Instant,
        entries: &mut Vec<VendorEntry>,
    ) -> Option<VendorAct> {
        let order = self.orders[number as usize];
        match order.coupon {
            None => Some(self.end(number, VendorAct::Cancelled, entries)),
            Some(_) if now < order.voidable_until => {
                Some(self.end(number, VendorAct::Voided, entries))
            }
            Some(_) => None,
        }
    }

    /// Ends an order of which something is left: a hold is released, a ticket's money given back.
    pub(super) fn refund(&mut self, number: u32, entries: &mut Vec<VendorEntry>) -> VendorAct {
        match self.orders[number as usize].coupon {
            None => self.end(number, VendorAct::Cancelled, entries),
            Some(_) => self.end(number, VendorAct::Refunded, entries),
        }
    }

    fn end(&mut self, number: u32, act: VendorAct, entries: &mut Vec<VendorEntry>) -> VendorAct {
        assert!(self.orders[number as usize].stands(), "what is over does not end again");
        self.move_order(number, act);
        entries.push(self.line(act, number));
        act
    }

    /// We know of a change of times and keep the order.
    pub(super) fn accept(&mut self, number: u32, change: u8) {
        let order = &mut self.orders[number as usize];
        order.accepted = order.accepted.max(change);
    }

    /// Lets an unpaid order lapse before its limit.
    pub(super) fn lapse_early(&mut self, number: u32, entries: &mut Vec<VendorEntry>) {
        self.end(number, VendorAct::Lapsed, entries);
    }

    /// The flight leaves later than planned; every order on it is kept.
    pub(super) fn reschedule(
        &mut self,
        flight: FlightId,
        by: Span,
        entries: &mut Vec<VendorEntry>,
    ) {
        let Some(place) = self.place(flight) else { return };
        let Some(times) = self.times.get_mut(place) else { return };
        let Some(change) = times.changes.checked_add(1) else { return };
        *times = Times { changes: change, later: times.later + by };
        let later = times.later;
        for (number, order) in (0..).zip(&self.orders) {
            if order.flight == flight && order.state.is_live() {
                let (reference, order) = (order.reference, number);
                entries.push(VendorEntry::Rescheduled { flight, order, reference, change, later });
            }
        }
    }

    /// The flight is not operated; every order on it ends.
    pub(super) fn withdraw(&mut self, flight: FlightId, entries: &mut Vec<VendorEntry>) {
        let Some(stock) = self.stock(flight) else { return };
        let stock = Stock { cancelled: true, ..stock };
        self.put(flight, stock);
        entries.push(VendorEntry::FlightCancelled { flight, stock });
        for number in 0..self.orders.len() as u32 {
            let order = self.orders[number as usize];
            if order.flight == flight && order.state.is_live() {
                self.move_order(number, VendorAct::Withdrawn);
                entries.push(self.line(VendorAct::Withdrawn, number));
            }
        }
    }

    /// Ends every unpaid order whose limit has come.
    pub(super) fn lapse(&mut self, now: Instant, entries: &mut Vec<VendorEntry>) {
        while let Some(&(limit, number)) = self.limits.first() {
            if limit > now {
                return;
            }
            self.move_order(number, VendorAct::Lapsed);
            entries.push(self.line(VendorAct::Lapsed, number));
        }
    }

    /// Sells seats to somebody else: as many as are left, at most `seats`.
    pub(super) fn sell_elsewhere(
        &mut self,
        flight: FlightId,
        seats: u16,
        entries: &mut Vec<VendorEntry>,
    ) -> u16 {
        let Some(stock) = self.stock(flight) else { return 0 };
        let seats = seats.min(stock.left());
        let stock = Stock { elsewhere: stock.elsewhere + seats, ..stock };
        self.put(flight, stock);
        entries.push(VendorEntry::SoldElsewhere { flight, seats, stock });
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

    fn move_order(&mut self, number: u32, act: VendorAct) {
        let Order { flight, limit, state, coupon, .. } = self.orders[number as usize];
        let mut stock = self.stock(flight).expect("an order is for the vendor's own flight");
        match state {
            OrderState::Held => stock.held -= 1,
            OrderState::Ticketed => stock.ticketed -= 1,
            // Its seat went with the flight; only the ticket is left.
            OrderState::Withdrawn => {}
            OrderState::Cancelled
            | OrderState::Lapsed
            | OrderState::Voided
            | OrderState::Refunded => panic!("what is over does not move"),
        }
        let (state, coupon) = match act {
            VendorAct::Held => (OrderState::Held, coupon),
            VendorAct::Ticketed => (OrderState::Ticketed, coupon),
            VendorAct::Cancelled => (OrderState::Cancelled, coupon),
            VendorAct::Lapsed => (OrderState::Lapsed, coupon),
            VendorAct::Voided => (OrderState::Voided, Some(Coupon::Void)),
            VendorAct::Refunded => (OrderState::Refunded, Some(Coupon::Refunded)),
            VendorAct::Withdrawn => (OrderState::Withdrawn, coupon),
        };
        if state == OrderState::Ticketed {
            stock.ticketed += 1;
        }
        self.limits.remove(&(limit, number));
        let order = &mut self.orders[number as usize];
        (order.state, order.coupon) = (state, coupon);
        self.put(flight, stock);
    }

    fn line(&self, act: VendorAct, number: u32) -> VendorEntry {
        let Order { flight, reference, .. } = self.orders[number as usize];
        let stock = self.stock(flight).expect("an order is for the vendor's own flight");
        VendorEntry::Order { act, flight, order: number, reference, stock }
    }
}

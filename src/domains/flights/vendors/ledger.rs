//! A vendor's own truth: its orders and its seats. The platform never sees it; oracles do.

use std::collections::BTreeSet;

use super::{VendorAct, VendorEntry};
use crate::domains::flights::ids::{FlightId, LegRef};
use crate::kernel::Instant;

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
}

/// One vendor's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VendorLedger {
    /// The number of the vendor's first flight; its flights are numbered in a row.
    first: FlightId,
    /// The vendor's flights.
    stocks: Vec<Stock>,
    /// All orders ever, by number.
    orders: Vec<Order>,
    /// Orders by our reference.
    by_reference: BTreeSet<(LegRef, u32)>,
    /// Unpaid orders by their limit.
    limits: BTreeSet<(Instant, u32)>,
    /// How many tickets were issued.
    tickets: u32,
}

/// The ten digits of the first ticket: form 24, serial number 1.
const FIRST_SERIAL: u32 = 2_400_000_001;

impl Stock {
    /// Seats nobody has.
    pub const fn left(self) -> u16 {
        self.capacity.saturating_sub(self.taken())
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
            Self::Cancelled | Self::Lapsed | Self::Voided => false,
        }
    }
}

impl VendorLedger {
    /// A ledger without orders, for flights numbered in a row.
    pub fn new(first: FlightId, capacities: impl Iterator<Item = u16>) -> Self {
        Self {
            first,
            stocks: capacities.map(|capacity| Stock { capacity, ..Stock::default() }).collect(),
            orders: Vec::new(),
            by_reference: BTreeSet::new(),
            limits: BTreeSet::new(),
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
        self.orders.push(Order { reference, flight, state, made_at: now, limit, serial: None });
        self.by_reference.insert((reference, number));
        self.limits.insert((limit, number));
        self.put(flight, Stock { held: stock.held + 1, ..stock });
        entries.push(self.line(VendorAct::Held, number));
        Some(number)
    }

    /// Issues the ticket of a held order.
    pub(super) fn issue(&mut self, number: u32, entries: &mut Vec<VendorEntry>) {
        let serial = FIRST_SERIAL.saturating_add(self.tickets);
        self.tickets += 1;
        self.move_order(number, VendorAct::Ticketed);
        self.orders[number as usize].serial = Some(serial);
        entries.push(self.line(VendorAct::Ticketed, number));
    }

    /// Ends a live order, whatever it takes.
    pub(super) fn cancel(&mut self, number: u32, entries: &mut Vec<VendorEntry>) -> VendorAct {
        let act = match self.orders[number as usize].state {
            OrderState::Held => VendorAct::Cancelled,
            OrderState::Ticketed => VendorAct::Voided,
            OrderState::Cancelled | OrderState::Lapsed | OrderState::Voided => {
                panic!("only live orders are cancelled")
            }
        };
        self.move_order(number, act);
        entries.push(self.line(act, number));
        act
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
        let Order { flight, limit, state, .. } = self.orders[number as usize];
        let mut stock = self.stock(flight).expect("an order is for the vendor's own flight");
        match state {
            OrderState::Held => stock.held -= 1,
            OrderState::Ticketed => stock.ticketed -= 1,
            OrderState::Cancelled | OrderState::Lapsed | OrderState::Voided => {
                panic!("only live orders move")
            }
        }
        let state = match act {
            VendorAct::Held => OrderState::Held,
            VendorAct::Ticketed => OrderState::Ticketed,
            VendorAct::Cancelled => OrderState::Cancelled,
            VendorAct::Lapsed => OrderState::Lapsed,
            VendorAct::Voided => OrderState::Voided,
        };
        if state == OrderState::Ticketed {
            stock.ticketed += 1;
        }
        self.limits.remove(&(limit, number));
        self.orders[number as usize].state = state;
        self.put(flight, stock);
    }

    fn line(&self, act: VendorAct, number: u32) -> VendorEntry {
        let Order { flight, reference, .. } = self.orders[number as usize];
        let stock = self.stock(flight).expect("an order is for the vendor's own flight");
        VendorEntry::Order { act, flight, order: number, reference, stock }
    }
}

//! Histories for the properties' tests: facts written by hand, ledgers moved by the real services.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::OrdersOracle;
use crate::check::{Judge, Oracle};
use crate::domains::money::{Currency, Money};
use crate::domains::orders::carrier::ParcelRequest;
use crate::domains::orders::event::{
    Bringer, Event, Item, Items, Method, OrderEvent, Parcel, Reason,
};
use crate::domains::orders::ids::{Day, OrderId, ProductId, Tracking};
use crate::domains::orders::provider::ChargeRequest;
use crate::domains::orders::saga_event::{Act, SagaEvent};
use crate::domains::orders::setup::{CARRIER, Orders, PROVIDER, Product, Setup};
use crate::domains::orders::{Ledger, Request};
use crate::kernel::{Instant, NodeId, Step};
use crate::model::{
    CommandId, CustomerId, EventId, Fact, Metadata, Names, Position, Principal, Record, RequestId,
    Rest, ServiceId, Services, Stored, StreamId, Version,
};

/// Of the order that every story is about: two pieces.
pub(super) const PRICE: i64 = 5_998;
pub(super) const ID: OrderId = OrderId(0);

pub(super) struct History {
    domain: Orders,
    oracle: OrdersOracle,
    judge: Judge,
    ledgers: Vec<Ledger>,
    step: u64,
    last: Option<EventId>,
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::Usd)
}

/// A customer's nth request.
pub(super) const fn request(nth: u32) -> CommandId {
    CommandId::Request(RequestId { customer: CustomerId(0), nth })
}

impl History {
    pub(super) fn new() -> Self {
        let (id, name) = ("p1".to_owned(), "Widget".to_owned());
        let products = vec![Product { id, name, price: usd(2_999) }];
        let domain = Orders::new(Setup { products, ..Setup::default() }).expect("a shop");
        let ledgers = Orders::open(&domain);
        let oracle = OrdersOracle::new(&domain, &Arc::default());
        Self { domain, oracle, judge: Judge::default(), ledgers, step: 0, last: None }
    }

    /// An order of two pieces is placed.
    pub(super) fn placed() -> Self {
        let mut story = Self::new();
        story.place(PRICE);
        story
    }

    pub(super) fn place(&mut self, total: i64) {
        let item = Item { product: ProductId(0), quantity: 2, price: 2_999 };
        let items = Items { list: ArrayVec::from_iter([item]), currency: Currency::Usd };
        let (customer, pay_by) = (CustomerId(0), Instant::ZERO);
        let total = usd(total);
        let placed = OrderEvent::OrderPlaced { customer, items, total, charge: true, pay_by };
        self.order(placed);
    }

    /// It is paid by card, by the provider's ledger and ours.
    pub(super) fn paid(&mut self) {
        self.charge(Act::Authorise, PRICE);
        self.charge(Act::Capture, PRICE);
        self.received(PRICE, Method::CreditCard);
    }

    pub(super) fn received(&mut self, minor: i64, method: Method) {
        let (payment, amount) = (ID.payment(), usd(minor));
        self.order(OrderEvent::PaymentReceived { payment, amount, method });
    }

    pub(super) fn shipped(&mut self, by: Bringer) {
        let parcel = Parcel { tracking: Tracking(1), by, delivery: Day(1) };
        self.order(OrderEvent::OrderShipped { parcel });
    }

    pub(super) fn cancelled(&mut self, refund: i64) {
        let (reason, refund) = (Reason::ByCustomer, usd(refund));
        self.order(OrderEvent::OrderCancelled { reason, refund });
    }

    pub(super) fn charge(&mut self, act: Act, minor: i64) {
        let amount = usd(minor);
        self.ask(PROVIDER, Request::Charge(ChargeRequest::Move { order: ID, act, amount }));
    }

    pub(super) fn book(&mut self) {
        self.ask(CARRIER, Request::Parcel(ParcelRequest::Book { order: ID, pieces: 2 }));
    }

    pub(super) fn recall(&mut self) {
        self.ask(CARRIER, Request::Parcel(ParcelRequest::Recall { order: ID }));
    }

    fn ask(&mut self, service: ServiceId, request: Request) {
        let mut entries = Vec::new();
        let ledger = &mut self.ledgers[usize::from(service.0)];
        Orders::serve(&self.domain, service, ledger, &request, Instant::ZERO, &mut entries);
        for entry in entries {
            self.fact(Fact::Entered { service, entry });
        }
    }

    fn order(&mut self, event: OrderEvent) {
        let nth = self.step as u32 + 1;
        self.stored(ID.stream(), event.into(), request(nth), (request(nth), None));
    }

    /// Something that a saga recorded because of what happened last.
    pub(super) fn saga(&mut self, event: SagaEvent, correlation: CommandId) {
        let command = CommandId::Progress { saga: ID.saga(), after: Version(self.step as u32) };
        self.stored(ID.saga(), event.into(), command, (correlation, self.last));
    }

    pub(super) fn stored(
        &mut self,
        stream: StreamId,
        event: Event,
        command: CommandId,
        (correlation, causation): (CommandId, Option<EventId>),
    ) {
        let id = EventId { command, nth: 0 };
        let metadata = Metadata {
            id,
            schema: 1,
            correlation,
            causation,
            actor: match command {
                CommandId::Request(_) => Principal::Customer(CustomerId(0)),
                CommandId::Effect(_) | CommandId::Progress { .. } => Principal::Saga,
            },
            occurred_at: Instant::ZERO,
            recorded_at: Instant::ZERO,
        };
        self.last = Some(id);
        let position = Position(self.step + 1);
        let (version, chain, signature) = (Version(1), [0; 32], [0; 16]);
        let stored = Stored { stream, version, position, metadata, event, chain, signature };
        self.fact(Fact::Stored(Arc::new(stored)));
    }

    /// A command that nobody knows the cause of.
    pub(super) fn forget_cause(&mut self) {
        self.last = None;
    }

    fn fact(&mut self, fact: Fact<Orders>) {
        self.step += 1;
        let (step, cause, at, node) = (Step(self.step), Step(0), Instant::ZERO, NodeId(0));
        let record = Record { step, cause, at, node, fact };
        self.oracle.observe(&self.domain, &record, &mut self.judge);
    }

    /// The properties that were violated so far.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        self.judge.violations().iter().map(|violation| violation.property.id).collect()
    }

    /// The same, if this is the end.
    pub(super) fn at_rest(&self) -> Vec<&'static str> {
        let (mut oracle, mut judge) = (self.oracle.clone(), self.judge.clone());
        let names = Names::default();
        let nothing = Rest::of_nothing(&self.domain, &names, Instant::ZERO, Step(self.step));
        let rest = Rest { ledgers: self.ledgers.iter().collect(), ..nothing };
        oracle.at_rest(&rest, &mut judge);
        judge.violations().iter().map(|violation| violation.property.id).collect()
    }
}

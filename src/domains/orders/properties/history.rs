//! Histories for the properties' tests: facts written by hand, ledgers moved by the real services.

use arrayvec::ArrayVec;

use super::OrdersProperties;
use crate::domains::money::{Currency, Money};
use crate::domains::orders::Request;
use crate::domains::orders::carrier::ParcelRequest;
use crate::domains::orders::command::{Command, Rejection};
use crate::domains::orders::event::{
    Bringer, Event, Item, Items, Method, OrderEvent, Parcel, Reason,
};
use crate::domains::orders::ids::{Day, OrderId, ProductId, Tracking};
use crate::domains::orders::order::Status;
use crate::domains::orders::provider::ChargeRequest;
use crate::domains::orders::saga_event::{Act, SagaEvent};
use crate::domains::orders::setup::{CARRIER, Orders, PROVIDER, Product, Setup};
use crate::kernel::Instant;
use crate::model::{
    Answer, CommandId, CommandOutcome, CustomerId, EventId, Fact, Metadata, Owed, Principal,
    RequestId, ServiceId, StreamId, Version,
};
use crate::testing;

/// The price of the order in every story: two pieces.
pub(super) const PRICE: i64 = 5_998;
pub(super) const ID: OrderId = OrderId(0);

#[derive(Clone)]
pub(super) struct History {
    facts: testing::History<Orders>,
    last: Option<EventId>,
}

pub(super) fn usd(minor: i64) -> Money {
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
        Self { facts: testing::History::new(domain), last: None }
    }

    /// An order of two pieces is placed.
    pub(super) fn placed() -> Self {
        let mut story = Self::new();
        story.place(PRICE);
        story
    }

    /// The same, but the card is not charged.
    pub(super) fn placed_unpaid() -> Self {
        let mut story = Self::new();
        story.place_with(PRICE, false);
        story
    }

    pub(super) fn place(&mut self, total: i64) {
        self.place_with(total, true);
    }

    fn place_with(&mut self, total: i64, charge: bool) {
        let item = Item { product: ProductId(0), quantity: 2, price: 2_999 };
        let items = Items { list: ArrayVec::from_iter([item]), currency: Currency::Usd };
        let (customer, pay_by) = (CustomerId(0), Instant::ZERO);
        let total = usd(total);
        let placed = OrderEvent::OrderPlaced {
            customer,
            items,
            total,
            charge,
            pay_by,
            people: crate::model::People::NONE,
        };
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

    /// A transfer arrived that an order in this status does not need.
    pub(super) fn surplus(&mut self, minor: i64, status: Status) {
        let (payment, amount) = (ID.payment(), usd(minor));
        self.order(OrderEvent::SurplusReceived { payment, amount, status });
    }

    /// A transfer of the price is refused.
    pub(super) fn transfer_refused(&mut self, rejection: Rejection) {
        let request = RequestId { customer: CustomerId(0), nth: self.nth() };
        let (payment, amount, method) = (ID.payment(), usd(PRICE), Method::BankTransfer);
        let command = Command::ReceivePayment { order: ID, payment, amount, method };
        self.facts.fact(Fact::Commanded { request, command, resend: false });
        let (command, verdict) = (CommandId::Request(request), CommandOutcome::Refused(rejection));
        self.facts.fact(Fact::Concluded { command, verdict });
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

    /// A command about the order is sent: a payment of a wrong amount.
    pub(super) fn asks(&mut self) {
        let (request, command) = self.payment();
        self.facts.fact(Fact::Commanded { request, command, resend: false });
    }

    /// It is answered, and sent again as another one.
    pub(super) fn asks_again(&mut self) {
        let (request, _) = self.payment();
        let (owed, answer) = (Owed::Nothing, Answer::Silence);
        self.facts.fact(Fact::Told { request, owed, answer });
        self.asks();
    }

    /// That command is refused, by its second decision.
    pub(super) fn refused(&mut self, rejection: Rejection) {
        let (request, body) = self.payment();
        let command = CommandId::Request(request);
        self.facts.fact(Fact::Refused { command, body, attempt: 2, rejection });
    }

    fn payment(&self) -> (RequestId, Command) {
        let (payment, amount, method) = (ID.payment(), usd(PRICE + 1), Method::BankTransfer);
        let command = Command::ReceivePayment { order: ID, payment, amount, method };
        (RequestId { customer: CustomerId(0), nth: 99 }, command)
    }

    /// Time passes.
    pub(super) fn waits(&mut self, secs: u64) {
        self.facts.wait(secs * 1_000);
    }

    fn ask(&mut self, service: ServiceId, request: Request) {
        self.facts.served(service, &request);
    }

    fn order(&mut self, event: OrderEvent) {
        let nth = self.nth();
        self.stored(ID.stream(), event.into(), request(nth), (request(nth), None));
    }

    /// Something that a saga recorded because of what happened last.
    pub(super) fn saga(&mut self, event: SagaEvent, correlation: CommandId) {
        let command = CommandId::Progress { saga: ID.saga(), after: Version(self.nth()) };
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
        self.facts.stored(stream, event, metadata);
    }

    /// The cause of the next command is unknown.
    pub(super) fn forget_cause(&mut self) {
        self.last = None;
    }

    /// The number of the next thing that happens.
    fn nth(&self) -> u32 {
        self.facts.facts.len() as u32 + 1
    }

    /// The properties that were violated so far.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        self.facts.violated::<OrdersProperties>()
    }

    /// The same, if this is the end.
    pub(super) fn at_rest(&self) -> Vec<&'static str> {
        [self.violated(), self.facts.violated_at_rest::<OrdersProperties>()].concat()
    }
}

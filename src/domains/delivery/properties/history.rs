//! Histories for the properties' tests: facts written by hand, ledgers moved by the real services.

use std::sync::Arc;

use arrayvec::ArrayVec;

use super::DeliveryProperties;
use crate::domains::delivery::command::{Command, Rejection};
use crate::domains::delivery::event::{DropOff, Event, Item, Items, OrderEvent, Reason};
use crate::domains::delivery::ids::{CourierId, DishId, OrderId, RestaurantId};
use crate::domains::delivery::order::Status;
use crate::domains::delivery::outside::{ChargeRequest, CourierRequest, KitchenRequest, Request};
use crate::domains::delivery::saga_event::{SagaEvent, Trouble};
use crate::domains::delivery::setup::{COURIERS, Delivery, Dish, PROVIDER, Setup, kitchen_of};
use crate::domains::delivery::views::{ANALYTICS, AuditEntry, AuditTrail};
use crate::domains::delivery::{Query, Row, setup};
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::model::{
    Answer, CommandId, CustomerId, EventId, Fact, Metadata, Owed, Principal, RequestId, ServiceId,
    Services, StreamId, Version,
};
use crate::testing;

/// The price of the order in every story: two portions.
pub(super) const PRICE: i64 = 2_000;
const ID: OrderId = OrderId(0);
const ROMA: RestaurantId = RestaurantId(0);
const MINUTE: Span = Span::from_secs(60);
/// A request that nothing comes of.
const OTHER: RequestId = RequestId { customer: CustomerId(0), nth: 9_999 };

#[derive(Clone)]
pub(super) struct History {
    facts: testing::History<Delivery>,
    /// The event that causes what the saga records, if the story knows one.
    first: Option<EventId>,
    knows_cause: bool,
    /// A request that was sent and is carried out next.
    pending: Option<RequestId>,
    /// How many events the order has.
    changes: u32,
    /// The time of the services.
    clock: Instant,
    trail: Vec<AuditEntry>,
}

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::Eur)
}

/// A customer's nth request.
pub(super) const fn request(nth: u32) -> CommandId {
    CommandId::Request(RequestId { customer: CustomerId(0), nth })
}

impl History {
    pub(super) fn new() -> Self {
        let menu = vec![Dish { id: "pizza".to_owned(), price: eur(PRICE / 2) }];
        let roma = setup::Restaurant {
            id: "roma".to_owned(),
            menu,
            accepts: MINUTE,
            starts: MINUTE,
            cooks: MINUTE,
            tickets: None,
            latency: Span::ZERO,
            lookup_lag: Span::ZERO,
        };
        let domain = Delivery::new(Setup { restaurants: vec![roma], ..Setup::default() });
        let facts = testing::History::new(domain.expect("a restaurant"));
        let (changes, clock, trail) = (0, Instant::ZERO, Vec::new());
        Self { facts, first: None, knows_cause: true, pending: None, changes, clock, trail }
    }

    /// An order that has come to a stage, inside and outside.
    pub(super) fn at(stage: Status) -> Self {
        let mut story = Self::new();
        story.created(PRICE);
        story.charge(PRICE);
        story.paid(PRICE);
        for next in [
            Status::Confirmed,
            Status::Preparing,
            Status::Ready,
            Status::OutForDelivery,
            Status::Delivered,
        ] {
            if next <= stage {
                story.kitchen_to(next);
                story.reach(next);
            }
        }
        story
    }

    /// The outside comes to the stage.
    pub(super) fn kitchen_to(&mut self, stage: Status) {
        match stage {
            Status::Confirmed => {
                self.offer();
                self.moves(kitchen_of(ROMA));
            }
            Status::Preparing => self.moves(kitchen_of(ROMA)),
            Status::Ready => {
                self.moves(kitchen_of(ROMA));
                self.assign();
                self.courier_assigned(0);
                self.collect();
            }
            Status::OutForDelivery | Status::Delivered => self.moves(COURIERS),
            Status::Created | Status::Cancelled => {}
        }
    }

    /// The order says that it has come to the stage.
    pub(super) fn reach(&mut self, stage: Status) {
        let (restaurant, soon) = (ROMA, Instant::ZERO);
        self.order(match stage {
            Status::Confirmed => OrderEvent::OrderConfirmed { restaurant, ready_by: soon },
            Status::Preparing => OrderEvent::OrderPreparing { restaurant, estimated: Span::ZERO },
            Status::Ready => OrderEvent::OrderReady { restaurant, deliver_by: soon },
            Status::OutForDelivery => {
                OrderEvent::OrderOutForDelivery { restaurant, courier: CourierId(0) }
            }
            Status::Delivered => OrderEvent::OrderDelivered { restaurant },
            Status::Created | Status::Cancelled => panic!("no stage to reach"),
        });
    }

    /// An order of two portions is created.
    pub(super) fn created(&mut self, total: i64) {
        let item = Item { dish: DishId(0), quantity: 2, price: PRICE / 2 };
        let items = Box::new(Items { list: ArrayVec::from_iter([item]), currency: Currency::Eur });
        let (customer, restaurant, drop_off) = (CustomerId(0), ROMA, DropOff::Hand);
        let (total, confirm_by) = (eur(total), Instant::ZERO);
        let created = OrderEvent::OrderCreated {
            customer,
            restaurant,
            items,
            total,
            drop_off,
            confirm_by,
            people: crate::model::People::NONE,
        };
        self.order(created);
    }

    pub(super) fn paid(&mut self, minor: i64) {
        self.order(OrderEvent::OrderPaid { amount: eur(minor) });
    }

    pub(super) fn courier_assigned(&mut self, courier: u32) {
        let courier = CourierId(courier);
        self.order(OrderEvent::CourierAssigned { restaurant: ROMA, courier });
    }

    pub(super) fn cancelled(&mut self, stage: Status, reason: Reason, refund: i64) {
        let refund = eur(refund);
        self.order(OrderEvent::OrderCancelled { restaurant: ROMA, stage, reason, refund });
    }

    pub(super) fn charge(&mut self, minor: i64) {
        let request = ChargeRequest::Charge { order: ID, amount: eur(minor) };
        self.facts.served(PROVIDER, &Request::Charge(request));
    }

    /// The provider gives back all but `keep`.
    pub(super) fn refund(&mut self, keep: i64) {
        let request = ChargeRequest::Refund { order: ID, keep: eur(keep) };
        self.facts.served(PROVIDER, &Request::Charge(request));
    }

    pub(super) fn offer(&mut self) {
        self.kitchen(KitchenRequest::Offer { order: ID, portions: 2 });
    }

    pub(super) fn withdraw(&mut self) {
        self.kitchen(KitchenRequest::Withdraw { order: ID });
    }

    pub(super) fn assign(&mut self) {
        self.courier(CourierRequest::Assign { order: ID, attempt: 0 });
    }

    fn collect(&mut self) {
        self.courier(CourierRequest::Collect { order: ID });
    }

    pub(super) fn release(&mut self) {
        self.courier(CourierRequest::Release { order: ID });
    }

    fn kitchen(&mut self, request: KitchenRequest) {
        self.facts.served(kitchen_of(ROMA), &Request::Kitchen(request));
    }

    fn courier(&mut self, request: CourierRequest) {
        self.facts.served(COURIERS, &Request::Courier(request));
    }

    /// A service takes its next step by itself: one stage, or one leg.
    fn moves(&mut self, service: ServiceId) {
        let ledger = &mut self.facts.ledgers[usize::from(service.0)];
        let mut entries = Vec::new();
        for _ in 0..60 {
            self.clock += MINUTE;
            Delivery::lapse(&self.facts.domain, service, ledger, self.clock, &mut entries);
            if !entries.is_empty() {
                break;
            }
        }
        assert!(!entries.is_empty(), "nothing happens at {service:?}");
        self.facts.entered(service, entries);
    }

    /// The customer sends a cancellation, and expects at least this refund.
    pub(super) fn asks_to_cancel(&mut self, least: i64) {
        self.pending = Some(RequestId { customer: CustomerId(0), nth: self.nth() });
        self.sends(&Command::CancelOrder { order: ID, by: CustomerId(0), least });
    }

    /// A command is sent, and not answered yet.
    pub(super) fn sends(&mut self, command: &Command) {
        let request = self.pending.unwrap_or(OTHER);
        self.facts.fact(Fact::Commanded { request, command: command.clone(), resend: false });
    }

    /// It is refused.
    pub(super) fn refused(&mut self, command: &Command, rejection: Rejection) {
        let (body, command) = (command.clone(), CommandId::Request(OTHER));
        self.facts.fact(Fact::Refused { command, body, attempt: 1, rejection });
    }

    /// The customer is shown the audit trail, changed in some way.
    pub(super) fn shows_trail(&mut self, change: impl FnOnce(&mut Vec<AuditEntry>)) {
        let mut entries = self.trail.clone();
        change(&mut entries);
        let row = Row::Audit(AuditTrail::of(ID, entries));
        let (owed, answer) = (Owed::Nothing, Answer::Shown(Query::Audit(ID), Some(row)));
        self.facts.fact(Fact::Told { request: OTHER, owed, answer });
    }

    /// The saga is handed to an operator.
    pub(super) fn handed_over(&mut self) {
        self.saga(SagaEvent::HandedToHuman { trouble: Trouble::NoCourier }, request(1));
    }

    /// The operator has looked at it.
    pub(super) fn resumed(&mut self) {
        self.saga(SagaEvent::SagaResumed, request(1));
    }

    /// Time passes.
    pub(super) fn waits(&mut self, secs: u64) {
        self.facts.wait(secs * 1_000);
    }

    /// Every view applies every event.
    pub(super) fn settle(&mut self) {
        self.facts.settle();
    }

    /// The analytics lose a row.
    pub(super) fn forget_hour(&mut self, hour: usize) {
        self.facts.rows[usize::from(ANALYTICS.0)][hour] = None;
    }

    /// A delivery is counted twice.
    pub(super) fn count_again(&mut self, hour: usize) {
        let row = self.facts.rows[usize::from(ANALYTICS.0)][hour].as_mut();
        if let Row::Hour(hour) = Arc::make_mut(row.expect("the hour has a row")) {
            hour.delivered += 1;
        }
    }

    fn order(&mut self, event: OrderEvent) {
        let nth = self.nth();
        let id = self.pending.take().unwrap_or(RequestId { customer: CustomerId(0), nth });
        self.changes += 1;
        let (version, what, at) = (Version(self.changes), event.name(), self.facts.now());
        let who = Principal::Customer(CustomerId(0));
        self.trail.push(AuditEntry { version, what, who, request: Some(id), at });
        let id = CommandId::Request(id);
        self.stored(ID.stream(), event.into(), id, (id, None));
    }

    /// Something that a saga recorded because of what happened last.
    pub(super) fn saga(&mut self, event: SagaEvent, correlation: CommandId) {
        let command = CommandId::Progress { saga: ID.saga(), after: Version(self.nth()) };
        let cause = self.first.filter(|_| self.knows_cause);
        self.stored(ID.saga(), event.into(), command, (correlation, cause));
    }

    fn stored(
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
            occurred_at: self.facts.now(),
            recorded_at: self.facts.now(),
        };
        self.first.get_or_insert(id);
        self.facts.stored(stream, event, metadata);
    }

    /// The cause of what the saga records is unknown.
    pub(super) fn forget_cause(&mut self) {
        self.knows_cause = false;
    }

    /// The number of the next thing that happens.
    fn nth(&self) -> u32 {
        self.facts.facts.len() as u32 + 1
    }

    /// The properties that were violated so far.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        self.facts.violated::<DeliveryProperties>()
    }

    /// The same, if this is the end, and every view is up to date unless it was changed.
    pub(super) fn at_rest(&self) -> Vec<&'static str> {
        let mut end = self.clone();
        if end.facts.rows[usize::from(ANALYTICS.0)].is_empty() {
            end.settle();
        }
        [end.violated(), end.facts.violated_at_rest::<DeliveryProperties>()].concat()
    }
}

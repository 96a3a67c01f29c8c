//! Histories for the properties' tests: facts written by hand, ledgers moved by the real services.

use super::BoxOfficeProperties;
use crate::domains::box_office::command::{Command, Rejection};
use crate::domains::box_office::event::{
    Card, Event, Reason, RoomEvent, ShowEvent, TicketEvent, Way,
};
use crate::domains::box_office::ids::{Fence, ShowId, TicketId};
use crate::domains::box_office::outside::Request;
use crate::domains::box_office::outside::provider::{ChargeRequest, Key};
use crate::domains::box_office::saga_event::{Act, SagaEvent, Trouble};
use crate::domains::box_office::setup::{BoxOffice, Limit, Listed, PROVIDER, Setup, WaitingRoom};
use crate::domains::box_office::stage::Stage;
use crate::domains::money::{Currency, Money};
use crate::kernel::{Instant, Span};
use crate::model::{
    CommandId, CustomerId, EventId, Fact, Metadata, Principal, RequestId, StreamId,
};
use crate::testing;

pub(super) const NOTHING: [&str; 0] = [];

const SHOW: ShowId = ShowId(0);
const PRICE: Money = Money::new(5_000, Currency::Eur);
/// The request whose refusal is checked.
const ASKED: RequestId = RequestId { customer: CustomerId(0), nth: u32::MAX };

#[derive(Clone)]
pub(super) struct History {
    facts: testing::History<BoxOffice>,
    /// The places that are left, as the show says.
    left: u32,
    nth: u32,
}

impl History {
    /// A show with this number of places is on sale.
    pub(super) fn on_sale(total: u32) -> Self {
        Self::new(total, None, Setup::default())
    }

    /// The same, and a customer may begin two purchases in ten seconds.
    pub(super) fn with_limit(total: u32) -> Self {
        let limit = Some(Limit { purchases: 2, per: Span::from_secs(10) });
        Self::new(total, None, Setup { limit, ..Setup::default() })
    }

    /// The same with a waiting room that has so many places.
    pub(super) fn with_room(total: u32, places: u32) -> Self {
        let room = WaitingRoom { places, lasts: Span::from_secs(60) };
        Self::new(total, Some(room), Setup::default())
    }

    /// The same at another stage, without a limit.
    pub(super) fn at_stage(stage: Stage, total: u32) -> Self {
        Self::new(total, None, Setup { stage, ..Setup::default() })
    }

    fn new(total: u32, waiting_room: Option<WaitingRoom>, setup: Setup) -> Self {
        let (id, venue) = ("rock".to_owned(), "Arena".to_owned());
        let shows = vec![Listed { id, venue, tickets: total, price: PRICE, waiting_room }];
        let domain = BoxOffice::new(Setup { shows, ..setup }).expect("a box office");
        let mut story = Self { facts: testing::History::new(domain), left: total, nth: 0 };
        story.show(ShowEvent::ShowCreated { total, price: PRICE });
        story
    }

    /// A ticket is reserved for ten minutes, with a place in the inventory.
    pub(super) fn reserved(&mut self, ticket: u32) {
        self.placed(ticket, self.left.saturating_sub(1));
        let until = self.facts.now() + Span::from_secs(600);
        let (show, customer, price) = (SHOW, CustomerId(0), PRICE);
        self.ticket(
            ticket,
            TicketEvent::TicketReserved {
                show,
                customer,
                price,
                until,
                people: crate::model::People::NONE,
            },
        );
    }

    /// A place is taken, and this many are said to be left.
    pub(super) fn placed(&mut self, ticket: u32, left: u32) {
        self.left = left;
        self.show(ShowEvent::PlaceTaken { ticket: TicketId(ticket), left });
    }

    pub(super) fn payment_requested(&mut self, ticket: u32) {
        self.ticket(ticket, TicketEvent::PaymentRequested { show: SHOW, card: Card::Good });
    }

    pub(super) fn confirmed(&mut self, ticket: u32) {
        self.ticket(ticket, TicketEvent::TicketConfirmed { show: SHOW, price: PRICE });
    }

    /// A ticket is cancelled and gives its place back.
    pub(super) fn cancelled(&mut self, ticket: u32, reason: Reason) {
        self.left += 1;
        self.show(ShowEvent::PlaceReturned { ticket: TicketId(ticket), left: self.left });
        self.ticket(ticket, TicketEvent::TicketCancelled { show: SHOW, reason });
    }

    pub(super) fn cancelled_keeping_place(&mut self, ticket: u32) {
        let reason = Reason::PaymentDeclined;
        self.ticket(ticket, TicketEvent::TicketCancelled { show: SHOW, reason });
    }

    /// The provider is asked for the price, under a key or none.
    pub(super) fn charged(&mut self, ticket: u32, key: Option<Key>) {
        let (ticket, card, amount) = (TicketId(ticket), Card::Good, PRICE);
        let charge = ChargeRequest::Charge { ticket, key, card, amount };
        self.facts.served(PROVIDER, &Request::Charge(charge));
    }

    pub(super) fn reversed(&mut self, ticket: u32) {
        let (ticket, amount) = (TicketId(ticket), PRICE);
        let reverse = ChargeRequest::Reverse { ticket, key: Key::Ticket(ticket), amount };
        self.facts.served(PROVIDER, &Request::Charge(reverse));
    }

    pub(super) fn handed_over(&mut self, ticket: u32) {
        let trouble = Trouble::Unreachable(Act::Charge);
        self.saga(ticket, SagaEvent::HandedToHuman { trouble });
    }

    /// A purchase joins the waiting room.
    pub(super) fn joined(&mut self, ticket: u32) {
        self.room(RoomEvent::Joined { ticket: TicketId(ticket), ahead: 0 });
    }

    pub(super) fn admitted(&mut self, ticket: u32) {
        let until = self.facts.now() + Span::from_secs(60);
        self.room(RoomEvent::Admitted { ticket: TicketId(ticket), until });
    }

    pub(super) fn left(&mut self, ticket: u32) {
        self.room(RoomEvent::Left { ticket: TicketId(ticket), way: Way::Bought });
    }

    /// A purchase begins and is granted the lock of the show.
    pub(super) fn locked(&mut self, ticket: u32, fence: u32) {
        let (price, until) = (PRICE, Instant::ZERO);
        self.saga(ticket, SagaEvent::SagaStarted { show: SHOW, price, until });
        let fence = Some(Fence(fence));
        self.saga(ticket, SagaEvent::Done { act: Act::Lock, fence });
    }

    /// A purchase has checked the show under a fencing token.
    pub(super) fn checked(&mut self, ticket: u32, fence: u32) {
        let (ticket, fence) = (TicketId(ticket), Fence(fence));
        self.show(ShowEvent::CheckPassed { ticket, fence });
    }

    /// A reservation of a customer.
    pub(super) const fn reserve(ticket: u32) -> Command {
        let (ticket, customer) = (TicketId(ticket), CustomerId(0));
        Command::ReserveTicket { ticket, show: SHOW, customer, guest: crate::model::Named::NONE }
    }

    /// The request whose refusal is checked.
    pub(super) fn asks(&mut self, command: Command) {
        self.facts.fact(Fact::Commanded { request: ASKED, command, resend: false });
    }

    /// It is refused.
    pub(super) fn refused(&mut self, body: Command, rejection: Rejection) {
        let command = CommandId::Request(ASKED);
        self.facts.fact(Fact::Refused { command, body, attempt: 1, rejection });
    }

    /// All views show what has happened so far.
    pub(super) fn report(&mut self) {
        self.facts.settle();
    }

    /// Time passes.
    pub(super) fn waits(&mut self, secs: u64) {
        self.facts.wait(secs * 1_000);
    }

    fn room(&mut self, event: RoomEvent) {
        self.stored(SHOW.room(), event.into());
    }

    pub(super) fn saga(&mut self, ticket: u32, event: SagaEvent) {
        self.stored(TicketId(ticket).saga(), event.into());
    }

    fn show(&mut self, event: ShowEvent) {
        self.stored(SHOW.stream(), event.into());
    }

    fn ticket(&mut self, ticket: u32, event: TicketEvent) {
        self.stored(TicketId(ticket).stream(), event.into());
    }

    fn stored(&mut self, stream: StreamId, event: Event) {
        self.nth += 1;
        let command = CommandId::Request(RequestId { customer: CustomerId(0), nth: self.nth });
        let metadata = Metadata {
            id: EventId { command, nth: 0 },
            schema: 1,
            correlation: command,
            causation: None,
            actor: Principal::Customer(CustomerId(0)),
            occurred_at: self.facts.now(),
            recorded_at: Instant::ZERO,
        };
        self.facts.stored(stream, event, metadata);
    }

    /// The properties that were violated so far, each once.
    pub(super) fn violated(&self) -> Vec<&'static str> {
        let mut all = self.facts.violated::<BoxOfficeProperties>();
        all.dedup();
        all
    }

    /// Those of some properties that are violated so far or if this is the end, each once.
    pub(super) fn at_rest(&self, of: &[&str]) -> Vec<&'static str> {
        let rest = self.facts.violated_at_rest::<BoxOfficeProperties>();
        let mut all = [self.violated(), rest].concat();
        all.retain(|id| of.contains(id));
        all.dedup();
        all
    }
}

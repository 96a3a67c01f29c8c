//! The actions of customers and organisers, and the state of a customer's client.

use super::command::Command;
use super::event::{Card, Reason};
use super::ids::{ShowId, TicketId};
use super::setup::BoxOffice;
use super::stage::Stage;
use super::views::Row;
use crate::domains::past::Browsing;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CommandOutcome, CustomerId, Version};

/// A query of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// A page of the listing, from 0: all shows, or those with places left.
    List { page: u32, free: bool },
    /// One show.
    Details(ShowId),
    /// Whether a show has a place left, as the store has it: the first step of a purchase at stage
    /// `Monolith`.
    Look { show: ShowId, ticket: TicketId, card: Card },
    /// The customer's own tickets.
    MyTickets,
    /// The sales of a show.
    Sales(ShowId),
    /// A ticket of the past, from its stream.
    AsOf(TicketId, AsOf),
}

/// A [`ScriptAction`](super::scenario::ScriptAction) with its names resolved. Unless it begins a purchase,
/// it is about the ticket that the customer began last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The organiser puts a show on sale.
    Create(ShowId),
    /// Buys a ticket; without a show, for a random one. `submits`: how often the client sends the purchase.
    /// `regret`: the customer cancels after some time.
    Buy { show: Option<ShowId>, card: Card, submits: u8, regret: bool },
    /// Looks at a show, and buys a ticket if that shows a place.
    LookAndBuy(ShowId),
    /// Reserves a ticket, to be paid for later.
    Reserve(ShowId),
    /// Pays for the reserved ticket.
    Pay(Card),
    /// Cancels the ticket.
    Cancel,
    /// Cancels a ticket that was bought with `regret`.
    CancelThat(TicketId, ShowId),
    /// Looks at something.
    Look(Query),
    /// Queries a ticket as it was; without a number, the ticket begun last.
    AsOf { ticket: Option<TicketId>, at: AsOf },
    /// Queries the state of a ticket after each of its events from this one on.
    History { ticket: Option<TicketId>, from: Version },
    /// A random query.
    Browse,
}

/// The state of one customer's client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientState {
    /// The number of tickets that the customer has begun.
    begun: u32,
    /// The ticket begun last.
    last: Option<(TicketId, ShowId)>,
    /// The tickets bought with `regret` and not answered yet.
    regrets: Vec<TicketId>,
    /// The show that the customer looks at in order to buy a ticket.
    wants: Option<ShowId>,
    browsing: Browsing<TicketId>,
}

impl ClientState {
    /// The number of the customer's next ticket.
    fn begin(&mut self, office: &BoxOffice, who: CustomerId, show: ShowId) -> Option<TicketId> {
        let ticket = office.ticket_of(who, self.begun)?;
        self.begun += 1;
        self.last = Some((ticket, show));
        Some(ticket)
    }
}

/// What a customer sends to carry out an action.
pub(super) fn act(
    office: &BoxOffice,
    who: CustomerId,
    memory: &mut ClientState,
    action: &Action,
    random: u64,
) -> Vec<Ask<BoxOffice>> {
    match action {
        Action::Create(show) => vec![Ask::Command(Command::CreateShow { show: *show })],
        Action::Buy { show, card, submits, regret } => {
            let Some(show) = show.or_else(|| any_show(office, random)) else { return Vec::new() };
            let asks = submit(office, who, memory, (show, *card), *submits);
            if let (true, Some((ticket, _))) = (*regret, memory.last) {
                memory.regrets.push(ticket);
            }
            asks
        }
        Action::LookAndBuy(show) => {
            memory.wants = Some(*show);
            vec![Ask::Query(Query::Details(*show))]
        }
        Action::Reserve(show) => {
            let ticket = memory.begin(office, who, *show);
            let reserve = |ticket| Command::ReserveTicket { ticket, show: *show, customer: who };
            ticket.map(|ticket| Ask::Command(reserve(ticket))).into_iter().collect()
        }
        Action::Pay(card) => {
            let pay = |(ticket, _)| Ask::Command(Command::PayTicket { ticket, card: *card });
            memory.last.map(pay).into_iter().collect()
        }
        Action::Cancel => {
            let last = memory.last;
            last.map(|(ticket, show)| cancel(ticket, show)).into_iter().collect()
        }
        Action::CancelThat(ticket, show) => vec![cancel(*ticket, *show)],
        Action::Look(query) => vec![Ask::Query(*query)],
        Action::AsOf { ticket, at } => {
            let last = memory.last.map(|(ticket, _)| ticket);
            let as_of = |ticket| Ask::Query(Query::AsOf(ticket, *at));
            ticket.or(last).map(as_of).into_iter().collect()
        }
        Action::History { ticket, from } => {
            let last = memory.last.map(|(ticket, _)| ticket);
            let Some(ticket) = ticket.or(last) else { return Vec::new() };
            vec![Ask::Query(Query::AsOf(ticket, memory.browsing.ask(ticket, *from)))]
        }
        Action::Browse => {
            let Some(show) = any_show(office, random / 4) else { return Vec::new() };
            let page = office.page_of(show);
            vec![Ask::Query(match random % 4 {
                0 => Query::List { page, free: false },
                1 => Query::List { page, free: true },
                2 => Query::Details(show),
                _ => Query::MyTickets,
            })]
        }
    }
}

/// A purchase that is sent several times at once, as by a double click. The ticket's number makes the copies
/// one purchase. At stage `Monolith` there is no such number: each is a purchase, and begins with a look.
fn submit(
    office: &BoxOffice,
    who: CustomerId,
    memory: &mut ClientState,
    (show, card): (ShowId, Card),
    submits: u8,
) -> Vec<Ask<BoxOffice>> {
    if office.stage() == Stage::Monolith {
        let mut look = |_| {
            let ticket = memory.begin(office, who, show)?;
            Some(Ask::Query(Query::Look { show, ticket, card }))
        };
        return (0..submits).filter_map(&mut look).collect();
    }
    let Some(ticket) = memory.begin(office, who, show) else { return Vec::new() };
    let buy = Command::BuyTicket { ticket, show, customer: who, card, seen: None };
    (0..submits).map(|_| Ask::Command(buy.clone())).collect()
}

/// What a customer does after an answer.
pub(super) fn on_answer(
    office: &BoxOffice,
    who: CustomerId,
    memory: &mut ClientState,
    answer: &Answer<BoxOffice>,
) -> Vec<Ask<BoxOffice>> {
    match answer {
        // There was a place left when the request looked. It does not look again.
        Answer::Shown(Query::Look { show, ticket, card }, Some(Row::Show(line)))
            if line.left > 0 =>
        {
            let (show, ticket, card, seen) = (*show, *ticket, *card, Some(line.left));
            vec![Ask::Command(Command::BuyTicket { ticket, show, customer: who, card, seen })]
        }
        Answer::Shown(Query::Details(show), row)
            if memory.wants.take_if(|it| it == show).is_some() =>
        {
            match row {
                Some(Row::Show(line)) if line.left > 0 => {
                    submit(office, who, memory, (*show, Card::Good), 1)
                }
                _ => Vec::new(),
            }
        }
        Answer::Shown(Query::AsOf(ticket, as_of), row) => {
            let shown = match row {
                Some(Row::Past(past)) => Some(past.version),
                Some(_) | None => None,
            };
            let from = memory.browsing.answered(*ticket, *as_of, shown);
            let next = |from| Action::History { ticket: Some(*ticket), from };
            from.map(|from| Ask::Later(Span::ZERO, next(from))).into_iter().collect()
        }
        // Who cannot see the show does not buy.
        Answer::NotYet(Query::Details(show)) | Answer::TryLater(Some(Query::Details(show))) => {
            memory.wants.take_if(|it| it == show);
            Vec::new()
        }
        Answer::Command(Command::BuyTicket { ticket, show, .. }, outcome) => {
            let regretted = memory.regrets.iter().position(|regretted| regretted == ticket);
            let Some(place) = regretted else { return Vec::new() };
            memory.regrets.swap_remove(place);
            match outcome {
                CommandOutcome::Refused(_) => Vec::new(),
                CommandOutcome::Accepted(_) | CommandOutcome::Unknown => {
                    vec![Ask::Later(office.setup().think, Action::CancelThat(*ticket, *show))]
                }
            }
        }
        _ => Vec::new(),
    }
}

const fn cancel(ticket: TicketId, show: ShowId) -> Ask<BoxOffice> {
    Ask::Command(Command::CancelTicket { ticket, show, reason: Reason::ByCustomer })
}

/// A random show, if there is any.
fn any_show(office: &BoxOffice, random: u64) -> Option<ShowId> {
    let place = random.checked_rem(office.shows().len() as u64)?;
    Some(ShowId(place as u16))
}

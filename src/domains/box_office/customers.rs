//! The actions of customers and organisers, and the state of a customer's client.

use super::command::{Command, Rejection};
use super::event::{Card, Reason};
use super::ids::{ShowId, TicketId};
use super::payments::Payments;
use super::setup::BoxOffice;
use super::stage::Stage;
use super::views::Row;
use super::visit::{self, Visits, Wish};
use crate::domains::past::Browsing;
use crate::kernel::Span;
use crate::model::{Answer, AsOf, Ask, CommandOutcome, CustomerId, Named, Version};

/// A query of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Query {
    /// A page of the listing, from 0: all shows, or those with places left.
    List { page: u32, free: bool },
    /// One show.
    Details(ShowId),
    /// Whether a show has a place left, as the store has it: the first step of a purchase at stage
    /// `Monolith`.
    Look { show: ShowId, ticket: TicketId, card: Card, guest: Named },
    /// The customer's own tickets.
    MyTickets,
    /// The sales of a show.
    Sales(ShowId),
    /// A ticket of the past, from its stream.
    AsOf(TicketId, AsOf),
    /// Where a purchase is in the waiting room that it has joined.
    Line(TicketId),
}

/// A [`ScriptAction`](super::scenario::ScriptAction) with its names resolved. Unless it begins a purchase,
/// it is about the ticket that the customer began last.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The organiser puts a show on sale.
    Create(ShowId),
    /// Looks at a show, and buys a ticket if that shows a place.
    LookAndBuy(ShowId),
    /// Wants something of a show; without a show, of a random one. If the show has a waiting room, the customer
    /// waits there first.
    Want(Option<ShowId>, Wish),
    /// Buys a ticket without having waited.
    JumpQueue(ShowId),
    /// Asks for the place in line of a purchase, by the number of the poll.
    Poll { ticket: TicketId, nth: u32 },
    /// Begins an admitted purchase.
    Enter(TicketId),
    /// Gives up the place in the waiting room.
    Leave,
    /// Pays for the reserved ticket.
    Pay(Card),
    /// Cancels the ticket.
    Cancel,
    /// Cancels a ticket that was bought with `regret`.
    CancelThat(TicketId, ShowId),
    /// Requests the erasure of their personal data.
    EraseMe,
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
    /// The purchases that wait to be admitted.
    pub(super) visits: Visits,
    /// The payments that the customer waits for.
    payments: Payments,
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
        Action::Want(show, wish) => {
            let show = show.or_else(|| any_show(office, random));
            show.map_or_else(Vec::new, |show| want(office, who, memory, show, *wish))
        }
        Action::LookAndBuy(show) => {
            memory.wants = Some(*show);
            vec![Ask::Query(Query::Details(*show))]
        }
        Action::JumpQueue(show) => {
            let ticket = memory.begin(office, who, *show);
            let buy = |ticket| buy(who, (ticket, *show), (Card::Good, None), Named::NONE);
            ticket.map(buy).into_iter().collect()
        }
        Action::Poll { ticket, nth } => memory.visits.poll(*ticket, *nth).into_iter().collect(),
        Action::Enter(ticket) => visit::enter(who, memory, *ticket),
        Action::Leave => {
            let Some((ticket, show)) = memory.last else { return Vec::new() };
            memory.visits.end(ticket);
            vec![visit::leave(ticket, show)]
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
        Action::EraseMe => vec![Ask::Erase],
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

/// Joins the waiting room of a show, or begins at once if there is none.
fn want(
    office: &BoxOffice,
    who: CustomerId,
    memory: &mut ClientState,
    show: ShowId,
    wish: Wish,
) -> Vec<Ask<BoxOffice>> {
    if let (Stage::Monolith, Wish::Buy { card, submits, regret, guest }) = (office.stage(), wish) {
        return look_first(office, who, memory, (show, card, guest), (submits, regret));
    }
    let Some(ticket) = memory.begin(office, who, show) else { return Vec::new() };
    match office.show(show).waiting_room {
        Some(_) => vec![memory.visits.join(ticket, show, wish)],
        None => purchase(who, memory, (ticket, show), wish),
    }
}

/// At stage `Monolith` a purchase begins with a look and has no number: each copy of it is a purchase.
fn look_first(
    office: &BoxOffice,
    who: CustomerId,
    memory: &mut ClientState,
    (show, card, guest): (ShowId, Card, Named),
    (submits, regret): (u8, bool),
) -> Vec<Ask<BoxOffice>> {
    let mut look = |_| {
        let ticket = memory.begin(office, who, show)?;
        Some(Ask::Query(Query::Look { show, ticket, card, guest }))
    };
    let asks = (0..submits).filter_map(&mut look).collect();
    if let (true, Some((ticket, _))) = (regret, memory.last) {
        memory.regrets.push(ticket);
    }
    asks
}

/// A purchase under the number of its ticket. It may be sent several times at once, as by a double click; the
/// number makes the copies one purchase.
pub(super) fn purchase(
    who: CustomerId,
    memory: &mut ClientState,
    (ticket, show): (TicketId, ShowId),
    wish: Wish,
) -> Vec<Ask<BoxOffice>> {
    match wish {
        Wish::Buy { card, submits, regret, guest } => {
            if regret {
                memory.regrets.push(ticket);
            }
            (0..submits).map(|_| buy(who, (ticket, show), (card, None), guest)).collect()
        }
        Wish::Reserve { guest } => {
            vec![Ask::Command(Command::ReserveTicket { ticket, show, customer: who, guest })]
        }
        Wish::Nothing => Vec::new(),
    }
}

const fn buy(
    customer: CustomerId,
    (ticket, show): (TicketId, ShowId),
    (card, seen): (Card, Option<u32>),
    guest: Named,
) -> Ask<BoxOffice> {
    Ask::Command(Command::BuyTicket { ticket, show, customer, card, seen, guest })
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
        Answer::Shown(Query::Look { show, ticket, card, guest }, Some(Row::Show(line)))
            if line.left > 0 =>
        {
            vec![buy(who, (*ticket, *show), (*card, Some(line.left)), *guest)]
        }
        Answer::Shown(Query::Details(show), row)
            if memory.wants.take_if(|it| it == show).is_some() =>
        {
            match row {
                Some(Row::Show(line)) if line.left > 0 => {
                    let (card, guest) = (Card::Good, Named::NONE);
                    let wish = Wish::Buy { card, submits: 1, regret: false, guest };
                    want(office, who, memory, *show, wish)
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
        Answer::Command(Command::JoinRoom { ticket, .. }, outcome) => match outcome {
            CommandOutcome::Refused(_) => {
                memory.visits.end(*ticket);
                Vec::new()
            }
            CommandOutcome::Accepted(_) | CommandOutcome::Unknown => {
                memory.visits.wait(office, *ticket)
            }
        },
        Answer::Shown(Query::Line(ticket), row) => {
            memory.visits.look(office, *ticket, row.as_ref())
        }
        Answer::NotYet(Query::Line(ticket)) | Answer::TryLater(Some(Query::Line(ticket))) => {
            memory.visits.unsubscribed(*ticket);
            memory.visits.wait(office, *ticket)
        }
        Answer::Shown(Query::MyTickets, row) => {
            memory.payments.look(row.as_ref());
            Vec::new()
        }
        Answer::TryLater(Some(Query::MyTickets)) => {
            memory.payments.give_up();
            Vec::new()
        }
        Answer::Silence => memory.visits.wait_all(office),
        Answer::Command(Command::PayTicket { ticket, .. }, CommandOutcome::Accepted(_)) => {
            memory.payments.wait_for(office, *ticket).into_iter().collect()
        }
        Answer::Command(Command::BuyTicket { ticket, show, .. }, outcome) => {
            let mut asks = begun(office, memory, (*ticket, *show), outcome);
            if let CommandOutcome::Accepted(_) = outcome {
                asks.extend(memory.payments.wait_for(office, *ticket));
            }
            asks
        }
        Answer::Command(Command::ReserveTicket { ticket, show, .. }, outcome) => {
            begun(office, memory, (*ticket, *show), outcome)
        }
        _ => Vec::new(),
    }
}

/// Whether a customer who is subscribed waits for more.
pub(super) fn watches(memory: &ClientState, query: &Query) -> bool {
    match query {
        Query::Line(ticket) => memory.visits.is_waiting(*ticket),
        Query::MyTickets => memory.payments.is_awaited(),
        Query::List { .. }
        | Query::Details(_)
        | Query::Look { .. }
        | Query::Sales(_)
        | Query::AsOf(..) => false,
    }
}

/// What a customer does once a purchase has begun, or was refused. The place of a purchase that was refused for
/// another reason than that it has none is given up.
fn begun(
    office: &BoxOffice,
    memory: &mut ClientState,
    (ticket, show): (TicketId, ShowId),
    outcome: &CommandOutcome<BoxOffice>,
) -> Vec<Ask<BoxOffice>> {
    let regretted = memory.regrets.iter().position(|regretted| *regretted == ticket);
    if let Some(place) = regretted {
        memory.regrets.swap_remove(place);
    }
    match outcome {
        CommandOutcome::Refused(Rejection::NotAdmitted) => Vec::new(),
        CommandOutcome::Refused(_) => {
            let room = office.show(show).waiting_room;
            room.map(|_| visit::leave(ticket, show)).into_iter().collect()
        }
        CommandOutcome::Accepted(_) | CommandOutcome::Unknown => {
            let cancel = Ask::Later(office.setup().think, Action::CancelThat(ticket, show));
            regretted.map(|_| cancel).into_iter().collect()
        }
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

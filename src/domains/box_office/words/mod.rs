//! The domain in words: one short text for each term.

use std::fmt;

use super::command::Command;
use super::customers::Query;
use super::event::{Card, Reason, Way};
use super::ids::{ROOM, SAGA, SHOW, ShowId, TICKET, TicketId, VISITOR};
use super::room::saga::FIRST_TIMER;
use super::saga::{Saga, TIMER_EXPIRY};
use super::saga_event::{Tell, Trouble};
use super::setup::BoxOffice;
use super::ticket::Status;
use super::views::{
    LineEntry, PLACE_IN_LINE, PastTicket, Row, SALES_REPORT, SHOW_DETAILS, SHOW_LIST, ShowLine,
    Standing, TICKETS_OF_USER, TicketLine, TicketList,
};
use crate::domains::money::Money;
use crate::model::{CustomerId, Names, RowKey, Term, ViewId};
use crate::saga::Saga as _;

mod events;
mod ledgers;

pub(super) fn say(
    office: &BoxOffice,
    term: Term<'_, BoxOffice>,
    names: &Names,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let narrator = Narrator { office, names };
    match term {
        Term::Stream(stream) => match stream.category {
            SHOW => f.write_str(narrator.show(ShowId::of(stream))),
            TICKET => write!(f, "{}", TicketId(stream.number)),
            SAGA => write!(f, "s-{}", u64::from(stream.number) + 1),
            VISITOR => write!(f, "v-{}", u64::from(stream.number) + 1),
            ROOM => write!(f, "q-{}", u64::from(stream.number) + 1),
            _ => write!(f, "w-{}", u64::from(stream.number) + 1),
        },
        Term::Event(event) => narrator.event(event, f),
        Term::Command(command) => narrator.command(command, f),
        Term::Rejection(rejection) => write!(f, "{}: {rejection}", rejection.name()),
        Term::Query(query) => narrator.query(query, f),
        Term::Row(row) => narrator.row(row, f),
        Term::Request(_, request) => narrator.request(request, f),
        Term::Reply(_, reply) => narrator.reply(reply, f),
        Term::Entry(_, entry) => narrator.entry(entry, f),
        Term::Ledger(_, ledger) => narrator.ledger(ledger, f),
        Term::Timer(TIMER_EXPIRY) => f.write_str("deadline of the reservation"),
        Term::Timer(Saga::TIMER_RETRY) => f.write_str("next attempt"),
        Term::Timer(Saga::TIMER_LOOK) => f.write_str("an operator's look"),
        Term::Timer(FIRST_TIMER..) => f.write_str("first deadline in the waiting room"),
        Term::Timer(other) => write!(f, "timer {other}"),
        Term::Gathered(number) => write!(f, "question {number}"),
        Term::RowOf(view, key) => narrator.row_of(view, key, f),
    }
}

struct Narrator<'a> {
    office: &'a BoxOffice,
    names: &'a Names,
}

impl Narrator<'_> {
    fn show(&self, show: ShowId) -> &str {
        self.office.shows().get(show.index()).map_or("?", |listed| listed.id.as_str())
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.office.currency())
    }

    fn command(&self, command: &Command, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(command.name())?;
        match command {
            Command::CreateShow { show } => write!(f, " {}", self.show(*show)),
            Command::ReserveTicket { ticket, show, .. } => {
                write!(f, " {ticket} for {}", self.show(*show))
            }
            Command::BuyTicket { ticket, show, card, seen, .. } => {
                write!(f, " {ticket} for {}{}", self.show(*show), say_card(*card))?;
                seen.map_or(Ok(()), |seen| write!(f, ", {seen} left when it looked"))
            }
            Command::PayTicket { ticket, card } => write!(f, " {ticket}{}", say_card(*card)),
            Command::ConfirmTicket { ticket } => write!(f, " {ticket}"),
            Command::CancelTicket { ticket, reason, .. } => {
                write!(f, " {ticket}, {}", say_reason(*reason))
            }
            Command::CheckPlaces { show, ticket, fence } => {
                write!(f, " of {} for {ticket}, {fence}", self.show(*show))
            }
            Command::TakePlace { show, ticket, left, fence } => {
                write!(f, " of {} for {ticket}", self.show(*show))?;
                match left {
                    Some(left) => write!(f, ", {left} left"),
                    None if self.office.stage().locks() => write!(f, ", {fence}"),
                    None => Ok(()),
                }
            }
            Command::JoinRoom { show, ticket } | Command::LeaveRoom { show, ticket } => {
                write!(f, " of {} with {ticket}", self.show(*show))
            }
            Command::EndVisits { show, by } => {
                write!(f, " to {}, overdue by {by}", self.show(*show))
            }
        }
    }

    fn query(&self, query: &Query, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match query {
            Query::List { page, free } => {
                let what = if *free { "shows with places left" } else { "all shows" };
                write!(f, "{what}, page {}", page + 1)
            }
            Query::Details(show) => write!(f, "show {}", self.show(*show)),
            Query::Look { show, ticket, .. } => {
                write!(f, "places of {} for {ticket}", self.show(*show))
            }
            Query::Line(ticket) => write!(f, "place in line of {ticket}"),
            Query::MyTickets => f.write_str("my tickets"),
            Query::Sales(show) => write!(f, "sales of {}", self.show(*show)),
            Query::AsOf(ticket, at) => write!(f, "ticket {ticket} as of {at}"),
        }
    }

    fn show_line(&self, line: &ShowLine) -> String {
        format!("{} {} of {} left", self.show(line.show), line.left, line.total)
    }

    fn tickets(&self, list: &TicketList) -> String {
        let line = |line: &TicketLine| {
            let price = self.money(line.price);
            format!(
                "{} {} for {}, {price}",
                line.ticket,
                say_status(line.status),
                self.show(line.show)
            )
        };
        list.lines().iter().map(line).collect::<Vec<_>>().join("; ")
    }

    fn entry_in_line(&self, entry: &LineEntry) -> String {
        let (ticket, show) = (entry.ticket, self.show(entry.show));
        match entry.standing {
            Standing::Waiting { ahead } => format!("{ticket} waits for {show}, {ahead} were ahead"),
            Standing::Admitted { until } => format!("{ticket} admitted to {show} until {until}"),
            Standing::Left(way) => format!("{ticket} left {show}, {}", say_way(way)),
        }
    }

    fn row(&self, row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match row {
            Row::Page(page) => {
                let lines: Vec<String> = page.shows().map(|line| self.show_line(line)).collect();
                f.write_str(if lines.is_empty() { "no shows" } else { "" })?;
                f.write_str(&lines.join("; "))
            }
            Row::Show(line) => f.write_str(&self.show_line(line)),
            Row::Tickets(list) => f.write_str(&self.tickets(list)),
            Row::Past(past) => {
                let PastTicket { ticket, version, state } = past;
                let status = state.status.map_or("not begun", say_status);
                write!(
                    f,
                    "{ticket} {version} {status}, {} for {}",
                    state.price,
                    self.show(state.show)
                )
            }
            Row::Sales(list) => {
                let (sold, revenue) = list.sales();
                write!(f, "{sold} sold, revenue {}", self.money(revenue))
            }
            Row::Line(line) => {
                let entry = |entry: &LineEntry| self.entry_in_line(entry);
                f.write_str(&line.entries().iter().map(entry).collect::<Vec<_>>().join("; "))
            }
        }
    }

    fn row_of(&self, view: ViewId, key: RowKey, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = self.show(ShowId(key.0 as u16));
        match view {
            SHOW_LIST => {
                let what = if key.0 % 2 == 1 { "shows with places left" } else { "all shows" };
                write!(f, "{what}, page {}", key.0 / 2 + 1)
            }
            SHOW_DETAILS => write!(f, "show {show}"),
            TICKETS_OF_USER => write!(f, "tickets of {}", self.names.customer(CustomerId(key.0))),
            SALES_REPORT => write!(f, "sales of {show}"),
            PLACE_IN_LINE => {
                write!(f, "places in line of {}", self.names.customer(CustomerId(key.0)))
            }
            other => write!(f, "row {} of view {}", key.0, other.0),
        }
    }
}

const fn say_card(card: Card) -> &'static str {
    match card {
        Card::Good => "",
        Card::Empty => " with an empty card",
    }
}

const fn say_status(status: Status) -> &'static str {
    match status {
        Status::Cancelled(reason) => say_reason(reason),
        Status::Reserved | Status::Pending | Status::Confirmed => status.word(),
    }
}

const fn say_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::ByCustomer => "cancelled by the customer",
        Reason::Expired => "not paid in time",
        Reason::PaymentDeclined => "payment declined",
        Reason::PaymentFailed => "payment failed",
        Reason::SoldOut => "sold out",
        Reason::LockBusy => "too many buyers at once",
        Reason::LockLost => "lock lost",
    }
}

const fn say_way(way: Way) -> &'static str {
    match way {
        Way::Bought => "purchase begun",
        Way::GaveUp => "given up",
        Way::Overdue => "overdue",
    }
}

fn say_tell(tell: Tell) -> String {
    match tell {
        Tell::Confirm => "that it is paid for".to_owned(),
        Tell::Cancel(reason) => format!("that it is cancelled: {}", say_reason(reason)),
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(act) => write!(f, "no answer to the request to {}", act.verb()),
            Self::TicketUnreachable(tell) => {
                write!(f, "the ticket cannot be told {}", say_tell(*tell))
            }
        }
    }
}

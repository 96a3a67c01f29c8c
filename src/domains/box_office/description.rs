//! What the views are to say, apart from their code: described by the states of shows and tickets.

use super::ids::{ShowId, TicketId};
use super::room::Room;
use super::setup::BoxOffice;
use super::show::Show;
use super::state::State;
use super::ticket::Ticket;
use super::views::{
    LineEntry, Row, SALES_REPORT, SHOW_DETAILS, SHOW_LIST, ShowLine, Standing, TICKETS_OF_USER,
    TicketLine, TicketList, list_row,
};
use crate::model::{RowKey, RowKeys, StreamId, ViewId};

/// What a row says of a stream although it is not so.
pub(super) fn misstates(row: &Row, stream: StreamId, state: &State) -> Option<String> {
    match (row, state) {
        (Row::Show(line), State::Show(show)) => of_show(line, show),
        (Row::Page(page), State::Show(show)) => {
            match page.shows().find(|line| line.show.stream() == stream) {
                Some(line) => of_show(line, show),
                // Only what is sold out may be hidden.
                None => (show.left > 0).then(|| "nothing".to_owned()),
            }
        }
        (Row::Tickets(list) | Row::Sales(list), State::Ticket(ticket)) => line_of(list, stream)
            .map_or_else(|| Some("nothing".to_owned()), |it| of_ticket(it, ticket)),
        (Row::Line(line), State::Room(room)) => {
            let entries = line.entries().iter().filter(|entry| entry.show.room() == stream);
            entries.filter_map(|entry| of_room(entry, room)).next()
        }
        (
            Row::Show(_)
            | Row::Page(_)
            | Row::Tickets(_)
            | Row::Sales(_)
            | Row::Line(_)
            | Row::Past(_),
            _,
        ) => None,
    }
}

/// The rows of a view that must show a stream.
pub(super) fn shown_in(
    office: &BoxOffice,
    view: ViewId,
    stream: StreamId,
    state: &State,
) -> RowKeys {
    match (view, state) {
        (SHOW_DETAILS, State::Show(show)) if show.created => {
            RowKeys::from_iter([RowKey(stream.number)])
        }
        (SHOW_LIST, State::Show(show)) if show.created => {
            let page = office.page_of(ShowId::of(stream));
            let free = (show.left > 0).then(|| list_row(page, true));
            [list_row(page, false)].into_iter().chain(free).collect()
        }
        (TICKETS_OF_USER, State::Ticket(Ticket { status: Some(_), .. })) => {
            RowKeys::from_iter([RowKey(office.owner(TicketId(stream.number)).0)])
        }
        (SALES_REPORT, State::Ticket(Ticket { status: Some(_), show, .. })) => {
            RowKeys::from_iter([RowKey(show.stream().number)])
        }
        // A waiting room is shown in many rows, each with a part of it.
        (
            _,
            State::Show(_)
            | State::Ticket(_)
            | State::Saga(_)
            | State::Visitor(_)
            | State::Room(_)
            | State::Watch(_),
        ) => RowKeys::new(),
    }
}

fn line_of(list: &TicketList, stream: StreamId) -> Option<&TicketLine> {
    list.lines().iter().find(|line| line.ticket.stream() == stream)
}

fn of_show(line: &ShowLine, show: &Show) -> Option<String> {
    let is_so = (line.total, line.left) == (show.total, show.left);
    (!is_so).then(|| format!("{} of {} places left", line.left, line.total))
}

fn of_room(entry: &LineEntry, room: &Room) -> Option<String> {
    let ticket = entry.ticket;
    let (waits, until) = (room.waiting.contains(&ticket), room.admitted.get(&ticket));
    let (is_so, says) = match entry.standing {
        Standing::Waiting { .. } => (waits, "waits"),
        Standing::Admitted { until: shown } => (until == Some(&shown), "is admitted"),
        Standing::Left(_) => (!waits && until.is_none(), "has left"),
    };
    (!is_so).then(|| format!("that {ticket} {says}"))
}

fn of_ticket(line: &TicketLine, ticket: &Ticket) -> Option<String> {
    if Some(line.status) != ticket.status {
        Some(format!("\"{}\"", line.status.word()))
    } else if line.show != ticket.show {
        Some("another show".to_owned())
    } else {
        let wrong = line.price != ticket.price.minor;
        wrong.then(|| "another price".to_owned())
    }
}

//! The views: pages of shows, one show, the tickets of a user, the sales of a show, and places in line.

use super::event::{Event, TicketEvent};
use super::ids::{ROOM, SHOW, ShowId, TICKET, TicketId};
use super::setup::BoxOffice;
use super::state::State;
use super::ticket::Ticket;
use crate::model::{
    OwnWrites, RowKey, RowKeys, Stored, Strategy, StreamId, StreamLookup, Token, Version, View,
    ViewId,
};

mod line;
mod shows;
mod tickets;

pub(crate) use line::{LineEntry, PlaceInLine, Standing};
pub(crate) use shows::{ShowLine, ShowPage};
pub(crate) use tickets::{TicketLine, TicketList};

pub(crate) const SHOW_LIST: ViewId = ViewId(0);
pub(crate) const SHOW_DETAILS: ViewId = ViewId(1);
pub(crate) const TICKETS_OF_USER: ViewId = ViewId(2);
pub(crate) const SALES_REPORT: ViewId = ViewId(3);
pub(crate) const PLACE_IN_LINE: ViewId = ViewId(4);

pub(super) const VIEWS: &[View] = &[
    View::of("ShowList", SHOW),
    View { own_writes: OwnWrites::Promised, ..View::of("ShowDetails", SHOW) },
    View { own_writes: OwnWrites::Pinned, ..View::of("TicketsOfUser", TICKET) },
    View::of("SalesReport", TICKET),
    View { strategy: Strategy::OnDemand, ..View::of("PlaceInLine", ROOM) },
];

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// A page of `ShowList`.
    Page(ShowPage),
    /// Of `ShowDetails`.
    Show(ShowLine),
    /// Of `TicketsOfUser`: the history of a customer's purchases.
    Tickets(TicketList),
    /// Of `SalesReport`: the tickets of one show.
    Sales(TicketList),
    /// Of `PlaceInLine`.
    Line(PlaceInLine),
    /// Of no view: a ticket as it was, from its stream.
    Past(PastTicket),
}

/// A ticket as of a version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PastTicket {
    pub ticket: TicketId,
    pub version: Version,
    pub state: Ticket,
}

/// The row of a page of the listing: of all shows, or of those with places left.
pub(super) const fn list_row(page: u32, free: bool) -> RowKey {
    RowKey(page * 2 + free as u32)
}

/// The rows of a view that an event changes.
pub(super) fn rows(office: &BoxOffice, view: ViewId, stored: &Stored<Event>) -> RowKeys {
    let ticket = TicketId(stored.stream.number);
    match (&stored.event, view) {
        (Event::Show(_), SHOW_LIST) => {
            let page = office.page_of(ShowId::of(stored.stream));
            [false, true].into_iter().map(|free| list_row(page, free)).collect()
        }
        (Event::Show(_), SHOW_DETAILS) => RowKeys::from_iter([RowKey(stored.stream.number)]),
        (Event::Ticket(_), TICKETS_OF_USER) => RowKeys::from_iter([RowKey(office.owner(ticket).0)]),
        (Event::Ticket(event), SALES_REPORT) => RowKeys::from_iter([sales_row(event)]),
        (Event::Room(event), PLACE_IN_LINE) => {
            RowKeys::from_iter([RowKey(office.owner(event.ticket()).0)])
        }
        (
            Event::Show(_)
            | Event::Ticket(_)
            | Event::Saga(_)
            | Event::Visitor(_)
            | Event::Room(_)
            | Event::Watch(_),
            _,
        ) => RowKeys::new(),
    }
}

fn sales_row(event: &TicketEvent) -> RowKey {
    RowKey(event.show().stream().number)
}

pub(super) fn project(
    office: &BoxOffice,
    view: ViewId,
    key: RowKey,
    row: &mut Option<Row>,
    stored: &Stored<Event>,
) {
    let show = ShowId::of(stored.stream);
    let blank = || match view {
        SHOW_LIST => Row::Page(ShowPage::blank(key == list_row(key.0 / 2, true))),
        SHOW_DETAILS => Row::Show(ShowLine::blank(show)),
        TICKETS_OF_USER => Row::Tickets(TicketList::default()),
        PLACE_IN_LINE => Row::Line(PlaceInLine::default()),
        _ => Row::Sales(TicketList::default()),
    };
    let ticket = TicketId(stored.stream.number);
    match (row.get_or_insert_with(blank), &stored.event) {
        (Row::Page(page), Event::Show(event)) => page.line_mut(show).apply(stored.version, event),
        (Row::Show(line), Event::Show(event)) => line.apply(stored.version, event),
        (Row::Tickets(list), Event::Ticket(event)) => {
            list.line_mut(ticket, event).apply(office, stored.version, event);
        }
        (Row::Sales(list), Event::Ticket(event)) => {
            list.line_mut(ticket, event).count(stored.version, event);
        }
        (Row::Line(line), Event::Room(event)) => line.apply(show, stored.version, event),
        (
            Row::Page(_)
            | Row::Show(_)
            | Row::Tickets(_)
            | Row::Sales(_)
            | Row::Line(_)
            | Row::Past(_),
            _,
        ) => {}
    }
}

/// The streams that a row shows, each with its version.
pub(super) fn shows(row: &Row) -> Vec<Token> {
    let of_show = |line: &ShowLine| Token { stream: line.show.stream(), version: line.version };
    let of_ticket =
        |line: &TicketLine| Token { stream: line.ticket.stream(), version: line.version };
    match row {
        Row::Page(page) => page.all().iter().map(of_show).collect(),
        Row::Show(line) => vec![of_show(line)],
        Row::Tickets(list) | Row::Sales(list) => list.lines().iter().map(of_ticket).collect(),
        Row::Past(past) => vec![Token { stream: past.ticket.stream(), version: past.version }],
        Row::Line(line) => line.shows(),
    }
}

/// A ticket, read from its stream.
pub(super) fn of_ticket(ticket: TicketId) -> StreamLookup<BoxOffice> {
    let row = |_: &BoxOffice, stream: StreamId, version: Version, state: &State| {
        let (ticket, state) = (TicketId(stream.number), state.ticket().clone());
        state.status.map(|_| Row::Past(PastTicket { ticket, version, state }))
    };
    StreamLookup { stream: ticket.stream(), row }
}

/// A show as the event store has it at this moment.
pub(super) fn of_show(show: ShowId) -> StreamLookup<BoxOffice> {
    let row = |_: &BoxOffice, stream: StreamId, version: Version, state: &State| {
        let show = state.show();
        show.created.then(|| {
            let (total, left) = (show.total, show.left);
            Row::Show(ShowLine { show: ShowId::of(stream), version, total, left })
        })
    };
    StreamLookup { stream: show.stream(), row }
}

//! The fold of one stream of any category.

use super::room::Room;
use super::room::saga::Watch;
use super::saga::Saga;
use super::show::Show;
use super::ticket::Ticket;
use super::visitor::Visitor;

/// The fold of one stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Of a show.
    Show(Show),
    /// Of a ticket.
    Ticket(Ticket),
    /// Of a saga.
    Saga(Saga),
    /// Of a customer, if purchases are limited.
    Visitor(Visitor),
    /// Of a waiting room.
    Room(Room),
    /// Of the saga of a waiting room.
    Watch(Watch),
}

/// The ids of streams contain the category, so that the variant is known where a state is read.
impl State {
    pub(super) fn show(&self) -> &Show {
        let Self::Show(show) = self else { panic!("not a show: {self:?}") };
        show
    }

    pub(super) fn ticket(&self) -> &Ticket {
        let Self::Ticket(ticket) = self else { panic!("not a ticket: {self:?}") };
        ticket
    }

    pub(super) fn visitor(&self) -> &Visitor {
        let Self::Visitor(visitor) = self else { panic!("not a customer: {self:?}") };
        visitor
    }

    pub(super) fn room(&self) -> &Room {
        let Self::Room(room) = self else { panic!("not a waiting room: {self:?}") };
        room
    }

    pub(super) fn saga(&self) -> &Saga {
        let Self::Saga(saga) = self else { panic!("not a saga: {self:?}") };
        saga
    }
}

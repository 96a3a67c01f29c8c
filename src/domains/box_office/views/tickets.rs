//! `TicketsOfUser` and `SalesReport`: tickets by customer and by show.

use crate::domains::box_office::defects::CANCELLED_STILL_LISTED;
use crate::domains::box_office::event::TicketEvent;
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::domains::box_office::setup::BoxOffice;
use crate::domains::box_office::ticket::Status;
use crate::model::{People, Personal, Version};

/// One ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TicketLine {
    pub ticket: TicketId,
    /// The version that the row shows.
    pub version: Version,
    pub show: ShowId,
    pub status: Status,
    /// Its price, in minor units.
    pub price: i64,
    /// The customer.
    pub people: People,
}

/// Several tickets, ordered by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TicketList {
    lines: Vec<TicketLine>,
}

impl TicketLine {
    /// In the list of a customer.
    pub(super) fn apply(&mut self, office: &BoxOffice, version: Version, event: &TicketEvent) {
        let status = self.status;
        self.count(version, event);
        let is_cancelled = matches!(event, TicketEvent::TicketCancelled { .. });
        if is_cancelled && office.has(&CANCELLED_STILL_LISTED) {
            self.status = status;
        }
    }

    pub(super) fn count(&mut self, version: Version, event: &TicketEvent) {
        self.version = version;
        self.status = Status::after(event);
        match event {
            TicketEvent::TicketReserved { price, people, .. }
            | TicketEvent::TicketRequested { price, people, .. } => {
                (self.price, self.people) = (price.minor, people.clone());
            }
            TicketEvent::PaymentRequested { .. }
            | TicketEvent::TicketConfirmed { .. }
            | TicketEvent::TicketCancelled { .. } => {}
        }
    }
}

impl TicketList {
    /// Tickets that are paid for, by number.
    #[cfg(test)]
    pub(in crate::domains::box_office) fn confirmed(numbers: &[u32]) -> Self {
        let (version, show, status) = (Version(1), ShowId(0), Status::Confirmed);
        let line = |number: &u32| TicketLine {
            ticket: TicketId(*number),
            version,
            show,
            status,
            price: 0,
            people: People::NONE,
        };
        Self { lines: numbers.iter().map(line).collect() }
    }

    /// All tickets, in order of their numbers.
    pub fn lines(&self) -> &[TicketLine] {
        &self.lines
    }

    /// The personal data in its lines.
    pub(in crate::domains::box_office) fn persons(
        &mut self,
    ) -> impl Iterator<Item = &mut Personal> {
        self.lines.iter_mut().flat_map(|line| line.people.persons())
    }

    /// The number of tickets that are confirmed, and the sum of their prices in minor units.
    pub fn sales(&self) -> (usize, i64) {
        let sold = self.lines.iter().filter(|line| line.status == Status::Confirmed);
        (sold.clone().count(), sold.map(|line| line.price).sum())
    }

    pub(super) fn line_mut(&mut self, ticket: TicketId, event: &TicketEvent) -> &mut TicketLine {
        let found = self.lines.binary_search_by_key(&ticket, |line| line.ticket);
        let place = found.unwrap_or_else(|place| {
            let (show, status) = (event.show(), Status::after(event));
            let (version, people) = (Version(0), People::NONE);
            let line = TicketLine { ticket, version, show, status, price: 0, people };
            self.lines.insert(place, line);
            place
        });
        &mut self.lines[place]
    }
}

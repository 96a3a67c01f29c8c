//! `PlaceInLine`: the purchases of a customer in waiting rooms. A waiting customer asks for it again and again, so
//! that it is made on demand, from the log.

use crate::domains::box_office::event::{RoomEvent, Way};
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::kernel::Instant;
use crate::model::{Token, Version};

/// Where a purchase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It waits; so many waited before it when it joined.
    Waiting { ahead: u32 },
    /// It may begin, until a deadline.
    Admitted { until: Instant },
    /// It is neither in the line nor admitted any more.
    Left(Way),
}

/// One purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineEntry {
    pub ticket: TicketId,
    pub show: ShowId,
    /// The version of the waiting room that the entry shows.
    pub version: Version,
    pub standing: Standing,
}

/// The purchases of one customer, ordered by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlaceInLine {
    entries: Vec<LineEntry>,
}

impl PlaceInLine {
    #[cfg(test)]
    pub(in crate::domains::box_office) const fn of(entries: Vec<LineEntry>) -> Self {
        Self { entries }
    }

    /// All purchases, in order of their numbers.
    pub fn entries(&self) -> &[LineEntry] {
        &self.entries
    }

    pub(super) fn apply(&mut self, show: ShowId, version: Version, event: &RoomEvent) {
        let (ticket, standing) = match *event {
            RoomEvent::Joined { ticket, ahead } => (ticket, Standing::Waiting { ahead }),
            RoomEvent::Admitted { ticket, until } => (ticket, Standing::Admitted { until }),
            RoomEvent::Left { ticket, way } => (ticket, Standing::Left(way)),
        };
        let entry = LineEntry { ticket, show, version, standing };
        match self.entries.binary_search_by_key(&ticket, |entry| entry.ticket) {
            Ok(place) => self.entries[place] = entry,
            Err(place) => self.entries.insert(place, entry),
        }
    }

    /// The waiting rooms that it shows, each with its version.
    pub(super) fn shows(&self) -> Vec<Token> {
        let mut shown: Vec<Token> = Vec::new();
        for LineEntry { show, version, .. } in &self.entries {
            match shown.iter_mut().find(|token| token.stream == show.room()) {
                Some(token) => token.version = token.version.max(*version),
                None => shown.push(Token { stream: show.room(), version: *version }),
            }
        }
        shown
    }
}

impl RoomEvent {
    /// The purchase that it is about.
    pub const fn ticket(&self) -> TicketId {
        let (Self::Joined { ticket, .. }
        | Self::Admitted { ticket, .. }
        | Self::Left { ticket, .. }) = self;
        *ticket
    }
}

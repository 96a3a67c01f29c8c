//! The waiting room of a show: purchases join it, and are admitted in the order in which they joined.
//!
//! So many are admitted at once. A place ends when its purchase has begun, when the customer gives up, or at
//! its deadline, which a [`saga`] watches; the next purchase is then admitted in the same transaction. A purchase
//! that joins again after it has left joins at the end.

use std::collections::VecDeque;

use super::defects::{PLACE_GIVEN_TWICE, QUEUE_JUMPER};
use super::event::{RoomEvent, Way};
use super::ids::TicketId;
use super::setup::{BoxOffice, WaitingRoom};
use crate::collections::SortedMap;
use crate::kernel::Instant;

pub(super) mod saga;

/// The waiting room of one show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Room {
    /// The purchases that wait, in the order in which they joined.
    pub waiting: VecDeque<TicketId>,
    /// Those that are admitted, each with its deadline.
    pub admitted: SortedMap<TicketId, Instant>,
}

/// Decides what happens in a waiting room, by its settings and the time.
#[derive(Clone, Copy)]
pub(super) struct Door<'a> {
    pub(super) office: &'a BoxOffice,
    pub(super) settings: &'a WaitingRoom,
    pub(super) now: Instant,
}

impl Room {
    pub fn evolve(&mut self, event: &RoomEvent) {
        match event {
            RoomEvent::Joined { ticket, .. } => self.waiting.push_back(*ticket),
            RoomEvent::Admitted { ticket, until } => {
                self.forget_waiting(*ticket);
                self.admitted.insert(*ticket, *until);
            }
            RoomEvent::Left { ticket, .. } => {
                if self.admitted.remove(ticket).is_none() {
                    self.forget_waiting(*ticket);
                }
            }
        }
    }

    /// Whether the rules allow an event. The order of admissions is checked by `fair-queue`.
    pub fn is_legal_transition(&self, event: &RoomEvent) -> bool {
        match event {
            RoomEvent::Joined { ticket, .. } => !self.has(*ticket),
            RoomEvent::Admitted { ticket, .. } => self.waiting.contains(ticket),
            RoomEvent::Left { ticket, .. } => self.has(*ticket),
        }
    }

    /// The deadline that comes first.
    pub fn first_deadline(&self) -> Option<Instant> {
        self.admitted.values().min().copied()
    }

    fn has(&self, ticket: TicketId) -> bool {
        self.admitted.contains_key(&ticket) || self.waiting.contains(&ticket)
    }

    /// The first who wait are the first who are admitted.
    fn forget_waiting(&mut self, ticket: TicketId) {
        if let Some(place) = self.waiting.iter().position(|waiting| *waiting == ticket) {
            self.waiting.remove(place);
        }
    }
}

impl Door<'_> {
    /// A purchase joins, unless it waits or is admitted already.
    pub(super) fn join(&self, room: &Room, ticket: TicketId) -> Vec<RoomEvent> {
        if room.has(ticket) {
            return Vec::new();
        }
        let ahead = room.waiting.len() as u32;
        let mut events = vec![RoomEvent::Joined { ticket, ahead }];
        if ahead == 0 && room.admitted.len() < self.settings.places as usize {
            events.push(self.admission(ticket));
        }
        events
    }

    /// A purchase leaves, if it is there.
    pub(super) fn leave(&self, room: &Room, ticket: TicketId, way: Way) -> Vec<RoomEvent> {
        if room.admitted.contains_key(&ticket) {
            return self.end(room, &[ticket], way);
        }
        let waits = room.waiting.contains(&ticket);
        waits.then_some(RoomEvent::Left { ticket, way }).into_iter().collect()
    }

    /// The places whose deadline is `by` or earlier end.
    pub(super) fn end_overdue(&self, room: &Room, by: Instant) -> Vec<RoomEvent> {
        let overdue = room.admitted.iter().filter(|(_, until)| **until <= by);
        let overdue: Vec<TicketId> = overdue.map(|(ticket, _)| *ticket).collect();
        self.end(room, &overdue, Way::Overdue)
    }

    /// Places end, and the next purchases are admitted.
    fn end(&self, room: &Room, ended: &[TicketId], way: Way) -> Vec<RoomEvent> {
        let left = ended.iter().map(|&ticket| RoomEvent::Left { ticket, way });
        let taken = room.admitted.len() - ended.len();
        let mut free = (self.settings.places as usize).saturating_sub(taken);
        if self.office.has(&PLACE_GIVEN_TWICE) && !ended.is_empty() {
            free += 1;
        }
        let jumps = self.office.has(&QUEUE_JUMPER);
        let place = |nth| if jumps { room.waiting.len() - 1 - nth } else { nth };
        let next = (0..free.min(room.waiting.len())).map(|nth| room.waiting[place(nth)]);
        left.chain(next.map(|ticket| self.admission(ticket))).collect()
    }

    fn admission(&self, ticket: TicketId) -> RoomEvent {
        RoomEvent::Admitted { ticket, until: self.now + self.settings.lasts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::box_office::setup::Setup;
    use crate::kernel::Span;

    const SETTINGS: WaitingRoom = WaitingRoom { places: 2, lasts: Span::from_secs(60) };

    /// A room with two places, at a time in seconds.
    fn at<T>(secs: u64, decide: impl FnOnce(Door<'_>) -> T) -> T {
        let office = BoxOffice::new(Setup::default()).expect("a box office");
        let now = Instant::ZERO + Span::from_secs(secs);
        decide(Door { office: &office, settings: &SETTINGS, now })
    }

    fn joined(tickets: u32) -> Room {
        let mut room = Room::default();
        for ticket in 0..tickets {
            let events = at(ticket.into(), |door| door.join(&room, TicketId(ticket)));
            follow(&mut room, &events);
        }
        room
    }

    fn follow(room: &mut Room, events: &[RoomEvent]) {
        for event in events {
            assert!(room.is_legal_transition(event), "{event:?}");
            room.evolve(event);
        }
    }

    fn admitted(room: &Room) -> Vec<u32> {
        room.admitted.keys().map(|ticket| ticket.0).collect()
    }

    #[test]
    fn those_for_whom_there_is_a_place_are_admitted_and_the_others_wait() {
        let room = joined(4);
        assert_eq!(admitted(&room), [0, 1]);
        assert_eq!(room.waiting, [TicketId(2), TicketId(3)]);
        assert_eq!(room.first_deadline(), Some(Instant::ZERO + Span::from_secs(60)));
        assert_eq!(at(9, |door| door.join(&room, TicketId(3))), [], "it waits already");
        assert_eq!(at(9, |door| door.join(&room, TicketId(0))), [], "it is admitted already");
    }

    #[test]
    fn a_place_that_ends_goes_to_the_purchase_that_has_waited_longest() {
        let mut room = joined(4);
        let events = at(9, |door| door.leave(&room, TicketId(1), Way::Bought));
        follow(&mut room, &events);
        assert_eq!(admitted(&room), [0, 2]);
        let events = at(9, |door| door.leave(&room, TicketId(3), Way::GaveUp));
        assert_eq!(events, [RoomEvent::Left { ticket: TicketId(3), way: Way::GaveUp }]);
        follow(&mut room, &events);
        assert!(room.waiting.is_empty());
        assert_eq!(at(9, |door| door.leave(&room, TicketId(1), Way::GaveUp)), []);
    }

    #[test]
    fn all_places_that_are_overdue_end_together() {
        let mut room = joined(5);
        let by = Instant::ZERO + Span::from_secs(60);
        let events = at(70, |door| door.end_overdue(&room, by));
        follow(&mut room, &events);
        assert_eq!(admitted(&room), [1, 2], "the deadline of 1 is a second later");
        let events = at(70, |door| door.end_overdue(&room, by + Span::from_secs(1)));
        follow(&mut room, &events);
        assert_eq!(admitted(&room), [2, 3]);
        assert_eq!(room.first_deadline(), Some(Instant::ZERO + Span::from_secs(130)));
    }
}

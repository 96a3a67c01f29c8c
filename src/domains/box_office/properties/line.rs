//! `fair-queue` and `admitted-once`: the waiting room of a show, and who buys.

use std::collections::VecDeque;

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::box_office::event::{Event, RoomEvent, TicketEvent};
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::domains::box_office::setup::BoxOffice;
use crate::kernel::Step;
use crate::model::{Fact, Record, counted};

/// No purchase overtakes another one.
pub static FAIR_QUEUE: Property = Property {
    id: "fair-queue",
    when: When::Always,
    says: "a waiting room admits purchases in the order in which they joined it",
};

/// A place is for one purchase.
pub static ADMITTED_ONCE: Property = Property {
    id: "admitted-once",
    when: When::Always,
    says: "a purchase is admitted once for each time that it joins a waiting room, no more are admitted at once \
           than it has places, and only an admitted purchase begins",
};

/// Follows each waiting room.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    rooms: SortedMap<ShowId, Line>,
}

/// The purchases in one waiting room, each with the occurrence in which it joined or was admitted.
#[derive(Clone, Debug, Default)]
struct Line {
    waiting: VecDeque<(TicketId, Step)>,
    admitted: SortedMap<TicketId, Step>,
}

impl Checker<BoxOffice> for Lines {
    const PROPERTIES: &'static [Property] = &[FAIR_QUEUE, ADMITTED_ONCE];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        let Fact::Stored(stored) = &record.fact else { return };
        match &stored.event {
            Event::Room(event) => {
                let show = ShowId::of(stored.stream);
                let line = self.rooms.entry(show).or_default();
                match event {
                    RoomEvent::Joined { ticket, .. } => {
                        line.waiting.push_back((*ticket, record.step));
                    }
                    RoomEvent::Admitted { ticket, .. } => line.admit(show, *ticket, checks),
                    RoomEvent::Left { ticket, .. } => line.leave(*ticket),
                }
            }
            Event::Ticket(
                TicketEvent::TicketReserved { show, .. }
                | TicketEvent::TicketRequested { show, .. },
            ) => self.bought(*show, TicketId(stored.stream.number), checks),
            Event::Ticket(_)
            | Event::Show(_)
            | Event::Saga(_)
            | Event::Visitor(_)
            | Event::Watch(_) => {}
        }
    }
}

impl Lines {
    /// A purchase begins. It gives up its place in the same transaction.
    fn bought(&self, show: ShowId, ticket: TicketId, checks: &mut Checks<'_, BoxOffice>) {
        if checks.words.domain.show(show).waiting_room.is_none() {
            return;
        }
        let (line, step) = (self.rooms.get(&show), checks.step());
        let holds = line.is_some_and(|line| line.admitted.contains_key(&ticket));
        checks.that(&ADMITTED_ONCE, holds, [step], |words| {
            let show = words.stream(show.stream());
            format!("{ticket} is sold for {show}, whose waiting room has not admitted it")
        });
    }
}

impl Line {
    fn admit(&mut self, show: ShowId, ticket: TicketId, checks: &mut Checks<'_, BoxOffice>) {
        let step = checks.step();
        let place = self.waiting.iter().position(|(waiting, _)| *waiting == ticket);
        let joined = place.map(|place| self.waiting[place].1);
        let before = self.admitted.insert(ticket, step);
        checks.that(&ADMITTED_ONCE, place.is_some(), before.into_iter().chain([step]), |words| {
            let room = words.stream(show.room());
            format!("{ticket} is admitted to {room} although it does not wait there")
        });
        if let Some((place, joined)) = place.zip(joined) {
            let (first, since) = self.waiting[0];
            checks.that(&FAIR_QUEUE, place == 0, [since, joined, step], |words| {
                let room = words.stream(show.room());
                format!("{ticket} is admitted to {room} before {first}, which joined earlier")
            });
            self.waiting.remove(place);
        }
        let places = checks.words.domain.show(show).waiting_room.map_or(0, |room| room.places);
        let (count, holds) = (self.admitted.len(), self.admitted.len() <= places as usize);
        let latest = self.admitted.values().copied().filter(|_| !holds);
        let because: Vec<Step> = latest.collect();
        checks.that(&ADMITTED_ONCE, holds, because, |words| {
            let room = words.stream(show.room());
            format!(
                "{count} purchases are admitted to {room}, which has {}",
                counted(places.into(), "place")
            )
        });
    }

    fn leave(&mut self, ticket: TicketId) {
        if self.admitted.remove(&ticket).is_none()
            && let Some(place) = self.waiting.iter().position(|(waiting, _)| *waiting == ticket)
        {
            self.waiting.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};

    const BOTH: [&str; 2] = ["admitted-once", "fair-queue"];

    #[test]
    fn purchases_that_are_admitted_in_order_and_then_begin_are_accepted() {
        let mut story = History::with_room(9, 2);
        for ticket in 0..4 {
            story.joined(ticket);
        }
        story.admitted(0);
        story.admitted(1);
        story.left(0);
        story.admitted(2);
        story.reserved(1);
        story.left(1);
        story.admitted(3);
        story.joined(0);
        story.left(3);
        story.admitted(0);
        assert_eq!(story.at_rest(&BOTH), NOTHING, "0 has joined again");
    }

    #[test]
    fn a_purchase_that_gives_up_is_not_overtaken() {
        let mut story = History::with_room(9, 1);
        story.joined(0);
        story.joined(1);
        story.left(0);
        story.admitted(1);
        assert_eq!(story.at_rest(&BOTH), NOTHING);
    }

    #[test]
    fn an_overtaken_purchase_is_rejected() {
        let mut story = History::with_room(9, 2);
        story.joined(0);
        story.joined(1);
        story.admitted(1);
        assert_eq!(story.at_rest(&BOTH), ["fair-queue"]);
    }

    #[test]
    fn a_second_admission_one_too_many_and_one_without_joining_are_rejected() {
        let mut story = History::with_room(9, 2);
        story.joined(0);
        story.admitted(0);
        story.admitted(0);
        assert_eq!(story.at_rest(&BOTH), ["admitted-once"]);
        let mut story = History::with_room(9, 1);
        story.joined(0);
        story.joined(1);
        story.admitted(0);
        story.admitted(1);
        assert_eq!(story.at_rest(&BOTH), ["admitted-once"]);
        let mut story = History::with_room(9, 1);
        story.admitted(0);
        assert_eq!(story.at_rest(&BOTH), ["admitted-once"]);
    }

    #[test]
    fn a_purchase_that_was_not_admitted_is_rejected() {
        let mut story = History::with_room(9, 1);
        story.joined(0);
        story.reserved(0);
        assert_eq!(story.at_rest(&BOTH), ["admitted-once"]);
        let mut story = History::with_room(9, 1);
        story.joined(0);
        story.admitted(0);
        story.left(0);
        story.reserved(0);
        assert_eq!(story.at_rest(&BOTH), ["admitted-once"], "its place has ended");
        let mut story = History::on_sale(9);
        story.reserved(0);
        assert_eq!(story.at_rest(&BOTH), NOTHING, "there is no waiting room");
    }
}

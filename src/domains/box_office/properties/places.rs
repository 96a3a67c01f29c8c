//! `no-oversell` and `no-phantom-ticket`: the places of a show and the tickets for it.
//!
//! Tickets are counted from their own events, places from those of the show.

use crate::collections::{SortedMap, SortedSet};

use super::handed_over;
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::box_office::event::{Event, ShowEvent, TicketEvent};
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::domains::box_office::setup::BoxOffice;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest, Vocabulary};

/// No place is sold twice.
pub static NO_OVERSELL: Property = Property {
    id: "no-oversell",
    when: When::Always,
    says: "of each show, the tickets that are reserved or confirmed, or have a place in the inventory, are \
           never more than its places",
};

/// The inventory and the tickets agree.
pub static NO_PHANTOM_TICKET: Property = Property {
    id: "no-phantom-ticket",
    when: When::AtRest,
    says: "at rest, the tickets that are reserved or confirmed, and no others, have a place in the \
           inventory of their show, and what it has left is its places less these tickets, unless a case \
           was handed to an operator",
};

/// Follows each show.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    shows: SortedMap<ShowId, Inventory>,
    /// The tickets of cases that an operator has.
    handed: SortedSet<TicketId>,
}

/// What is known of one show.
#[derive(Clone, Debug, Default)]
struct Inventory {
    total: u32,
    /// What the show says that it has left.
    left: u32,
    /// The tickets that have a place in the inventory.
    placed: SortedSet<TicketId>,
    /// The tickets that are reserved or confirmed.
    live: SortedSet<TicketId>,
    /// The last occurrence that took a place or made a ticket.
    touched: Step,
}

impl Checker<BoxOffice> for Places {
    const PROPERTIES: &'static [Property] = &[NO_OVERSELL, NO_PHANTOM_TICKET];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        let Fact::Stored(stored) = &record.fact else { return };
        match &stored.event {
            Event::Show(event) => self.of_show(ShowId::of(stored.stream), event, checks),
            Event::Ticket(event) => self.of_ticket(TicketId(stored.stream.number), event, checks),
            Event::Saga(_) => match handed_over(stored) {
                Some((ticket, true)) => {
                    self.handed.insert(ticket);
                }
                Some((ticket, false)) => {
                    self.handed.remove(&ticket);
                }
                None => {}
            },
            Event::Visitor(_) | Event::Room(_) | Event::Watch(_) => {}
        }
    }

    fn at_rest(&mut self, _: &Rest<'_, BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        for (show, inventory) in &self.shows {
            let Inventory { total, left, placed, live, touched } = inventory;
            let excused = placed.iter().chain(live.iter()).any(|it| self.handed.contains(it));
            let odd = live.iter().find(|ticket| !placed.contains(ticket));
            let odd = odd.or_else(|| placed.iter().find(|ticket| !live.contains(ticket)));
            checks.that(&NO_PHANTOM_TICKET, odd.is_none() || excused, [*touched], |words| {
                let (show, ticket) = (words.stream(show.stream()), odd.copied());
                let which = match ticket {
                    Some(ticket) if placed.contains(&ticket) => "has a place, but is not live",
                    _ => "is live, but has no place",
                };
                format!(
                    "{} of {show} {which}",
                    ticket.map_or_else(String::new, |it| it.to_string())
                )
            });
            let counted = live.len() as u64 + u64::from(*left) == u64::from(*total);
            checks.that(&NO_PHANTOM_TICKET, counted || excused, [*touched], |words| {
                let (show, live) = (words.stream(show.stream()), live.len());
                format!(
                    "{show} has {total} places and {live} live tickets, but says {left} are left"
                )
            });
        }
    }
}

impl Places {
    fn of_show(&mut self, show: ShowId, event: &ShowEvent, checks: &mut Checks<'_, BoxOffice>) {
        let inventory = self.shows.entry(show).or_default();
        match event {
            ShowEvent::ShowCreated { total, .. } => {
                (inventory.total, inventory.left) = (*total, *total);
            }
            ShowEvent::CheckPassed { .. } => {}
            ShowEvent::PlaceTaken { ticket, left } => {
                inventory.left = *left;
                inventory.placed.insert(*ticket);
                inventory.check(show, checks);
            }
            ShowEvent::PlaceReturned { ticket, left } => {
                inventory.left = *left;
                inventory.placed.remove(ticket);
            }
        }
    }

    fn of_ticket(
        &mut self,
        ticket: TicketId,
        event: &TicketEvent,
        checks: &mut Checks<'_, BoxOffice>,
    ) {
        let show = event.show();
        let inventory = self.shows.entry(show).or_default();
        match event {
            TicketEvent::TicketReserved { .. } | TicketEvent::TicketConfirmed { .. } => {
                inventory.live.insert(ticket);
                inventory.check(show, checks);
            }
            TicketEvent::TicketCancelled { .. } => {
                inventory.live.remove(&ticket);
            }
            // Before the charge it is only a wish.
            TicketEvent::TicketRequested { .. } | TicketEvent::PaymentRequested { .. } => {}
        }
    }
}

impl Inventory {
    /// Whether there is a place for each ticket. A transaction may take a place before the ticket that it
    /// replaces gives it back; a ticket counts once.
    fn check(&mut self, show: ShowId, checks: &mut Checks<'_, BoxOffice>) {
        let before = std::mem::replace(&mut self.touched, checks.step());
        let most = u64::from(self.total);
        let more = self.live.iter().filter(|ticket| !self.placed.contains(ticket)).count();
        let sold = (self.placed.len() + more) as u64;
        checks.that(&NO_OVERSELL, sold <= most, [before, self.touched], |words| {
            says(words, show, sold, most)
        });
    }
}

fn says(words: Vocabulary<'_, BoxOffice>, show: ShowId, sold: u64, most: u64) -> String {
    format!(
        "{sold} tickets are sold or reserved for {}, which has {most}",
        words.stream(show.stream())
    )
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};
    use crate::domains::box_office::event::Reason;

    #[test]
    fn a_ticket_for_each_place_is_accepted_and_a_place_that_came_back_is_sold_again() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.cancelled(0, Reason::Expired);
        story.reserved(1);
        story.confirmed(1);
        assert_eq!(story.at_rest(&["no-oversell", "no-phantom-ticket"]), NOTHING);
    }

    #[test]
    fn a_second_ticket_for_one_place_is_rejected_whoever_counts_it() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.reserved(1);
        assert_eq!(story.violated(), ["no-oversell"]);
        let mut story = History::on_sale(1);
        story.confirmed(0);
        assert_eq!(story.violated(), NOTHING);
        story.confirmed(1);
        assert_eq!(story.violated(), ["no-oversell"], "without any place in the inventory");
    }

    #[test]
    fn a_ticket_without_a_place_and_a_place_without_a_ticket_are_rejected() {
        let only = &["no-phantom-ticket"];
        let mut story = History::on_sale(5);
        story.confirmed(0);
        assert_eq!(story.at_rest(only), ["no-phantom-ticket"]);
        let mut story = History::on_sale(5);
        story.reserved(0);
        story.cancelled_keeping_place(0);
        assert_eq!(story.at_rest(only), ["no-phantom-ticket"]);
    }

    #[test]
    fn a_count_that_was_written_back_by_two_is_rejected() {
        let mut story = History::on_sale(5);
        for ticket in [0, 1] {
            story.confirmed(ticket);
            story.placed(ticket, 4);
        }
        assert_eq!(story.at_rest(&["no-phantom-ticket"]), ["no-phantom-ticket"]);
    }
}

//! `rate-limit-holds`: no customer begins more purchases than the limit allows.

use crate::collections::SortedMap;

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::box_office::event::{Event, TicketEvent};
use crate::domains::box_office::ids::TicketId;
use crate::domains::box_office::setup::BoxOffice;
use crate::kernel::{Instant, Step};
use crate::model::{CustomerId, Fact, Record};

/// Nobody buys too fast.
pub static RATE_LIMIT_HOLDS: Property = Property {
    id: "rate-limit-holds",
    when: When::Always,
    says: "with a limit, no customer begins more purchases within its span than it allows, by the clocks \
           of the nodes that decided them",
};

/// Remembers when each customer began purchases.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    begun: SortedMap<CustomerId, Vec<(Instant, Step)>>,
}

impl Checker<BoxOffice> for Rates {
    const PROPERTIES: &'static [Property] = &[RATE_LIMIT_HOLDS];
    const FACTS: FactKinds = kinds!(Stored);

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        let Fact::Stored(stored) = &record.fact else { return };
        let Event::Ticket(TicketEvent::TicketReserved { .. } | TicketEvent::TicketRequested { .. }) =
            &stored.event
        else {
            return;
        };
        let office = checks.words.domain;
        let Some(limit) = office.setup().limit else { return };
        let ticket = TicketId(stored.stream.number);
        let (at, owner) = (stored.metadata.occurred_at, office.owner(ticket));
        let begun = self.begun.entry(owner).or_default();
        begun.push((at, record.step));
        // Only purchases before this one are within a span that ends with it.
        let recent = || begun.iter().filter(|(other, _)| at < *other + limit.per);
        let holds = recent().count() <= usize::from(limit.purchases);
        let because: Vec<Step> = recent().map(|(_, step)| *step).collect();
        checks.that(&RATE_LIMIT_HOLDS, holds, because.iter().copied(), |words| {
            let (who, count) = (words.names.customer(owner), because.len());
            format!("{who} began {count} purchases within {}, {ticket} being the last", limit.per)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};

    #[test]
    fn purchases_within_the_limit_are_accepted_and_one_more_is_rejected() {
        let mut story = History::with_limit(9);
        for ticket in [0, 1] {
            story.reserved(ticket);
        }
        story.waits(10);
        story.reserved(2);
        assert_eq!(story.violated(), NOTHING);
        story.reserved(3);
        story.reserved(4);
        assert_eq!(story.violated(), ["rate-limit-holds"]);
    }
}

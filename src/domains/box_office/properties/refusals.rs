//! `refused-with-cause`: a refusal says what was so.

use crate::check::{Asked, Checker, Checks, FactKinds, Phases, Property, When, kinds};
use crate::collections::SortedMap;
use crate::domains::box_office::command::{Command, Rejection};
use crate::domains::box_office::event::{Event, RoomEvent, ShowEvent};
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::domains::box_office::setup::BoxOffice;
use crate::domains::box_office::ticket::Status;
use crate::kernel::Step;
use crate::model::{CommandId, Fact, Record, StreamId};

/// What a sender is told was true.
pub static REFUSED_WITH_CAUSE: Property = Property {
    id: "refused-with-cause",
    when: When::Always,
    says: "a command is refused because a show is sold out, not on sale or on sale already, because of the \
           status of its ticket, or because it is not admitted, only if that was so at a moment between the \
           request and the refusal",
};

/// Follows shows, tickets and waiting rooms.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusals {
    shows: SortedMap<ShowId, Sale>,
    /// By number of the status.
    tickets: SortedMap<TicketId, Phases<4>>,
    /// The purchases that are admitted, and since when.
    admitted: SortedMap<TicketId, Step>,
    asked: Asked,
    /// The last occurrence that concerned a stream.
    touched: SortedMap<StreamId, Step>,
}

/// What is known of a show.
#[derive(Clone, Copy, Debug, Default)]
struct Sale {
    created: Option<Step>,
    left: u32,
    /// When a place came back after the show was sold out.
    freed: Option<Step>,
}

impl Checker<BoxOffice> for Refusals {
    const PROPERTIES: &'static [Property] = &[REFUSED_WITH_CAUSE];
    const FACTS: FactKinds = Asked::FACTS.or(kinds!(Stored Refused RefusedAgain));

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        self.asked.observe(record);
        match &record.fact {
            Fact::Stored(stored) => self.stored(stored.stream, &stored.event, record.step),
            Fact::Refused { command, body, rejection, .. } => {
                self.refused(*command, body, *rejection, checks);
            }
            _ => {}
        }
    }
}

impl Refusals {
    fn stored(&mut self, stream: StreamId, event: &Event, step: Step) {
        match event {
            Event::Show(event) => {
                self.shows.entry(ShowId::of(stream)).or_default().stored(event, step)
            }
            Event::Ticket(event) => {
                let phases = self.tickets.entry(TicketId(stream.number)).or_default();
                phases.begin(phase(Status::after(event)), step);
            }
            Event::Room(RoomEvent::Admitted { ticket, .. }) => {
                self.admitted.insert(*ticket, step);
            }
            Event::Room(RoomEvent::Left { ticket, .. }) => {
                self.admitted.remove(ticket);
            }
            Event::Room(RoomEvent::Joined { .. })
            | Event::Saga(_)
            | Event::Visitor(_)
            | Event::Watch(_) => return,
        }
        self.touched.insert(stream, step);
    }

    fn refused(
        &self,
        command: CommandId,
        body: &Command,
        rejection: Rejection,
        checks: &mut Checks<'_, BoxOffice>,
    ) {
        let Some(since) = self.asked.since(command) else { return };
        let (show, ticket) = body.concerns();
        let Some(holds) = self.justifies(rejection, show, ticket, since) else { return };
        let streams = show.map(ShowId::stream).into_iter().chain(ticket.map(TicketId::stream));
        let touched = streams.filter_map(|stream| self.touched.get(&stream).copied());
        checks.that(&REFUSED_WITH_CAUSE, holds, touched.chain([since]), |words| {
            let command = words.command(command);
            format!("{command} was refused because of \"{rejection}\", which was not so")
        });
    }

    /// Whether a refusal was justified at a moment since the request; `None` if other properties say so.
    fn justifies(
        &self,
        rejection: Rejection,
        show: Option<ShowId>,
        ticket: Option<TicketId>,
        since: Step,
    ) -> Option<bool> {
        let sale = show.and_then(|show| self.shows.get(&show).copied()).unwrap_or_default();
        let phases =
            ticket.and_then(|ticket| self.tickets.get(&ticket).copied()).unwrap_or_default();
        let was = |status| phases.was(phase(status), since);
        Some(match rejection {
            Rejection::SoldOut => sale.was_sold_out(since),
            Rejection::NoSuchShow => sale.created.is_none_or(|created| created >= since),
            Rejection::AlreadyCreated => sale.created.is_some(),
            Rejection::NoSuchTicket => phases.was_none(since),
            Rejection::NotReserved { status } => status != Status::Reserved && was(status),
            Rejection::ReservationOver => was(Status::Reserved),
            Rejection::NotPaying { status } => status != Status::Pending && was(status),
            Rejection::AlreadyConfirmed => was(Status::Confirmed),
            Rejection::AlreadyCancelled => phases.began(CANCELLED).is_some(),
            Rejection::NotAdmitted => {
                let admitted = ticket.and_then(|ticket| self.admitted.get(&ticket));
                admitted.is_none_or(|admitted| *admitted >= since)
            }
            Rejection::OtherPurchase
            | Rejection::NotOverdue
            | Rejection::LockLost
            | Rejection::TooManyPurchases
            | Rejection::NotOffered => return None,
        })
    }
}

impl Sale {
    fn stored(&mut self, event: &ShowEvent, step: Step) {
        match event {
            ShowEvent::ShowCreated { total, .. } => {
                (self.created, self.left) = (Some(step), *total)
            }
            ShowEvent::CheckPassed { .. } => {}
            ShowEvent::PlaceTaken { left, .. } | ShowEvent::PlaceReturned { left, .. } => {
                if self.left == 0 && *left > 0 {
                    self.freed = Some(step);
                }
                self.left = *left;
            }
        }
    }

    /// Whether no place was left at a moment from `since` on.
    fn was_sold_out(&self, since: Step) -> bool {
        let is_now = self.created.is_some() && self.left == 0;
        is_now || self.freed.is_some_and(|freed| freed >= since)
    }
}

/// The number of the status that a cancelled ticket has, whatever the reason.
const CANCELLED: usize = 3;

/// The number of a status, in order.
const fn phase(status: Status) -> usize {
    match status {
        Status::Reserved => 0,
        Status::Pending => 1,
        Status::Confirmed => 2,
        Status::Cancelled(_) => CANCELLED,
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};
    use super::*;
    use crate::domains::box_office::event::Reason;

    const BROKEN: [&str; 1] = ["refused-with-cause"];

    /// Whether a refusal of a command that is sent now is rejected.
    fn unjust(mut story: History, command: Command, rejection: Rejection) -> bool {
        story.asks(command.clone());
        story.refused(command, rejection);
        story.at_rest(&BROKEN) == BROKEN
    }

    #[test]
    fn a_show_is_sold_out_when_its_last_place_is_taken() {
        let mut story = History::on_sale(1);
        assert!(unjust(story.clone(), History::reserve(1), Rejection::SoldOut), "a place is left");
        story.reserved(0);
        assert!(!unjust(story.clone(), History::reserve(1), Rejection::SoldOut));
        story.cancelled(0, Reason::ByCustomer);
        assert!(unjust(story, History::reserve(1), Rejection::SoldOut), "it came back before");
    }

    #[test]
    fn a_place_that_came_back_since_the_request_justifies_a_refusal() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.asks(History::reserve(1));
        story.cancelled(0, Reason::ByCustomer);
        story.refused(History::reserve(1), Rejection::SoldOut);
        assert_eq!(story.at_rest(&BROKEN), NOTHING);
    }

    #[test]
    fn the_status_that_a_ticket_is_refused_for_was_its_status() {
        let pay = || Command::PayTicket { ticket: TicketId(0), card: Default::default() };
        let not = |status| Rejection::NotReserved { status };
        let mut story = History::on_sale(1);
        assert!(!unjust(story.clone(), pay(), Rejection::NoSuchTicket));
        story.reserved(0);
        assert!(unjust(story.clone(), pay(), Rejection::NoSuchTicket));
        assert!(unjust(story.clone(), pay(), not(Status::Reserved)));
        assert!(!unjust(story.clone(), pay(), Rejection::ReservationOver));
        story.payment_requested(0);
        assert!(!unjust(story.clone(), pay(), not(Status::Pending)));
        story.confirmed(0);
        assert!(!unjust(story.clone(), pay(), Rejection::AlreadyConfirmed));
        assert!(unjust(story.clone(), pay(), not(Status::Pending)), "it was before the request");
        assert!(unjust(story, pay(), Rejection::AlreadyCancelled));
    }

    #[test]
    fn a_show_that_is_on_sale_is_not_refused_as_missing() {
        let create = Command::CreateShow { show: ShowId(0) };
        let story = History::on_sale(1);
        assert!(unjust(story.clone(), History::reserve(0), Rejection::NoSuchShow));
        assert!(!unjust(story, create, Rejection::AlreadyCreated));
    }

    #[test]
    fn an_admitted_purchase_is_not_refused_as_not_admitted() {
        let mut story = History::with_room(1, 1);
        story.joined(0);
        assert!(!unjust(story.clone(), History::reserve(0), Rejection::NotAdmitted));
        story.admitted(0);
        assert!(unjust(story.clone(), History::reserve(0), Rejection::NotAdmitted));
        story.left(0);
        assert!(!unjust(story, History::reserve(0), Rejection::NotAdmitted));
    }
}

//! Visits of a customer to waiting rooms, as their client keeps them: it joins, asks for the place in line until
//! the purchase is admitted, and then begins it.
//!
//! The client polls, less and less often, or subscribes to the place in line. It gives up in the end.

use super::command::Command;
use super::customers::{Action, ClientState, Query, purchase};
use super::event::Card;
use super::ids::{ShowId, TicketId};
use super::setup::{BoxOffice, Status};
use super::views::{LineEntry, Row, Standing};
use crate::kernel::{Backoff, Span};
use crate::model::{Ask, CustomerId, Named};

/// The pause before the place in line is asked for again.
const POLL: Backoff = Backoff::doubling(Span::from_secs(1), 5);
/// After so many answers without an admission a customer who polls gives up.
const POLLS_MAX: u32 = 64;

/// How long a client that is subscribed waits for the admission: about as long as one that polls.
pub(super) const LONGEST_WAIT: Span = Span::from_secs(30 * 60);

/// What a customer wants of a show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    /// A ticket. `submits`: how often the client sends the purchase. `regret`: the customer cancels after some
    /// time. `guest`: whom it is for, if it is another customer.
    Buy { card: Card, submits: u8, regret: bool, guest: Named },
    /// A reservation, to be paid for later.
    Reserve { guest: Named },
    /// Nothing, once it is admitted: the place ends at its deadline.
    Nothing,
}

/// A visit that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Visit {
    ticket: TicketId,
    show: ShowId,
    wish: Wish,
    /// The number of the poll that is pending. Others do not count.
    poll: u32,
    /// Whether the client is subscribed to the place in line.
    subscribed: bool,
    /// Whether the client knows that it is admitted.
    admitted: bool,
}

/// The visits of one customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Visits(Vec<Visit>);

impl Visits {
    /// Joins the waiting room of a show.
    pub(super) fn join(&mut self, ticket: TicketId, show: ShowId, wish: Wish) -> Ask<BoxOffice> {
        self.0.push(Visit { ticket, show, wish, poll: 0, subscribed: false, admitted: false });
        Ask::Command(Command::JoinRoom { show, ticket })
    }

    /// Asks for the place in line, unless it has been asked for since.
    pub(super) fn poll(&self, ticket: TicketId, nth: u32) -> Option<Ask<BoxOffice>> {
        let is_due = |visit: &&Visit| visit.ticket == ticket && visit.poll == nth;
        let due = self.0.iter().find(is_due).filter(|visit| !visit.admitted);
        due.map(|_| Ask::Query(Query::Line(ticket)))
    }

    /// Waits, and asks for the place in line again; or subscribes to it.
    pub(super) fn wait(&mut self, office: &BoxOffice, ticket: TicketId) -> Vec<Ask<BoxOffice>> {
        let Some(visit) = self.get(ticket).filter(|visit| !visit.admitted) else {
            return Vec::new();
        };
        if visit.subscribed {
            return Vec::new();
        }
        if visit.poll == polls_max(office) {
            let leave = leave(visit.ticket, visit.show);
            self.end(ticket);
            return vec![leave];
        }
        let pause = POLL.delay(visit.poll);
        visit.poll += 1;
        if office.setup().status == Status::Pushed {
            visit.subscribed = true;
            return vec![Ask::Watch(Query::Line(ticket), LONGEST_WAIT)];
        }
        vec![Ask::Later(pause, Action::Poll { ticket, nth: visit.poll })]
    }

    /// The purchase is not in the line: joining did not take effect. If it is under way, joining again changes
    /// nothing.
    fn join_again(&mut self, office: &BoxOffice, ticket: TicketId) -> Vec<Ask<BoxOffice>> {
        let Some(visit) = self.get(ticket).copied() else { return Vec::new() };
        if !visit.subscribed && visit.poll == polls_max(office) {
            return self.wait(office, ticket);
        }
        vec![Ask::Command(Command::JoinRoom { show: visit.show, ticket })]
    }

    /// An answer got lost, and the client does not know to which request. All visits go on.
    pub(super) fn wait_all(&mut self, office: &BoxOffice) -> Vec<Ask<BoxOffice>> {
        let tickets: Vec<TicketId> = self.0.iter().map(|visit| visit.ticket).collect();
        tickets.into_iter().flat_map(|ticket| self.wait(office, ticket)).collect()
    }

    /// Reads the place in line. A customer who is admitted begins after a while.
    pub(super) fn look(
        &mut self,
        office: &BoxOffice,
        ticket: TicketId,
        row: Option<&Row>,
    ) -> Vec<Ask<BoxOffice>> {
        let entry = |list: &[LineEntry]| list.iter().find(|entry| entry.ticket == ticket).copied();
        let standing = match row {
            Some(Row::Line(line)) => entry(line.entries()).map(|entry| entry.standing),
            Some(Row::Page(_) | Row::Show(_) | Row::Tickets(_) | Row::Sales(_) | Row::Past(_))
            | None => None,
        };
        let Some(visit) = self.get(ticket).filter(|visit| !visit.admitted) else {
            return Vec::new();
        };
        match standing {
            Some(Standing::Admitted { .. }) if visit.wish == Wish::Nothing => self.end(ticket),
            Some(Standing::Admitted { .. }) => {
                visit.admitted = true;
                return vec![Ask::Later(office.setup().think, Action::Enter(ticket))];
            }
            Some(Standing::Left(_)) => self.end(ticket),
            Some(Standing::Waiting { .. }) => return self.wait(office, ticket),
            None => return self.join_again(office, ticket),
        }
        Vec::new()
    }

    /// The subscription to the place in line has ended.
    pub(super) fn unsubscribed(&mut self, ticket: TicketId) {
        if let Some(visit) = self.get(ticket) {
            visit.subscribed = false;
        }
    }

    /// Whether a subscriber waits to be admitted.
    pub(super) fn is_waiting(&self, ticket: TicketId) -> bool {
        let visit = self.0.iter().find(|visit| visit.ticket == ticket);
        visit.is_some_and(|visit| visit.subscribed && !visit.admitted)
    }

    /// The visit is over.
    pub(super) fn end(&mut self, ticket: TicketId) {
        self.0.retain(|visit| visit.ticket != ticket);
    }

    fn get(&mut self, ticket: TicketId) -> Option<&mut Visit> {
        self.0.iter_mut().find(|visit| visit.ticket == ticket)
    }
}

/// After so many answers, or subscriptions, without an admission the customer gives up.
fn polls_max(office: &BoxOffice) -> u32 {
    match office.setup().status {
        Status::Polled => POLLS_MAX,
        Status::Pushed => 1,
    }
}

/// An admitted customer begins the purchase.
pub(super) fn enter(
    who: CustomerId,
    memory: &mut ClientState,
    ticket: TicketId,
) -> Vec<Ask<BoxOffice>> {
    let Some(Visit { show, wish, .. }) = memory.visits.get(ticket).copied() else {
        return Vec::new();
    };
    memory.visits.end(ticket);
    purchase(who, memory, (ticket, show), wish)
}

/// Gives up a place, in the waiting room or in the line.
pub(super) const fn leave(ticket: TicketId, show: ShowId) -> Ask<BoxOffice> {
    Ask::Command(Command::LeaveRoom { show, ticket })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::box_office::event::Way;
    use crate::domains::box_office::setup::Setup;
    use crate::domains::box_office::views::PlaceInLine;
    use crate::kernel::Instant;
    use crate::model::Version;

    const TICKET: TicketId = TicketId(0);
    const SHOW: ShowId = ShowId(0);
    const BUY: Wish = Wish::Buy { card: Card::Good, submits: 1, regret: false, guest: Named::NONE };

    fn office() -> BoxOffice {
        BoxOffice::new(Setup::default()).expect("a box office")
    }

    fn row(standing: Standing) -> Row {
        let entry = LineEntry { ticket: TICKET, show: SHOW, version: Version(1), standing };
        Row::Line(PlaceInLine::of(vec![entry]))
    }

    fn joined(wish: Wish) -> ClientState {
        let mut memory = ClientState::default();
        let join = memory.visits.join(TICKET, SHOW, wish);
        assert_eq!(join, Ask::Command(Command::JoinRoom { show: SHOW, ticket: TICKET }));
        memory
    }

    fn look(memory: &mut ClientState, standing: Standing) -> Vec<Ask<BoxOffice>> {
        memory.visits.look(&office(), TICKET, Some(&row(standing)))
    }

    fn pause(nth: u32, secs: u64) -> Vec<Ask<BoxOffice>> {
        vec![Ask::Later(Span::from_secs(secs), Action::Poll { ticket: TICKET, nth })]
    }

    #[test]
    fn a_client_polls_until_it_is_admitted_and_then_buys() {
        let mut memory = joined(BUY);
        assert_eq!(memory.visits.wait(&office(), TICKET), pause(1, 1));
        assert_eq!(memory.visits.poll(TICKET, 1), Some(Ask::Query(Query::Line(TICKET))));
        assert_eq!(look(&mut memory, Standing::Waiting { ahead: 3 }), pause(2, 2));
        assert_eq!(memory.visits.poll(TICKET, 1), None, "a later poll is pending");
        let until = Instant::ZERO + Span::from_secs(60);
        let enter = vec![Ask::Later(office().setup().think, Action::Enter(TICKET))];
        assert_eq!(look(&mut memory, Standing::Admitted { until }), enter);
        assert_eq!(look(&mut memory, Standing::Admitted { until }), [], "it knows");
        let asks = super::enter(CustomerId(0), &mut memory, TICKET);
        assert!(matches!(asks[..], [Ask::Command(Command::BuyTicket { .. })]), "{asks:?}");
        assert_eq!(memory.visits, Visits::default());
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_and_a_place_that_is_over_is_not() {
        let mut memory = joined(BUY);
        memory.visits.wait(&office(), TICKET);
        assert_eq!(memory.visits.wait_all(&office()), pause(2, 2));
        assert_eq!(look(&mut memory, Standing::Left(Way::Overdue)), []);
        assert_eq!(memory.visits.wait_all(&office()), []);
    }

    #[test]
    fn a_client_that_does_not_find_its_purchase_in_the_line_joins_again() {
        let mut memory = joined(BUY);
        memory.visits.wait(&office(), TICKET);
        let join = Ask::Command(Command::JoinRoom { show: SHOW, ticket: TICKET });
        assert_eq!(memory.visits.look(&office(), TICKET, None), [join]);
        assert_eq!(memory.visits.wait(&office(), TICKET), pause(2, 2));
    }

    #[test]
    fn a_customer_does_not_wait_for_ever() {
        let mut memory = joined(Wish::Nothing);
        for nth in 1..=POLLS_MAX {
            let asks = memory.visits.wait(&office(), TICKET);
            assert!(matches!(asks[..], [Ask::Later(..)]), "{nth}: {asks:?}");
        }
        assert_eq!(memory.visits.wait(&office(), TICKET), [leave(TICKET, SHOW)]);
        assert_eq!(memory.visits.wait(&office(), TICKET), []);
    }

    #[test]
    fn a_client_that_is_told_by_a_push_subscribes_once_and_gives_up_when_that_is_over() {
        let office = BoxOffice::new(Setup { status: Status::Pushed, ..Setup::default() });
        let office = office.expect("a box office");
        let mut memory = joined(BUY);
        let watch = [Ask::Watch(Query::Line(TICKET), LONGEST_WAIT)];
        assert_eq!(memory.visits.wait(&office, TICKET), watch);
        assert!(memory.visits.is_waiting(TICKET));
        let waiting = row(Standing::Waiting { ahead: 3 });
        assert_eq!(memory.visits.look(&office, TICKET, Some(&waiting)), []);
        let join = Ask::Command(Command::JoinRoom { show: SHOW, ticket: TICKET });
        assert_eq!(memory.visits.look(&office, TICKET, None), [join]);
        memory.visits.unsubscribed(TICKET);
        assert_eq!(memory.visits.wait(&office, TICKET), [leave(TICKET, SHOW)]);
        assert!(!memory.visits.is_waiting(TICKET));
    }
}

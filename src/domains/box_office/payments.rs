//! Payments that a customer waits for, as their client keeps them: it subscribes to the customer's tickets until each
//! of them is paid for or cancelled.

use super::customers::Query;
use super::ids::TicketId;
use super::setup::{BoxOffice, Status as Told};
use super::ticket::Status;
use super::views::Row;
use crate::kernel::Span;
use crate::model::Ask;

/// How long a customer waits for a payment.
pub(super) const LONGEST_WAIT: Span = Span::from_secs(10 * 60);

/// The payments of one customer that are under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Payments {
    awaited: Vec<TicketId>,
    is_subscribed: bool,
}

impl Payments {
    /// A ticket is being paid for. Where customers are not told by a push, they look when they want to.
    pub(super) fn wait_for(
        &mut self,
        office: &BoxOffice,
        ticket: TicketId,
    ) -> Option<Ask<BoxOffice>> {
        if office.setup().status == Told::Polled {
            return None;
        }
        if !self.awaited.contains(&ticket) {
            self.awaited.push(ticket);
        }
        let is_new = !std::mem::replace(&mut self.is_subscribed, true);
        is_new.then_some(Ask::Watch(Query::MyTickets, LONGEST_WAIT))
    }

    /// The customer sees their tickets.
    pub(super) fn look(&mut self, row: Option<&Row>) {
        let Some(Row::Tickets(tickets)) = row else { return };
        for line in tickets.lines() {
            match line.status {
                Status::Confirmed | Status::Cancelled(_) => {
                    self.awaited.retain(|ticket| *ticket != line.ticket);
                }
                Status::Reserved | Status::Pending => {}
            }
        }
        self.is_subscribed &= self.is_awaited();
    }

    /// Whether any payment is waited for.
    pub(super) const fn is_awaited(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// The subscription has ended before the payments have.
    pub(super) fn give_up(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::box_office::setup::Setup;
    use crate::domains::box_office::views::TicketList;

    #[test]
    fn a_client_subscribes_once_until_all_payments_are_over() {
        let office = BoxOffice::new(Setup { status: Told::Pushed, ..Setup::default() });
        let office = office.expect("a box office");
        let mut payments = Payments::default();
        let watch = Ask::Watch(Query::MyTickets, LONGEST_WAIT);
        assert_eq!(payments.wait_for(&office, TicketId(1)), Some(watch.clone()));
        assert_eq!(payments.wait_for(&office, TicketId(2)), None, "it is subscribed");
        payments.look(Some(&tickets(&[1])));
        assert!(payments.is_awaited());
        payments.look(Some(&tickets(&[1, 2])));
        assert!(!payments.is_awaited());
        assert_eq!(payments.wait_for(&office, TicketId(3)), Some(watch));
    }

    #[test]
    fn a_client_that_polls_does_not_subscribe() {
        let office = BoxOffice::new(Setup::default()).expect("a box office");
        let mut payments = Payments::default();
        assert_eq!(payments.wait_for(&office, TicketId(1)), None);
        assert!(!payments.is_awaited());
    }

    /// Confirmed tickets.
    fn tickets(numbers: &[u32]) -> Row {
        Row::Tickets(TicketList::confirmed(numbers))
    }
}

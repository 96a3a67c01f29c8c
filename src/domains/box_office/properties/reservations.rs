//! `reservation-expires`: a reservation lasts until its deadline, and no longer.

use crate::collections::SortedMap;

use super::handed_over;
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::box_office::event::{Event, Reason, TicketEvent};
use crate::domains::box_office::ids::TicketId;
use crate::domains::box_office::setup::BoxOffice;
use crate::kernel::{CLOCK_AHEAD, Instant, Span, Step};
use crate::model::{Fact, Record, Rest};

/// A reservation ends at its deadline.
pub static RESERVATION_EXPIRES: Property = Property {
    id: "reservation-expires",
    when: When::AlwaysAndAtRest,
    says: "a reservation expires only if it is not being paid for, and not before its deadline by more \
           than a clock was ahead; at rest none is left that is neither paid for nor expired after its \
           deadline, unless the case was handed to an operator",
};

/// Follows each reservation.
#[derive(Clone, Debug, Default)]
pub(super) struct Reservations {
    tickets: SortedMap<TicketId, Reserved>,
    /// How far any clock was ahead at most.
    ahead: Span,
}

/// A ticket that was reserved.
#[derive(Clone, Copy, Debug)]
struct Reserved {
    until: Instant,
    /// Whether the customer pays.
    paying: bool,
    /// Whether it is confirmed or cancelled.
    over: bool,
    handed: bool,
    since: Step,
}

impl Checker<BoxOffice> for Reservations {
    const PROPERTIES: &'static [Property] = &[RESERVATION_EXPIRES];
    const FACTS: FactKinds = kinds!(Fault Stored);

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        match &record.fact {
            Fact::Fault(fired) if *fired.fault == CLOCK_AHEAD => {
                self.ahead = self.ahead.max(Span::from_micros(fired.size));
            }
            Fact::Stored(stored) => {
                if let Some((ticket, handed)) = handed_over(stored)
                    && let Some(reserved) = self.tickets.get_mut(&ticket)
                {
                    reserved.handed = handed;
                }
                if let Event::Ticket(event) = &stored.event {
                    self.stored(TicketId(stored.stream.number), event, record.at, checks);
                }
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        for (ticket, reserved) in &self.tickets {
            let Reserved { until, paying, over, handed, since } = *reserved;
            let holds = over || handed || (!paying && rest.at < until);
            checks.that(&RESERVATION_EXPIRES, holds, [since], |_| match paying {
                true => format!("nothing is left that could end the payment for {ticket}"),
                false => format!("{ticket} was reserved until {until} and has not expired"),
            });
        }
    }
}

impl Reservations {
    fn stored(
        &mut self,
        ticket: TicketId,
        event: &TicketEvent,
        at: Instant,
        checks: &mut Checks<'_, BoxOffice>,
    ) {
        let step = checks.step();
        if let TicketEvent::TicketReserved { until, .. } = event {
            let reserved =
                Reserved { until: *until, paying: false, over: false, handed: false, since: step };
            self.tickets.insert(ticket, reserved);
            return;
        }
        let Some(reserved) = self.tickets.get_mut(&ticket) else { return };
        match event {
            TicketEvent::PaymentRequested { .. } => reserved.paying = true,
            TicketEvent::TicketCancelled { reason: Reason::Expired, .. } => {
                let Reserved { until, paying, since, .. } = *reserved;
                let holds = !paying && at + self.ahead >= until;
                checks.that(&RESERVATION_EXPIRES, holds, [since, step], |_| match paying {
                    true => format!("{ticket} expires although it is being paid for"),
                    false => format!("{ticket} expires at {at}, before its deadline {until}"),
                });
                reserved.over = true;
            }
            TicketEvent::TicketConfirmed { .. } | TicketEvent::TicketCancelled { .. } => {
                reserved.over = true;
            }
            TicketEvent::TicketReserved { .. } | TicketEvent::TicketRequested { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};
    use crate::domains::box_office::event::Reason;

    const BROKEN: [&str; 1] = ["reservation-expires"];

    #[test]
    fn a_reservation_that_expires_at_its_deadline_is_accepted() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.waits(600);
        story.cancelled(0, Reason::Expired);
        assert_eq!(story.at_rest(&BROKEN), NOTHING);
    }

    #[test]
    fn a_reservation_that_expires_early_or_during_the_payment_is_rejected() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.waits(599);
        story.cancelled(0, Reason::Expired);
        assert_eq!(story.violated(), BROKEN);
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.payment_requested(0);
        story.waits(600);
        story.cancelled(0, Reason::Expired);
        assert_eq!(story.violated(), BROKEN);
    }

    #[test]
    fn a_reservation_that_is_left_is_rejected_after_its_deadline_unless_an_operator_has_it() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        assert_eq!(story.at_rest(&BROKEN), NOTHING, "it may still be paid for");
        story.waits(601);
        assert_eq!(story.at_rest(&BROKEN), BROKEN);
        story.handed_over(0);
        assert_eq!(story.at_rest(&BROKEN), NOTHING);
    }
}

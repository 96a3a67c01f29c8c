//! `charged-once-per-ticket` and `payments-reconcile`: the provider's money and the tickets.
//!
//! Money is counted from the lines of the provider's ledger, tickets from stored events. This is what the
//! query over payments and tickets of a box office in one database would show.

use crate::collections::SortedMap;

use super::handed_over;
use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::box_office::event::{Event, TicketEvent};
use crate::domains::box_office::ids::{ShowId, TicketId};
use crate::domains::box_office::outside::Entry;
use crate::domains::box_office::outside::provider::ChargeEntry;
use crate::domains::box_office::setup::BoxOffice;
use crate::domains::box_office::views::{Row, SALES_REPORT};
use crate::domains::money::Money;
use crate::kernel::Step;
use crate::model::{Fact, Record, Rest};

/// No customer pays twice for a ticket.
pub static CHARGED_ONCE_PER_TICKET: Property = Property {
    id: "charged-once-per-ticket",
    when: When::Always,
    says: "for each ticket the provider takes the price at most once, nothing else, and gives back no more",
};

/// Payments, tickets and the report agree.
pub static PAYMENTS_RECONCILE: Property = Property {
    id: "payments-reconcile",
    when: When::AtRest,
    says: "at rest the provider has kept the price of each ticket that is confirmed, and nothing of any \
           other, unless the case was handed to an operator; SalesReport says how many tickets of a show \
           are confirmed and the sum of their prices",
};

/// Follows the money of each ticket.
#[derive(Clone, Debug, Default)]
pub(super) struct Accounts {
    tickets: SortedMap<TicketId, Account>,
}

/// The money of one ticket, in minor units.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    show: ShowId,
    price: i64,
    /// What the provider has taken, and what it has given back.
    taken: i64,
    refunded: i64,
    confirmed: bool,
    handed: bool,
    /// The last occurrence that concerned it.
    touched: Step,
}

impl Checker<BoxOffice> for Accounts {
    const PROPERTIES: &'static [Property] = &[CHARGED_ONCE_PER_TICKET, PAYMENTS_RECONCILE];
    const FACTS: FactKinds = kinds!(Stored Entered);

    fn observe(&mut self, record: &Record<BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        match &record.fact {
            Fact::Stored(stored) => {
                if let Some((ticket, handed)) = handed_over(stored) {
                    self.account(ticket).handed = handed;
                }
                if let Event::Ticket(event) = &stored.event {
                    let account = self.account(TicketId(stored.stream.number));
                    account.touched = record.step;
                    account.stored(event);
                }
            }
            Fact::Entered { entry: Entry::Charge(entry), .. } => self.entered(entry, checks),
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, BoxOffice>, checks: &mut Checks<'_, BoxOffice>) {
        let money = |minor| Money::new(minor, rest.domain.currency());
        for (ticket, account) in &self.tickets {
            let kept = account.taken - account.refunded;
            let owed = if account.confirmed { account.price } else { 0 };
            let holds = kept == owed || account.handed;
            checks.that(&PAYMENTS_RECONCILE, holds, [account.touched], |_| {
                let (kept, owed) = (money(kept), money(owed));
                format!("the provider has kept {kept} for {ticket}, but should have kept {owed}")
            });
        }
        let reports = rest.rows.get(usize::from(SALES_REPORT.0)).into_iter().flatten();
        for (show, row) in (0..).map(ShowId).zip(reports) {
            let Some(Row::Sales(list)) = row.as_deref() else { continue };
            let sold = || self.tickets.values().filter(|it| it.show == show && it.confirmed);
            let counted = (sold().count(), sold().map(|it| it.price).sum());
            let last = sold().map(|account| account.touched).max();
            checks.that(&PAYMENTS_RECONCILE, list.sales() == counted, last, |words| {
                let ((said, revenue), (count, sum)) = (list.sales(), counted);
                let (revenue, sum) = (money(revenue), money(sum));
                let show = words.stream(show.stream());
                format!("SalesReport has {said} tickets of {show} for {revenue}, but {count} for {sum} are confirmed")
            });
        }
    }
}

impl Account {
    fn stored(&mut self, event: &TicketEvent) {
        match event {
            TicketEvent::TicketReserved { show, price, .. }
            | TicketEvent::TicketRequested { show, price, .. } => {
                (self.show, self.price) = (*show, price.minor);
            }
            TicketEvent::PaymentRequested { .. } => {}
            TicketEvent::TicketConfirmed { .. } => self.confirmed = true,
            TicketEvent::TicketCancelled { .. } => self.confirmed = false,
        }
    }
}

impl Accounts {
    fn account(&mut self, ticket: TicketId) -> &mut Account {
        self.tickets.entry(ticket).or_default()
    }

    fn entered(&mut self, entry: &ChargeEntry, checks: &mut Checks<'_, BoxOffice>) {
        let ChargeEntry { ticket, amount } = *entry;
        let step = checks.step();
        let account = self.account(ticket);
        match amount.minor {
            1.. => account.taken += amount.minor,
            _ => account.refunded -= amount.minor,
        }
        let Account { price, taken, refunded, .. } = *account;
        let before = std::mem::replace(&mut account.touched, step);
        let holds = (taken == price || taken == 0) && refunded <= taken;
        checks.that(&CHARGED_ONCE_PER_TICKET, holds, [before, step], |words| {
            let money = |minor| Money::new(minor, words.domain.currency());
            let (price, taken, refunded) = (money(price), money(taken), money(refunded));
            format!("{ticket} costs {price}, but {taken} were taken and {refunded} given back")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, NOTHING};
    use crate::domains::box_office::event::Reason;
    use crate::domains::box_office::ids::TicketId;
    use crate::domains::box_office::outside::provider::Key;

    const BOTH: [&str; 2] = ["charged-once-per-ticket", "payments-reconcile"];
    const KEY: Option<Key> = Some(Key::Ticket(TicketId(0)));

    #[test]
    fn one_charge_for_a_confirmed_ticket_and_none_for_a_cancelled_one_are_accepted() {
        let mut story = History::on_sale(2);
        story.reserved(0);
        story.charged(0, KEY);
        story.charged(0, KEY);
        story.confirmed(0);
        story.reserved(1);
        story.cancelled(1, Reason::ByCustomer);
        assert_eq!(story.at_rest(&BOTH), NOTHING);
    }

    #[test]
    fn a_second_charge_is_rejected() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.charged(0, None);
        assert_eq!(story.violated(), NOTHING);
        story.charged(0, None);
        assert_eq!(story.violated(), ["charged-once-per-ticket"]);
    }

    #[test]
    fn money_without_a_ticket_and_a_ticket_without_money_are_rejected() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.charged(0, KEY);
        story.cancelled(0, Reason::ByCustomer);
        assert_eq!(story.at_rest(&BOTH), ["payments-reconcile"]);
        story.reversed(0);
        assert_eq!(story.at_rest(&BOTH), NOTHING);
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.confirmed(0);
        assert_eq!(story.at_rest(&BOTH), ["payments-reconcile"]);
    }

    #[test]
    fn a_report_that_lacks_a_sale_is_rejected() {
        let mut story = History::on_sale(1);
        story.reserved(0);
        story.charged(0, KEY);
        story.report();
        assert_eq!(
            story.at_rest(&BOTH),
            ["payments-reconcile"],
            "the provider has the money already"
        );
        story.confirmed(0);
        assert_eq!(story.at_rest(&BOTH), ["payments-reconcile"], "the report has not seen it");
        story.report();
        assert_eq!(story.at_rest(&BOTH), NOTHING);
    }
}

//! `transfer-settled`: no bank transfer is lost.
//!
//! The money is on the shop's account before anybody records it, so that the platform cannot refuse it.
//! What is paid by card is checked by `cancel-refunds`.

use crate::collections::SortedMap;

use crate::check::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::domains::money::Money;
use crate::domains::orders::command::{Command, Rejection};
use crate::domains::orders::event::{Event, Method, OrderEvent};
use crate::domains::orders::ids::OrderId;
use crate::domains::orders::saga_event::{SagaEvent, Trouble};
use crate::domains::orders::setup::Orders;
use crate::kernel::Step;
use crate::model::{CommandId, CommandOutcome, Fact, Record, RequestId, Rest};

/// Each transfer pays for an order or is returned.
pub static TRANSFER_SETTLED: Property = Property {
    id: "transfer-settled",
    when: When::AtRest,
    says: "at rest, each bank transfer of the right amount has paid for an order that is not cancelled, \
           or is on an operator's list; none was refused because of the order's status",
};

/// Counts the transfers to each order.
#[derive(Clone, Debug, Default)]
pub(super) struct Transfers {
    /// Those that were sent to the platform and not answered yet.
    sent: SortedMap<RequestId, (OrderId, Money)>,
    orders: SortedMap<OrderId, Account>,
}

/// The transfers to one order; amounts in minor units.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    /// What paid for the order.
    paid: i64,
    /// What did not, and is not on an operator's list.
    loose: i64,
    /// What was refused because of the order's status.
    refused: i64,
    /// Whether an operator has the case of the order.
    handed: bool,
    /// The last occurrence that concerned a transfer.
    touched: Step,
}

impl Checker<Orders> for Transfers {
    const PROPERTIES: &'static [Property] = &[TRANSFER_SETTLED];
    const FACTS: FactKinds = kinds!(Commanded Concluded Stored);

    fn observe(&mut self, record: &Record<Orders>, checks: &mut Checks<'_, Orders>) {
        match &record.fact {
            Fact::Commanded {
                request,
                command: Command::ReceivePayment { order, amount, .. },
                ..
            } => {
                self.sent.insert(*request, (*order, *amount));
            }
            Fact::Concluded { command: CommandId::Request(request), verdict } => {
                self.concluded(*request, verdict, checks.step());
            }
            Fact::Stored(stored) => {
                let order = OrderId(stored.stream.number);
                match &stored.event {
                    Event::Order(event) => self.stored(order, event, checks.step()),
                    Event::Saga(event) => self.saga(order, event),
                }
            }
            _ => {}
        }
    }

    fn at_rest(&mut self, rest: &Rest<'_, Orders>, checks: &mut Checks<'_, Orders>) {
        let money = |minor| Money::new(minor, rest.domain.currency());
        for (order, account) in &self.orders {
            let Account { loose, refused, handed, touched, .. } = *account;
            checks.that(&TRANSFER_SETTLED, refused == 0, [touched], |_| {
                format!("a transfer of {} for {order} was refused and is lost", money(refused))
            });
            checks.that(&TRANSFER_SETTLED, loose == 0 || handed, [touched], |_| {
                let loose = money(loose);
                format!(
                    "{loose} were transferred for {order}, but pay for nothing and are on no list"
                )
            });
        }
    }
}

impl Transfers {
    fn account(&mut self, order: OrderId, step: Step) -> &mut Account {
        let account = self.orders.entry(order).or_default();
        account.touched = step;
        account
    }

    /// A transfer of a wrong amount, or for no order, is no payment for an order: whoever records it is
    /// told so and keeps it.
    fn concluded(&mut self, request: RequestId, verdict: &CommandOutcome<Orders>, step: Step) {
        let Some((order, amount)) = self.sent.remove(&request) else { return };
        match verdict {
            CommandOutcome::Refused(Rejection::AmountMismatch { .. } | Rejection::NoSuchOrder)
            | CommandOutcome::Accepted(_)
            | CommandOutcome::Unknown => {}
            CommandOutcome::Refused(_) => self.account(order, step).refused += amount.minor,
        }
    }

    fn stored(&mut self, order: OrderId, event: &OrderEvent, step: Step) {
        match event {
            OrderEvent::PaymentReceived { amount, method: Method::BankTransfer, .. } => {
                self.account(order, step).paid += amount.minor;
            }
            OrderEvent::SurplusReceived { amount, .. } => {
                self.account(order, step).loose += amount.minor;
            }
            OrderEvent::OrderCancelled { .. } => {
                let account = self.account(order, step);
                account.loose += std::mem::take(&mut account.paid);
            }
            OrderEvent::PaymentReceived { method: Method::CreditCard, .. }
            | OrderEvent::OrderPlaced { .. }
            | OrderEvent::PaymentRequested { .. }
            | OrderEvent::OrderShipped { .. } => {}
        }
    }

    fn saga(&mut self, order: OrderId, event: &SagaEvent) {
        let Some(account) = self.orders.get_mut(&order) else { return };
        match event {
            SagaEvent::HandedToHuman { trouble } => {
                account.handed = true;
                if *trouble == Trouble::TransferToReturn {
                    account.loose = 0;
                }
            }
            SagaEvent::SagaResumed | SagaEvent::SagaCompleted | SagaEvent::SagaCompensated => {
                account.handed = false;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE, request, usd};
    use super::*;
    use crate::domains::orders::event::Bringer;
    use crate::domains::orders::order::Status;

    const NOTHING: [&str; 0] = [];
    const LOST: [&str; 1] = ["transfer-settled"];

    /// The saga hands the transfers over because of the nth request.
    fn hand_over(story: &mut History, nth: u32) {
        let trouble = Trouble::TransferToReturn;
        story.saga(SagaEvent::HandedToHuman { trouble }, request(nth));
    }

    #[test]
    fn a_transfer_that_pays_for_an_order_is_accepted() {
        let mut story = History::placed();
        story.received(PRICE, Method::BankTransfer);
        story.shipped(Bringer::Van);
        assert_eq!(story.at_rest(), NOTHING);
    }

    #[test]
    fn a_transfer_for_a_cancelled_order_is_accepted_if_an_operator_has_it() {
        let mut story = History::placed();
        story.cancelled(0);
        story.surplus(PRICE, Status::Cancelled);
        assert_eq!(story.at_rest(), LOST, "nobody knows of it yet");
        hand_over(&mut story, 3);
        assert_eq!(story.at_rest(), NOTHING);
        story.surplus(PRICE, Status::Cancelled);
        story.saga(SagaEvent::SagaCompensated, request(5));
        assert_eq!(story.at_rest(), LOST, "the second one is not on the list");
    }

    #[test]
    fn a_transfer_for_an_order_that_is_cancelled_later_must_be_returned() {
        let mut story = History::placed();
        story.received(PRICE, Method::BankTransfer);
        story.cancelled(PRICE);
        assert_eq!(story.at_rest(), LOST);
        hand_over(&mut story, 3);
        assert_eq!(story.at_rest(), NOTHING);
    }

    #[test]
    fn a_transfer_that_is_refused_because_of_the_status_is_rejected_and_a_wrong_amount_is_not() {
        let status = Status::Cancelled;
        let mut story = History::placed();
        story.cancelled(0);
        story.transfer_refused(Rejection::AmountMismatch { total: usd(PRICE) });
        assert_eq!(story.at_rest(), NOTHING);
        story.transfer_refused(Rejection::NotPending { status });
        assert_eq!(story.at_rest(), LOST);
    }
}

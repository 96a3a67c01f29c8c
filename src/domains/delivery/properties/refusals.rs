//! `refused-with-cause`: a refusal says what was so.

use super::{price_of, refund_at};
use crate::check::{Archive, Asked, Checker, Checks, FactKinds, Phases, Property, When, kinds};
use crate::domains::delivery::command::{Command, Rejection};
use crate::domains::delivery::event::{Event, OrderEvent};
use crate::domains::delivery::ids::{CourierId, OrderId};
use crate::domains::delivery::order::Status;
use crate::domains::delivery::setup::Delivery;
use crate::kernel::Step;
use crate::model::{CommandId, CustomerId, Fact, Record};

/// What a sender is told was true.
pub static REFUSED_WITH_CAUSE: Property = Property {
    id: "refused-with-cause",
    when: When::Always,
    says: "a command is refused because of the stage, the customer, the payment, the refund or the courier \
           of its order only if that was so at a moment between the request and the refusal",
};

/// Follows the open commands. The course of an order is looked up among the visible events.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusals {
    asked: Asked,
}

/// The course of one order.
#[derive(Clone, Copy, Debug, Default)]
struct Course {
    /// By number of the stage.
    phases: Phases<7>,
    customer: Option<CustomerId>,
    /// The price, in minor units.
    price: i64,
    paid: Option<Step>,
    /// The courier, and the last occurrence in which there was another one.
    courier: Option<CourierId>,
    assigned: Step,
    touched: Step,
}

impl Checker<Delivery> for Refusals {
    const PROPERTIES: &'static [Property] = &[REFUSED_WITH_CAUSE];
    const FACTS: FactKinds = Asked::FACTS.or(kinds!(Refused RefusedAgain));

    fn observe(&mut self, record: &Record<Delivery>, checks: &mut Checks<'_, Delivery>) {
        self.asked.observe(record);
        if let Fact::Refused { command, body, rejection, .. } = &record.fact {
            self.refused(*command, body, rejection, checks);
        }
    }
}

impl Course {
    fn of(order: OrderId, archive: &Archive<Delivery>) -> Self {
        let mut course = Self::default();
        for stored in archive.events(order.stream()).iter() {
            if let Event::Order(event) = &stored.event {
                course.stored(event, archive.step(stored.position));
            }
        }
        course
    }

    fn stored(&mut self, event: &OrderEvent, step: Step) {
        self.touched = step;
        let stage = match event {
            OrderEvent::OrderCreated { customer, items, .. } => {
                (self.customer, self.price) = (Some(*customer), price_of(items));
                Status::Created
            }
            OrderEvent::OrderConfirmed { .. } => Status::Confirmed,
            OrderEvent::OrderPreparing { .. } => Status::Preparing,
            OrderEvent::OrderReady { .. } => Status::Ready,
            OrderEvent::OrderOutForDelivery { .. } => Status::OutForDelivery,
            OrderEvent::OrderDelivered { .. } => Status::Delivered,
            OrderEvent::OrderCancelled { .. } => Status::Cancelled,
            OrderEvent::OrderPaid { .. } => {
                self.paid = Some(step);
                return;
            }
            OrderEvent::CourierAssigned { courier, .. } => {
                (self.courier, self.assigned) = (Some(*courier), step);
                return;
            }
            OrderEvent::DropOffChanged { .. } | OrderEvent::CourierMoved { .. } => return,
        };
        self.phases.begin(stage as usize, step);
    }

    /// Whether a refusal was justified at a moment since the request.
    fn justifies(
        &self,
        delivery: &Delivery,
        rejection: &Rejection,
        body: &Command,
        since: Step,
    ) -> bool {
        let was = |status: Status| self.phases.was(status as usize, since);
        let refund = |status| refund_at(delivery, self.price, status);
        match (rejection, body) {
            (Rejection::AlreadyCreated, Command::CreateOrder { .. }) => {
                self.phases.began(Status::Created as usize).is_some()
            }
            (Rejection::NoSuchOrder, _) => self.phases.was_none(since),
            (
                Rejection::NotTheOwner,
                Command::CancelOrder { by, .. } | Command::ChangeDropOff { by, .. },
            ) => self.customer.is_some_and(|customer| customer != *by),
            (Rejection::AlreadyPaid, Command::PayOrder { .. }) => self.paid.is_some(),
            (Rejection::NotPaid, Command::ConfirmOrder { .. }) => {
                self.paid.is_none_or(|paid| paid >= since)
            }
            (Rejection::AmountMismatch { total }, Command::PayOrder { amount, .. }) => {
                total.minor == self.price && amount != total
            }
            (Rejection::OtherCourier, Command::PickUp { courier, .. }) => {
                self.courier != Some(*courier) || self.assigned >= since
            }
            (Rejection::WrongStage { status }, _) => was(*status) && !suits(body, *status),
            (Rejection::TooLate { status }, _) => {
                let closed =
                    matches!(status, Status::Ready | Status::OutForDelivery | Status::Delivered);
                closed && was(*status)
            }
            (Rejection::AlreadyCancelled, _) => was(Status::Cancelled),
            (Rejection::LessRefund { refund: told }, Command::CancelOrder { least, .. }) => {
                let open = [Status::Created, Status::Confirmed, Status::Preparing];
                let was_due = |status: &Status| was(*status) && refund(*status) == told.minor;
                self.paid.is_some() && told.minor < *least && open.iter().any(was_due)
            }
            (Rejection::NotOverdue { status }, Command::AbandonOrder { .. }) => was(*status),
            (Rejection::NoItems, Command::CreateOrder { items, .. }) => items.list.is_empty(),
            (Rejection::TotalNotPositive, Command::CreateOrder { items, .. }) => {
                items.total().is_none_or(|total| total.minor <= 0)
            }
            (
                Rejection::AlreadyCreated
                | Rejection::NotTheOwner
                | Rejection::AlreadyPaid
                | Rejection::NotPaid
                | Rejection::AmountMismatch { .. }
                | Rejection::OtherCourier
                | Rejection::LessRefund { .. }
                | Rejection::NotOverdue { .. }
                | Rejection::NoItems
                | Rejection::TotalNotPositive,
                _,
            ) => false,
        }
    }
}

/// Whether a command is for an order at this stage.
const fn suits(command: &Command, status: Status) -> bool {
    match command {
        Command::CreateOrder { .. } => false,
        Command::PayOrder { .. } | Command::ConfirmOrder { .. } => {
            matches!(status, Status::Created)
        }
        Command::ChangeDropOff { .. } => matches!(
            status,
            Status::Created | Status::Confirmed | Status::Preparing | Status::Ready
        ),
        Command::StartPreparing { .. } => matches!(status, Status::Confirmed),
        // A courier who is assigned already is refused like one who comes too late.
        Command::AssignCourier { .. } => false,
        Command::MarkReady { .. } => matches!(status, Status::Preparing),
        Command::PickUp { .. } => matches!(status, Status::Ready),
        Command::ReportPosition { .. } | Command::DeliverOrder { .. } => {
            matches!(status, Status::OutForDelivery)
        }
        Command::CancelOrder { .. } | Command::AbandonOrder { .. } => {
            matches!(status, Status::Created | Status::Confirmed | Status::Preparing)
        }
    }
}

impl Refusals {
    fn refused(
        &self,
        command: CommandId,
        body: &Command,
        rejection: &Rejection,
        checks: &mut Checks<'_, Delivery>,
    ) {
        let Some(since) = self.asked.since(command) else { return };
        let course = Course::of(body.order(), checks.archive);
        let holds = course.justifies(checks.words.domain, rejection, body, since);
        checks.that(&REFUSED_WITH_CAUSE, holds, [since, course.touched], |words| {
            let (command, order) = (words.command(command), body.order());
            format!(
                "{command} was refused because of \"{rejection}\", which was not so for {order}"
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{History, PRICE, eur};
    use super::*;

    const ID: OrderId = OrderId(0);

    fn cancel(by: u32, least: i64) -> Command {
        Command::CancelOrder { order: ID, by: CustomerId(by), least }
    }

    /// Whether a refusal of a command that is sent now is rejected.
    fn unjust(mut story: History, command: &Command, rejection: Rejection) -> bool {
        story.sends(command);
        story.refused(command, rejection);
        story.violated().contains(&"refused-with-cause")
    }

    #[test]
    fn a_refusal_says_what_is_so() {
        use Status::{Confirmed, Created, OutForDelivery, Preparing, Ready};
        let (at, half) = (History::at, PRICE / 2);
        let confirm = Command::ConfirmOrder { order: ID };
        let pick_up = |courier| Command::PickUp { order: ID, courier: CourierId(courier) };
        let pay = |minor| Command::PayOrder { order: ID, amount: eur(minor) };
        let wrong = |status| Rejection::WrongStage { status };
        for (story, command, rejection) in [
            (History::new(), confirm.clone(), Rejection::NoSuchOrder),
            (at(Preparing), cancel(0, PRICE), Rejection::LessRefund { refund: eur(half) }),
            (at(Ready), cancel(0, 0), Rejection::TooLate { status: Ready }),
            (at(Created), cancel(1, 0), Rejection::NotTheOwner),
            (at(Created), pay(PRICE), Rejection::AlreadyPaid),
            (at(Created), pay(1), Rejection::AmountMismatch { total: eur(PRICE) }),
            (at(Confirmed), confirm.clone(), wrong(Confirmed)),
            (at(Ready), pick_up(7), Rejection::OtherCourier),
            (at(OutForDelivery), pick_up(0), wrong(OutForDelivery)),
        ] {
            assert!(!unjust(story, &command, rejection), "{rejection:?} is so");
        }
        for (story, command, rejection) in [
            (at(Created), confirm.clone(), Rejection::NoSuchOrder),
            (at(Created), confirm.clone(), wrong(Created)),
            (at(Created), confirm, Rejection::NotPaid),
            (at(Confirmed), cancel(0, PRICE), Rejection::LessRefund { refund: eur(half) }),
            (at(Preparing), cancel(0, half), Rejection::LessRefund { refund: eur(half) }),
            (at(Preparing), cancel(0, 0), Rejection::TooLate { status: Preparing }),
            (at(Preparing), cancel(0, 0), Rejection::AlreadyCancelled),
            (at(Created), cancel(0, 0), Rejection::NotTheOwner),
            (at(Ready), pick_up(0), wrong(Ready)),
            (at(Ready), pay(PRICE), Rejection::NoItems),
        ] {
            assert!(unjust(story, &command, rejection), "{rejection:?} is not so");
        }
    }

    #[test]
    fn what_was_so_when_the_command_was_sent_justifies_a_refusal() {
        let mut story = History::at(Status::Confirmed);
        let begin = Command::StartPreparing { order: ID, estimated: crate::kernel::Span::ZERO };
        story.sends(&cancel(0, 0));
        story.kitchen_to(Status::Preparing);
        story.reach(Status::Preparing);
        story.kitchen_to(Status::Ready);
        story.reach(Status::Ready);
        let refund = eur(PRICE / 2);
        story.refused(&cancel(0, PRICE), Rejection::LessRefund { refund });
        assert_eq!(story.violated(), Vec::<&str>::new());
        assert!(unjust(story, &begin, Rejection::WrongStage { status: Status::Confirmed }));
    }
}

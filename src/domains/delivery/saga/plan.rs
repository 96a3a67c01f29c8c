//! The next event of a saga: a function of its state and the order.
//!
//! Forward: charge the card, offer the order to the restaurant, find a courier while the food is prepared,
//! have it collected when it is ready, and mark each stage that the outside has reported. Back, when the order
//! is cancelled: refund the charge, withdraw the order and release the courier, each if it was requested.

use super::Saga;
use crate::domains::delivery::defects::{
    CHARGE_IN_DOUBT_KEPT, CONFIRMS_WHEN_TAKEN, COURIER_NOT_RELEASED, OFFERED_UNPAID,
    WITHDRAWAL_FORGOTTEN,
};
use crate::domains::delivery::event::Reason;
use crate::domains::delivery::order::{Order, Status};
use crate::domains::delivery::outside::{Leg, Stage};
use crate::domains::delivery::saga_event::{Act, Deadline, Party, SagaEvent, Tell, Trouble};
use crate::domains::delivery::setup::Delivery;
use crate::saga::{Course, Progress};

/// After this many missing answers in a row an operator must look at the saga.
const SILENCES_MAX: u8 = 12;
/// After this many answers in a row that all couriers are busy, too.
const BUSY_MAX: u8 = 12;

pub(super) struct Planner<'a> {
    pub(super) delivery: &'a Delivery,
    pub(super) saga: &'a Saga,
    pub(super) order: &'a Order,
}

impl Planner<'_> {
    pub(super) fn next(&self) -> Option<SagaEvent> {
        let Self { saga, order, .. } = *self;
        let status = order.status?;
        if !saga.started {
            let (restaurant, total, portions) =
                (order.restaurant, order.total, order.items.portions());
            return Some(SagaEvent::SagaStarted { restaurant, total, portions });
        }
        if !saga.life.is_open() {
            return None;
        }
        if let Some(set) = self.deadline().filter(|_| !status.is_last()) {
            return Some(set);
        }
        match status {
            Status::Created => self.open(),
            Status::Confirmed => self.confirmed(),
            Status::Preparing => self.preparing().or_else(|| self.courier()),
            Status::Ready => self.ready(),
            Status::OutForDelivery => self.under_way(),
            Status::Delivered => Some(SagaEvent::SagaCompleted),
            Status::Cancelled => match self.undo_all() {
                Course::Next(record) => Some(record),
                Course::Waits => None,
                Course::Finished => Some(SagaEvent::SagaCompensated),
            },
        }
    }

    /// The next deadline, once the order has it.
    fn deadline(&self) -> Option<SagaEvent> {
        let times = [Some(self.order.confirm_by), self.order.ready_by, self.order.deliver_by];
        let unset = |(deadline, at): (Deadline, _)| {
            (self.saga.term(deadline).at.is_none())
                .then_some(SagaEvent::DeadlineSet { deadline, at: at? })
        };
        Deadline::ALL.into_iter().zip(times).find_map(unset)
    }

    fn passed(&self, deadline: Deadline) -> bool {
        self.saga.term(deadline).passed
    }

    /// The card is charged, then the restaurant is asked, and has some time to accept.
    fn open(&self) -> Option<SagaEvent> {
        if self.saga.given_up {
            return self.tell(Tell::Abandoned(Reason::RestaurantGaveUp));
        }
        let accepted = self.saga.stage >= Some(Stage::Accepted);
        let taken = self.delivery.has(&CONFIRMS_WHEN_TAKEN) && self.saga.stage.is_none();
        let taken = taken && self.saga.act(Act::Offer) == Progress::Done;
        if self.order.paid && (accepted || taken) {
            return self.tell(Tell::Confirmed);
        }
        if self.passed(Deadline::Confirm) {
            return self.tell(Tell::Abandoned(Reason::NotConfirmed));
        }
        match self.saga.act(Act::Charge) {
            Progress::Done if !self.order.paid => self.tell(Tell::Paid),
            Progress::Done => self.offer(),
            Progress::Declined => self.tell(Tell::Abandoned(Reason::PaymentDeclined)),
            Progress::Asked if self.delivery.has(&OFFERED_UNPAID) => self.offer(),
            Progress::None | Progress::Asked | Progress::Absent | Progress::Unknown => {
                self.ask(Act::Charge)
            }
        }
    }

    fn offer(&self) -> Option<SagaEvent> {
        match self.saga.act(Act::Offer) {
            Progress::Done => None,
            Progress::Declined => self.tell(Tell::Abandoned(Reason::RestaurantRefused)),
            Progress::None | Progress::Asked | Progress::Absent | Progress::Unknown => {
                self.ask(Act::Offer)
            }
        }
    }

    /// Whether the kitchen fails an order that is confirmed.
    fn fails(&self) -> Option<Reason> {
        let is_ready = self.saga.stage >= Some(Stage::Ready);
        match self.saga.given_up {
            true => Some(Reason::RestaurantGaveUp),
            false if self.passed(Deadline::Kitchen) && !is_ready => Some(Reason::KitchenLate),
            false => None,
        }
    }

    fn confirmed(&self) -> Option<SagaEvent> {
        if let Some(reason) = self.fails() {
            return self.tell(Tell::Abandoned(reason));
        }
        (self.saga.stage >= Some(Stage::Cooking)).then(|| self.tell(Tell::Preparing)).flatten()
    }

    fn preparing(&self) -> Option<SagaEvent> {
        if let Some(reason) = self.fails() {
            return self.tell(Tell::Abandoned(reason));
        }
        (self.saga.stage >= Some(Stage::Ready)).then(|| self.tell(Tell::Ready)).flatten()
    }

    /// Finds a courier, and tells the order.
    fn courier(&self) -> Option<SagaEvent> {
        match self.saga.act(Act::Assign) {
            Progress::Done => {
                let courier = self.saga.courier?;
                let is_new = self.order.courier != Some(courier);
                is_new.then(|| self.tell(Tell::Courier(courier))).flatten()
            }
            Progress::Absent if self.saga.busy >= BUSY_MAX => {
                Some(SagaEvent::HandedToHuman { trouble: Trouble::NoCourier })
            }
            Progress::Absent if self.saga.life.resting.is_some() => None,
            Progress::None
            | Progress::Asked
            | Progress::Absent
            | Progress::Unknown
            | Progress::Declined => self.ask(Act::Assign),
        }
    }

    fn ready(&self) -> Option<SagaEvent> {
        let courier = self.saga.courier.filter(|courier| self.order.courier == Some(*courier));
        let Some(courier) = courier else { return self.courier() };
        if self.saga.leg >= Leg::PickedUp {
            return self.tell(Tell::PickedUp(courier));
        }
        match self.saga.act(Act::Collect) {
            Progress::Done => self.inquire(),
            Progress::None
            | Progress::Asked
            | Progress::Absent
            | Progress::Unknown
            | Progress::Declined => self.ask(Act::Collect),
        }
    }

    fn under_way(&self) -> Option<SagaEvent> {
        if self.saga.leg == Leg::Delivered { self.tell(Tell::Delivered) } else { self.inquire() }
    }

    /// Asks the couriers for food that is late. If they have not delivered it either, a person must find out
    /// where it is.
    fn inquire(&self) -> Option<SagaEvent> {
        if !self.passed(Deadline::Delivery) {
            return None;
        }
        if self.saga.inquired {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::NotDelivered });
        }
        self.query(Party::Couriers)
    }

    /// Undoes what a cancelled order does not need.
    fn undo_all(&self) -> Course<SagaEvent> {
        let keeps = self.keep() == self.order.total.minor;
        let charge = self.undo(!keeps, Act::Charge, Act::Refund);
        let cooks = !self.delivery.has(&WITHDRAWAL_FORGOTTEN);
        let kitchen = self.undo(cooks, Act::Offer, Act::Withdraw);
        let drives = !self.delivery.has(&COURIER_NOT_RELEASED);
        let courier = self.undo(drives, Act::Assign, Act::Release);
        let all = [charge, kitchen, courier];
        let waits = all.contains(&Course::Waits);
        let next = all.into_iter().find(|course| matches!(course, Course::Next(_)));
        next.unwrap_or(if waits { Course::Waits } else { Course::Finished })
    }

    /// What the charge of a cancelled order keeps.
    fn keep(&self) -> i64 {
        let refund = self.order.cancelled.map_or(0, |(_, refund)| refund.minor);
        if self.order.paid { self.order.total.minor - refund } else { 0 }
    }

    /// Undoes an act that was requested, if it is not wanted.
    fn undo(&self, unwanted: bool, act: Act, undo: Act) -> Course<SagaEvent> {
        let asked =
            self.saga.act(act) != Progress::None || act == Act::Assign && self.saga.attempt > 0;
        if !unwanted || !asked {
            return Course::Finished;
        }
        let in_doubt = act == Act::Charge && self.saga.act(act).is_open();
        if in_doubt && self.delivery.has(&CHARGE_IN_DOUBT_KEPT) {
            return Course::Finished;
        }
        match self.saga.act(undo) {
            Progress::None | Progress::Absent => {
                let keep = if undo == Act::Refund { self.keep() } else { 0 };
                Course::Next(SagaEvent::Asked { act: undo, keep })
            }
            Progress::Asked => Course::Waits,
            Progress::Unknown => Course::from(self.query(undo.party())),
            Progress::Done => Course::Finished,
            Progress::Declined => {
                let trouble = Trouble::UndoDeclined(undo);
                Course::Next(SagaEvent::HandedToHuman { trouble })
            }
        }
    }

    /// Requests an act, or queries a request with an unknown outcome.
    fn ask(&self, act: Act) -> Option<SagaEvent> {
        match self.saga.act(act) {
            Progress::None | Progress::Absent => Some(SagaEvent::Asked { act, keep: 0 }),
            Progress::Unknown => self.query(act.party()),
            Progress::Asked | Progress::Done | Progress::Declined => None,
        }
    }

    /// Queries a service that did not answer, before it gets another request.
    fn query(&self, party: Party) -> Option<SagaEvent> {
        let talk = self.saga.talk(party);
        if talk.querying {
            return None;
        }
        if talk.silences >= SILENCES_MAX {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::Unreachable(party) });
        }
        self.saga.life.resting.is_none().then_some(SagaEvent::Queried { party })
    }

    /// Sends a command to the order, unless the outcome of another one is pending.
    fn tell(&self, tell: Tell) -> Option<SagaEvent> {
        if !self.saga.telling.is_free(|told| shows(self.order, told)) {
            return None;
        }
        if self.saga.telling.is_hopeless() {
            return Some(SagaEvent::HandedToHuman { trouble: Trouble::OrderUnreachable(tell) });
        }
        Some(SagaEvent::OrderTold { tell })
    }
}

/// Whether the order shows that it accepted a command, or that the command is obsolete.
fn shows(order: &Order, tell: Tell) -> bool {
    let Some(status) = order.status else { return false };
    status == Status::Cancelled
        || match tell {
            Tell::Paid => order.paid,
            Tell::Confirmed => status >= Status::Confirmed,
            Tell::Preparing => status >= Status::Preparing,
            Tell::Courier(courier) => {
                order.courier == Some(courier) || status >= Status::OutForDelivery
            }
            Tell::Ready => status >= Status::Ready,
            Tell::PickedUp(_) => status >= Status::OutForDelivery,
            Tell::Delivered => status >= Status::Delivered,
            Tell::Abandoned(_) => false,
        }
}

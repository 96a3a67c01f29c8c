//! The next event of a saga: a function of its state and the order.
//!
//! Forward: authorise and capture the money, mark the order as paid, book the parcel, mark the order as
//! shipped. Back, when the order is cancelled: reverse the charge and recall the parcel, each if it was
//! requested. If the order is paid or shipped in another way, only that part is undone.

use super::Saga;
use crate::domains::orders::defects::{
    ASKS_AGAIN_WITHOUT_QUERY, PARCEL_BEFORE_CAPTURE, RECALL_FORGOTTEN, SURPLUS_NOT_NOTICED,
    UNDO_NOT_AWAITED, UNKNOWN_IS_NOTHING,
};
use crate::domains::orders::event::{Bringer, Method, Reason};
use crate::domains::orders::order::{Order, Status};
use crate::domains::orders::saga_event::{Act, Party, SagaEvent, Tell, Trouble};
use crate::domains::orders::setup::Orders;
use crate::saga::{Course, Progress};

/// After this many missing answers in a row an operator must look at the saga.
const SILENCES_MAX: u8 = 12;

pub(super) struct Planner<'a> {
    pub(super) orders: &'a Orders,
    pub(super) saga: &'a Saga,
    pub(super) order: &'a Order,
}

impl Planner<'_> {
    pub(super) fn next(&self) -> Option<SagaEvent> {
        let Self { saga, order, .. } = *self;
        let status = order.status?;
        if !saga.started {
            let (total, pieces, pay_by) = (order.total, order.items.pieces(), order.pay_by);
            return Some(SagaEvent::SagaStarted { total, pieces, pay_by });
        }
        let is_noticed = saga.may_notice() && !self.orders.has(&SURPLUS_NOT_NOTICED);
        if saga.surplus.minor < order.surplus.minor && is_noticed {
            return Some(SagaEvent::SurplusNoticed { sum: order.surplus });
        }
        if !saga.life.is_open() {
            return None;
        }
        match status {
            Status::Pending if order.charge => self.charge(),
            Status::Pending if saga.overdue => self.tell(Tell::Cancel(Reason::Unpaid)),
            Status::Pending => None,
            Status::Paid | Status::Shipped | Status::Cancelled => match self.settle() {
                Course::Next(record) => Some(record),
                Course::Waits | Course::Finished if status == Status::Paid => self.ship(),
                Course::Waits => None,
                Course::Finished if self.must_return() => {
                    Some(SagaEvent::HandedToHuman { trouble: Trouble::TransferToReturn })
                }
                Course::Finished if status == Status::Shipped => Some(SagaEvent::SagaCompleted),
                Course::Finished => Some(SagaEvent::SagaCompensated),
            },
        }
    }

    /// Whether an operator must return bank transfers: the saga cannot.
    fn must_return(&self) -> bool {
        let cancelled = self.order.status == Some(Status::Cancelled);
        cancelled && is_transfer(self.order) || self.saga.surplus != self.saga.returned
    }

    fn charge(&self) -> Option<SagaEvent> {
        for act in [Act::Authorise, Act::Capture] {
            match self.saga.act(act) {
                Progress::None | Progress::Absent => return Some(SagaEvent::Asked { act }),
                Progress::Asked => return None,
                Progress::Unknown if self.orders.has(&ASKS_AGAIN_WITHOUT_QUERY) => {
                    return Some(SagaEvent::Asked { act });
                }
                Progress::Unknown => return self.query(Party::Provider),
                Progress::Declined => return self.tell(Tell::Cancel(Reason::PaymentDeclined)),
                Progress::Done if self.orders.has(&PARCEL_BEFORE_CAPTURE) => {
                    if self.saga.act(Act::Book) == Progress::None {
                        return Some(SagaEvent::Asked { act: Act::Book });
                    }
                }
                Progress::Done => {}
            }
        }
        self.tell(Tell::Paid)
    }

    fn ship(&self) -> Option<SagaEvent> {
        match self.saga.act(Act::Book) {
            Progress::None | Progress::Absent => Some(SagaEvent::Asked { act: Act::Book }),
            Progress::Asked => None,
            Progress::Unknown => self.query(Party::Carrier),
            Progress::Declined => self.tell(Tell::Cancel(Reason::NotShippable)),
            Progress::Done => self.tell(Tell::Shipped),
        }
    }

    /// Undoes the acts that the order does not need.
    fn settle(&self) -> Course<SagaEvent> {
        let order = self.order;
        let cancelled = order.status == Some(Status::Cancelled);
        let van = order.parcel.is_some_and(|parcel| parcel.by == Bringer::Van);
        let money = self.undo(cancelled || is_transfer(order), Act::Authorise, Act::Reverse);
        let unwanted = van || cancelled && !self.orders.has(&RECALL_FORGOTTEN);
        let parcel = self.undo(unwanted, Act::Book, Act::Recall);
        match (money, parcel) {
            (Course::Next(record), _) | (_, Course::Next(record)) => Course::Next(record),
            (Course::Finished, Course::Finished) => Course::Finished,
            (Course::Waits, _) | (_, Course::Waits) => Course::Waits,
        }
    }

    /// Undoes an act that was requested, if it is not wanted.
    fn undo(&self, unwanted: bool, act: Act, undo: Act) -> Course<SagaEvent> {
        if !unwanted || self.saga.act(act) == Progress::None {
            return Course::Finished;
        }
        if self.saga.act(act).is_open() && self.orders.has(&UNKNOWN_IS_NOTHING) {
            return Course::Finished;
        }
        match self.saga.act(undo) {
            Progress::None | Progress::Absent => Course::Next(SagaEvent::Asked { act: undo }),
            Progress::Asked if self.orders.has(&UNDO_NOT_AWAITED) => Course::Finished,
            Progress::Asked => Course::Waits,
            Progress::Unknown => Course::from(self.query(undo.party())),
            Progress::Done => Course::Finished,
            Progress::Declined => {
                let trouble = Trouble::UndoDeclined(undo);
                Course::Next(SagaEvent::HandedToHuman { trouble })
            }
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

fn is_transfer(order: &Order) -> bool {
    order.paid.is_some_and(|(_, method)| method == Method::BankTransfer)
}

/// Whether the order shows that it accepted a command, or that the command is obsolete.
fn shows(order: &Order, tell: Tell) -> bool {
    match tell {
        Tell::Paid => order.status != Some(Status::Pending),
        Tell::Shipped | Tell::Cancel(_) => {
            matches!(order.status, Some(Status::Shipped | Status::Cancelled))
        }
    }
}

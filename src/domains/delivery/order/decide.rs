//! What an order decides.

use super::{Order, Status, refund};
use crate::domains::delivery::command::{Command, Rejection};
use crate::domains::delivery::defects::{
    CANCELS_READY, CONFIRMS_CANCELLED, FIRST_DISH_ONLY, TERMS_IGNORED,
};
use crate::domains::delivery::event::{Items, OrderEvent, Reason};
use crate::domains::delivery::setup::Delivery;
use crate::domains::money::Money;
use crate::kernel::Instant;
use crate::model::{CustomerId, People};

impl Order {
    /// Decides a command.
    pub(in crate::domains::delivery) fn decide(
        &self,
        command: &Command,
        delivery: &Delivery,
        now: Instant,
    ) -> Result<OrderEvent, Rejection> {
        let setup = &delivery.tables.setup;
        let Some(status) = self.status else {
            let Command::CreateOrder { customer, restaurant, items, drop_off, .. } = command else {
                return Err(Rejection::NoSuchOrder);
            };
            let (customer, restaurant, drop_off) = (*customer, *restaurant, *drop_off);
            let (items, total) = (Box::new(items.clone()), total(delivery, items)?);
            let confirm_by = now + setup.confirm_within;
            let created = OrderEvent::OrderCreated {
                customer,
                restaurant,
                items,
                total,
                drop_off,
                confirm_by,
                people: People::NONE, // the command API puts them in
            };
            return Ok(created);
        };
        let wrong = Err(Rejection::WrongStage { status });
        let restaurant = self.restaurant;
        match *command {
            Command::CreateOrder { .. } => Err(Rejection::AlreadyCreated),
            Command::PayOrder { amount, .. } => match status {
                Status::Created if self.paid => Err(Rejection::AlreadyPaid),
                Status::Created if amount == self.total => Ok(OrderEvent::OrderPaid { amount }),
                Status::Created => Err(Rejection::AmountMismatch { total: self.total }),
                _ => wrong,
            },
            Command::ChangeDropOff { by, drop_off, .. } => {
                self.must_belong_to(by)?;
                match status {
                    Status::Created | Status::Confirmed | Status::Preparing | Status::Ready => {
                        Ok(OrderEvent::DropOffChanged { drop_off })
                    }
                    Status::OutForDelivery | Status::Delivered | Status::Cancelled => wrong,
                }
            }
            Command::ConfirmOrder { .. } => {
                let ready_by = now + setup.ready_within;
                let confirmed = Ok(OrderEvent::OrderConfirmed { restaurant, ready_by });
                match status {
                    Status::Created if self.paid => confirmed,
                    Status::Created => Err(Rejection::NotPaid),
                    Status::Cancelled if delivery.has(&CONFIRMS_CANCELLED) => confirmed,
                    _ => wrong,
                }
            }
            Command::StartPreparing { estimated, .. } => match status {
                Status::Confirmed => Ok(OrderEvent::OrderPreparing { restaurant, estimated }),
                _ => wrong,
            },
            Command::AssignCourier { courier, .. } => match status {
                Status::Preparing | Status::Ready if self.courier != Some(courier) => {
                    Ok(OrderEvent::CourierAssigned { restaurant, courier })
                }
                _ => wrong,
            },
            Command::MarkReady { .. } => match status {
                Status::Preparing => {
                    let deliver_by = now + setup.deliver_within;
                    Ok(OrderEvent::OrderReady { restaurant, deliver_by })
                }
                _ => wrong,
            },
            Command::PickUp { courier, .. } => match status {
                Status::Ready if self.courier == Some(courier) => {
                    Ok(OrderEvent::OrderOutForDelivery { restaurant, courier })
                }
                Status::Ready => Err(Rejection::OtherCourier),
                _ => wrong,
            },
            Command::ReportPosition { place, .. } => match status {
                Status::OutForDelivery => Ok(OrderEvent::CourierMoved { place }),
                _ => wrong,
            },
            Command::DeliverOrder { .. } => match status {
                Status::OutForDelivery => Ok(OrderEvent::OrderDelivered { restaurant }),
                _ => wrong,
            },
            Command::CancelOrder { by, least, .. } => {
                self.must_belong_to(by)?;
                let cancelled = self.cancel(delivery, status, Reason::ByCustomer)?;
                self.check_terms(delivery, &cancelled, least)?;
                Ok(cancelled)
            }
            Command::AbandonOrder { reason, .. } => {
                let cancelled = self.cancel(delivery, status, reason)?;
                if reason.fits(status) {
                    Ok(cancelled)
                } else {
                    Err(Rejection::NotOverdue { status })
                }
            }
        }
    }

    fn must_belong_to(&self, customer: CustomerId) -> Result<(), Rejection> {
        if self.customer == customer { Ok(()) } else { Err(Rejection::NotTheOwner) }
    }

    /// The order as cancelled, if it still can be.
    fn cancel(
        &self,
        delivery: &Delivery,
        stage: Status,
        reason: Reason,
    ) -> Result<OrderEvent, Rejection> {
        match stage {
            Status::Cancelled => Err(Rejection::AlreadyCancelled),
            Status::Ready if delivery.has(&CANCELS_READY) => {
                Ok(self.cancelled_at(delivery, stage, reason))
            }
            Status::Ready | Status::OutForDelivery | Status::Delivered => {
                Err(Rejection::TooLate { status: stage })
            }
            Status::Created | Status::Confirmed | Status::Preparing => {
                Ok(self.cancelled_at(delivery, stage, reason))
            }
        }
    }

    fn cancelled_at(&self, delivery: &Delivery, stage: Status, reason: Reason) -> OrderEvent {
        let refund = refund::due(delivery, self, stage, reason);
        OrderEvent::OrderCancelled { restaurant: self.restaurant, stage, reason, refund }
    }

    /// A customer who expects more than they would get is asked again: the order has gone on since they
    /// looked at it.
    fn check_terms(
        &self,
        delivery: &Delivery,
        cancelled: &OrderEvent,
        least: i64,
    ) -> Result<(), Rejection> {
        let OrderEvent::OrderCancelled { refund, .. } = *cancelled else { return Ok(()) };
        let accepts = !self.paid || refund.minor >= least || delivery.has(&TERMS_IGNORED);
        if accepts { Ok(()) } else { Err(Rejection::LessRefund { refund }) }
    }
}

/// The total of an order, which must be positive.
fn total(delivery: &Delivery, items: &Items) -> Result<Money, Rejection> {
    if items.list.is_empty() {
        return Err(Rejection::NoItems);
    }
    let mut counted = items.clone();
    if delivery.has(&FIRST_DISH_ONLY) {
        counted.list.truncate(1);
    }
    counted.total().filter(|total| total.minor > 0).ok_or(Rejection::TotalNotPositive)
}

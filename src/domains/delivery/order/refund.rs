//! What a cancellation gives back: it depends on the stage, and on who is to blame.

use super::{Order, Status};
use crate::domains::delivery::defects::{FEE_FORGOTTEN, MONEY_AS_FLOAT};
use crate::domains::delivery::event::Reason;
use crate::domains::delivery::setup::Delivery;
use crate::domains::money::Money;

/// The refund of an order that is cancelled at a stage for a reason.
///
/// Everything, unless the customer cancels while the kitchen works: then the restaurant is paid for the food,
/// and the customer gets a part. An order that is not paid has nothing to give back.
pub(in crate::domains::delivery) fn due(
    delivery: &Delivery,
    order: &Order,
    stage: Status,
    reason: Reason,
) -> Money {
    if !order.paid {
        return Money::zero(order.total.currency);
    }
    let is_late = stage >= Status::Preparing && !delivery.has(&FEE_FORGOTTEN);
    match reason {
        Reason::ByCustomer if is_late => {
            let percent = delivery.refund_preparing();
            match delivery.has(&MONEY_AS_FLOAT) {
                true => nearest_part(order.total, percent),
                false => part(order.total, percent),
            }
        }
        Reason::ByCustomer
        | Reason::PaymentDeclined
        | Reason::RestaurantRefused
        | Reason::NotConfirmed
        | Reason::RestaurantGaveUp
        | Reason::KitchenLate => order.total,
    }
}

/// So many percent of an amount, rounded down to a minor unit.
const fn part(amount: Money, percent: u8) -> Money {
    let (hundreds, rest) = (amount.minor / 100, amount.minor % 100);
    let percent = percent as i64;
    Money::new(hundreds * percent + rest * percent / 100, amount.currency)
}

/// The same, rounded to the nearest minor unit.
const fn nearest_part(amount: Money, percent: u8) -> Money {
    let down = part(amount, percent).minor;
    let is_half = (amount.minor % 100) * percent as i64 % 100 >= 50;
    Money::new(down + is_half as i64, amount.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domains::money::Currency;

    #[test]
    fn a_part_is_rounded_down_and_never_overflows() {
        let part = |minor, percent| part(Money::new(minor, Currency::Eur), percent).minor;
        assert_eq!([part(1_999, 50), part(1, 99), part(0, 100)], [999, 0, 0]);
        assert_eq!([part(1_999, 0), part(1_999, 100)], [0, 1_999]);
        assert_eq!(part(i64::MAX, 100), i64::MAX);
    }
}

//! Histories of money.

use super::super::history::{History, PRICE};
use super::*;

fn after_hold() -> History {
    let mut story = History::new();
    story.held();
    story
}

#[test]
fn a_paid_ticket_and_a_refunded_cancellation_are_accepted() {
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.charge(ChargeStep::Capture, 0, PRICE);
    story.issue();
    story.ticketed();
    assert_eq!(story.at_rest(), Vec::<&str>::new());
    story.cancel_at_vendor();
    story.cancelled();
    story.charge(ChargeStep::Refund, 0, PRICE);
    assert_eq!(story.at_rest(), Vec::<&str>::new());
}

#[test]
fn a_second_capture_under_a_fresh_key_is_rejected() {
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.charge(ChargeStep::Capture, 0, PRICE);
    story.charge(ChargeStep::Capture, 0, PRICE);
    assert_eq!(story.violated(), Vec::<&str>::new(), "the same key moves nothing");
    story.charge(ChargeStep::Capture, 1, PRICE);
    assert_eq!(story.violated(), ["single-capture", "money-conserved"]);
}

#[test]
fn money_taken_for_nothing_is_rejected_at_rest() {
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.charge(ChargeStep::Capture, 0, PRICE);
    story.released();
    assert!(story.at_rest().contains(&"money-conserved"));
    story.charge(ChargeStep::Refund, 0, PRICE - 1);
    assert!(story.at_rest().contains(&"money-conserved"), "a part is not all");
}

#[test]
fn money_that_stays_reserved_for_nothing_is_rejected_at_rest() {
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.cancel_at_vendor();
    story.released();
    assert_eq!(story.at_rest(), ["money-conserved"]);
    story.charge(ChargeStep::Void, 0, PRICE);
    assert_eq!(story.at_rest(), Vec::<&str>::new());
}

#[test]
fn an_unpaid_ticket_is_rejected_at_the_vendor_and_with_us() {
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.issue_first();
    assert_eq!(story.violated(), ["paid-before-ticket"]);
    let mut story = after_hold();
    story.ticketed();
    assert_eq!(story.violated(), ["paid-before-ticket"]);
}

#[test]
fn a_capture_is_begun_while_the_hold_lasts_and_not_when_it_has_run_out() {
    let mut story = History::new();
    story.held_for_ever();
    story.capture_started();
    assert_eq!(story.violated(), Vec::<&str>::new());
    let mut story = History::new();
    story.held();
    story.capture_started();
    assert_eq!(story.violated(), ["paid-before-ticket"]);
}

#[test]
fn a_capture_and_an_expiry_exclude_each_other_in_either_order() {
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.expired();
    assert_eq!(story.violated(), Vec::<&str>::new());
    story.charge(ChargeStep::Capture, 0, PRICE);
    assert_eq!(story.violated(), ["paid-before-ticket"]);
    let mut story = after_hold();
    story.charge(ChargeStep::Authorise, 0, PRICE);
    story.charge(ChargeStep::Capture, 0, PRICE);
    story.expired();
    assert_eq!(story.violated(), ["paid-before-ticket"]);
}

//! The provider by itself.

use super::*;
use crate::domains::flights::money::Currency;
use crate::domains::flights::services::Entry;
use crate::domains::flights::setup::{PaymentSetup, Setup};
use crate::kernel::{Instant, Span};
use proptest::prelude::*;

fn request(step: ChargeStep, again: u8, minor: i64) -> ChargeRequest {
    let key = Key { booking: BookingId(0), step, again };
    let attempt = Attempt::FIRST;
    ChargeRequest { key, amount: Money::new(minor, Currency::Eur), attempt }
}

/// A ledger of a provider with the usual terms, but for these.
fn ledger(terms: impl FnOnce(&mut PaymentSetup)) -> ProviderLedger {
    let mut setup = Setup::default();
    terms(&mut setup.payment);
    ProviderLedger::open(&setup)
}

fn limited() -> ProviderLedger {
    ledger(|terms| terms.limit = Some(Money::new(1_000, Currency::Eur)))
}

fn ask(ledger: &mut ProviderLedger, request: ChargeRequest) -> (ChargeReply, usize) {
    let mut entries = Vec::new();
    let reply = serve(ledger, &request, Instant::ZERO, &mut entries);
    (reply, entries.len())
}

#[test]
fn the_same_key_replays_the_reply_and_moves_nothing() {
    let mut ledger = limited();
    ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
    let first = ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
    let again = ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
    assert_eq!((first.1, again.1), (1, 0));
    assert_eq!(first.0, again.0);
    let (reply, moved) = ask(&mut ledger, request(ChargeStep::Capture, 0, 499));
    assert!(matches!(reply, ChargeReply::KeyReused { .. }) && moved == 0);
}

#[test]
fn a_fresh_key_takes_the_money_a_second_time() {
    let mut ledger = limited();
    ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
    ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
    ask(&mut ledger, request(ChargeStep::Capture, 1, 500));
    assert_eq!(
        ledger.standing(BookingId(0)).map(|s| (s.captures, s.captured.minor)),
        Some((2, 1_000))
    );
}

#[test]
fn a_failure_is_replayed_under_its_key_and_not_under_another() {
    let mut ledger = limited();
    ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
    let capture = request(ChargeStep::Capture, 0, 500);
    let failed = fail(&mut ledger, &capture, false, Instant::ZERO);
    assert_eq!(ask(&mut ledger, capture), (failed, 0), "every resend under this key fails");
    let (fresh, moved) = ask(&mut ledger, request(ChargeStep::Capture, 1, 500));
    assert!(matches!(fresh, ChargeReply::Done { .. }) && moved == 1);
    // A failure does not replace an earlier answer.
    fail(&mut ledger, &request(ChargeStep::Capture, 1, 500), false, Instant::ZERO);
    assert_eq!(ask(&mut ledger, request(ChargeStep::Capture, 1, 500)), (fresh, 0));
}

#[test]
fn a_failure_after_the_effect_hides_it_from_a_resend_but_not_from_a_query() {
    let mut ledger = limited();
    let authorise = request(ChargeStep::Authorise, 0, 500);
    ask(&mut ledger, authorise);
    let failed = fail(&mut ledger, &authorise, true, Instant::ZERO);
    assert_eq!(ask(&mut ledger, authorise), (failed, 0));
    let (reply, _) = ask(&mut ledger, request(ChargeStep::Query, 1, 500));
    assert!(matches!(reply, ChargeReply::Standing { standing, .. }
        if standing.authorised.minor == 500));
}

#[test]
fn a_key_is_forgotten_after_its_life_and_not_before() {
    let day = Span::from_secs(24 * 60 * 60);
    let mut ledger = limited();
    ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
    let end = Instant::ZERO + day;
    assert!(!ledger.may_forget(day, end));
    ledger.forget(day, end);
    assert_eq!(ask(&mut ledger, request(ChargeStep::Authorise, 0, 500)).1, 0);
    let later = end + Span::from_secs(1);
    assert!(ledger.may_forget(day, later));
    ledger.forget(day, later);
    assert!(!ledger.may_forget(day, later));
    assert_eq!(ask(&mut ledger, request(ChargeStep::Authorise, 0, 500)).1, 1);
}

#[test]
fn a_voided_charge_accepts_no_late_authorisation() {
    let mut ledger = limited();
    assert!(matches!(
        ask(&mut ledger, request(ChargeStep::Void, 0, 500)).0,
        ChargeReply::Done { .. }
    ));
    assert!(matches!(
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500)).0,
        ChargeReply::Declined { .. }
    ));
}

#[test]
fn a_query_shows_what_was_true_at_its_time() {
    let mut ledger = limited();
    let at = |secs| Instant::ZERO + Span::from_secs(secs);
    for (secs, step) in [(10, ChargeStep::Authorise), (20, ChargeStep::Capture)] {
        serve(&mut ledger, &request(step, 0, 500), at(secs), &mut Vec::new());
    }
    let query = request(ChargeStep::Query, 1, 500);
    let shown = |secs| match look_up(&ledger, &query, at(secs)) {
        Some(ChargeReply::Standing { standing, .. }) => {
            (standing.authorised.minor, standing.captured.minor)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!([9, 10, 19, 20].map(shown), [(0, 0), (500, 0), (500, 0), (500, 500)]);
    let capture = request(ChargeStep::Capture, 0, 500);
    assert_eq!(look_up(&ledger, &capture, at(20)), None, "not a query");
}

#[test]
fn more_than_the_limit_is_declined_on_the_first_card_only() {
    let mut ledger = limited();
    for fresh_key in [0, 1] {
        let (reply, moved) = ask(&mut ledger, request(ChargeStep::Authorise, fresh_key, 1_001));
        assert!(matches!(reply, ChargeReply::Declined { .. }) && moved == 0);
    }
    let attempt = Attempt::FIRST.next();
    let second = ChargeRequest { attempt, ..request(ChargeStep::Authorise, 2, 1_001) };
    let (reply, moved) = ask(&mut ledger, second);
    assert!(matches!(reply, ChargeReply::Done { .. }) && moved == 1);
    // A late copy of the first request gets its own answer again.
    let (reply, moved) = ask(&mut ledger, request(ChargeStep::Authorise, 0, 1_001));
    assert!(matches!(reply, ChargeReply::Declined { .. }) && moved == 0);
}

fn at(secs: u64) -> Instant {
    Instant::ZERO + Span::from_secs(secs)
}

/// What happens to charges by itself up to a time, and when the next thing is due.
fn until(ledger: &mut ProviderLedger, secs: u64) -> (Vec<Turn>, Option<Instant>) {
    let mut entries = Vec::new();
    let next = ledger.catch_up(at(secs), &mut entries);
    let turns = entries.into_iter().filter_map(|entry| match entry {
        Entry::Notice(notice) => Some(notice.what),
        Entry::Charge(_) | Entry::Vendor(_) => None,
    });
    (turns.collect(), next)
}

#[test]
fn a_payment_is_pending_until_the_customer_has_confirmed_it() {
    let mut ledger = ledger(|terms| terms.confirmation = Some(Span::from_secs(90)));
    let authorise = request(ChargeStep::Authorise, 0, 500);
    let pending = ChargeReply::Pending { key: authorise.key };
    assert_eq!(ask(&mut ledger, authorise), (pending, 1));
    assert_eq!(ask(&mut ledger, authorise), (pending, 0), "a resend");
    let (reply, _) = ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
    assert!(matches!(reply, ChargeReply::Declined { .. }), "nothing is reserved");
    assert_eq!(until(&mut ledger, 89), (vec![], Some(at(90))));
    assert_eq!(until(&mut ledger, 90), (vec![Turn::Confirmed], None));
    let done = ChargeReply::Done { key: authorise.key, amount: authorise.amount };
    assert_eq!(ask(&mut ledger, authorise), (done, 0), "the key has the outcome");
    assert!(ledger.standing(BookingId(0)).is_some_and(|standing| standing.is_reserved()));
}

#[test]
fn a_payment_that_is_not_confirmed_in_time_is_declined() {
    let mut ledger = ledger(|terms| terms.confirmation = Some(Span::from_secs(601)));
    let authorise = request(ChargeStep::Authorise, 0, 500);
    ask(&mut ledger, authorise);
    assert_eq!(until(&mut ledger, 600), (vec![Turn::Unconfirmed], None));
    let declined = ChargeReply::Declined { key: authorise.key };
    assert_eq!(ask(&mut ledger, authorise), (declined, 0));
}

#[test]
fn a_payment_that_was_voided_while_it_was_pending_is_not_confirmed_any_more() {
    let mut ledger = ledger(|terms| terms.confirmation = Some(Span::from_secs(90)));
    let authorise = request(ChargeStep::Authorise, 0, 500);
    ask(&mut ledger, authorise);
    ask(&mut ledger, request(ChargeStep::Void, 0, 500));
    assert_eq!(until(&mut ledger, 90), (vec![], None));
    let declined = ChargeReply::Declined { key: authorise.key };
    assert_eq!(ask(&mut ledger, authorise), (declined, 0));
}

#[test]
fn a_reservation_lapses_unless_it_was_captured_or_voided() {
    let open = || {
        let mut ledger = ledger(|terms| terms.authorisation_life = Some(Span::from_secs(60)));
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
        ledger
    };
    for (step, turns) in [
        (None, vec![Turn::Lapsed]),
        (Some(ChargeStep::Capture), vec![]),
        (Some(ChargeStep::Void), vec![]),
    ] {
        let mut ledger = open();
        if let Some(step) = step {
            ask(&mut ledger, request(step, 0, 500));
        }
        assert_eq!(until(&mut ledger, 60), (turns, None), "{step:?}");
    }
    let mut ledger = open();
    until(&mut ledger, 60);
    let capture = request(ChargeStep::Capture, 0, 500);
    let lapsed = ChargeReply::Lapsed { key: capture.key };
    assert_eq!(ask(&mut ledger, capture), (lapsed, 0));
    // Another reservation under another key can be captured, under another key as well.
    ask(&mut ledger, request(ChargeStep::Authorise, 1, 500));
    assert_eq!(ask(&mut ledger, capture), (lapsed, 0), "a resend");
    let (reply, moved) = ask(&mut ledger, request(ChargeStep::Capture, 1, 500));
    assert!(matches!(reply, ChargeReply::Done { .. }) && moved == 1);
}

#[test]
fn a_dispute_takes_the_money_until_it_is_decided() {
    let hold = 15 * 60;
    // Whether it is contested, whether the money was refunded before, the bank's mind, and what is left.
    for (contested, refunded, wins, net) in [
        (false, false, true, 0),
        (true, false, false, 0),
        (true, false, true, 500),
        (false, true, true, -500),
        (true, true, false, 0),
    ] {
        let mut ledger = ledger(|terms| terms.disputes_won = wins);
        ask(&mut ledger, request(ChargeStep::Authorise, 0, 500));
        let early = ask(&mut ledger, request(ChargeStep::Dispute, 0, 0));
        assert!(matches!(early, (ChargeReply::Declined { .. }, 0)), "nothing was captured");
        ask(&mut ledger, request(ChargeStep::Capture, 0, 500));
        if refunded {
            ask(&mut ledger, request(ChargeStep::Refund, 0, 500));
        }
        ask(&mut ledger, request(ChargeStep::Dispute, 0, 0));
        let now = |ledger: &ProviderLedger| ledger.standing(BookingId(0)).and_then(|s| s.net());
        let open = if refunded { -500 } else { 0 };
        assert_eq!(now(&ledger), Some(Money::new(open, Currency::Eur)));
        if contested {
            assert_eq!(ask(&mut ledger, request(ChargeStep::Contest, 0, 500)).1, 1);
            assert_eq!(ask(&mut ledger, request(ChargeStep::Contest, 1, 500)).1, 0, "once more");
        }
        let turn =
            if contested && (refunded || wins) { Turn::DisputeWon } else { Turn::DisputeLost };
        assert_eq!(until(&mut ledger, hold), (vec![turn], None));
        assert_eq!(now(&ledger), Some(Money::new(net, Currency::Eur)));
        let again = ask(&mut ledger, request(ChargeStep::Dispute, 0, 0));
        assert!(matches!(again, (ChargeReply::Declined { .. }, 0)), "a charge is disputed once");
    }
}

proptest! {
    #[test]
    fn refunds_never_exceed_captures(
        asked in prop::collection::vec((0..5_usize, 0..3_u8, 1..1_500_i64), 1..40)
    ) {
        let steps = [
            ChargeStep::Authorise, ChargeStep::Capture, ChargeStep::Void,
            ChargeStep::Refund, ChargeStep::Query,
        ];
        let mut ledger = limited();
        for (step, again, minor) in asked {
            let request = request(steps[step], again, minor);
            let before = ledger.clone();
            let (reply, moved) = ask(&mut ledger, request);
            let repeated = ask(&mut ledger, request);
            prop_assert_eq!((reply, 0), repeated);
            let declined = !matches!(reply, ChargeReply::Done { .. });
            if declined || moved == 0 {
                prop_assert_eq!(before.standing(BookingId(0)), ledger.standing(BookingId(0)));
            }
            for (_, standing) in ledger.charges() {
                prop_assert!(standing.refunded.minor <= standing.captured.minor);
            }
        }
    }
}

//! Histories of runs that hold satisfy every property, and exercise most of them.

use std::collections::BTreeMap;

use jetlag::history::{Clause, PROPERTIES, clauses_of};

use super::{checked, exported, facts, judged, violated};

/// Runs with thousands of lines.
const LARGE: &[&str] =
    &["flights/on_sale_spike.ron", "orders/rebuild.ron", "box_office/popular_show.ron"];

/// Runs of all domains: with two buyers of one seat, with compensations, with refunds and disputes, with retries, with answers
/// that rest on each other.
pub(super) const RUNS: &[&str] = &[
    "flights/concurrent_buyer_race.ron",
    "flights/at_least_once_redelivery.ron",
    "flights/cancel_after_ticket.ron",
    "flights/cancel_two_legs.ron",
    "flights/disputes.ron",
    "flights/troubled_services.ron",
    "orders/authorisation_lapses.ron",
    "orders/carrier_down.ron",
    "orders/payment_reply_lost.ron",
    "orders/ship_before_pay_refused.ron",
    "accounts/transfer.ron",
    "accounts/concurrent_withdrawals.ron",
    "accounts/pinned_reads.ron",
    "accounts/three_strategies.ron",
    "delivery/cancelled_while_preparing.ron",
    "delivery/payment_reply_lost.ron",
    "box_office/reserve_pay_confirm.ron",
    "box_office/payment_fails_seat_returns.ron",
];

#[test]
fn histories_of_our_own_runs_hold() {
    let mut sums: BTreeMap<Clause, u64> = BTreeMap::new();
    for run in RUNS.iter().chain(LARGE) {
        let text = exported(run).join("\n") + "\n";
        let history = judged(&text).unwrap_or_else(|error| panic!("{run}: {error:?}"));
        let found = jetlag::report::checked(&checked(history.clone()), &Default::default());
        assert_eq!(violated(&history), [""; 0], "{run}\n{found}");
        for clause in Clause::ALL {
            *sums.entry(*clause).or_default() += facts(&history, *clause);
        }
    }
    // What a run does not state: rows of an outbox, units, and holds with an end; and what does not happen in a run
    // that holds: the same call twice.
    let unstated = [
        Clause::OutboxEmpty,
        Clause::OwnWrites,
        Clause::OneHolder,
        Clause::HoldsEnd,
        Clause::SameCall,
    ];
    let never = sums.iter().filter(|(_, sum)| **sum == 0).map(|(clause, _)| *clause);
    let never: Vec<Clause> = never.filter(|clause| !unstated.contains(clause)).collect();
    assert_eq!(never, [], "every other clause is judged somewhere");
}

#[test]
fn every_property_has_a_clause() {
    for property in PROPERTIES {
        assert!(clauses_of(property).next().is_some(), "{property}");
    }
}

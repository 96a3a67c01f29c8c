//! A budget that runs out is a reason to stop that is reported, whichever budget it is.

use jetlag::domains::Flights;
use jetlag::internals::kernel::{Instant, Span, Stop};
use jetlag::internals::trace::Detail;
use jetlag::scenario::Scenario;
use jetlag::session::{Finished, RunRequest, execute};

/// A run of twenty bookings under a budget.
fn finished(budget: &str, trace: bool) -> Finished<Flights> {
    let text = format!(
        r#"(
            name: "twenty bookings",
            domain: Flights(vendors: [
                (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 20, fare: "420.00 EUR")]),
            ]),
            workload: (customers: 20, rate: "50/s", lasts: "400ms", mix: [(1, Book)]),
            budget: ({budget}),
        )"#
    );
    let scenario = Scenario::<Flights>::load("budget.ron", text.as_bytes()).unwrap();
    let detail = trace.then_some(Detail::Everything);
    let finished = execute(&scenario, &RunRequest { detail, ..RunRequest::default() });
    assert!(finished.violations.is_empty(), "a run that is cut short violates nothing");
    finished
}

/// Why such a run stops, and how many records it kept.
fn stop(budget: &str, trace: bool) -> (Stop, usize) {
    let finished = finished(budget, trace);
    (finished.stop, finished.trace.map_or(0, |trace| trace.records.len()))
}

#[test]
fn each_budget_stops_a_run_and_says_so() {
    assert_eq!(stop("", false).0, Stop::AtRest);
    assert_eq!(stop("occurrences: 100", false).0, Stop::OutOfOccurrences);
    assert_eq!(stop(r#"until: "1s""#, false).0, Stop::OutOfTime);
    assert_eq!(stop("pending: 10", false).0, Stop::TooManyPending);
    assert_eq!(stop("kept: 40", false).0, Stop::TooMuchKept);
}

#[test]
fn a_run_that_reaches_a_budget_names_it_and_what_is_pending() {
    for (budget, says) in [
        ("occurrences: 100", "within its 100 occurrences"),
        (r#"until: "1s""#, "within its 1s of virtual time"),
        ("pending: 10", "more than 10 messages and timers are pending"),
        ("kept: 40", "more than 40 events, transactions, customers and requests are kept"),
    ] {
        let unrest = finished(budget, false).unrest.expect("it did not come to rest");
        assert!(unrest.says.contains(says), "{}", unrest.says);
        assert!(!unrest.change.is_empty() && !unrest.pending.busy.is_empty(), "{unrest:?}");
    }
    assert_eq!(finished("", false).unrest, None);
}

/// A line of the script in more than 570 years, and a relay that polls every millisecond.
#[test]
fn polls_of_centuries_are_skipped() {
    let text = r#"(
        name: "centuries",
        domain: Flights(vendors: [
            (id: V1, gds: Ndc, flights: [(id: "IB6251", seats: 2, fare: "420.00 EUR")]),
        ]),
        platform: (relay: (poll: "1ms", poll_max: "1ms")),
        script: [(who: "ana", does: Book), (at: "5000000h", who: "ben", does: Book)],
    )"#;
    let scenario = Scenario::<Flights>::load("centuries.ron", text.as_bytes()).unwrap();
    let finished = execute(&scenario, &RunRequest::default());
    assert_eq!((finished.stop, finished.violations), (Stop::AtRest, vec![]));
    assert!(finished.ended_at > Instant::ZERO + Span::from_secs(5_000_000 * 3_600));
    assert!(finished.occurrences < 200_000, "{}", finished.occurrences);
}

#[test]
fn a_trace_is_bounded_and_a_run_without_one_is_not() {
    let (why, kept) = stop("records: 200", true);
    assert_eq!(why, Stop::TooManyRecords);
    assert!((200..300).contains(&kept), "one occurrence more than allowed at most, not {kept}");
    assert_eq!(stop("records: 200", false), (Stop::AtRest, 0));
}

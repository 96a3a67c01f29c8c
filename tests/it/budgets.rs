//! A budget that runs out is a reason to stop that is reported, whichever budget it is.

use jetlag::domains::Flights;
use jetlag::internals::kernel::Stop;
use jetlag::internals::trace::Detail;
use jetlag::scenario::Scenario;
use jetlag::session::{RunRequest, execute};

/// Why a run of twenty bookings stops under a budget, and how many records it kept.
fn stop(budget: &str, trace: bool) -> (Stop, usize) {
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
    (finished.stop, finished.trace.map_or(0, |trace| trace.records.len()))
}

#[test]
fn each_budget_stops_a_run_and_says_so() {
    assert_eq!(stop("", false).0, Stop::AtRest);
    assert_eq!(stop("occurrences: 100", false).0, Stop::OutOfOccurrences);
    assert_eq!(stop(r#"until: "1s""#, false).0, Stop::OutOfTime);
    assert_eq!(stop("pending: 10", false).0, Stop::TooManyPending);
}

#[test]
fn a_trace_is_bounded_and_a_run_without_one_is_not() {
    let (why, kept) = stop("records: 200", true);
    assert_eq!(why, Stop::TooManyRecords);
    assert!((200..300).contains(&kept), "one occurrence more than allowed at most, not {kept}");
    assert_eq!(stop("records: 200", false), (Stop::AtRest, 0));
}

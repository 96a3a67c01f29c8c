//! Faults that are aimed at what they are about, faults from a command line, and narrowed expectations.

use jetlag::domains::Flights;
use jetlag::model::Fact;
use jetlag::scenario::Scenario;
use jetlag::session::{RunRequest, Verdict, execute, run};
use jetlag::trace::Detail;

/// Two customers who each buy a trip of two legs with different vendors.
fn trips(more: &str) -> Scenario<Flights> {
    let text = format!(
        r#"(
    name: "two trips",
    domain: Flights(vendors: [
        (id: V1, gds: Ndc, flights: [(id: "IB1", seats: 9, fare: "40.00 EUR")]),
        (id: V2, gds: Amadeus, flights: [(id: "LH1", seats: 9, fare: "2.00 EUR")]),
    ]),
    script: [
        (at: "0s", who: "ana", does: Trip(flights: ["IB1", "LH1"])),
        (at: "0s", who: "ben", does: Trip(flights: ["IB1", "LH1"])),
    ],
    {more}
)"#
    );
    Scenario::load("trips.ron", text.as_bytes()).expect("the file is valid")
}

/// The facts that each fault of a run is stated with: `SERVICE: its request`, in the order of the run.
fn struck(scenario: &Scenario<Flights>) -> Vec<String> {
    let request = RunRequest { detail: Some(Detail::Everything), ..scenario.request() };
    let finished = execute(scenario, &request);
    let records = finished.trace.expect("a trace was requested").records;
    let faults = records.iter().filter(|record| matches!(record.fact, Fact::Fault(_)));
    let served = faults.filter_map(|fault| {
        records.iter().find_map(|record| match &record.fact {
            Fact::Served { request, .. } if record.step == fault.step => {
                let node = &finished.nodes[record.node.index()];
                Some(format!("{node}: {request:?}"))
            }
            _ => None,
        })
    });
    served.collect()
}

#[test]
fn a_fault_hits_one_operation_of_one_leg_of_one_booking() {
    let aimed = r#"about: "b-2", operation: "IssueTicket", part: 2"#;
    let struck_by =
        |aim: &str| struck(&trips(&format!("faults: [(inject: TimeoutAfter, {aim})],")));
    let [only] = &struck_by(aimed)[..] else { panic!("{:?}", struck_by(aimed)) };
    assert!(
        only.starts_with("V2: Vendor(Issue") && only.contains("BookingId(1), leg: 1"),
        "{only}"
    );
    assert_eq!(struck_by(&aimed.replace(", part: 2", "")).len(), 2, "both legs");
    assert_eq!(struck_by(r#"operation: "IssueTicket""#).len(), 4, "both legs of both bookings");
    let (booking, saga) = (struck_by(r#"about: "b-2""#), struck_by(r#"about: "s-2""#));
    assert_eq!(booking, saga, "its saga can be named as well");
    assert!(!saga.is_empty() && saga.iter().all(|request| request.contains("BookingId(1)")));
}

#[test]
fn a_fault_of_a_link_is_about_what_is_sent() {
    let scenario = trips(
        r#"faults: [(inject: Drop, about: "ben", operation: "HoldSeat", times: 1)],
    expect: [Happens(fact: Commanded, is: 5)],"#,
    );
    let outcome = run(&scenario, &scenario.request());
    assert_eq!(
        outcome.verdict(),
        Verdict::Held,
        "ben sends his command again: {:?}",
        outcome.missed
    );
}

#[test]
fn a_fault_that_is_aimed_at_nothing_that_happens_says_at_what() {
    let scenario = trips(r#"faults: [(inject: TimeoutAfter, about: "b-7", operation: "Refund")],"#);
    let outcome = run(&scenario, &scenario.request());
    let says = "TimeoutAfter: it had no opportunity during Refund for what it is about from 0s on";
    assert_eq!(outcome.missed[0].says, says);
}

#[test]
fn an_injected_fault_is_that_of_a_file() {
    let fault = r#"TimeoutAfter, about: "b-1", operation: "Capture", times: 1"#;
    let written = trips(&format!("faults: [(inject: {fault})],"));
    let mut injected = trips("");
    injected.inject(fault).expect("the fault is valid");
    let digest = |scenario: &Scenario<Flights>| run(scenario, &scenario.request()).digest;
    assert_eq!(digest(&injected), digest(&written));
    assert_ne!(digest(&injected), digest(&trips("")));
}

#[test]
fn an_injected_fault_that_is_wrong_leaves_the_scenario_as_it_was() {
    let mut scenario = trips("");
    let mut wrong = |fault: &str| {
        let wrong = scenario.inject(fault).expect_err("the fault is wrong");
        wrong.iter().map(|wrong| wrong.to_string()).collect::<Vec<_>>().join("\n")
    };
    assert!(wrong(r#"Drop, to: "PSPP""#).starts_with("--inject:1:20: there is no node `PSPP`"));
    assert!(wrong(r#"Drop, about: "b-1"#).contains("this text is never closed"));
    assert!(wrong("").contains("a value cannot begin with `)`"));
    assert!(wrong(r#"Drop, operation: "Hold""#).contains("there is no operation `Hold`"));
    assert!(wrong("Drop, part: 0").contains("there is no part 0"));
    assert!(wrong(r#"Drop) , ("#).contains("unexpected text"));
    assert_eq!(scenario, trips(""));
}

#[test]
fn an_injected_fault_that_never_fires_is_missed_and_the_replay_line_repeats_it() {
    let mut scenario = trips("");
    scenario.inject(r#"Drop, from: "50s""#).expect("the fault is valid");
    let outcome = run(&scenario, &scenario.request());
    assert_eq!(outcome.missed[0].place("trips.ron"), "--inject:1");
    assert_eq!(outcome.subject.injected, [r#"Drop, from: "50s""#]);
}

/// What a missed expectation says; `None` if it is met.
fn missed(expect: &str) -> Option<String> {
    let scenario = trips(&format!("expect: [{expect}],"));
    let outcome = run(&scenario, &scenario.request());
    outcome.missed.first().map(|missed| missed.says.clone())
}

/// Checks that an expectation is met, and that with another bound it is not, with these words.
fn told_apart(met: &str, other: &str, says: &str) {
    assert_eq!(missed(met), None);
    assert_eq!(missed(other).as_deref(), Some(says));
}

#[test]
fn counts_are_narrowed_to_a_stream_and_to_a_time() {
    told_apart(
        r#"Count(event: "TicketIssued", about: "b-2", is: 1)"#,
        r#"Count(event: "TicketIssued", about: "b-3", is: 1)"#,
        "expected 1 TicketIssued event about b-3, saw 0",
    );
    told_apart(
        r#"Count(event: "SeatHeld", by: "1h", is: 2)"#,
        r#"Count(event: "SeatHeld", by: "0.01s", is: 2)"#,
        "expected 2 SeatHeld events by 10ms, saw 0",
    );
    told_apart(
        "Happens(fact: SagaTold, by: \"1h\", at_least: 2)",
        "Happens(fact: SagaTold, by: \"1ms\", at_least: 2)",
        "expected at least 2 SagaTold facts by 1ms, saw 0",
    );
}

#[test]
fn answers_are_expected_within_a_time() {
    told_apart(
        r#"Replies(to: "ana", include: Accepted, within: "2s", is: 2)"#,
        r#"Replies(to: "ana", include: Accepted, within: "1us", is: 2)"#,
        "expected 2 Accepted answers to ana within 0.000001s, saw 0",
    );
}

#[test]
fn requests_are_narrowed_to_an_operation_and_a_booking() {
    told_apart(
        r#"Serves(service: "V2", operation: "IssueTicket", about: "b-1", is: 1)"#,
        r#"Serves(service: "V2", operation: "RefundTicket", about: "b-1", is: 1)"#,
        "expected 1 RefundTicket request served by V2 about b-1, saw 0",
    );
}

#[test]
fn money_is_expected_as_a_sum() {
    told_apart(
        r#"Paid(service: "PSP", is: "84.00 EUR")"#,
        r#"Paid(service: "PSP", about: "b-1", is: "84.00 EUR")"#,
        "expected 84.00 EUR paid to PSP about b-1, saw 42.00 EUR",
    );
}

#[test]
fn final_rows_and_lines_of_ledgers_are_expected() {
    told_apart(
        r#"Rows(view: "CustomerBookings", of: "bookings of ana", shows: "ticketed")"#,
        r#"Rows(view: "CustomerBookings", of: "bookings of ana", shows: "held")"#,
        "expected at least 1 row of CustomerBookings for bookings of ana with `held`, saw 0 \
         (others: `bookings of ana: b-1 ticketed`)",
    );
    told_apart(
        r#"Ledger(service: "PSP", shows: "captured 42.00 EUR", is: 2)"#,
        r#"Ledger(service: "PSP", shows: "b-1: authorised 42.00 EUR", is: 2)"#,
        "expected 2 lines with `b-1: authorised 42.00 EUR` in the ledger of PSP, saw 1 (others: \
         `b-2: authorised 42.00 EUR, captured 42.00 EUR, refunded 0.00 EUR`)",
    );
}

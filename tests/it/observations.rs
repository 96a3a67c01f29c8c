//! What is seen in a run, from records made by hand, and what expectations make of it.

use std::sync::Arc;

use jetlag::domains::flights::{
    BOOKING, BookingEvent, BookingId, Command, Event, Flights, Money, Query, Question, Rejection,
};
use jetlag::internals::kernel::{Instant, NodeId, Span, Step};
use jetlag::model::Record;
use jetlag::model::{
    Answer, CommandId, CommandOutcome, CustomerId, EventId, Fact, Metadata, Ordinal, Owed,
    Position, Principal, RequestId, ServiceId, Stored, StreamId, Token, Version, ViewId,
};
use jetlag::scenario::Scenario;

const CUSTOMER_BOOKINGS: ViewId = ViewId(0);

fn scenario(expect: &str) -> Scenario<Flights> {
    let text = format!(
        r#"(
    name: "by hand",
    domain: Flights(vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "1.00 EUR")])]),
    script: [(who: "ana", does: Search), (who: "ben", does: Search)],
    expect: [
{expect}
    ],
)"#
    );
    match Scenario::load("a.ron", text.as_bytes()) {
        Ok(scenario) => scenario,
        Err(wrong) => panic!("{}", wrong[0]),
    }
}

fn record(at_ms: u64, fact: Fact<Flights>) -> Record<Flights> {
    let at = Instant::ZERO + Span::from_millis(at_ms);
    Record { step: Step(1), part: 0, cause: Step(0), at, node: NodeId(0), fact }
}

/// The `nth` event of booking 0.
fn stored(nth: u32) -> Arc<Stored<Event>> {
    let command = CommandId::Request(request(0, nth));
    let amount: Money = "1.00 EUR".parse().expect("an amount");
    Arc::new(Stored {
        stream: StreamId { category: BOOKING, number: 0 },
        version: Version(nth),
        position: Position(u64::from(nth)),
        metadata: Metadata {
            id: EventId { command, nth: 0 },
            schema: 1,
            correlation: command,
            causation: None,
            actor: Principal::Customer(CustomerId(0)),
            occurred_at: Instant::ZERO,
            recorded_at: Instant::ZERO,
        },
        event: Event::Booking(BookingEvent::PaymentRequested { amount }),
        chain: [0; 32],
        signature: [0; 16],
    })
}

fn applied(nth: u32) -> Fact<Flights> {
    let (checkpoint, upto) = (Ordinal(u64::from(nth)), Position(u64::from(nth)));
    Fact::Applied { view: CUSTOMER_BOOKINGS, event: stored(nth), checkpoint, upto }
}

fn request(customer: u32, nth: u32) -> RequestId {
    RequestId { customer: CustomerId(customer), nth }
}

fn searched(customer: u32, nth: u32, resend: bool) -> Fact<Flights> {
    let query = Query::Search(Question::Everything);
    Fact::Queried { request: request(customer, nth), query, owed: Owed::Nothing, resend }
}

fn shown(customer: u32, nth: u32) -> Fact<Flights> {
    let answer = Answer::Shown(Query::Search(Question::Everything), None);
    Fact::Told { request: request(customer, nth), owed: Owed::Nothing, answer }
}

fn paid(customer: u32, verdict: CommandOutcome<Flights>) -> Fact<Flights> {
    let command = Command::RequestPayment { booking: BookingId(customer) };
    let answer = Answer::Command(command, verdict);
    Fact::Told { request: request(customer, 9), owed: Owed::Nothing, answer }
}

/// What each expectation came to: met or not, what was seen.
fn judged(expect: &str, facts: Vec<(u64, Fact<Flights>)>) -> Vec<(bool, String)> {
    results(expect, facts).into_iter().map(|(result, ..)| result).collect()
}

/// The same, with what was expected and what happened instead.
fn results(
    expect: &str,
    facts: Vec<(u64, Fact<Flights>)>,
) -> Vec<((bool, String), String, Vec<String>)> {
    let scenario = scenario(expect);
    let mut metrics = scenario.metrics();
    for (at, fact) in facts {
        metrics.observe(&scenario.plan.domain, &record(at, fact));
    }
    let results = scenario.judge(metrics.observed(), &[]).into_iter();
    results.map(|result| ((result.met, result.seen), result.expected, result.instead)).collect()
}

fn met(value: &str) -> (bool, String) {
    (true, value.to_owned())
}

fn missed(value: &str) -> (bool, String) {
    (false, value.to_owned())
}

#[test]
fn lag_is_what_is_stored_and_not_yet_applied() {
    let facts = vec![
        (1, Fact::Stored(stored(1))),
        (2, Fact::Stored(stored(2))),
        (3, Fact::Stored(stored(3))),
        (4, applied(1)),
        (5, applied(3)),
    ];
    let expect = r#"
        PeakLag(view: "CustomerBookings", is: 3),
        Lag(view: "CustomerBookings", is: 0),
        Lag(view: "CustomerBookings", at_least: 1),
        PeakLag(view: "SagaMonitor", is: 0),
        Lag(is: 0),
        Count(event: "PaymentRequested", is: 3),
        Count(event: "SeatHeld", at_most: 0),
        Count(at_least: 4),"#;
    assert_eq!(
        judged(expect, facts),
        [
            met("3 at CustomerBookings"),
            met("0 at CustomerBookings"),
            missed("0 at CustomerBookings"),
            met("0 at SagaMonitor"),
            missed("3 at VendorLedger"),
            met("3"),
            met("0"),
            missed("3"),
        ]
    );
}

#[test]
fn a_wait_lasts_from_the_first_sending_to_the_answer() {
    let mut facts = vec![(0, searched(0, 1, false)), (400, searched(0, 1, true))];
    facts.push((500, shown(0, 1)));
    // Whoever gives up waiting has not been answered.
    facts.push((600, searched(1, 1, false)));
    let silence =
        Fact::Told { request: request(1, 1), owed: Owed::Nothing, answer: Answer::Silence };
    facts.push((60_000, silence));
    let expect = r#"
        P99(of: Search, below: "501ms"),
        P99(of: Search, below: "500ms"),
        P50(of: Hold, below: "1h"),
        Replies(include: Silence, is: 1),"#;
    assert_eq!(
        judged(expect, facts),
        [met("0.500s"), missed("0.500s"), missed("nothing"), met("1")]
    );
}

#[test]
fn a_time_between_events_is_that_of_one_stream_and_tells_what_was_stored_if_there_is_none() {
    let facts = [(100, 1), (350, 2), (1_350, 3)];
    let facts = facts.map(|(at, nth)| (at, Fact::Stored(stored(nth)))).to_vec();
    let expect = r#"
        Takes(from: "PaymentRequested", to: "PaymentRequested", below: "1001ms"),
        Takes(from: "PaymentRequested", to: "PaymentRequested", below: "1s"),
        Takes(from: "PaymentRequested", to: "TicketIssued", below: "1h"),"#;
    let results = results(expect, facts);
    let seen: Vec<_> = results.iter().map(|(seen, ..)| seen.clone()).collect();
    assert_eq!(seen, [met("1.000s"), missed("1.000s"), missed("nothing")]);
    let expected = "p99 from PaymentRequested to TicketIssued below 1h00m00s";
    assert_eq!(results[2].1, expected);
    assert_eq!(results[1].2, ["2 intervals: p50 0.251659s, p99 1.000s, max 1.000s"]);
    let never = "stored: 3 PaymentRequested events and 0 TicketIssued events, \
                 never in this order in one stream";
    assert_eq!(results[2].2, [never]);
}

#[test]
fn what_customers_are_told_is_counted_for_each_and_for_all() {
    let token = Token { stream: StreamId { category: BOOKING, number: 0 }, version: Version(1) };
    let refused = || CommandOutcome::Refused(Rejection::HoldExpired { at: Instant::ZERO });
    let facts = vec![
        (1, paid(0, CommandOutcome::Accepted(token))),
        (2, paid(1, refused())),
        (3, paid(7, refused())),
        (4, paid(7, CommandOutcome::Refused(Rejection::NoSuchBooking))),
    ];
    let expect = r#"
        Replies(to: "ana", include: Accepted),
        Replies(to: "ana", include: HoldExpired),
        Replies(to: "ben", include: HoldExpired, is: 1),
        Replies(include: HoldExpired, is: 2),
        Replies(include: Refused, is: 1),"#;
    assert_eq!(judged(expect, facts), [met("1"), missed("0"), met("1"), met("2"), met("1")]);
}

#[test]
fn requests_are_counted_for_each_service() {
    use jetlag::domains::flights::{Reply, Request, VendorRequest};
    let served = |service| Fact::Served {
        service: ServiceId(service),
        request: Request::Vendor(VendorRequest::Shop),
        reply: Reply::Misdirected,
    };
    let facts = vec![(1, served(0)), (2, served(0)), (3, served(1))];
    let expect = r#"
        Serves(service: "V1", is: 2),
        Serves(service: "PSP", is: 1),
        Happens(fact: Served, at_most: 2),"#;
    assert_eq!(judged(expect, facts), [met("2"), met("1"), missed("3")]);
}

#[test]
fn what_was_missed_points_to_its_line() {
    let scenario = scenario("        Count(is: 0),\n        Count(event: \"SeatHeld\", is: 1),");
    let metrics = scenario.metrics();
    let outcomes = scenario.judge(metrics.observed(), &[]);
    let missed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.met).collect();
    assert_eq!(missed.len(), 1);
    assert_eq!(missed[0].position.to_string(), "7:9");
    assert_eq!((&*missed[0].expected, &*missed[0].seen), ("1 SeatHeld event", "0"));
}

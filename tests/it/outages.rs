//! A node of the platform is down for a minute. Whoever asks meanwhile is answered within the patience of
//! their client: a first-time buyer, a reader who returns, and one who has just written.

use jetlag::domains::accounts::Accounts;
use jetlag::domains::flights::Flights;
use jetlag::internals::kernel::{Instant, Span, Stop};
use jetlag::model::{Answer, CommandOutcome, Fact, FactKind, Record};
use jetlag::scenario::{Scenario, ScenarioDomain};
use jetlag::session::{Finished, RunRequest, execute};
use jetlag::trace::Detail;

/// The patience of a client, by default.
const PATIENCE: Span = Span::from_secs(5);

fn run<D: ScenarioDomain>(text: &str) -> Finished<D> {
    let scenario = match Scenario::<D>::load("outage.ron", text.as_bytes()) {
        Ok(scenario) => scenario,
        Err(wrong) => panic!("{}", wrong[0]),
    };
    let detail = Some(Detail::Everything);
    let finished = execute(&scenario, &RunRequest { detail, ..RunRequest::of_seed(1) });
    assert_eq!((finished.stop, &finished.violations), (Stop::AtRest, &vec![]));
    assert!(finished.observed.facts[FactKind::Restarted.index()] > 0, "the node was down");
    finished
}

/// Who has asked when, how long they have waited, and what they were told.
fn told<D: ScenarioDomain>(run: &Finished<D>) -> Vec<(u32, Instant, Span, &'static str)> {
    let records = &run.trace.as_ref().expect("a trace was requested").records;
    let mut told = Vec::new();
    for Record { at, fact, .. } in records {
        let Fact::Told { request, answer, .. } = fact else { continue };
        let asked = records.iter().find(|record| match record.fact {
            Fact::Queried { request: asked, .. }
            | Fact::Commanded { request: asked, .. }
            | Fact::EraseAsked { request: asked, .. } => asked == *request,
            _ => false,
        });
        let asked = asked.expect("an answer has a question").at;
        let label = match answer {
            Answer::Command(_, CommandOutcome::Accepted(_)) => "accepted",
            Answer::Command(_, CommandOutcome::Refused(_)) => "refused",
            Answer::Command(_, CommandOutcome::Unknown) => "unknown",
            Answer::Shown(_, Some(_)) => "shown",
            Answer::Shown(_, None) => "nothing",
            Answer::NotYet(_) => "not yet",
            Answer::TryLater(_) => "try later",
            Answer::Erased => "erased",
            Answer::Silence => "silence",
        };
        told.push((request.customer.0, asked, at.since(asked), label));
    }
    told
}

/// In the order of the questions: what customers were told. Nobody has waited longer than their client.
fn answers<D: ScenarioDomain>(run: &Finished<D>) -> Vec<(u32, u64, &'static str)> {
    let in_vain = run.observed.facts[FactKind::OutOfPatience.index()];
    let mut told = told(run);
    told.sort_by_key(|(who, asked, ..)| (*asked, *who));
    println!("{told:#?}");
    assert_eq!(in_vain, 0, "{told:?}");
    let is_query = |label| !["accepted", "refused", "unknown", "erased"].contains(&label);
    for (who, asked, waited, label) in &told {
        assert!(
            !is_query(*label) || *waited <= PATIENCE,
            "{who} at {asked}: {label} after {waited}"
        );
    }
    let second = |asked: Instant| asked.as_nanos() / 1_000_000_000;
    told.into_iter().map(|(who, asked, _, label)| (who, second(asked), label)).collect()
}

/// Ana has held a seat and seen it. A minute without a node begins after four seconds.
fn flights(node: &str) -> Finished<Flights> {
    run(&format!(
        r#"(
    name: "an outage",
    domain: Flights(vendors: [(id: V1, gds: Ndc, flights: [(id: "EV0001", seats: 50, fare: "50.00 EUR")])]),
    platform: (query_apis: 2),
    script: [
        (at: "0s", who: "ana", does: Hold(flight: "EV0001")),
        (at: "3s", who: "ana", does: MyBookings),
        (at: "5s", who: "ana", does: MyBookings),
        (at: "5s", who: "ben", does: Search),
        (at: "5s", who: "cho", does: Hold(flight: "EV0001")),
        (at: "11s", who: "ana", does: LookUp(booking: 1)),
        (at: "12s", who: "cho", does: MyBookings),
        (at: "50s", who: "ana", does: MyBookings),
        (at: "120s", who: "cho", does: MyBookings),
    ],
    faults: [(from: "4s", inject: CrashBefore, node: "{node}", by: "60s", times: 1)],
)"#
    ))
}

/// Alice has 100, and withdraws 30 during a minute without a node.
fn accounts(node: &str) -> Finished<Accounts> {
    run(&format!(
        r#"(
    name: "an outage",
    domain: Accounts(accounts: ["a"]),
    platform: (query_apis: 2),
    script: [
        (at: "0s", who: "alice", does: Open(account: "a", deposit: "100.00 EUR")),
        (at: "1s", who: "alice", does: CheckBalance(by: ByBus)),
        (at: "5s", who: "alice", does: Withdraw(amount: "30.00 EUR")),
        (at: "26s", who: "alice", does: CheckBalance(by: ByBus)),
        (at: "32s", who: "alice", does: CheckBalance(by: Inline)),
        (at: "38s", who: "alice", does: CheckBalance(by: OnDemand)),
        (at: "26s", who: "ben", does: CheckBalance(account: "a", by: ByBus)),
    ],
    faults: [(from: "4s", inject: CrashBefore, node: "{node}", by: "60s", times: 1)],
)"#
    ))
}

#[test]
fn without_the_cache_rows_are_read_from_the_read_store() {
    let run = flights("cache");
    assert_eq!(answers(&run), []);
}

#[test]
fn without_the_read_store() {
    let run = flights("read-store");
    assert_eq!(answers(&run), []);
}

#[test]
fn without_a_query_instance() {
    let run = flights("query-1");
    assert_eq!(answers(&run), []);
}

#[test]
fn without_the_key_store() {
    let run = flights("key-store");
    assert_eq!(answers(&run), []);
}

#[test]
fn without_the_event_store() {
    let run = flights("store");
    assert_eq!(answers(&run), []);
}

#[test]
fn accounts_without_cache() {
    let run = accounts("cache");
    assert_eq!(answers(&run), []);
}

#[test]
fn accounts_without_read_store() {
    let run = accounts("read-store");
    assert_eq!(answers(&run), []);
}

#[test]
fn accounts_without_store() {
    let run = accounts("store");
    assert_eq!(answers(&run), []);
}

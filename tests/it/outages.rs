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
    assert_eq!(in_vain, 0, "{told:?}");
    for (who, asked, waited, label) in &told {
        // A client that hears that an outcome is unknown sends the command again before it tells anybody.
        let in_time = *label == "unknown" || *waited <= PATIENCE;
        assert!(in_time, "{who} at {asked}: {label} after {waited}");
    }
    let second = |asked: Instant| asked.as_nanos() / 1_000_000_000;
    told.into_iter().map(|(who, asked, _, label)| (who, second(asked), label)).collect()
}

/// Ana has held a seat and seen it. A minute without a node begins after four seconds.
fn flights(node: &str) -> Finished<Flights> {
    run(&FLIGHTS.replace("NODE", node))
}

const FLIGHTS: &str = r#"(
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
    faults: [(from: "4s", inject: CrashBefore, node: "NODE", by: "60s", times: 1)],
)"#;

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

/// What everybody is told who does not need the node.
const UNDISTURBED: [(u32, u64, &str); 9] = [
    (ANA, 0, "accepted"),
    (ANA, 3, "shown"),
    (ANA, 5, "shown"),
    (BEN, 5, "shown"),
    (CHO, 5, "accepted"),
    (ANA, 11, "shown"),
    (CHO, 12, "shown"),
    (ANA, 50, "shown"),
    (CHO, 120, "shown"),
];

const ANA: u32 = 0;
const BEN: u32 = 1;
const CHO: u32 = 2;

/// Undisturbed but for these questions.
fn except(others: &[(u32, u64, &'static str)]) -> Vec<(u32, u64, &'static str)> {
    let mut expected = UNDISTURBED.to_vec();
    for (who, asked, label) in others {
        let line = expected.iter_mut().find(|line| (line.0, line.1) == (*who, *asked));
        line.expect("such a question is asked").2 = label;
    }
    expected
}

#[test]
fn without_the_cache_everybody_reads_without_it() {
    let run = flights("cache");
    assert_eq!(answers(&run), except(&[]));
    // Ana three times, ben and cho once.
    assert_eq!(run.observed.facts[FactKind::Bypassed.index()], 5);
}

#[test]
fn without_the_read_store_the_cache_has_some_rows_and_other_readers_try_later() {
    let others = [(ANA, 11, "try later"), (CHO, 12, "try later")];
    let run = flights("read-store");
    assert_eq!(answers(&run), except(&others));
    // At 50 s, ana's list in the cache has expired. Both instances answer her client with it.
    assert_eq!(run.observed.facts[FactKind::ServedStale.index()], 2);
}

#[test]
fn without_a_query_instance_the_other_one_answers() {
    assert_eq!(answers(&flights("query-1")), except(&[]));
    assert_eq!(answers(&flights("query-2")), except(&[]));
}

#[test]
fn without_the_key_store_a_first_time_buyer_is_told_that_the_outcome_is_unknown() {
    let others = [
        (ANA, 5, "try later"), // her name in the row cannot be opened
        (CHO, 5, "unknown"),
        (ANA, 11, "try later"),
        (CHO, 12, "nothing"),
        (ANA, 50, "try later"),
        (CHO, 120, "nothing"),
    ];
    assert_eq!(answers(&flights("key-store")), except(&others));
}

#[test]
fn without_the_event_store_rows_are_shown_and_the_outcome_of_a_command_is_unknown() {
    let others = [(CHO, 5, "unknown"), (CHO, 12, "nothing"), (CHO, 120, "nothing")];
    assert_eq!(answers(&flights("store")), except(&others));
}

#[test]
fn without_its_only_instance_a_query_is_given_up_and_the_instance_is_the_excuse() {
    let one = FLIGHTS.replace("query_apis: 2", "query_apis: 1");
    let run: Finished<Flights> = run(&one.replace("NODE", "query"));
    let silent = told(&run).iter().filter(|(.., label)| *label == "silence").count();
    assert_eq!(silent, 4, "ana at 5 s and 11 s, ben and cho");
    // Ana's last question is sent three times and not answered; then the instance runs again.
    assert_eq!(run.observed.facts[FactKind::OutOfPatience.index()], 4 * (1 + 3) + 3);
}

#[test]
fn who_asks_for_erasure_without_the_key_store_is_asked_to_try_later_and_is_erased_in_the_end() {
    let script = r#"(at: "50s", who: "ana", does: MyBookings)"#;
    let erases = FLIGHTS.replace(script, r#"(at: "6s", who: "ben", does: EraseMe)"#);
    assert_ne!(erases, FLIGHTS);
    let run: Finished<Flights> = run(&erases.replace("NODE", "key-store"));
    let told = told(&run).into_iter().map(|(who, .., label)| (who, label));
    assert!(told.clone().any(|told| told == (BEN, "try later")));
    assert_eq!(told.filter(|(_, label)| *label == "silence").count(), 0);
    assert_eq!(run.observed.facts[FactKind::OutOfPatience.index()], 0);
    assert_eq!(run.observed.facts[FactKind::Erased.index()], 1);
}

#[test]
fn each_kind_of_view_shows_the_write_or_puts_the_reader_off() {
    let shown = [
        (ANA, 0, "accepted"),
        (ANA, 1, "shown"),
        (ANA, 5, "accepted"),
        (ANA, 26, "shown"),
        (BEN, 26, "shown"),
        (ANA, 32, "shown"),
        (ANA, 38, "shown"),
    ];
    assert_eq!(answers(&accounts("cache")), shown);
    assert_eq!(answers(&accounts("read-store")), shown);
    let mut without_store = shown;
    (without_store[2].2, without_store[5].2, without_store[6].2) =
        ("unknown", "try later", "try later");
    assert_eq!(answers(&accounts("store")), without_store);
}

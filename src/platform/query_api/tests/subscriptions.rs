//! Subscriptions: what is pushed, and what is made up for.

use super::*;
use crate::platform::faults::SUBSCRIPTION_DROPPED;
use crate::platform::message::{Channel, Connection, Watch};
use crate::testing::TOTALS;

const CHANNEL: Channel = Channel::Row(TOTALS, RowKey(0));
/// Before the first heartbeat after the subscription, and after it.
const SOON: Span = Span::from_secs(1);
const LATER: Span = Span::from_secs(16);

fn connection(nth: u32) -> Connection {
    Connection { request: REQUEST, nth, opening: 0 }
}

/// What an instance sends.
#[derive(Default)]
struct Sent {
    /// The rows, each with the number of its connection and its own.
    rows: Vec<(u32, u32, i64)>,
    /// What was opened, as heartbeats say.
    openings: Vec<u64>,
    /// How many rows were pushed, as heartbeats say.
    heartbeats: Vec<u32>,
    listens: Vec<bool>,
}

impl Rig {
    fn watch(&mut self, nth: u32, seen: u32) {
        let seen = match seen {
            0 => Vec::new(),
            version => vec![Token { stream: counter(0), version: Version(version) }],
        };
        let (query, owed, patience) = (Query::Total(0), Owed::Nothing, PATIENCE);
        let watch = Box::new(Watch { query, owed, seen, patience });
        self.tell(Message::Watch { connection: connection(nth), watch });
    }

    /// Lets time pass, while the read store has this version of the row.
    fn pass(&mut self, span: Span, version: u32) -> Sent {
        let read_store = self.bench.map.read_store();
        self.bench.tell(read_store, |cx| cx.timer(span, Message::Opportunity));
        let mut sent = Sent::default();
        while let Some((to, message)) = self.bench.next() {
            match message {
                Message::Read { request, nth, .. } => {
                    let row = row(i64::from(version), version).map(Arc::new);
                    let copy = Copy { row, revision: version };
                    self.tell_from(read_store, Message::ReadReply { request, nth, copy });
                }
                Message::Push { connection, nth, answer, .. } => {
                    let Answer::Shown(_, Some(row)) = *answer else { panic!("no row is pushed") };
                    sent.rows.push((connection.nth, nth, row.total));
                }
                Message::Heartbeat { connection, pushed } => {
                    sent.openings.push(connection.opening);
                    sent.heartbeats.push(pushed);
                }
                Message::Listen { channel, on } => {
                    assert_eq!((channel, to), (CHANNEL, read_store));
                    sent.listens.push(on);
                }
                Message::Tick => self.tell(Message::Tick),
                Message::Opportunity => break,
                other => panic!("{other:?} for {to:?}"),
            }
        }
        sent
    }

    fn changed(&mut self) {
        let read_store = self.bench.map.read_store();
        self.tell_from(read_store, Message::Changed { channel: CHANNEL });
    }
}

#[test]
fn the_present_row_is_pushed_and_then_each_newer_one() {
    let mut rig = Rig::new();
    rig.watch(1, 0);
    let sent = rig.pass(SOON, 1);
    assert_eq!(sent.rows, [(1, 1, 1)]);
    assert_eq!((sent.heartbeats, sent.listens), (vec![0], vec![true]));
    rig.changed();
    assert_eq!(rig.pass(SOON, 2).rows, [(1, 2, 2)]);
    rig.changed();
    assert_eq!(rig.pass(SOON, 2).rows, [], "nothing is newer");
}

#[test]
fn a_change_while_the_row_is_read_is_read_too() {
    let mut rig = Rig::new();
    rig.watch(1, 0);
    rig.changed();
    let read_store = rig.bench.map.read_store();
    let sent = rig.bench.sent_to(read_store);
    let reads = sent.iter().filter(|sent| matches!(sent, Message::Read { .. })).count();
    assert_eq!(reads, 1, "one at a time");
    let copy = Copy { row: row(1, 1).map(Arc::new), revision: 1 };
    rig.tell_from(read_store, Message::ReadReply { request: REQUEST, nth: 1, copy });
    assert_eq!(rig.pass(SOON, 2).rows, [(1, 1, 1), (1, 2, 2)]);
}

#[test]
fn a_change_without_a_notification_is_found_at_the_next_heartbeat() {
    let mut rig = Rig::new();
    rig.watch(1, 0);
    rig.pass(SOON, 1);
    let sent = rig.pass(LATER, 2);
    assert_eq!(sent.rows, [(1, 2, 2)]);
    assert_eq!((sent.heartbeats, sent.listens), (vec![1], vec![true]));
}

#[test]
fn a_client_that_subscribes_again_is_shown_only_what_it_has_not_seen() {
    let rows = |seen, version| {
        let mut rig = Rig::new();
        rig.watch(2, seen);
        rig.pass(SOON, version).rows
    };
    assert_eq!(rows(3, 4), [(2, 1, 4)]);
    assert_eq!(rows(3, 3), []);
    assert_eq!(rows(3, 2), [], "it is older");
}

#[test]
fn a_late_request_for_an_earlier_connection_changes_nothing() {
    let mut rig = Rig::new();
    rig.watch(2, 0);
    rig.pass(SOON, 1);
    rig.watch(1, 0);
    rig.tell(Message::Unwatch { connection: connection(1) });
    rig.changed();
    assert_eq!(rig.pass(SOON, 2).rows, [(2, 2, 2)]);
}

#[test]
fn a_copy_of_a_request_whose_connection_is_forgotten_opens_something_else() {
    let mut rig = Rig::new();
    rig.watch(1, 0);
    let first = rig.pass(SOON, 1).openings;
    rig.tell(Message::Unwatch { connection: connection(1) });
    rig.watch(1, 0);
    let second = rig.pass(SOON, 1).openings;
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
}

#[test]
fn a_connection_that_is_closed_is_forgotten_and_the_instance_listens_no_more() {
    let mut rig = Rig::new();
    rig.watch(1, 0);
    rig.pass(SOON, 1);
    rig.tell(Message::Unwatch { connection: connection(1) });
    let sent = rig.pass(LATER, 2);
    assert_eq!((sent.rows, sent.heartbeats), (vec![], vec![]));
    assert_eq!(sent.listens, [false]);
}

#[test]
fn a_crash_loses_the_subscriptions_and_a_notification_is_answered_with_that() {
    let mut rig = Rig::new();
    rig.watch(1, 0);
    rig.pass(SOON, 1);
    rig.api.crash();
    rig.changed();
    let sent = rig.pass(LATER, 2);
    assert_eq!((sent.rows, sent.heartbeats), (vec![], vec![]));
    assert_eq!(sent.listens, [false]);
}

#[test]
fn a_subscription_that_a_fault_drops_is_served_no_more() {
    let mut rig = Rig { bench: Bench::with_fault(&SUBSCRIPTION_DROPPED, 1), api: QueryApi::new() };
    rig.watch(1, 0);
    let sent = rig.pass(LATER, 1);
    assert_eq!((sent.rows, sent.heartbeats), (vec![], vec![0]), "it is dropped before the push");
    assert_eq!(rig.bench.faults().0, 1);
}

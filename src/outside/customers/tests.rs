//! Tests of a client's requests, and of its subscriptions.

use std::sync::Arc;

use super::*;
use crate::kernel::Span;
use crate::model::{Token, Version};
use crate::platform::message::{Connection, Watch};
use crate::testing::{Add, Bench, Counting, Query, Row, counter};

#[test]
fn a_session_is_pinned_for_the_time_in_the_settings_or_never() {
    let written = Token { stream: counter(0), version: Version(1) };
    let owed = |pin: Option<Span>, after: u64| {
        let mut bench = Bench::new();
        Arc::make_mut(&mut bench.plan).settings.clients.pin = pin;
        let (mut customers, ana, node) = (Customers::new(), CustomerId(0), bench.map.customers());
        let ask = Ask::Command(Add { counter: 0, amount: 1 });
        bench.tell(node, |cx| customers.carry_out(ana, vec![ask], cx));
        let id = RequestId { customer: ana, nth: 1 };
        bench.tell(node, |cx| customers.commanded(id, CommandOutcome::Accepted(written), cx));
        let then = bench.now() + Span::from_millis(after);
        customers.people.get(ana, &bench.plan).owed(then)
    };
    let pin = Some(Span::from_millis(500));
    assert_eq!(owed(pin, 499), Owed::Pinned(written));
    assert_eq!(owed(pin, 500), Owed::Written(written));
    assert_eq!(owed(None, 0), Owed::Written(written));
}

const ANA: CustomerId = CustomerId(0);
const REQUEST: RequestId = RequestId { customer: ANA, nth: 1 };

/// A client that is subscribed, and whose messages the test answers.
struct Subscriber {
    bench: Bench,
    customers: Customers<Counting>,
    /// The connections that it has opened, each with the versions that it says to have seen.
    opened: Vec<(Connection, Vec<Version>)>,
    closed: Vec<Connection>,
}

impl Subscriber {
    fn new(query: Query, lasts: Span) -> Self {
        let (bench, customers) = (Bench::new(), Customers::new());
        let mut client = Self { bench, customers, opened: Vec::new(), closed: Vec::new() };
        let (node, customers) = (client.bench.map.customers(), &mut client.customers);
        client.bench.tell(node, |cx| {
            customers.people.get(ANA, cx.plan()).open += 1;
            customers.carry_out(ANA, vec![Ask::Watch(query, lasts)], cx);
        });
        client
    }

    fn hears(&mut self, message: Message<Counting>) {
        let (node, api) = (self.bench.map.customers(), self.bench.map.query_api(0));
        let customers = &mut self.customers;
        self.bench.tell(node, |cx| customers.handle(api, message, cx));
    }

    fn is_pushed(&mut self, connection: u32, nth: u32, version: u32) {
        let connection = Connection { request: REQUEST, nth: connection, opening: 1 };
        let row = Row { total: 1, version: Version(version) };
        let answer = Box::new(Answer::Shown(Query::Head(0), Some(row)));
        let shows = vec![Token { stream: counter(0), version: Version(version) }];
        self.hears(Message::Push { connection, nth, answer, shows, opened: Box::default() });
    }

    fn hears_heartbeat(&mut self, connection: u32, pushed: u32) {
        let connection = Connection { request: REQUEST, nth: connection, opening: 1 };
        self.hears(Message::Heartbeat { connection, pushed });
    }

    fn pass(&mut self, span: Span) {
        let node = self.bench.map.customers();
        self.bench.tell(node, |cx| cx.timer(span, Message::Opportunity));
        while let Some((_, message)) = self.bench.next() {
            match message {
                Message::Watch { connection, watch } => {
                    let Watch { seen, .. } = *watch;
                    let seen = seen.iter().map(|token| token.version).collect();
                    self.opened.push((connection, seen));
                }
                Message::Unwatch { connection } => self.closed.push(connection),
                Message::Opportunity => return,
                own => self.hears(own),
            }
        }
    }

    /// The versions that the customer was shown, and whether the subscription has ended.
    fn told(&mut self) -> (Vec<u32>, bool) {
        let (mut versions, mut ended) = (Vec::new(), false);
        for fact in self.bench.facts() {
            match fact {
                Fact::Told { answer: Answer::Shown(_, Some(row)), .. } => {
                    versions.push(row.version.0);
                }
                Fact::Told { answer: Answer::TryLater(Some(_)), .. } => ended = true,
                _ => {}
            }
        }
        (versions, ended)
    }

    fn connections(&self) -> Vec<u32> {
        self.opened.iter().map(|(connection, _)| connection.nth).collect()
    }
}

const LONG: Span = Span::from_secs(3600);
const SECOND: Span = Span::from_secs(1);

#[test]
fn a_customer_who_has_seen_enough_ends_the_subscription() {
    let mut client = Subscriber::new(Query::Total(0), LONG);
    client.pass(SECOND);
    client.is_pushed(1, 1, 1);
    client.pass(SECOND);
    assert_eq!(client.closed, [Connection { request: REQUEST, nth: 1, opening: 0 }]);
    assert!(client.customers.is_idle(0));
}

#[test]
fn each_newer_row_is_shown_and_an_older_one_or_a_copy_is_not() {
    let mut client = Subscriber::new(Query::Head(0), LONG);
    client.pass(SECOND);
    for (nth, version) in [(1, 1), (3, 3), (2, 2), (3, 3), (4, 4)] {
        client.is_pushed(1, nth, version);
    }
    assert_eq!(client.told().0, [1, 3, 4]);
    assert!(!client.customers.is_idle(0));
}

#[test]
fn a_client_that_hears_nothing_subscribes_again_with_what_it_has_seen() {
    let mut client = Subscriber::new(Query::Head(0), LONG);
    client.pass(Span::from_secs(6));
    assert_eq!(client.connections(), [1, 2], "without a first answer it is less patient");
    client.is_pushed(2, 1, 7);
    client.pass(Span::from_secs(39));
    client.hears_heartbeat(2, 1);
    client.pass(Span::from_secs(39));
    assert_eq!(client.connections(), [1, 2]);
    client.pass(Span::from_secs(2));
    assert_eq!(client.opened[2].0.nth, 3);
    assert_eq!(client.opened[2].1, [Version(7)]);
}

#[test]
fn a_heartbeat_tells_of_a_row_that_was_lost() {
    let mut client = Subscriber::new(Query::Head(0), LONG);
    client.pass(SECOND);
    client.is_pushed(1, 1, 1);
    client.hears_heartbeat(1, 1);
    client.pass(SECOND);
    assert_eq!(client.connections(), [1]);
    client.hears_heartbeat(1, 2);
    client.pass(SECOND);
    assert_eq!(client.connections(), [1, 2]);
}

#[test]
fn what_comes_on_an_earlier_connection_is_not_shown_and_closes_it() {
    let mut client = Subscriber::new(Query::Head(0), LONG);
    client.pass(Span::from_secs(6));
    client.is_pushed(1, 1, 1);
    client.hears_heartbeat(1, 1);
    client.pass(SECOND);
    assert_eq!(client.told().0, [0; 0]);
    assert_eq!(client.closed, [Connection { request: REQUEST, nth: 1, opening: 1 }; 2]);
}

#[test]
fn what_a_copy_of_the_subscription_has_opened_is_closed_and_the_client_subscribes_again() {
    let mut client = Subscriber::new(Query::Head(0), LONG);
    client.pass(SECOND);
    client.is_pushed(1, 1, 1);
    // The instance has forgotten the subscription, and a late copy of it opens another one, with the next row.
    let connection = Connection { request: REQUEST, nth: 1, opening: 2 };
    client.hears(Message::Heartbeat { connection, pushed: 1 });
    client.pass(Span::from_secs(41));
    assert_eq!(client.closed, [connection]);
    assert_eq!(client.connections(), [1, 2]);
}

#[test]
fn a_subscription_ends_when_its_time_is_over() {
    let mut client = Subscriber::new(Query::Head(0), Span::from_secs(60));
    client.pass(SECOND);
    for _ in 0..4 {
        client.hears_heartbeat(1, 0);
        client.pass(Span::from_secs(15));
    }
    assert_eq!(client.told(), (vec![], true));
    assert!(client.customers.is_idle(0));
    assert_eq!(client.connections(), [1]);
}

//! The models: nodes of the simulator, driven from outside.

use jetlag::internals::nodes::{BrokerNode, CacheNode, DelayNode, StoreNode, ViewNode};

use crate::suite::broker::{Broker, Confirmed, DELIVERIES_MAX, Delivery};
use crate::suite::cache::{Cache, Got, LEASE_MS, TTL_MS};
use crate::suite::consumers::Consumers;
use crate::suite::delays::Delays;
use crate::suite::held::{Found, Held};
use crate::suite::inbox::{self, Applied, Inbox};
use crate::suite::store::{Answer, Expects, Rules, State, Store, Tx, Write};
use crate::suite::{Outcome, Row, holds, rows, same};

/// A fresh event store.
pub fn store() -> Box<dyn Store> {
    Box::<StoreNode>::default()
}

/// A fresh broker.
pub fn broker() -> Box<dyn Broker> {
    broker_node()
}

/// A fresh cache.
pub fn cache() -> Box<dyn Cache> {
    cache_node()
}

/// A fresh queue with a single active consumer.
pub fn consumers() -> Box<dyn Consumers> {
    Box::new(BrokerNode::shared(None))
}

/// A fresh queue of delayed messages.
pub fn delays() -> Box<dyn Delays> {
    Box::<DelayNode>::default()
}

/// A fresh view with an inbox.
pub fn inbox() -> Box<dyn Inbox> {
    Box::new(ViewNode::with_inbox(inbox::KEPT_MS))
}

/// A fresh view in a cache.
pub fn held() -> Box<dyn Held> {
    Box::new(ViewNode::in_cache(2))
}

/// A fresh event store, for rows of its own.
pub fn store_node() -> Box<StoreNode> {
    Box::default()
}

/// A fresh broker, for rows of its own.
pub fn broker_node() -> Box<BrokerNode> {
    Box::new(BrokerNode::new(DELIVERIES_MAX))
}

/// A fresh cache, for rows of its own.
pub fn cache_node() -> Box<CacheNode> {
    Box::new(CacheNode::new(LEASE_MS, TTL_MS))
}

impl Store for StoreNode {
    fn obey(&mut self, rules: Rules) {
        *self = Self::with(rules);
    }

    fn begin(&mut self, write: &Write) -> Tx {
        Self::begin(self, write)
    }

    fn state(&mut self, transaction: Tx) -> State {
        Self::state(self, transaction)
    }

    fn commit(&mut self, transaction: Tx) -> Answer {
        Self::commit(self, transaction)
    }

    fn commit_unanswered(&mut self, transaction: Tx) -> Answer {
        Self::commit_unanswered(self, transaction)
    }

    fn cut(&mut self, transaction: Tx) -> Answer {
        Self::cut(self, transaction)
    }

    fn append_refused(&mut self, write: &Write) -> Answer {
        let transaction = Self::begin(self, write);
        self.commit_refused(transaction)
    }

    fn append_not_serializable(&mut self, write: &Write) -> Answer {
        let transaction = Self::begin(self, write);
        self.commit_not_serializable(transaction)
    }

    fn append_unheard(&mut self, write: &Write) {
        let transaction = Self::begin(self, write);
        self.commit_and_crash(transaction);
    }

    fn read(&mut self, stream: u32) -> Vec<(u32, u64)> {
        Self::read(self, 0, stream).1
    }

    fn is_settled(&mut self, command: u32) -> bool {
        Self::read(self, command, 0).0
    }

    fn fetch(&mut self, relay: u16, fence: u64) -> Option<(u64, Vec<u64>)> {
        Self::fetch(self, relay, fence)
    }

    fn mark(&mut self, relay: u16, fence: u64, upto: u64) -> bool {
        Self::mark(self, relay, fence, upto)
    }

    fn let_lease_end(&mut self) {
        Self::let_lease_end(self);
    }

    fn pass(&mut self, ms: u64) {
        Self::pass(self, ms);
    }

    fn send_again(&mut self, nth: u32) {
        Self::send_again(self, nth);
    }

    fn notified(&mut self) -> u64 {
        Self::notified(self)
    }
}

impl Broker for BrokerNode {
    fn without_limit(&mut self) {
        *self = Self::rabbitmq(3);
    }

    fn publish(&mut self, message: u64) -> Confirmed {
        Self::publish(self, message)
    }

    fn publish_unroutable(&mut self, message: u64) -> Confirmed {
        Self::publish_unroutable(self, message)
    }

    fn publish_unbound(&mut self, message: u64) -> Confirmed {
        Self::publish_unbound(self, message)
    }

    fn publish_unconfirmed(&mut self, message: u64) -> Confirmed {
        Self::publish_unconfirmed(self, message)
    }

    fn subscribe(&mut self, prefetch: u32) {
        Self::subscribe(self, prefetch);
    }

    fn deliveries(&mut self) -> Vec<Delivery> {
        Self::deliveries(self)
    }

    fn ack(&mut self, tag: u64) {
        Self::ack(self, tag);
    }

    fn requeue(&mut self, tag: u64) {
        Self::requeue(self, tag);
    }

    fn close(&mut self) {
        Self::close(self);
    }

    fn cancel_consumer(&mut self, message: u64) -> bool {
        Self::cancel_consumer(self, message)
    }

    fn dead_letters(&mut self) -> Vec<u64> {
        Self::dead_letters(self)
    }
}

impl Consumers for BrokerNode {
    fn publish(&mut self, message: u64) {
        Self::publish(self, message);
    }

    fn subscribe_as(&mut self, nth: usize, prefetch: u32) {
        Self::subscribe_as(self, nth, prefetch);
    }

    fn got_by(&mut self, nth: usize) -> Vec<(u64, u64)> {
        Self::got_by(self, nth)
    }

    fn ack_as(&mut self, nth: usize, tag: u64) {
        Self::ack_as(self, nth, tag);
    }

    fn lose(&mut self, nth: usize) {
        Self::lose(self, nth);
    }
}

impl Delays for DelayNode {
    fn send(&mut self, message: u32, ms: u64) {
        Self::send(self, message, ms);
    }

    fn arrivals(&mut self, ms: u64) -> Vec<u32> {
        Self::arrivals(self, ms)
    }
}

impl Inbox for ViewNode {
    fn apply(&mut self, version: u32) -> Applied {
        Self::apply(self, 1, version)
    }

    fn total(&mut self) -> u32 {
        match self.read(1) {
            Found::Total(total) => total,
            Found::Absent | Found::Missing => 0,
        }
    }

    fn pass(&mut self, ms: u64) {
        Self::pass(self, ms);
    }
}

impl Held for ViewNode {
    fn apply(&mut self, row: u32, version: u32) {
        Self::apply(self, row, version);
    }

    fn read(&mut self, row: u32) -> Found {
        Self::read(self, row)
    }

    fn restore(&mut self, row: u32) -> Found {
        Self::restore(self, row)
    }

    /// Events of two other rows take both places.
    fn evict(&mut self, row: u32) {
        Self::apply(self, row + 1000, 1);
        Self::apply(self, row + 1001, 1);
    }

    fn lose_all(&mut self) {
        self.restart();
    }
}

impl Cache for CacheNode {
    fn get(&mut self, key: u32) -> Got {
        Self::get(self, key)
    }

    fn fill(&mut self, key: u32, token: u64, value: u32) -> bool {
        Self::fill(self, key, token, value)
    }

    fn refresh(&mut self, key: u32, value: u32) {
        Self::refresh(self, key, value);
    }

    fn pass(&mut self, ms: u64) {
        Self::pass(self, ms);
    }

    fn evict(&mut self, _: u32) {
        Self::evict(self);
    }

    /// The replica of the model always lags; what has been written for a while has arrived.
    fn let_replica_lag(&mut self) {}

    fn fail_over(&mut self) {
        Self::fail_over(self, LEASE_MS / 2);
    }
}

/// Rows of the model's store alone.
pub const STORE_ROWS: &[Row<StoreNode>] = rows! { "pg-sequence-crash" => sequence_crashes };

/// Rows of the model's broker alone.
pub const BROKER_ROWS: &[Row<BrokerNode>] = rows! {
    "mq-restart" => broker_restarts,
    "mq-single-active-unaware" => replaced_while_active,
    "group-one-holder" => one_holder_for_each_stream,
    "group-claim-lapses" => claim_lapses,
};

/// Rows of the model's cache alone.
pub const CACHE_ROWS: &[Row<CacheNode>] = rows! { "redis-restart" => cache_restarts };

fn sequence_crashes(store: &mut StoreNode) -> Outcome {
    for (command, position) in [(1, 1), (2, 2), (3, 33)] {
        let expected = vec![(command, Expects::Version(0))];
        let write = Write { command, expected, events: vec![command], ..Write::default() };
        let transaction = StoreNode::begin(store, &write);
        if command == 2 {
            store.commit_and_crash(transaction);
        } else {
            same!(StoreNode::commit(store, transaction), Answer::Appended, "command {command}");
        }
        same!(Store::read(store, command), [(1, position)], "the event of command {command}");
    }
    Ok(())
}

fn broker_restarts(broker: &mut BrokerNode) -> Outcome {
    broker.publish(1);
    broker.publish(2);
    broker.subscribe(1);
    same!(broker.deliveries().len(), 1, "deliveries before the restart");
    broker.restart();
    same!(broker.deliveries().len(), 0, "deliveries to a consumer that has to subscribe again");
    broker.subscribe(10);
    let deliveries = broker.deliveries();
    let messages: Vec<_> = deliveries.iter().map(|it| it.message).collect();
    same!(messages, [1, 2], "deliveries after the restart");
    Ok(())
}

fn replaced_while_active(broker: &mut BrokerNode) -> Outcome {
    *broker = BrokerNode::shared(None);
    replaced(broker, None)
}

fn claim_lapses(broker: &mut BrokerNode) -> Outcome {
    *broker = BrokerNode::shared(Some(2));
    replaced(broker, Some(2))
}

/// Both consumers have the message in hand, and only the acknowledgement of the later one has an effect.
fn replaced(broker: &mut BrokerNode, segments: Option<u32>) -> Outcome {
    broker.subscribe_as(0, 10);
    broker.subscribe_as(1, 10);
    broker.replace_at_next(segments);
    same!(broker.publish(1).confirmed, true, "the confirm");
    let (first, second) = (broker.got_by(0), broker.got_by(1));
    same!((first.len(), second.len()), (1, 1), "deliveries to each consumer");
    let (early, late) = if first[0].1 < second[0].1 { (0, 1) } else { (1, 0) };
    let tags = [first[0].1, second[0].1];
    broker.ack_as(early, tags[early]);
    same!(broker.unacknowledged(), 1, "messages after the acknowledgement of the replaced one");
    broker.ack_as(late, tags[late]);
    same!(broker.unacknowledged(), 0, "messages after the acknowledgement of its successor");
    Ok(())
}

fn one_holder_for_each_stream(broker: &mut BrokerNode) -> Outcome {
    *broker = BrokerNode::shared(Some(2));
    broker.subscribe_as(0, 10);
    broker.subscribe_as(1, 10);
    for message in [1, 2, 101, 102] {
        broker.publish(message);
    }
    let got = [0, 1].map(|nth| broker.got_by(nth).iter().map(|it| it.0).collect::<Vec<_>>());
    holds!(
        got.contains(&vec![1, 2]) && got.contains(&vec![101, 102]),
        "each gets a stream: {got:?}"
    );
    broker.lose(1);
    let rest: Vec<_> = broker.got_by(0).iter().map(|it| it.0).collect();
    same!(rest, got[1], "what the one that is left gets");
    Ok(())
}

fn cache_restarts(cache: &mut CacheNode) -> Outcome {
    let Got::Lease(token) = cache.get(1) else { return Err("no lease".to_owned()) };
    same!(cache.fill(1, token, 7), true, "the fill");
    cache.restart();
    same!(matches!(cache.get(1), Got::Lease(_)), true, "a lease after the restart");
    Ok(())
}

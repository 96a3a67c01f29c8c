//! Implementations that pretend: the suite has to find out.

use crate::suite::broker::{Broker, Confirmed, Delivery};
use crate::suite::cache::{Cache, Got};
use crate::suite::store::{Answer, Rules, State, Store, Tx, Write};

/// A store that accepts everything and checks nothing.
#[derive(Default)]
pub struct NullStore {
    writes: Vec<Write>,
}

impl Store for NullStore {
    fn obey(&mut self, _: Rules) {}

    fn begin(&mut self, write: &Write) -> Tx {
        self.writes.push(write.clone());
        self.writes.len() as u64
    }

    fn state(&mut self, _: Tx) -> State {
        State::Inserted
    }

    fn commit(&mut self, _: Tx) -> Answer {
        Answer::Appended
    }

    fn commit_unanswered(&mut self, _: Tx) -> Answer {
        Answer::Appended
    }

    fn cut(&mut self, _: Tx) -> Answer {
        Answer::Appended
    }

    fn append_refused(&mut self, write: &Write) -> Answer {
        self.begin(write);
        Answer::Appended
    }

    fn append_not_serializable(&mut self, write: &Write) -> Answer {
        self.begin(write);
        Answer::Appended
    }

    fn append_unheard(&mut self, write: &Write) {
        self.begin(write);
    }

    fn read(&mut self, stream: u32) -> Vec<(u32, u64)> {
        let events = self.writes.iter().flat_map(|write| &write.events).zip(1..);
        let events = events.filter(|(at, _)| **at == stream).map(|(_, position)| position);
        events.enumerate().map(|(nth, position)| (nth as u32 + 1, position)).collect()
    }

    fn is_settled(&mut self, command: u32) -> bool {
        self.writes.iter().any(|write| write.command == command)
    }

    fn fetch(&mut self, _: u16, _: u64) -> Option<(u64, Vec<u64>)> {
        let events = self.writes.iter().map(|write| write.events.len()).sum::<usize>();
        Some((1, (1..=events as u64).collect()))
    }

    fn mark(&mut self, _: u16, _: u64, _: u64) -> bool {
        true
    }

    fn let_lease_end(&mut self) {}

    fn pass(&mut self, _: u64) {}

    fn send_again(&mut self, _: u32) {}

    fn notified(&mut self) -> u64 {
        1
    }
}

/// A broker that confirms everything and delivers nothing.
#[derive(Default)]
pub struct NullBroker;

impl Broker for NullBroker {
    fn without_limit(&mut self) {}

    fn publish(&mut self, _: u64) -> Confirmed {
        Confirmed { confirmed: true, returned: false }
    }

    fn publish_unroutable(&mut self, message: u64) -> Confirmed {
        self.publish(message)
    }

    fn publish_unbound(&mut self, message: u64) -> Confirmed {
        self.publish(message)
    }

    fn publish_unconfirmed(&mut self, message: u64) -> Confirmed {
        self.publish(message)
    }

    fn subscribe(&mut self, _: u32) {}

    fn deliveries(&mut self) -> Vec<Delivery> {
        Vec::new()
    }

    fn ack(&mut self, _: u64) {}

    fn requeue(&mut self, _: u64) {}

    fn close(&mut self) {}

    fn cancel_consumer(&mut self, _: u64) -> bool {
        false
    }

    fn dead_letters(&mut self) -> Vec<u64> {
        Vec::new()
    }
}

/// A cache in which nothing ends and nothing is lost.
#[derive(Default)]
pub struct NullCache {
    values: std::collections::BTreeMap<u32, u32>,
    leases: std::collections::BTreeMap<u32, u64>,
    granted: u64,
}

impl Cache for NullCache {
    fn get(&mut self, key: u32) -> Got {
        if let Some(value) = self.values.get(&key) {
            return Got::Hit(*value);
        }
        if self.leases.contains_key(&key) {
            return Got::Wait;
        }
        self.granted += 1;
        self.leases.insert(key, self.granted);
        Got::Lease(self.granted)
    }

    fn fill(&mut self, key: u32, token: u64, value: u32) -> bool {
        let is_held = self.leases.get(&key) == Some(&token);
        if is_held {
            self.leases.remove(&key);
            self.values.insert(key, value);
        }
        is_held
    }

    fn refresh(&mut self, key: u32, value: u32) {
        self.values.insert(key, value);
    }

    fn pass(&mut self, _: u64) {}

    fn evict(&mut self, _: u32) {}

    fn let_replica_lag(&mut self) {}

    fn fail_over(&mut self) {}
}

//! The cache, with readers outside of it.

use std::sync::Arc;

use crate::kernel::Span;
use crate::model::{CacheAnswer, CacheKey, CustomerId, Fact, RequestId, RowKey, Version, ViewId};
use crate::platform::Cache;
use crate::platform::faults::{EVICTION, FAILOVER};
use crate::platform::message::{Copy, Message};
use crate::testing::{Bench, Counting, Row};

/// The answer to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// The value.
    Hit(u32),
    /// There is no value: the reader is to load it, under this token.
    Lease(u64),
    /// Another reader loads it.
    Wait,
}

/// A cache under test.
pub struct CacheNode {
    bench: Bench,
    cache: Cache<Counting>,
    reader: u32,
}

impl CacheNode {
    /// A cache in which a lease and a value end after these times.
    pub fn new(lease_ms: u64, ttl_ms: u64) -> Self {
        let mut bench = Bench::new();
        let settings = &mut Arc::make_mut(&mut bench.plan).settings.cache;
        settings.lease = Span::from_millis(lease_ms);
        settings.ttl = Span::from_millis(ttl_ms);
        Self { bench, cache: Cache::new(), reader: 0 }
    }

    /// Reads a key as a new reader.
    pub fn get(&mut self, key: u32) -> Got {
        self.reader += 1;
        let request = request(self.reader);
        self.tell(Message::CacheGet { request, key: cache_key(key) });
        let asker = self.bench.map.query_api(0);
        let own = |message: Message<Counting>| match message {
            Message::CacheGot { request: to, got } if to == request => Some(got),
            _ => None,
        };
        let got = self.bench.sent_to(asker).into_iter().find_map(own).expect("a get is answered");
        match got.answer {
            CacheAnswer::Hit { revision } => Got::Hit(revision),
            CacheAnswer::Lease { lease, .. } => Got::Lease(lease),
            CacheAnswer::Wait => Got::Wait,
        }
    }

    /// Fills a key under a token, and returns whether the cache took the value.
    pub fn fill(&mut self, key: u32, token: u64, value: u32) -> bool {
        self.bench.facts();
        let row = Row { total: i64::from(value), version: Version(value) };
        let copy = Copy { row: Some(Arc::new(row)), revision: value };
        // The loader is the reader that was granted the lease; the cache knows it by the token.
        let request = request(u32::MAX);
        self.tell(Message::CacheFill { request, key: cache_key(key), lease: token, copy });
        self.bench.facts().iter().any(|fact| matches!(fact, Fact::CacheFilled { .. }))
    }

    /// Replaces the value of a key by a newer one.
    pub fn refresh(&mut self, key: u32, value: u32) {
        let row = Row { total: i64::from(value), version: Version(value) };
        let copy = Copy { row: Some(Arc::new(row)), revision: value };
        self.tell(Message::CacheRefresh { key: cache_key(key), copy });
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: u64) {
        while self.bench.next().is_some() {}
        self.bench.pass(Span::from_millis(ms));
    }

    /// Memory is short: the next access finds its key evicted.
    pub fn evict(&mut self) {
        self.bench.arm(&EVICTION, None);
    }

    /// A replica takes over before the next access. It lacks the writes of so many last milliseconds.
    pub fn fail_over(&mut self, lag_ms: u64) {
        self.bench.arm(&FAILOVER, Some(Span::from_millis(lag_ms).as_micros()));
    }

    /// Restarts the cache.
    pub fn restart(&mut self) {
        self.cache.crash();
        let (node, cache) = (self.bench.map.cache(), &mut self.cache);
        self.bench.tell(node, |cx| cache.recover(cx));
    }

    fn tell(&mut self, message: Message<Counting>) {
        let (node, asker) = (self.bench.map.cache(), self.bench.map.query_api(0));
        let cache = &mut self.cache;
        self.bench.tell(node, |cx| cache.handle(asker, message, cx));
    }
}

fn cache_key(key: u32) -> CacheKey {
    CacheKey::Row(ViewId(0), RowKey(key))
}

fn request(nth: u32) -> RequestId {
    RequestId { customer: CustomerId(0), nth }
}

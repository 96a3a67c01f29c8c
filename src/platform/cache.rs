//! The cache: values with a time to live, one loader for each key, and what was written just now.
//!
//! A miss hands out a lease: its holder loads, everybody else waits and is answered by the loader's
//! value. A lease lapses by itself, and only its holder's token can fill the key. While somebody loads,
//! a newer row may arrive from a projector; what the loader then brings is older and is refused, so
//! that the next one loads again. Everything here is memory: a crash takes all of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cx::Cx;
use super::domain::Domain;
use super::event::Stored;
use super::fact::{CacheAnswer, Fact};
use super::ids::{CacheKey, RequestId, Token};
use super::message::{Copy, Got, Message};
use crate::kernel::{Instant, NodeId};

/// How many freshly written events are kept beside a row.
const PINNED: usize = 16;

/// The cache as a node.
#[derive(Clone, Debug)]
pub(crate) struct Cache<D: Domain> {
    volatile: Volatile<D>,
}

#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    entries: BTreeMap<CacheKey, Entry<D>>,
    leases: u64,
}

#[derive(Clone, Debug)]
struct Entry<D: Domain> {
    value: Option<Value<D>>,
    lease: Option<Lease>,
    waiters: Vec<(NodeId, RequestId)>,
    recent: Vec<(Instant, Arc<Stored<D::Event>>)>,
}

#[derive(Clone, Debug)]
struct Value<D: Domain> {
    copy: Copy<D>,
    expires: Instant,
}

/// Who loads a key, until when, and how old what they bring may be.
#[derive(Clone, Copy, Debug)]
struct Lease {
    token: u64,
    until: Instant,
    /// The newest revision that was seen meanwhile.
    at_least: u32,
}

impl<D: Domain> Default for Entry<D> {
    fn default() -> Self {
        Self { value: None, lease: None, waiters: Vec::new(), recent: Vec::new() }
    }
}

impl<D: Domain> Cache<D> {
    pub(crate) fn new() -> Self {
        Self { volatile: Volatile { entries: BTreeMap::new(), leases: 0 } }
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::CacheGet { request, key } => self.get(from, request, key, cx),
            Message::CacheFill { request, key, lease, copy } => {
                self.fill(from, request, key, lease, copy, cx);
            }
            Message::CacheRefresh { key, copy } => self.refresh(key, copy, cx),
            Message::CachePin { key, event } => self.pin(key, event, cx),
            other => unreachable!("the cache does not take {other:?}"),
        }
    }

    fn get(&mut self, from: NodeId, request: RequestId, key: CacheKey, cx: &mut Cx<'_, '_, D>) {
        let now = cx.now();
        let entry = self.volatile.entries.entry(key).or_default();
        entry.value.take_if(|value| value.expires <= now);
        entry.lease.take_if(|lease| lease.until <= now);
        let answer = if entry.value.is_some() {
            CacheAnswer::Hit
        } else if entry.lease.is_some() {
            if !entry.waiters.contains(&(from, request)) {
                entry.waiters.push((from, request));
            }
            CacheAnswer::Wait
        } else {
            self.volatile.grant(key, cx)
        };
        self.answer(from, request, key, answer, cx);
    }

    fn answer(
        &mut self,
        to: NodeId,
        request: RequestId,
        key: CacheKey,
        answer: CacheAnswer,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let (now, ttl) = (cx.now(), cx.settings().cache.ttl);
        let entry = self.volatile.entries.entry(key).or_default();
        entry.recent.retain(|(pinned, _)| now < *pinned + ttl);
        let recent = entry.recent.iter().map(|(_, event)| event.clone()).collect();
        let value = match answer {
            CacheAnswer::Hit => entry.value.as_ref().map(|value| value.copy.clone()),
            CacheAnswer::Lease { .. } | CacheAnswer::Wait => None,
        };
        cx.fact(Fact::CacheGet { key, request, answer });
        let got = Box::new(Got { answer, value, recent });
        cx.send(to, Message::CacheGot { request, got });
    }

    /// Takes a loader's value, if the lease is still the loader's and nothing newer was seen.
    fn fill(
        &mut self,
        from: NodeId,
        request: RequestId,
        key: CacheKey,
        lease: u64,
        copy: Copy<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let now = cx.now();
        let entry = self.volatile.entries.entry(key).or_default();
        let held = entry.lease.filter(|held| held.token == lease && now < held.until);
        let Some(held) = held else {
            cx.fact(Fact::CacheRefused { key, lease });
            return;
        };
        entry.lease = None;
        entry.waiters.retain(|waiter| *waiter != (from, request));
        let waiters = std::mem::take(&mut entry.waiters);
        if copy.revision < held.at_least {
            cx.fact(Fact::CacheRefused { key, lease });
            self.lease_to_next(key, waiters, cx);
            return;
        }
        let expires = now + cx.settings().cache.ttl;
        entry.value = Some(Value { copy, expires });
        let count = waiters.len() as u32;
        cx.fact(Fact::CacheFilled { key, lease, expires, waiters: count });
        for (node, waiting) in waiters {
            self.answer(node, waiting, key, CacheAnswer::Hit, cx);
        }
    }

    /// The first waiter becomes the loader; the others go on waiting.
    fn lease_to_next(
        &mut self,
        key: CacheKey,
        mut waiters: Vec<(NodeId, RequestId)>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if waiters.is_empty() {
            return;
        }
        let (node, request) = waiters.remove(0);
        let lease = self.volatile.grant(key, cx);
        self.volatile.entries.entry(key).or_default().waiters = waiters;
        self.answer(node, request, key, lease, cx);
    }

    /// A projector has a newer row: it replaces an older one, and never a newer one.
    fn refresh(&mut self, key: CacheKey, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(entry) = self.volatile.entries.get_mut(&key) else { return };
        let revision = copy.revision;
        if let Some(lease) = &mut entry.lease {
            lease.at_least = lease.at_least.max(revision);
        }
        if let Some(value) = entry.value.as_mut().filter(|value| value.copy.revision < revision) {
            value.copy = copy;
            cx.fact(Fact::CacheRefreshed { key, revision });
        }
    }

    fn pin(&mut self, key: CacheKey, event: Arc<Stored<D::Event>>, cx: &mut Cx<'_, '_, D>) {
        let token = Token { stream: event.stream, version: event.version };
        let recent = &mut self.volatile.entries.entry(key).or_default().recent;
        if recent.len() == PINNED {
            recent.remove(0);
        }
        recent.push((cx.now(), event));
        cx.fact(Fact::CachePinned { key, token });
    }
}

impl<D: Domain> Volatile<D> {
    fn grant(&mut self, key: CacheKey, cx: &mut Cx<'_, '_, D>) -> CacheAnswer {
        self.leases += 1;
        let lease = self.leases;
        let until = cx.now() + cx.settings().cache.lease;
        self.entries.entry(key).or_default().lease =
            Some(Lease { token: lease, until, at_least: 0 });
        CacheAnswer::Lease { lease, until }
    }
}

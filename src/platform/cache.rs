//! The cache: values with a time to live, one loader for each key, and what was written just now.
//!
//! A miss hands out a lease: its holder loads, everybody else waits and is answered by the loader's
//! value. A lease lapses by itself, and only its holder's token can fill the key. While somebody loads,
//! a newer row may arrive from a projector; what the loader then brings is older and is refused, so
//! that the next one loads again.
//!
//! Everything here is memory: a crash takes all of it. There is a replica, which hears of everything a
//! little later; when it takes over, what was written last is gone or older than it was. Nobody may
//! rely on what is here: those who must see a version say so, and look past the cache if they do not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::{Instant, NodeId, Payload, Span};
use crate::model::{
    CacheAnswer, CacheKey, Domain, Fact, Loss, RequestId, Stored, Token, Vocabulary,
};
use crate::platform::cx::Cx;
use crate::platform::faults::{EARLY_EXPIRY, EVICTION, FAILOVER};
use crate::platform::message::{Copy, Got, Message};

/// How many freshly written events are kept beside a row.
const PINNED: usize = 16;

/// The cache as a node.
#[derive(Clone, Debug)]
pub(crate) struct Cache<D: Domain> {
    volatile: Volatile<D>,
    /// The last lease that was given out. A crash leaves it, because it stands for numbers drawn at
    /// random: a lease from before is never mistaken for a later one.
    leases: u64,
}

#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    entries: BTreeMap<CacheKey, Entry<D>>,
    /// A replica took over, and nobody has missed anything yet.
    failed_over: bool,
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
    written: Instant,
    /// What was there before a newer row took its place, and since when: what the replica may have.
    before: Option<Box<(Instant, Copy<D>)>>,
}

/// Who loads a key, until when, and how old what they bring may be.
#[derive(Clone, Copy, Debug)]
struct Lease {
    token: u64,
    until: Instant,
    /// The newest revision that was seen meanwhile.
    at_least: u32,
}

impl<D: Domain> Default for Volatile<D> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), failed_over: false }
    }
}

impl<D: Domain> Default for Entry<D> {
    fn default() -> Self {
        Self { value: None, lease: None, waiters: Vec::new(), recent: Vec::new() }
    }
}

impl<D: Domain> Cache<D> {
    pub(crate) fn new() -> Self {
        Self { volatile: Volatile::default(), leases: 0 }
    }

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile::default();
    }

    /// Is there again, empty.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::CacheLost { key: None, why: Loss::Restarted });
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        let lag = cx.fault(&FAILOVER, message.entity());
        if lag > 0 {
            self.fail_over(Span::from_micros(lag), cx);
        }
        match message {
            Message::CacheGet { request, key } => self.get(from, request, key, cx),
            Message::CacheFill { request, key, lease, copy } => {
                self.fill(from, request, key, lease, copy, cx);
            }
            Message::CacheRefresh { key, copy } => self.refresh(key, copy, cx),
            Message::CachePin { key, event } => self.pin(key, event, cx),
            Message::Disconnected(peer) => self.hung_up(peer),
            other => unreachable!("the cache does not take {other:?}"),
        }
    }

    /// Whoever waited over a connection that is no more asks again over a new one.
    fn hung_up(&mut self, peer: NodeId) {
        for entry in self.volatile.entries.values_mut() {
            entry.waiters.retain(|(node, _)| *node != peer);
        }
    }

    /// A replica takes over that has not heard of what was written within the last `lag`. Leases are
    /// given out by one node and are worth nothing at another; whoever waited here asks again.
    fn fail_over(&mut self, lag: Span, cx: &mut Cx<'_, '_, D>) {
        let now = cx.now();
        let known = |written: Instant| written + lag <= now;
        for entry in self.volatile.entries.values_mut() {
            entry.lease = None;
            entry.waiters.clear();
            entry.recent.retain(|(pinned, _)| known(*pinned));
            if let Some(value) = entry.value.take() {
                let Value { written, copy, expires, before } = value;
                let survivor = match before.map(|before| *before) {
                    _ if known(written) => Some((written, copy)),
                    Some((written, copy)) if known(written) => Some((written, copy)),
                    Some(_) | None => None,
                };
                let value = |(written, copy)| Value { written, copy, expires, before: None };
                entry.value = survivor.map(value);
            }
        }
        self.volatile.failed_over = true;
        cx.fact(Fact::CacheLost { key: None, why: Loss::FailedOver });
    }

    /// What is there of a key may be gone by the time somebody wants it: evicted with all that is
    /// pinned beside it, or run out before its time, and with it the lease of its loader.
    fn lose(&mut self, key: CacheKey, cx: &mut Cx<'_, '_, D>) {
        let Some(entry) = self.volatile.entries.get_mut(&key) else { return };
        if (entry.value.is_some() || !entry.recent.is_empty()) && cx.fault(&EVICTION, key) > 0 {
            entry.value = None;
            entry.recent.clear();
            cx.fact(Fact::CacheLost { key: Some(key), why: Loss::Evicted });
            cx.fault_seen(&EVICTION);
        }
        if (entry.value.is_some() || entry.lease.is_some()) && cx.fault(&EARLY_EXPIRY, key) > 0 {
            (entry.value, entry.lease) = (None, None);
            cx.fact(Fact::CacheLost { key: Some(key), why: Loss::Expired });
            cx.fault_seen(&EARLY_EXPIRY);
        }
    }

    /// Every key with what is there for it.
    pub(crate) fn describe(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let line = |(key, entry): (&CacheKey, &Entry<D>)| {
            let value = match &entry.value {
                Some(value) => format!("value until {}", value.expires),
                None => "no value".to_owned(),
            };
            let lease = match entry.lease {
                Some(lease) => format!("lease {} until {}", lease.token, lease.until),
                None => "no lease".to_owned(),
            };
            let (waiters, pinned) = (entry.waiters.len(), entry.recent.len());
            format!(
                "{}: {value}, {lease}, {waiters} waiters, {pinned} pinned",
                vocabulary.key(*key)
            )
        };
        self.volatile.entries.iter().map(line).collect()
    }

    fn get(&mut self, from: NodeId, request: RequestId, key: CacheKey, cx: &mut Cx<'_, '_, D>) {
        let now = cx.now();
        self.lose(key, cx);
        let entry = self.volatile.entries.entry(key).or_default();
        entry.value.take_if(|value| value.expires <= now);
        entry.lapse(key, now, cx);
        let answer = if let Some(value) = &entry.value {
            CacheAnswer::Hit { revision: value.copy.revision }
        } else if entry.lease.is_some() {
            if !entry.waiters.contains(&(from, request)) {
                entry.waiters.push((from, request));
            }
            CacheAnswer::Wait
        } else {
            self.grant(key, cx)
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
            CacheAnswer::Hit { .. } => entry.value.as_ref().map(|value| value.copy.clone()),
            CacheAnswer::Lease { .. } | CacheAnswer::Wait => None,
        };
        cx.fact(Fact::CacheGet { key, request, answer });
        if value.is_none() && std::mem::take(&mut self.volatile.failed_over) {
            cx.fault_seen(&FAILOVER);
        }
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
        self.lose(key, cx);
        let entry = self.volatile.entries.entry(key).or_default();
        let held = entry.lease.filter(|held| held.token == lease && now < held.until);
        entry.waiters.retain(|waiter| *waiter != (from, request));
        let Some(held) = held else {
            cx.fact(Fact::CacheRefused { key, lease });
            entry.lapse(key, now, cx);
            if entry.lease.is_none() && entry.value.is_none() {
                let waiters = std::mem::take(&mut entry.waiters);
                self.lease_to_next(key, waiters, cx);
            }
            return;
        };
        entry.lease = None;
        let waiters = std::mem::take(&mut entry.waiters);
        if copy.revision < held.at_least {
            cx.fact(Fact::CacheRefused { key, lease });
            self.lease_to_next(key, waiters, cx);
            return;
        }
        let expires = now + cx.settings().cache.ttl;
        let (revision, count) = (copy.revision, waiters.len() as u32);
        entry.value = Some(Value { copy, expires, written: now, before: None });
        cx.fact(Fact::CacheFilled { key, lease, revision, expires, waiters: count });
        for (node, waiting) in waiters {
            self.answer(node, waiting, key, CacheAnswer::Hit { revision }, cx);
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
        let lease = self.grant(key, cx);
        self.volatile.entries.entry(key).or_default().waiters = waiters;
        self.answer(node, request, key, lease, cx);
    }

    /// A projector has a newer row: it replaces an older one, and never a newer one.
    fn refresh(&mut self, key: CacheKey, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(entry) = self.volatile.entries.get_mut(&key) else { return };
        let revision = copy.revision;
        if let Some(lease) = entry.lease.as_mut().filter(|lease| lease.at_least < revision) {
            lease.at_least = revision;
            cx.fact(Fact::CacheRefreshed { key, revision });
        }
        if let Some(value) = entry.value.as_mut().filter(|value| value.copy.revision < revision) {
            let older = std::mem::replace(&mut value.copy, copy);
            value.before = Some(Box::new((value.written, older)));
            value.written = cx.now();
            cx.fact(Fact::CacheRefreshed { key, revision });
        }
    }

    /// Puts an event beside a row, in order with the others there, whatever order they come in.
    fn pin(&mut self, key: CacheKey, event: Arc<Stored<D::Event>>, cx: &mut Cx<'_, '_, D>) {
        let token = Token { stream: event.stream, version: event.version };
        let recent = &mut self.volatile.entries.entry(key).or_default().recent;
        let place = recent.binary_search_by_key(&event.position, |(_, event)| event.position);
        let Err(place) = place else { return };
        recent.insert(place, (cx.now(), event));
        if recent.len() > PINNED {
            recent.remove(0);
        }
        cx.fact(Fact::CachePinned { key, token });
    }

    fn grant(&mut self, key: CacheKey, cx: &mut Cx<'_, '_, D>) -> CacheAnswer {
        self.leases += 1;
        let lease = self.leases;
        let until = cx.now() + cx.settings().cache.lease;
        self.volatile.entries.entry(key).or_default().lease =
            Some(Lease { token: lease, until, at_least: 0 });
        CacheAnswer::Lease { lease, until }
    }
}

impl<D: Domain> Entry<D> {
    /// A loader that takes too long holds its lease no longer.
    fn lapse(&mut self, key: CacheKey, now: Instant, cx: &mut Cx<'_, '_, D>) {
        if self.lease.take_if(|lease| lease.until <= now).is_some() {
            cx.fact(Fact::CacheLost { key: Some(key), why: Loss::Lapsed });
        }
    }
}

#[cfg(test)]
mod tests;

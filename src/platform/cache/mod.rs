//! The cache: values with a time to live, one loader for each key, and recently written events.
//!
//! A miss grants a lease: its holder loads the value, and other readers wait for it. A lease
//! expires by itself, and only the holder of its token can fill the key. A value that has expired is kept until
//! the next one is filled, or for as long as the settings say, for readers who get no other. If a projector sends a
//! newer row during the load, the loader's older value is rejected, and a waiter loads again.
//!
//! Everything is in memory, and a crash loses all of it. A replica follows a little later; when it
//! takes over, the most recent writes are missing or older than they were. No reader relies on the
//! cache: a reader that needs a certain version says so, and bypasses the cache if it is not there.

mod expiry;
mod waiters;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::{Cause, Instant, NodeId, Payload, Span};
use crate::model::{
    CacheAnswer, CacheKey, Domain, Fact, Loss, RequestId, Stored, Token, Vocabulary,
};
use crate::platform::cx::Cx;
use crate::platform::defects::{
    FAILOVER_KEEPS_LEASE, LEADER_DIES, NO_SINGLE_FLIGHT, STALE_REFILL, UNLOCK_ANOTHERS,
    WRITE_THROUGH_UNVERSIONED,
};
use crate::platform::faults::{EARLY_EXPIRY, EVICTION, FAILOVER};
use crate::platform::message::{Copy, Got, Message};
use expiry::Expiring;
use waiters::Waiters;

/// How many recently written events are kept beside a row.
const PINNED: usize = 16;

/// A query API instance and its request.
type Reader = (NodeId, RequestId);

/// The cache as a node.
#[derive(Clone, Debug)]
pub(crate) struct Cache<D: Domain> {
    volatile: Volatile<D>,
    /// The last token. It survives a crash because it stands for a random number: no two leases
    /// have the same token.
    leases: u64,
}

#[derive(Clone, Debug)]
struct Volatile<D: Domain> {
    entries: BTreeMap<CacheKey, Entry<D>>,
    expiring: Expiring,
    /// Whether a replica took over and no reader has missed a value since.
    failed_over: bool,
}

#[derive(Clone, Debug)]
struct Entry<D: Domain> {
    value: Option<Value<D>>,
    /// The last value, expired, until the next one is filled.
    stale: Option<Value<D>>,
    lease: Option<Lease>,
    waiters: Waiters,
    recent: Vec<(Instant, Arc<Stored<D::Event>>)>,
}

#[derive(Clone, Debug)]
struct Value<D: Domain> {
    copy: Copy<D>,
    expires: Instant,
    written: Instant,
    /// The copy that a newer row replaced, and when it was written: the replica may still have it.
    before: Option<Box<(Instant, Copy<D>)>>,
}

/// The right to load a key.
#[derive(Clone, Copy, Debug)]
struct Lease {
    token: u64,
    until: Instant,
    /// The newest revision seen since the lease was granted; an older value is rejected.
    at_least: u32,
    /// The step in which it was granted.
    cause: Cause,
}

impl<D: Domain> Default for Entry<D> {
    fn default() -> Self {
        let waiters = Waiters::default();
        Self { value: None, stale: None, lease: None, waiters, recent: Vec::new() }
    }
}

impl<D: Domain> Cache<D> {
    pub(crate) fn new() -> Self {
        let (entries, expiring) = (BTreeMap::new(), Expiring::default());
        let volatile = Volatile { entries, expiring, failed_over: false };
        Self { volatile, leases: 0 }
    }

    /// Loses every entry.
    pub(crate) fn crash(&mut self) {
        self.volatile = Self::new().volatile;
    }

    /// Starts empty.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_, '_, D>) {
        cx.fact(Fact::CacheLost { key: None, why: Loss::Restarted });
    }

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        let lag = cx.fault(&FAILOVER, message.entity());
        if lag > 0 {
            self.fail_over(Span::from_micros(lag), cx);
        }
        if let Some(kept) = cx.settings().cache.expired {
            self.drop_expired(kept, cx);
        }
        match message {
            Message::CacheGet { request, key } => self.get((from, request), key, cx),
            Message::CacheFill { request, key, lease, copy } => {
                self.fill((from, request), key, lease, copy, cx);
            }
            Message::CacheRefresh { key, copy } => self.refresh(key, copy, cx),
            Message::CachePin { key, event } => self.pin(key, event, cx),
            Message::Disconnected(peer) => {
                // Its readers ask again over a new connection.
                for entry in self.volatile.entries.values_mut() {
                    entry.waiters.remove_node(peer);
                }
            }
            other => unreachable!("the cache does not take {other:?}"),
        }
    }

    /// Drops the entries whose values have expired this long ago.
    fn drop_expired(&mut self, kept: Span, cx: &Cx<'_, '_, D>) {
        let (now, ttl) = (cx.now(), cx.settings().cache.ttl);
        while let Some(key) = self.volatile.expiring.next(now) {
            let Some(entry) = self.volatile.entries.get_mut(&key) else { continue };
            entry.recent.retain(|(pinned, _)| now < *pinned + ttl);
            if entry.is_over(now, kept) {
                self.volatile.entries.remove(&key);
            }
        }
    }

    /// Looks into an entry again when what was just written to it has expired for as long as it is kept.
    fn look_again(&mut self, key: CacheKey, cx: &Cx<'_, '_, D>) {
        let settings = &cx.settings().cache;
        if let Some(kept) = settings.expired {
            self.volatile.expiring.at(cx.now() + settings.ttl + kept, key);
        }
    }

    /// A replica takes over that lacks the writes of the last `lag`. It knows neither leases nor
    /// waiters: readers ask again.
    fn fail_over(&mut self, lag: Span, cx: &mut Cx<'_, '_, D>) {
        let now = cx.now();
        let known = |written: Instant| written + lag <= now;
        for entry in self.volatile.entries.values_mut() {
            entry.stale = None;
            entry.lease.take_if(|_| !cx.has(&FAILOVER_KEEPS_LEASE));
            entry.waiters.clear();
            entry.recent.retain(|(pinned, _)| known(*pinned));
            entry.value = entry.value.take().and_then(|value| {
                let Value { written, copy, expires, before } = value;
                let mut copies = std::iter::once((written, copy)).chain(before.map(|it| *it));
                let (written, copy) = copies.find(|(written, _)| known(*written))?;
                Some(Value { written, copy, expires, before: None })
            });
        }
        self.volatile.failed_over = true;
        cx.fact(Fact::CacheLost { key: None, why: Loss::FailedOver });
    }

    /// Draws what a key loses before it is accessed: an eviction takes the value and the pinned
    /// events, an early expiry the value and the lease.
    fn lose(&mut self, key: CacheKey, cx: &mut Cx<'_, '_, D>) {
        let Some(entry) = self.volatile.entries.get_mut(&key) else { return };
        if (entry.value.is_some() || !entry.recent.is_empty()) && cx.fault(&EVICTION, key) > 0 {
            (entry.value, entry.stale) = (None, None);
            entry.recent.clear();
            cx.fact(Fact::CacheLost { key: Some(key), why: Loss::Evicted });
            cx.fault_seen(&EVICTION);
        }
        if (entry.value.is_some() || entry.lease.is_some()) && cx.fault(&EARLY_EXPIRY, key) > 0 {
            entry.expire(Instant::MAX);
            entry.lease = None;
            cx.fact(Fact::CacheLost { key: Some(key), why: Loss::Expired });
            cx.fault_seen(&EARLY_EXPIRY);
        }
    }

    /// Every entry, in words.
    pub(crate) fn describe(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let line = |(key, entry): (&CacheKey, &Entry<D>)| {
            let value = entry.value.as_ref().map(|value| format!("value until {}", value.expires));
            let lease = |lease: Lease| format!("lease {} until {}", lease.token, lease.until);
            format!(
                "{}: {}, {}, {} waiters, {} pinned",
                vocabulary.key(*key),
                value.unwrap_or_else(|| "no value".to_owned()),
                entry.lease.map_or_else(|| "no lease".to_owned(), lease),
                entry.waiters.len(),
                entry.recent.len()
            )
        };
        self.volatile.entries.iter().map(line).collect()
    }

    fn get(&mut self, reader: Reader, key: CacheKey, cx: &mut Cx<'_, '_, D>) {
        let now = cx.now();
        self.lose(key, cx);
        let entry = self.volatile.entries.entry(key).or_default();
        entry.expire(now);
        entry.lapse(key, now, cx);
        let answer = if let Some(value) = &entry.value {
            CacheAnswer::Hit { revision: value.copy.revision }
        } else if entry.lease.is_some() && !cx.has(&NO_SINGLE_FLIGHT) {
            entry.waiters.add(reader, cx.here());
            CacheAnswer::Wait
        } else {
            self.grant(key, cx)
        };
        self.answer(reader, key, answer, cx);
    }

    fn answer(&mut self, to: Reader, key: CacheKey, answer: CacheAnswer, cx: &mut Cx<'_, '_, D>) {
        let (node, request) = to;
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
        let stale = entry.stale.as_ref().filter(|_| value.is_none());
        let stale = stale.map(|stale| (stale.written, stale.copy.clone()));
        let got = Box::new(Got { answer, value, stale, recent });
        cx.send(node, Message::CacheGot { request, got });
    }

    /// Takes a loader's value, if its lease is still valid and no newer row was seen.
    fn fill(
        &mut self,
        loader: Reader,
        key: CacheKey,
        token: u64,
        copy: Copy<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let now = cx.now();
        self.lose(key, cx);
        let entry = self.volatile.entries.entry(key).or_default();
        entry.waiters.remove(loader);
        let held = entry.lease.take_if(|held| {
            let is_own = held.token == token || cx.has(&UNLOCK_ANOTHERS);
            is_own && now < held.until
        });
        let is_old = |held: Lease| copy.revision < held.at_least && !cx.has(&STALE_REFILL);
        if held.is_none_or(is_old) {
            cx.fact(Fact::CacheRefused { key, lease: token });
            entry.lapse(key, now, cx);
            if entry.lease.is_none()
                && entry.value.is_none()
                && let Some((next, waiting)) = entry.waiters.take_first()
            {
                // The first waiter becomes the loader; the others keep waiting.
                cx.because(waiting, |cx| {
                    let lease = self.grant(key, cx);
                    self.answer(next, key, lease, cx);
                });
            }
            return;
        }
        let count = entry.waiters.len() as u32;
        let waiters = entry.waiters.take_all();
        let expires = now + cx.settings().cache.ttl;
        let revision = copy.revision;
        entry.value = Some(Value { copy, expires, written: now, before: None });
        entry.stale = None;
        self.look_again(key, cx);
        cx.fact(Fact::CacheFilled { key, lease: token, revision, expires, waiters: count });
        for (waiter, waiting) in waiters {
            let hit = CacheAnswer::Hit { revision };
            cx.because(waiting, |cx| self.answer(waiter, key, hit, cx));
        }
    }

    /// Replaces an older row by a projector's newer one.
    fn refresh(&mut self, key: CacheKey, copy: Copy<D>, cx: &mut Cx<'_, '_, D>) {
        let Some(entry) = self.volatile.entries.get_mut(&key) else { return };
        let revision = copy.revision;
        let replaces_any = cx.has(&WRITE_THROUGH_UNVERSIONED);
        let is_older = |value: &Value<D>| replaces_any || value.copy.revision < revision;
        if let Some(lease) = entry.lease.as_mut().filter(|lease| lease.at_least < revision) {
            lease.at_least = revision;
            cx.fact(Fact::CacheRefreshed { key, revision });
        }
        if let Some(stale) = entry.stale.as_mut().filter(|stale| is_older(stale)) {
            (stale.copy, stale.written) = (copy.clone(), cx.now());
        }
        if let Some(value) = entry.value.as_mut().filter(|value| is_older(value)) {
            let older = std::mem::replace(&mut value.copy, copy);
            value.before = Some(Box::new((value.written, older)));
            value.written = cx.now();
            cx.fact(Fact::CacheRefreshed { key, revision });
        }
    }

    /// Keeps an event beside a row, in order of position.
    fn pin(&mut self, key: CacheKey, event: Arc<Stored<D::Event>>, cx: &mut Cx<'_, '_, D>) {
        let token = Token { stream: event.stream, version: event.version };
        let recent = &mut self.volatile.entries.entry(key).or_default().recent;
        let place = recent.binary_search_by_key(&event.position, |(_, event)| event.position);
        let Err(place) = place else { return };
        recent.insert(place, (cx.now(), event));
        if recent.len() > PINNED {
            recent.remove(0);
        }
        self.look_again(key, cx);
        cx.fact(Fact::CachePinned { key, token });
    }

    fn grant(&mut self, key: CacheKey, cx: &mut Cx<'_, '_, D>) -> CacheAnswer {
        self.leases += 1;
        let (token, until) = (self.leases, cx.now() + cx.settings().cache.lease);
        let entry = self.volatile.entries.entry(key).or_default();
        entry.lease = Some(Lease { token, until, at_least: 0, cause: cx.here() });
        CacheAnswer::Lease { lease: token, until }
    }
}

impl<D: Domain> Entry<D> {
    /// Sets a value aside that has expired.
    fn expire(&mut self, now: Instant) {
        if let Some(value) = self.value.take_if(|value| value.expires <= now) {
            self.stale = Some(value);
        }
    }

    /// Ends a lease that has expired.
    fn lapse(&mut self, key: CacheKey, now: Instant, cx: &mut Cx<'_, '_, D>) {
        if let Some(lease) = self.lease.take_if(|lease| lease.until <= now && !cx.has(&LEADER_DIES))
        {
            let lost = Fact::CacheLost { key: Some(key), why: Loss::Lapsed };
            cx.because(lease.cause, |cx| cx.fact(lost));
        }
    }
}

#[cfg(test)]
mod tests;

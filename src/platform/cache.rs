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
use super::speech::Speech;
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

    /// Takes what a crash takes.
    pub(crate) fn crash(&mut self) {
        *self = Self::new();
    }

    /// Picks up work again after a crash.
    pub(crate) fn recover(&mut self, _cx: &mut Cx<'_, '_, D>) {}

    pub(crate) fn handle(&mut self, from: NodeId, message: Message<D>, cx: &mut Cx<'_, '_, D>) {
        match message {
            Message::CacheGet { request, key } => self.get(from, request, key, cx),
            Message::CacheFill { request, key, lease, copy } => {
                self.fill(from, request, key, lease, copy, cx);
            }
            Message::CacheRefresh { key, copy } => self.refresh(key, copy, cx),
            Message::CachePin { key, event } => self.pin(key, event, cx),
            Message::Disconnected(_) => {}
            other => unreachable!("the cache does not take {other:?}"),
        }
    }

    /// Every key with what is there for it.
    pub(crate) fn describe(&self, speech: Speech<'_, D>) -> Vec<String> {
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
            format!("{}: {value}, {lease}, {waiters} waiters, {pinned} pinned", speech.key(*key))
        };
        self.volatile.entries.iter().map(line).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;
    use crate::platform::testing::{Bench, Counting, Row, added};
    use crate::platform::{CustomerId, RowKey, Version, ViewId};

    const KEY: CacheKey = CacheKey::Row(ViewId(0), RowKey(0));

    struct Rig {
        bench: Bench,
        cache: Cache<Counting>,
    }

    impl Rig {
        fn new() -> Self {
            Self { bench: Bench::new(), cache: Cache::new() }
        }

        fn tell(&mut self, message: Message<Counting>) {
            let (node, asker) = (self.bench.map.cache(), self.bench.map.query_api(0));
            let cache = &mut self.cache;
            self.bench.tell(node, |cx| cache.handle(asker, message, cx));
        }

        /// Asks as the `nth` asker; the answers that anybody gets.
        fn get(&mut self, nth: u32) -> Vec<(u32, Got<Counting>)> {
            self.tell(Message::CacheGet { request: request(nth), key: KEY });
            self.answers()
        }

        fn fill(&mut self, nth: u32, lease: u64, revision: u32) -> Vec<(u32, Got<Counting>)> {
            let copy = copy(revision);
            self.tell(Message::CacheFill { request: request(nth), key: KEY, lease, copy });
            self.answers()
        }

        fn answers(&mut self) -> Vec<(u32, Got<Counting>)> {
            let asker = self.bench.map.query_api(0);
            let sent = self.bench.sent_to(asker).into_iter();
            sent.map(|message| match message {
                Message::CacheGot { request, got } => (request.nth, *got),
                other => panic!("a query API is sent {other:?}"),
            })
            .collect()
        }

        fn wait(&mut self, span: Span) {
            let elsewhere = self.bench.map.customers();
            self.bench.tell(elsewhere, |cx| cx.timer(span, Message::Tick));
            self.bench.next();
        }
    }

    fn request(nth: u32) -> RequestId {
        RequestId { customer: CustomerId(0), nth }
    }

    fn copy(revision: u32) -> Copy<Counting> {
        let row = Row { total: i64::from(revision), version: Version(revision) };
        Copy { row: Some(Arc::new(row)), revision }
    }

    fn lease(answers: &[(u32, Got<Counting>)]) -> u64 {
        match answers {
            [(_, Got { answer: CacheAnswer::Lease { lease, .. }, .. })] => *lease,
            other => panic!("a lease, not {other:?}"),
        }
    }

    #[test]
    fn one_loads_and_the_others_wait_for_its_value() {
        let mut rig = Rig::new();
        let granted = lease(&rig.get(1));
        for nth in 2..=200 {
            assert_eq!(rig.get(nth)[0].1.answer, CacheAnswer::Wait);
        }
        let answered = rig.fill(1, granted, 1);
        assert_eq!(answered.len(), 199);
        assert!(answered.iter().all(|(_, got)| got.answer == CacheAnswer::Hit));
    }

    #[test]
    fn a_lease_lapses_and_its_late_holder_cannot_fill() {
        let mut rig = Rig::new();
        let late = lease(&rig.get(1));
        rig.wait(rig.bench.plan.settings.cache.lease);
        let fresh = lease(&rig.get(2));
        assert_ne!(late, fresh);
        rig.fill(1, late, 1);
        assert_eq!(rig.get(3)[0].1.answer, CacheAnswer::Wait, "the late value was refused");
        assert_eq!(rig.fill(2, fresh, 2).len(), 1);
    }

    #[test]
    fn a_value_expires() {
        let mut rig = Rig::new();
        let granted = lease(&rig.get(1));
        rig.fill(1, granted, 1);
        assert_eq!(rig.get(2)[0].1.answer, CacheAnswer::Hit);
        rig.wait(rig.bench.plan.settings.cache.ttl);
        lease(&rig.get(3));
    }

    #[test]
    fn a_loader_that_read_before_a_newer_row_came_is_refused_and_a_waiter_loads_anew() {
        let mut rig = Rig::new();
        let stale = lease(&rig.get(1));
        rig.get(2);
        rig.tell(Message::CacheRefresh { key: KEY, copy: copy(6) });
        let next = rig.fill(1, stale, 5);
        assert_eq!(next[0].0, 2);
        let granted = lease(&next);
        rig.fill(2, granted, 6);
        assert_eq!(rig.get(3)[0].1.value.as_ref().expect("a hit").revision, 6);
    }

    #[test]
    fn an_older_row_never_replaces_a_newer_one() {
        let mut rig = Rig::new();
        let granted = lease(&rig.get(1));
        rig.fill(1, granted, 7);
        rig.tell(Message::CacheRefresh { key: KEY, copy: copy(6) });
        assert_eq!(rig.get(2)[0].1.value.as_ref().expect("a hit").revision, 7);
        rig.tell(Message::CacheRefresh { key: KEY, copy: copy(8) });
        assert_eq!(rig.get(3)[0].1.value.as_ref().expect("a hit").revision, 8);
    }

    #[test]
    fn what_was_just_written_is_kept_beside_the_row_for_a_while_and_within_bounds() {
        let mut rig = Rig::new();
        for version in 1..=20 {
            let event = added(0, version, u64::from(version));
            rig.tell(Message::CachePin { key: KEY, event });
        }
        let versions: Vec<_> = rig.get(1)[0].1.recent.iter().map(|event| event.version.0).collect();
        assert_eq!(versions, (5..=20).collect::<Vec<_>>());
        rig.wait(rig.bench.plan.settings.cache.ttl);
        assert!(rig.get(2)[0].1.recent.is_empty());
    }
}

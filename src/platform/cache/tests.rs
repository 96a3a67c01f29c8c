use super::*;
use crate::kernel::Span;
use crate::model::{CustomerId, RowKey, Version, ViewId};
use crate::testing::{Bench, Counting, Row, added};

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

    /// Reads as the `nth` reader, and returns the answers to all readers.
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

    fn fail_over(&mut self, lag: Span) {
        let (node, cache) = (self.bench.map.cache(), &mut self.cache);
        self.bench.tell(node, |cx| cache.fail_over(lag, cx));
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
fn one_reader_loads_and_the_others_wait_for_its_value() {
    let mut rig = Rig::new();
    let granted = lease(&rig.get(1));
    for nth in 2..=200 {
        assert_eq!(rig.get(nth)[0].1.answer, CacheAnswer::Wait);
    }
    let answered = rig.fill(1, granted, 1);
    assert_eq!(answered.len(), 199);
    assert!(answered.iter().all(|(_, got)| got.answer == CacheAnswer::Hit { revision: 1 }));
}

#[test]
fn a_lease_expires_and_its_late_holder_cannot_fill() {
    let mut rig = Rig::new();
    let late = lease(&rig.get(1));
    rig.wait(rig.bench.plan.settings.cache.lease);
    let fresh = lease(&rig.get(2));
    assert_ne!(late, fresh);
    rig.fill(1, late, 1);
    assert_eq!(rig.get(3)[0].1.answer, CacheAnswer::Wait, "the late value was rejected");
    assert_eq!(rig.fill(2, fresh, 2).len(), 1);
}

#[test]
fn a_value_expires() {
    let mut rig = Rig::new();
    let granted = lease(&rig.get(1));
    rig.fill(1, granted, 1);
    assert_eq!(rig.get(2)[0].1.answer, CacheAnswer::Hit { revision: 1 });
    rig.wait(rig.bench.plan.settings.cache.ttl);
    let expired = rig.get(3);
    let granted = lease(&expired);
    let kept = |got: &Got<Counting>| got.stale.as_ref().map(|(_, copy)| copy.revision);
    assert_eq!(kept(&expired[0].1), Some(1), "for a reader who gets no other");
    rig.fill(3, granted, 2);
    assert_eq!(kept(&rig.get(4)[0].1), None);
}

#[test]
fn a_value_older_than_a_refresh_is_rejected_and_a_waiter_loads_again() {
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
fn recent_events_are_pinned_beside_the_row_for_a_while_and_up_to_a_bound() {
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

#[test]
fn a_replica_lacks_the_last_writes() {
    let mut rig = Rig::new();
    let granted = lease(&rig.get(1));
    rig.fill(1, granted, 1);
    rig.wait(Span::from_secs(5));
    rig.tell(Message::CacheRefresh { key: KEY, copy: copy(2) });
    rig.tell(Message::CachePin { key: KEY, event: added(0, 1, 1) });
    rig.fail_over(Span::from_secs(1));
    let (_, got) = rig.get(2).remove(0);
    assert_eq!(got.answer, CacheAnswer::Hit { revision: 1 }, "older than it was");
    assert!(got.recent.is_empty());
    rig.fail_over(Span::from_secs(60));
    lease(&rig.get(3));
}

#[test]
fn a_replica_knows_neither_leases_nor_waiters() {
    let mut rig = Rig::new();
    let granted = lease(&rig.get(1));
    rig.get(2);
    rig.fail_over(Span::from_millis(1));
    assert!(rig.fill(1, granted, 1).is_empty(), "rejected, and no reader waits");
    assert_ne!(lease(&rig.get(2)), granted);
}

#[test]
fn a_value_loaded_before_a_restart_is_rejected_after_it() {
    let mut rig = Rig::new();
    let granted = lease(&rig.get(1));
    rig.cache.crash();
    let fresh = lease(&rig.get(2));
    assert_ne!(fresh, granted, "no two leases have the same token");
    rig.fill(1, granted, 1);
    assert_eq!(rig.get(3)[0].1.answer, CacheAnswer::Wait);
}

#[test]
fn when_a_loader_is_too_late_the_next_waiter_loads() {
    let mut rig = Rig::new();
    let late = lease(&rig.get(1));
    rig.get(2);
    rig.get(3);
    rig.wait(rig.bench.plan.settings.cache.lease);
    let next = rig.fill(1, late, 1);
    assert_eq!(next[0].0, 2);
    assert_eq!(
        rig.fill(2, lease(&next), 2).len(),
        1,
        "the third reader gets the value of the second"
    );
}

#[test]
fn a_disconnected_reader_is_no_longer_answered() {
    let mut rig = Rig::new();
    let granted = lease(&rig.get(1));
    rig.get(2);
    rig.tell(Message::Disconnected(rig.bench.map.query_api(0)));
    assert!(rig.fill(1, granted, 1).is_empty());
}

#[test]
fn pinned_events_are_in_order_and_unique() {
    let mut rig = Rig::new();
    for version in [2, 1, 2, 3, 1] {
        let event = added(0, version, u64::from(version));
        rig.tell(Message::CachePin { key: KEY, event });
    }
    let versions: Vec<_> = rig.get(1)[0].1.recent.iter().map(|event| event.version.0).collect();
    assert_eq!(versions, [1, 2, 3]);
}

/// The number of entries, after a value was filled and this much time has passed.
fn entries_after(expired: Option<Span>, wait: Span) -> usize {
    let mut rig = Rig::new();
    std::sync::Arc::make_mut(&mut rig.bench.plan).settings.cache.expired = expired;
    rig.get(1);
    rig.fill(1, 1, 1);
    rig.wait(wait);
    let other = CacheKey::Row(ViewId(0), RowKey(7));
    rig.tell(Message::CacheGet { request: request(2), key: other });
    rig.cache.volatile.entries.len() - 1
}

#[test]
fn an_expired_value_is_kept_as_long_as_the_settings_say() {
    let seconds = Span::from_secs;
    assert_eq!(entries_after(None, seconds(3600)), 1);
    assert_eq!(entries_after(Some(seconds(10)), seconds(39)), 1);
    assert_eq!(entries_after(Some(seconds(10)), seconds(40)), 0);
}

//! `single-flight`: any number of requests for the same missing key lead to one load.

use crate::collections::{SortedMap, SortedSet};

use super::clocks::Clocks;
use super::{Checker, Checks, FactKinds, Property, When, kinds};
use crate::kernel::{Instant, NodeId, Span, Step};
use crate::model::{CacheAnswer, CacheKey, Domain, Fact, Loss, Record, RequestId, Rest};

pub(super) const SINGLE_FLIGHT: Property = Property {
    id: "single-flight",
    when: When::AlwaysAndAtRest,
    says: "a key has at most one loader at a time unless the cache has lost a lease; no value is \
           filled under a lost lease; every waiting reader is answered, and none waits for a loader \
           whose lease expired, by the clock of the cache, more than a minute before",
};

/// How much longer than its lease a reader may wait for a loader, beside what the clock of the cache is behind.
const GRACE: Span = Span::from_secs(60);

/// Follows the current leases and the waiting requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Loads {
    leases: SortedMap<CacheKey, Lease>,
    /// The key that each request waits for, and since when.
    waiting: SortedMap<RequestId, (CacheKey, Step)>,
    /// Questions that have no answer yet.
    open: SortedSet<RequestId>,
    clocks: Clocks,
}

/// The latest lease of a key, until its loader is done or the cache has lost it.
#[derive(Clone, Copy, Debug)]
struct Lease {
    number: u64,
    holder: RequestId,
    until: Instant,
    granted: Step,
    /// When it led to a load, or 0.
    loading: Step,
}

impl<D: Domain> Checker<D> for Loads {
    const PROPERTIES: &'static [Property] = &[SINGLE_FLIGHT];
    const FACTS: FactKinds = kinds!(
        Queried Told CacheHit CacheMiss CacheWait CacheFilled CacheLost CacheRefused Loading Fault
    );

    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
        if let Fact::CacheGet { key, request, answer } = record.fact {
            match answer {
                CacheAnswer::Hit { .. } => self.answered(request),
                CacheAnswer::Lease { lease, until } => {
                    self.answered(request);
                    self.granted(key, request, (lease, until), checks);
                }
                // The loader gets the value first; its own repeated requests do not wait.
                CacheAnswer::Wait if self.loads(key, request) => {}
                // A copy of the question that arrives after the answer.
                CacheAnswer::Wait if !self.open.contains(&request) => {}
                CacheAnswer::Wait => {
                    self.waiting.entry(request).or_insert((key, record.step));
                    self.waits(key, request, (record.node, record.at), checks);
                }
            }
        } else if let Fact::Fault(fired) = &record.fact {
            self.clocks.disturbed(fired);
        } else if let Fact::Queried { request, .. } = record.fact {
            self.open.insert(request);
        } else if let Fact::Told { request, .. } = record.fact {
            self.open.remove(&request);
            self.answered(request);
        } else if let Fact::Loading { key, lease } = record.fact {
            self.loading(key, lease, checks);
        } else if let Fact::CacheFilled { key, lease, .. } = record.fact {
            self.filled(key, lease, checks);
        } else if let Fact::CacheRefused { key, lease } = record.fact {
            self.over(key, lease);
        } else if let Fact::CacheLost { key, why } = record.fact {
            match (key, why) {
                (_, Loss::Evicted) => {} // only values are evicted
                (Some(key), _) => drop(self.leases.remove(&key)),
                (None, _) => self.leases.clear(),
            }
        }
    }

    fn at_rest(&mut self, _: &Rest<'_, D>, checks: &mut Checks<'_, D>) {
        let first = self.waiting.first_key_value();
        let since = first.map(|(_, (_, since))| *since);
        checks.that(&SINGLE_FLIGHT, first.is_none(), since, |words| {
            let (request, (key, _)) = first.expect("a request that waits");
            let (request, key) = (words.request(*request), words.key(*key));
            match self.waiting.len() - 1 {
                0 => format!("{request} waited for {key} and was never answered"),
                others => format!(
                    "{request} waited for {key} and was never answered, and neither were {others} others"
                ),
            }
        });
    }
}

impl Loads {
    /// Whether the latest lease of a key belongs to this request.
    fn loads(&self, key: CacheKey, request: RequestId) -> bool {
        self.leases.get(&key).is_some_and(|lease| lease.holder == request)
    }

    #[inline]
    fn answered(&mut self, request: RequestId) {
        if !self.waiting.is_empty() {
            self.waiting.remove(&request);
        }
    }

    fn granted<D: Domain>(
        &mut self,
        key: CacheKey,
        holder: RequestId,
        (number, until): (u64, Instant),
        checks: &mut Checks<'_, D>,
    ) {
        let granted = checks.step();
        let fresh = Lease { number, holder, until, granted, loading: Step(0) };
        let current = self.leases.get(&key).copied();
        // The holder may ask again if the answer was lost, and gets the same lease.
        let again = current.filter(|lease| (lease.number, lease.holder) == (number, holder));
        let earlier = current.unwrap_or(fresh);
        let free = current.is_none() || again.is_some();
        checks.that(&SINGLE_FLIGHT, free, [earlier.granted, earlier.loading, granted], |words| {
            format!(
                "{} is to load {} under lease {number}, but {} loads it under lease {} until {}",
                words.request(holder),
                words.key(key),
                words.request(earlier.holder),
                earlier.number,
                earlier.until
            )
        });
        self.leases.insert(key, Lease { until, ..again.unwrap_or(fresh) });
    }

    /// A reader waits for the loader of a key, whose lease ends by the clock of the cache.
    fn waits<D: Domain>(
        &self,
        key: CacheKey,
        request: RequestId,
        (cache, now): (NodeId, Instant),
        checks: &mut Checks<'_, D>,
    ) {
        let Some(lease) = self.leases.get(&key) else { return };
        let lasts = now <= lease.until + self.clocks.behind(cache, now) + GRACE;
        checks.that(&SINGLE_FLIGHT, lasts, [lease.granted, checks.step()], |words| {
            format!(
                "{} waits for {}, but the lease of its loader ended at {}",
                words.request(request),
                words.key(key),
                lease.until
            )
        });
    }

    fn loading<D: Domain>(&mut self, key: CacheKey, number: u64, checks: &mut Checks<'_, D>) {
        // A loader whose lease is over cannot know that; its value is refused when it arrives.
        let lease = self.leases.get_mut(&key).filter(|lease| lease.number == number);
        let Some(lease) = lease else { return };
        let because = [lease.granted, lease.loading, checks.step()];
        checks.that(&SINGLE_FLIGHT, lease.loading == Step(0), because, |words| {
            format!("{} is loaded a second time under lease {number}", words.key(key))
        });
        lease.loading = checks.step();
    }

    fn filled<D: Domain>(&mut self, key: CacheKey, number: u64, checks: &mut Checks<'_, D>) {
        let latest = self.leases.get(&key).copied();
        let holds = latest.is_some_and(|lease| lease.number == number);
        let granted = latest.map_or(Step(0), |lease| lease.granted);
        checks.that(&SINGLE_FLIGHT, holds, [granted, checks.step()], |words| {
            let key = words.key(key);
            let instead = match latest {
                None => "that lease was lost or never granted".to_owned(),
                Some(lease) => format!("lease {} was granted after it", lease.number),
            };
            format!("{key} was filled under lease {number}, but {instead}")
        });
        self.over(key, number);
    }

    fn over(&mut self, key: CacheKey, number: u64) {
        if self.leases.get(&key).is_some_and(|lease| lease.number == number) {
            self.leases.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::{Asked, Counters, History, TOTALS, asked};
    use crate::kernel::{Actor, CLOCK_AHEAD, CLOCK_BEHIND, Entity, Fired};
    use crate::model::{Answer, Owed, RowKey};

    const KEY: CacheKey = CacheKey::Row(TOTALS, RowKey(0));

    fn get(history: &mut History, nth: u32, answer: CacheAnswer) {
        history.fact(Fact::CacheGet { key: KEY, request: asked(nth), answer });
    }

    fn lease(history: &mut History, nth: u32, lease: u64) {
        let until = history.now() + crate::kernel::Span::from_millis(10);
        get(history, nth, CacheAnswer::Lease { lease, until });
    }

    fn fill(history: &mut History, lease: u64) {
        let expires = Instant::MAX;
        history.fact(Fact::CacheFilled { key: KEY, lease, revision: 1, expires, waiters: 0 });
    }

    fn lose(history: &mut History, key: Option<CacheKey>, why: Loss) {
        history.fact(Fact::CacheLost { key, why });
    }

    fn told(history: &mut History, nth: u32) {
        history.fact(Fact::Told {
            request: asked(nth),
            owed: Owed::Nothing,
            answer: Answer::Silence,
        });
    }

    fn asks(history: &mut History, nth: u32) {
        let (request, query) = (asked(nth), Asked::Total(0));
        history.fact(Fact::Queried { request, query, owed: Owed::Nothing, resend: false });
    }

    /// One loads, one waits.
    fn stampede() -> History {
        let mut history = History::default();
        (1..=3).for_each(|nth| asks(&mut history, nth));
        lease(&mut history, 1, 7);
        get(&mut history, 2, CacheAnswer::Wait);
        history.fact(Fact::Loading { key: KEY, lease: 7 });
        history
    }

    #[test]
    fn a_copy_of_a_question_that_was_answered_does_not_wait() {
        let mut history = stampede();
        fill(&mut history, 7);
        told(&mut history, 2);
        told(&mut history, 1);
        get(&mut history, 1, CacheAnswer::Wait);
        history.accepted_by::<Loads>();
    }

    #[test]
    fn one_loader_and_a_waiter_that_is_answered_are_accepted() {
        let mut history = stampede();
        fill(&mut history, 7);
        told(&mut history, 2);
        told(&mut history, 1);
        lease(&mut history, 3, 8);
        history.accepted_by::<Loads>();
    }

    #[test]
    fn a_reader_waits_no_longer_than_the_lease_by_the_clock_of_the_cache() {
        let waits_after = |seconds: u64, faults: &[Fact<Counters>]| {
            let mut history = stampede();
            faults.iter().for_each(|fault| history.fact(fault.clone()));
            history.wait(seconds * 1_000);
            get(&mut history, 3, CacheAnswer::Wait);
            fill(&mut history, 7);
            told(&mut history, 2);
            told(&mut history, 3);
            history
        };
        let skewed = |fault, by: u64| {
            let (actor, until) = (Actor::node(NodeId(0)), Some(Instant::MAX));
            let size = Span::from_secs(by).as_micros();
            Fact::Fault(Fired { fault, actor, entity: Entity::default(), size, until })
        };
        waits_after(60, &[]).accepted_by::<Loads>();
        waits_after(300, &[skewed(&CLOCK_BEHIND, 300)]).accepted_by::<Loads>();
        for (seconds, faults) in [
            (61, vec![]),
            (300, vec![skewed(&CLOCK_AHEAD, 300)]),
            (300, vec![skewed(&CLOCK_BEHIND, 300), skewed(&CLOCK_AHEAD, 1)]),
            (361, vec![skewed(&CLOCK_BEHIND, 300)]),
        ] {
            let wrong = waits_after(seconds, &faults);
            wrong.rejected_by::<Loads>("single-flight", "but the lease of its loader ended at");
        }
    }

    #[test]
    fn a_loader_that_asks_once_more_is_no_waiter() {
        let mut history = stampede();
        get(&mut history, 1, CacheAnswer::Wait);
        fill(&mut history, 7);
        told(&mut history, 2);
        history.accepted_by::<Loads>();
    }

    #[test]
    fn a_successor_after_the_lease_has_lapsed_is_accepted() {
        let mut history = stampede();
        history.wait(20);
        lose(&mut history, Some(KEY), Loss::Lapsed);
        lease(&mut history, 2, 8);
        history.fact(Fact::CacheRefused { key: KEY, lease: 7 });
        history.fact(Fact::Loading { key: KEY, lease: 8 });
        fill(&mut history, 8);
        history.accepted_by::<Loads>();
    }

    #[test]
    fn successors_of_leases_that_a_cache_has_lost_are_accepted() {
        let losses =
            [(Some(KEY), Loss::Expired), (None, Loss::FailedOver), (None, Loss::Restarted)];
        for (key, why) in losses {
            let mut history = stampede();
            lose(&mut history, key, why);
            lease(&mut history, 2, 8);
            history.fact(Fact::Loading { key: KEY, lease: 8 });
            history.fact(Fact::CacheRefused { key: KEY, lease: 7 });
            fill(&mut history, 8);
            history.accepted_by::<Loads>();
        }
    }

    #[test]
    fn a_value_under_a_lease_that_a_failover_took_is_rejected() {
        let mut history = stampede();
        lose(&mut history, None, Loss::FailedOver);
        fill(&mut history, 7);
        history.rejected_by::<Loads>(
            "single-flight",
            "row 0 was filled under lease 7, but that lease was lost or never granted",
        );
    }

    #[test]
    fn a_waiter_that_a_failover_lost_and_that_got_no_answer_is_rejected() {
        let mut history = stampede();
        lose(&mut history, None, Loss::FailedOver);
        history.rejected_by::<Loads>("single-flight", "and was never answered");
    }

    #[test]
    fn a_second_lease_after_an_eviction_of_values_is_rejected() {
        let mut history = stampede();
        lose(&mut history, Some(KEY), Loss::Evicted);
        lease(&mut history, 3, 8);
        history.rejected_by::<Loads>("single-flight", "is to load row 0 under lease 8");
    }

    #[test]
    fn a_second_lease_beside_a_living_one_is_rejected() {
        let mut history = stampede();
        lease(&mut history, 3, 8);
        history.rejected_by::<Loads>(
            "single-flight",
            "request 3 of ana is to load row 0 under lease 8, but request 1 of ana loads it under \
             lease 7 until 0.010s",
        );
    }

    #[test]
    fn two_loads_under_one_lease_are_rejected() {
        let mut history = stampede();
        history.fact(Fact::Loading { key: KEY, lease: 7 });
        history
            .rejected_by::<Loads>("single-flight", "row 0 is loaded a second time under lease 7");
    }

    #[test]
    fn a_value_from_a_lease_that_was_given_on_is_rejected() {
        let mut history = stampede();
        history.wait(20);
        lose(&mut history, Some(KEY), Loss::Lapsed);
        lease(&mut history, 2, 8);
        fill(&mut history, 7);
        history.rejected_by::<Loads>("single-flight", "but lease 8 was granted after it");
    }

    #[test]
    fn a_waiter_that_is_never_answered_is_rejected() {
        let mut history = stampede();
        fill(&mut history, 7);
        told(&mut history, 1);
        history.rejected_by::<Loads>(
            "single-flight",
            "request 2 of ana waited for row 0 and was never answered",
        );
    }
}

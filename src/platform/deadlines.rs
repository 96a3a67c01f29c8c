//! The deadlines of a node, over one pending timer at a time. They follow the node's uptime, so
//! that a wrong clock neither shortens nor lengthens them.
//!
//! The timer serves all deadlines, so it is no cause of what happens when one of them has passed: that is
//! what the node did when it set the deadline.

use crate::collections::{SortedMap, SortedSet};
use crate::kernel::{Cause, Instant, Span};
use crate::model::Domain;
use crate::platform::cx::Cx;
use crate::platform::message::Message;

/// How long a node may take that has to answer a client within its patience. The rest is for the way. A client
/// with less than a second sends its request again before; to give up as soon as it does would settle nothing.
pub(crate) fn within(patience: Span) -> Span {
    Span::from_nanos(patience.max(Span::from_secs(1)).as_nanos() / 5 * 4)
}

/// The same for a request that has waited for a worker: what is left of it.
pub(crate) fn left<D: Domain>(patience: Span, cx: &Cx<'_, '_, D>) -> Span {
    let (within, waited) = (within(patience).as_nanos(), cx.since_arrival.as_nanos());
    Span::from_nanos(within.saturating_sub(waited))
}

/// Deadlines by key, at most one for each.
#[derive(Clone, Debug)]
pub(crate) struct Deadlines<K: Ord> {
    due: SortedMap<K, (Instant, Cause)>,
    order: SortedSet<(Instant, K)>,
    /// The earliest instant for which a timer is pending.
    armed: Option<Instant>,
}

impl<K: Ord> Default for Deadlines<K> {
    fn default() -> Self {
        Self { due: SortedMap::new(), order: SortedSet::new(), armed: None }
    }
}

impl<K: Ord + Copy> Deadlines<K> {
    /// Sets or moves the deadline of `key`. What the node is doing led to it.
    pub(crate) fn set<D: Domain>(&mut self, key: K, after: Span, cx: &mut Cx<'_, '_, D>) {
        let at = cx.uptime() + after;
        if let Some((before, _)) = self.due.insert(key, (at, cx.here())) {
            self.order.remove(&(before, key));
        }
        self.order.insert((at, key));
        self.arm(cx);
    }

    /// Removes the deadline of `key`, if it has one.
    pub(crate) fn clear(&mut self, key: K) {
        self.remove(key);
    }

    fn remove(&mut self, key: K) -> Option<Cause> {
        let (at, cause) = self.due.remove(&key)?;
        self.order.remove(&(at, key));
        Some(cause)
    }

    /// What led to the deadline of `key`; start-up if it has none.
    pub(crate) fn cause(&self, key: K) -> Cause {
        self.due.get(&key).map_or(Cause::START, |(_, cause)| *cause)
    }

    /// Notes that what the node is doing leads to what happens at the deadline of `key`, which stays.
    pub(crate) fn explain<D: Domain>(&mut self, key: K, cx: &Cx<'_, '_, D>) {
        if let Some((_, cause)) = self.due.get_mut(&key) {
            *cause = cx.here();
        }
    }

    /// On a tick: removes and returns the keys whose deadlines have passed, earliest first, each with what
    /// led to its deadline.
    pub(crate) fn take_due<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) -> Vec<(K, Cause)> {
        let now = cx.uptime();
        self.armed.take_if(|at| *at <= now);
        let mut keys = Vec::new();
        while let Some(&(_, key)) = self.order.first().filter(|(at, _)| *at <= now) {
            let cause = self.remove(key).expect("both maps have the same keys");
            keys.push((key, cause));
        }
        if !keys.is_empty() {
            cx.waited();
        }
        self.arm(cx);
        keys
    }

    fn arm<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) {
        let Some(&(first, _)) = self.order.first() else { return };
        if self.armed.is_none_or(|armed| first < armed) {
            self.armed = Some(first);
            cx.timer(first.since(cx.uptime()), Message::Tick);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Step;
    use crate::testing::{Bench, Counting};

    #[test]
    fn a_deadline_that_is_moved_passes_once_and_one_that_is_removed_does_not() {
        let (mut bench, mut deadlines) = (Bench::new(), Deadlines::default());
        let node = bench.map.store();
        let mut set = |key: u8, after| {
            let after = Span::from_millis(after);
            bench.tell(node, |cx| deadlines.set::<Counting>(key, after, cx));
        };
        // The second is moved forward, the third back, the fourth to where it is.
        for (key, after) in [(1, 30), (2, 50), (3, 10), (4, 40), (2, 20), (3, 45), (4, 40)] {
            set(key, after);
        }
        deadlines.clear(1);
        let mut due = Vec::new();
        while bench.next().is_some() {
            let now = bench.now();
            bench.tell(node, |cx| {
                let passed = deadlines.take_due(cx);
                due.extend(passed.into_iter().map(|(key, _)| (key, now)));
            });
        }
        let at = |millis| Instant::ZERO + Span::from_millis(millis);
        assert_eq!(due, [(2, at(20)), (4, at(40)), (3, at(45))]);
    }

    #[test]
    fn each_deadline_has_its_own_cause_although_one_timer_serves_all() {
        let (mut bench, mut deadlines) = (Bench::new(), Deadlines::default());
        let node = bench.map.store();
        for key in 1..=3_u8 {
            bench.pass(Span::from_millis(1));
            let after = Span::from_millis(10);
            bench.tell(node, |cx| deadlines.set::<Counting>(key, after, cx));
        }
        bench.pass(Span::from_millis(1));
        bench.tell(node, |cx| deadlines.explain(1, cx));
        deadlines.clear(2);
        let mut due = Vec::new();
        while bench.next().is_some() {
            bench.tell(node, |cx| due.extend(deadlines.take_due(cx)));
        }
        let at = |step| Cause::from(Step(step));
        assert_eq!(due, [(1, at(4)), (3, at(3))], "the first was explained in step 4");
        assert_eq!(deadlines.cause(1), Cause::START, "it has passed");
    }
}

//! Durable timers: they survive a crash of the orchestrator.
//!
//! A timer never fires early by this node's clock; when that clock jumps back, the timer waits longer. It
//! is delivered until the orchestrator acknowledges it, with a back-off. Setting a timer again moves it; a
//! timer that is set for a past instant fires at once. Messages may overtake each other, so a request of an
//! older saga event does not replace that of a newer one.

use crate::collections::SortedMap;
use crate::kernel::{Backoff, Cause, Instant, NodeId};
use crate::model::{Domain, EffectId, Fact, StreamId, Term, Vocabulary, counted};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{
    EARLY_BY_A_FAST_CLOCK, ONE_TIMEOUT_CLEARS_ALL, TIMER_FIRES_ONCE, TIMERS_NOT_WOUND,
};
use crate::platform::message::Message;

type Key = (StreamId, u8);

/// The timer service as a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    durable: Durable,
    volatile: Volatile,
}

/// Survives a crash.
#[derive(Clone, Debug, Default)]
struct Durable {
    due: SortedMap<Key, Timer>,
}

/// A timer that is set.
#[derive(Clone, Copy, Debug)]
struct Timer {
    due: Instant,
    /// The effect that has set it.
    effect: EffectId,
    /// The step in which it was set.
    cause: Cause,
}

/// Lost in a crash.
#[derive(Clone, Debug, Default)]
struct Volatile {
    alarms: Deadlines<Key>,
    /// How often each timer was delivered.
    fired: SortedMap<Key, u32>,
}

/// How often the delay between two deliveries of a timer doubles.
const DOUBLINGS_MAX: u32 = 5;

impl Timers {
    /// The pending work, if any.
    pub(crate) fn busy(&self) -> Option<String> {
        (!self.is_idle()).then(|| counted(self.durable.due.len() as u64, "timer") + " set")
    }

    /// Whether no timer is set.
    pub(crate) fn is_idle(&self) -> bool {
        self.durable.due.is_empty()
    }

    /// All timers that are set: the saga, what the timer is for, and when it is due.
    pub(crate) fn set_timers<D: Domain>(
        &self,
        vocabulary: Vocabulary<'_, D>,
    ) -> impl Iterator<Item = (String, String, Instant)> {
        self.durable.due.iter().map(move |(&(saga, timer), Timer { due, .. })| {
            let (saga, timer) = (vocabulary.stream(saga), vocabulary.term(Term::Timer(timer)));
            (saga.to_string(), timer.to_string(), *due)
        })
    }

    /// All timers that are set, one per line.
    pub(crate) fn describe<D: Domain>(&self, vocabulary: Vocabulary<'_, D>) -> Vec<String> {
        let line = |(saga, timer, due)| format!("{saga}: {timer} at {due}");
        self.set_timers(vocabulary).map(line).collect()
    }

    /// Loses the alarms.
    pub(crate) fn crash(&mut self) {
        self.volatile = Volatile::default();
    }

    /// Sets the alarms again.
    pub(crate) fn recover<D: Domain>(&mut self, cx: &mut Cx<'_, '_, D>) {
        if cx.has(&TIMERS_NOT_WOUND) {
            return;
        }
        let set: Vec<_> = self.durable.due.iter().map(|(&key, timer)| (key, *timer)).collect();
        for (key, Timer { due, cause, .. }) in set {
            cx.because(cause, |cx| self.wind(key, due, cx));
        }
    }

    pub(crate) fn handle<D: Domain>(
        &mut self,
        from: NodeId,
        message: Message<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        match message {
            Message::TimerSet { effect, timer, due } => {
                self.set(effect, timer, due, cx);
                cx.send(from, Message::TimerSetDone { effect });
            }
            Message::TimerCancel { effect, timer } => {
                let key = (effect.saga, timer);
                if self.durable.due.get(&key).is_some_and(|set| set.effect < effect) {
                    self.forget(key, cx);
                    cx.fact(Fact::TimerCancelled { saga: effect.saga, timer });
                }
            }
            Message::TimerDone { effect, timer } => {
                // A timer that was set anew meanwhile, even for the same time, has not been handled yet.
                let key = (effect.saga, timer);
                if self.durable.due.get(&key).is_some_and(|set| set.effect == effect) {
                    self.forget(key, cx);
                }
            }
            Message::Tick => {
                for (key, cause) in self.volatile.alarms.take_due(cx) {
                    cx.because(cause, |cx| self.ring(key, cx));
                }
            }
            other => unreachable!("the timers do not take {other:?}"),
        }
    }

    fn set<D: Domain>(
        &mut self,
        effect: EffectId,
        timer: u8,
        due: Instant,
        cx: &mut Cx<'_, '_, D>,
    ) {
        let key = (effect.saga, timer);
        let before = self.durable.due.get(&key).copied();
        if before.is_some_and(|set| set.effect > effect) {
            return;
        }
        self.durable.due.insert(key, Timer { due, effect, cause: cx.here() });
        if before.is_none_or(|set| set.due != due) {
            self.volatile.fired.remove(&key);
            cx.fact(Fact::TimerSet { saga: effect.saga, timer, due });
            self.wind(key, due, cx);
        }
    }

    fn forget<D: Domain>(&mut self, key: Key, cx: &Cx<'_, '_, D>) {
        if cx.has(&ONE_TIMEOUT_CLEARS_ALL) {
            let (saga, _) = key;
            self.durable.due.extract_if(|(of, _), _| *of == saga).for_each(drop);
        }
        self.durable.due.remove(&key);
        self.volatile.alarms.clear(key);
        self.volatile.fired.remove(&key);
    }

    fn wind<D: Domain>(&mut self, key: Key, due: Instant, cx: &mut Cx<'_, '_, D>) {
        self.volatile.alarms.set(key, due.since(cx.now()), cx);
    }

    fn ring<D: Domain>(&mut self, key @ (saga, timer): Key, cx: &mut Cx<'_, '_, D>) {
        let Some(&Timer { due, effect, .. }) = self.durable.due.get(&key) else { return };
        if cx.now() < due && !cx.has(&EARLY_BY_A_FAST_CLOCK) {
            self.wind(key, due, cx);
            return;
        }
        cx.fact(Fact::TimerFired { saga, timer, due });
        cx.send(cx.map().orchestrator(), Message::TimerDue { effect, timer });
        if cx.has(&TIMER_FIRES_ONCE) {
            return;
        }
        let fired = self.volatile.fired.entry(key).or_insert(0);
        let delay = Backoff::doubling(cx.settings().reply_timeout, DOUBLINGS_MAX).delay(*fired);
        *fired += 1;
        self.volatile.alarms.set(key, delay, cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;
    use crate::model::{Category, Version};
    use crate::testing::{Bench, Counting};

    const SAGA: StreamId = StreamId { category: Category(1), number: 0 };

    struct Rig {
        bench: Bench,
        timers: Timers,
    }

    fn by(version: u32) -> EffectId {
        EffectId { saga: SAGA, version: Version(version), nth: 0 }
    }

    fn at(secs: u64) -> Instant {
        Instant::ZERO + Span::from_secs(secs)
    }

    impl Rig {
        fn new() -> Self {
            Self { bench: Bench::new(), timers: Timers::default() }
        }

        fn tell(&mut self, message: Message<Counting>) {
            let (node, from) = (self.bench.map.timers(), self.bench.map.orchestrator());
            let timers = &mut self.timers;
            self.bench.tell(node, |cx| timers.handle(from, message, cx));
        }

        fn set(&mut self, version: u32, due: Instant) {
            self.tell(Message::TimerSet { effect: by(version), timer: 0, due });
        }

        /// Lets time pass until `count` timers were delivered; returns the version that has set each.
        fn fired(&mut self, count: usize) -> Vec<u32> {
            let mut fired = Vec::new();
            while fired.len() < count {
                let Some((to, message)) = self.bench.next() else { break };
                if let Message::TimerDue { effect, .. } = message {
                    fired.push(effect.version.0);
                } else if to == self.bench.map.timers() {
                    self.tell(message);
                }
            }
            fired
        }
    }

    #[test]
    fn a_timer_is_delivered_at_its_time_and_again_until_it_is_acknowledged() {
        let mut rig = Rig::new();
        rig.set(1, at(10));
        assert_eq!(rig.fired(2), [1, 1]);
        let times = rig.bench.times(|fact| matches!(fact, Fact::TimerFired { .. }));
        assert_eq!(times, [at(10), at(12)]);
        rig.tell(Message::TimerDone { effect: by(1), timer: 0 });
        assert_eq!((rig.fired(1), rig.timers.busy()), (vec![], None));
    }

    #[test]
    fn a_late_acknowledgement_does_not_remove_a_timer_that_was_set_again_for_the_same_time() {
        let mut rig = Rig::new();
        rig.set(1, at(10));
        assert_eq!(rig.fired(1), [1]);
        rig.set(2, at(10));
        rig.tell(Message::TimerDone { effect: by(1), timer: 0 });
        assert_eq!(rig.fired(1), [2]);
        rig.tell(Message::TimerDone { effect: by(2), timer: 0 });
        assert_eq!((rig.fired(1), rig.timers.busy()), (vec![], None));
    }

    #[test]
    fn a_timer_survives_a_crash_and_fires_at_once_if_its_time_has_passed() {
        let mut rig = Rig::new();
        rig.set(1, at(10));
        rig.timers.crash();
        assert!(rig.fired(1).is_empty(), "the node is down");
        let (node, timers) = (rig.bench.map.timers(), &mut rig.timers);
        rig.bench.tell(node, |cx| timers.recover(cx));
        assert_eq!(rig.fired(1), [1]);
    }

    #[test]
    fn a_request_of_an_older_event_does_not_replace_that_of_a_newer_one() {
        let mut rig = Rig::new();
        rig.set(5, at(20));
        rig.set(3, at(10));
        rig.tell(Message::TimerCancel { effect: by(4), timer: 0 });
        assert_eq!(rig.fired(1), [5]);
        rig.tell(Message::TimerCancel { effect: by(6), timer: 0 });
        assert_eq!((rig.fired(1), rig.timers.busy()), (vec![], None));
    }
}

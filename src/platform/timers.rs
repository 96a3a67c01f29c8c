//! Durable timers: they survive a crash of the orchestrator.
//!
//! A timer never fires early by this node's clock; when that clock jumps back, the timer waits longer. It
//! is delivered until the orchestrator acknowledges it, with a back-off. Setting a timer again moves it; a
//! timer that is set for a past instant fires at once. Messages may overtake each other, so a request of an
//! older saga event does not replace that of a newer one.
//!
//! What rings them can be one of three things ([`TimerKind`]), which differ in how late a timer may be, and in what
//! becomes of a timer that is cancelled or moved. Whatever rings is compared with the timer that is set.

use crate::collections::SortedMap;
use crate::kernel::{Backoff, Cause, Instant, NodeId, Span};
use crate::model::{Domain, EffectId, Fact, StreamId, Term, Vocabulary, counted};
use crate::platform::cx::Cx;
use crate::platform::deadlines::Deadlines;
use crate::platform::defects::{
    DELAY_NOT_COMPARED, EARLY_BY_A_FAST_CLOCK, LATE_TIMEOUT_ACTS, ONE_TIMEOUT_CLEARS_ALL,
    POLL_FORGETS_THE_REST, TIMER_FIRES_ONCE, TIMERS_NOT_WOUND,
};
use crate::platform::message::Message;
use crate::platform::settings::TimerKind;

type Key = (StreamId, u8);

/// What rings: a timer, or the message that an effect has sent for it.
type Alarm = (Key, Option<EffectId>);

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
    /// The messages that a broker delays, among them those of timers that were cancelled or moved: it does not take
    /// them back.
    delayed: SortedMap<Alarm, Timer>,
    /// When the last of them leaves its queue, if messages leave it in order.
    last_leaves: Instant,
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
    alarms: Deadlines<Alarm>,
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
        let set: Vec<(Alarm, Timer)> = match cx.settings().timers.is_delayed() {
            false => self.durable.due.iter().map(|(&key, timer)| ((key, None), *timer)).collect(),
            true => self.durable.delayed.iter().map(|(&alarm, timer)| (alarm, *timer)).collect(),
        };
        for (alarm, Timer { due, cause, .. }) in set {
            cx.because(cause, |cx| self.wind(alarm, due, cx));
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
                    if !cx.has(&LATE_TIMEOUT_ACTS) {
                        self.forget(key, cx);
                    }
                    cx.fact(Fact::TimerCancelled { saga: effect.saga, timer });
                }
            }
            Message::TimerDone { effect, timer } => {
                // A timer that was set anew meanwhile, even for the same time, has not been handled yet.
                let key = (effect.saga, timer);
                if self.durable.due.get(&key).is_some_and(|set| set.effect == effect) {
                    self.forget(key, cx);
                }
                let message = (key, Some(effect));
                self.durable.delayed.remove(&message);
                self.volatile.alarms.clear(message);
            }
            Message::Tick => {
                let mut due = self.volatile.alarms.take_due(cx);
                if let TimerKind::Polled { every, batch } = cx.settings().timers {
                    for (alarm, cause) in due.split_off(due.len().min(batch as usize)) {
                        if !cx.has(&POLL_FORGETS_THE_REST) {
                            // The next poll finds it.
                            cx.because(cause, |cx| self.volatile.alarms.set(alarm, every, cx));
                        }
                    }
                }
                for (alarm, cause) in due {
                    cx.because(cause, |cx| self.ring(alarm, cx));
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
        let set = Timer { due, effect, cause: cx.here() };
        self.durable.due.insert(key, set);
        let is_moved = before.is_none_or(|set| set.due != due);
        if is_moved {
            self.volatile.fired.remove(&key);
            cx.fact(Fact::TimerSet { saga: effect.saga, timer, due });
        }
        if cx.settings().timers.is_delayed() {
            let message = (key, Some(effect));
            if self.durable.delayed.insert(message, set).is_none() {
                self.wind(message, due, cx);
            }
        } else if is_moved {
            self.wind((key, None), due, cx);
        }
    }

    fn forget<D: Domain>(&mut self, key: Key, cx: &Cx<'_, '_, D>) {
        if cx.has(&ONE_TIMEOUT_CLEARS_ALL) {
            let (saga, _) = key;
            self.durable.due.extract_if(|(of, _), _| *of == saga).for_each(drop);
        }
        self.durable.due.remove(&key);
        self.volatile.alarms.clear((key, None));
        self.volatile.fired.remove(&key);
    }

    /// Has a timer ring when it is due, or as soon after that as it can.
    fn wind<D: Domain>(&mut self, alarm: Alarm, due: Instant, cx: &mut Cx<'_, '_, D>) {
        let left = due.since(cx.now());
        let after = match cx.settings().timers {
            TimerKind::Scheduler => left,
            TimerKind::Polled { every, .. } => {
                until_poll(cx.uptime() + left, every).since(cx.uptime())
            }
            TimerKind::Delayed { longest, in_order } => {
                let leaves = cx.uptime() + left.min(longest);
                let leaves = if in_order { leaves.max(self.durable.last_leaves) } else { leaves };
                self.durable.last_leaves = leaves;
                leaves.since(cx.uptime())
            }
        };
        self.volatile.alarms.set(alarm, after, cx);
    }

    fn ring<D: Domain>(&mut self, alarm @ (key, by): Alarm, cx: &mut Cx<'_, '_, D>) {
        let (saga, timer) = key;
        let is_meant = |set: &Timer| by.is_none_or(|by| set.effect == by);
        let set = self.durable.due.get(&key).copied().filter(is_meant);
        let delayed = self.durable.delayed.get(&alarm).copied();
        let set = set.or(delayed.filter(|_| cx.has(&DELAY_NOT_COMPARED)));
        let Some(Timer { due, effect, .. }) = set else {
            // A message of a timer that was cancelled or moved.
            self.durable.delayed.remove(&alarm);
            return;
        };
        if cx.now() < due && !cx.has(&EARLY_BY_A_FAST_CLOCK) {
            self.wind(alarm, due, cx);
            return;
        }
        cx.fact(Fact::TimerFired { saga, timer, due });
        // Of several instances, the one that leads acknowledges it.
        for orchestrator in cx.map().orchestrators() {
            cx.send(orchestrator, Message::TimerDue { effect, timer });
        }
        if cx.has(&TIMER_FIRES_ONCE) {
            return;
        }
        let fired = self.volatile.fired.entry(key).or_insert(0);
        let delay = Backoff::doubling(cx.settings().reply_timeout, DOUBLINGS_MAX).delay(*fired);
        *fired += 1;
        self.volatile.alarms.set(alarm, delay, cx);
    }
}

/// The first poll at or after an instant of the node's uptime.
fn until_poll(at: Instant, every: Span) -> Instant {
    let polls = at.as_nanos().div_ceil(every.as_nanos());
    Instant::from_nanos(polls.saturating_mul(every.as_nanos()))
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

    /// When the timers of `dues` fire, each of a saga of its own and set at once.
    fn fires(kind: TimerKind, dues: &[u64]) -> Vec<Instant> {
        let mut rig = Rig::new();
        std::sync::Arc::make_mut(&mut rig.bench.plan).settings.timers = kind;
        for (number, due) in (0..).zip(dues) {
            let saga = StreamId { number, ..SAGA };
            let effect = EffectId { saga, ..by(1) };
            rig.tell(Message::TimerSet { effect, timer: 0, due: at(*due) });
        }
        let mut left = dues.len();
        while left > 0 {
            let Some((to, message)) = rig.bench.next() else { break };
            if let Message::TimerDue { effect, timer } = message {
                rig.tell(Message::TimerDone { effect, timer });
                left -= 1;
            } else if to == rig.bench.map.timers() {
                rig.tell(message);
            }
        }
        assert!(rig.timers.is_idle());
        rig.bench.times(|fact| matches!(fact, Fact::TimerFired { .. }))
    }

    #[test]
    fn a_poll_takes_the_timers_that_are_due_up_to_its_batch_and_the_next_one_the_others() {
        let polled = TimerKind::Polled { every: Span::from_secs(15), batch: 2 };
        assert_eq!(fires(polled, &[1, 2, 15, 16]), [at(15), at(15), at(30), at(30)]);
    }

    #[test]
    fn a_delayed_message_leaves_at_its_time_or_behind_those_before_it_in_its_queue() {
        let delayed =
            |longest, in_order| TimerKind::Delayed { longest: Span::from_secs(longest), in_order };
        assert_eq!(fires(delayed(900, false), &[60, 10]), [at(10), at(60)]);
        assert_eq!(fires(delayed(900, true), &[60, 10]), [at(60), at(60)]);
        assert_eq!(fires(delayed(20, false), &[60]), [at(60)], "delayed again until it is due");
    }

    #[test]
    fn a_delayed_message_of_a_timer_that_was_moved_arrives_and_has_no_effect() {
        let mut rig = Rig::new();
        let plan = std::sync::Arc::make_mut(&mut rig.bench.plan);
        plan.settings.timers =
            TimerKind::Delayed { longest: Span::from_secs(900), in_order: false };
        rig.set(1, at(10));
        rig.set(2, at(20));
        assert_eq!(rig.timers.durable.delayed.len(), 2);
        assert_eq!(rig.fired(1), [2]);
        assert_eq!(rig.timers.durable.delayed.len(), 1, "that of the first has arrived");
    }
}

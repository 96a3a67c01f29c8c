//! Durable timers: an orchestrator may crash, its timers may not.
//!
//! A timer is due at an instant, never earlier. It is handed over until the orchestrator says that it
//! has dealt with it. Setting a timer again moves it; one that is set for an instant that has passed is
//! due at once.

use std::collections::BTreeMap;

use super::cx::Cx;
use super::deadlines::Deadlines;
use super::domain::{Domain, Noun};
use super::fact::Fact;
use super::ids::StreamId;
use super::message::Message;
use super::speech::Speech;
use crate::kernel::{Instant, NodeId};

type Key = (StreamId, u8);

/// The timer service as a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    durable: Durable,
    volatile: Volatile,
}

/// What a crash leaves: what is due when.
#[derive(Clone, Debug, Default)]
struct Durable {
    due: BTreeMap<Key, Instant>,
}

/// What a crash takes: the alarm clock.
#[derive(Clone, Debug, Default)]
struct Volatile {
    alarms: Deadlines<Key>,
}

impl Timers {
    /// What is left to do, if anything.
    pub(crate) fn busy(&self) -> Option<String> {
        let count = self.durable.due.len();
        (count > 0).then(|| format!("{count} timers set"))
    }

    /// What is due when.
    pub(crate) fn describe<D: Domain>(&self, speech: Speech<'_, D>) -> Vec<String> {
        let line = |(&(saga, timer), due): (&Key, &Instant)| {
            let (saga, timer) = (speech.stream(saga), speech.noun(Noun::Timer(timer)));
            format!("{saga}: {timer} at {due}")
        };
        self.durable.due.iter().map(line).collect()
    }

    pub(crate) fn handle<D: Domain>(
        &mut self,
        from: NodeId,
        message: Message<D>,
        cx: &mut Cx<'_, '_, D>,
    ) {
        match message {
            Message::TimerSet { effect, timer, due } => {
                let key = (effect.saga, timer);
                if self.durable.due.insert(key, due) != Some(due) {
                    cx.fact(Fact::TimerSet { saga: effect.saga, timer, due });
                }
                self.volatile.alarms.set(key, due.since(cx.now()), cx);
                cx.send(from, Message::TimerSetDone { effect });
            }
            Message::TimerCancel { effect, timer } => {
                let saga = effect.saga;
                if self.durable.due.remove(&(saga, timer)).is_some() {
                    self.volatile.alarms.clear((saga, timer));
                    cx.fact(Fact::TimerCancelled { saga, timer });
                }
            }
            Message::TimerDone { saga, timer, due } => {
                // A timer that was moved meanwhile is another one.
                if self.durable.due.get(&(saga, timer)) == Some(&due) {
                    self.durable.due.remove(&(saga, timer));
                    self.volatile.alarms.clear((saga, timer));
                }
            }
            Message::Tick => {
                for (saga, timer) in self.volatile.alarms.take_due(cx) {
                    self.fire(saga, timer, cx);
                }
            }
            other => unreachable!("the timers do not take {other:?}"),
        }
    }

    fn fire<D: Domain>(&mut self, saga: StreamId, timer: u8, cx: &mut Cx<'_, '_, D>) {
        let Some(&due) = self.durable.due.get(&(saga, timer)) else { return };
        cx.fact(Fact::TimerFired { saga, timer, due });
        cx.send(cx.map().orchestrator(), Message::TimerDue { saga, timer, due });
        self.volatile.alarms.set((saga, timer), cx.settings().reply_timeout, cx);
    }
}

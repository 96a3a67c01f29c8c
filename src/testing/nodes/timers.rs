//! The timers as messages that a broker delays, and the saga outside of them.

use std::collections::BTreeSet;

use crate::kernel::Span;
use crate::model::{Category, EffectId, StreamId, Version};
use crate::platform::message::Message;
use crate::platform::settings::TimerKind;
use crate::platform::{Cx, Timers};
use crate::testing::{Bench, Counting};

/// The timers under test, each for a saga of its own.
pub struct DelayNode {
    bench: Bench,
    timers: Timers,
    /// Those that have arrived. A timer comes again until it is acknowledged; here it counts once.
    arrived: BTreeSet<u32>,
}

impl Default for DelayNode {
    fn default() -> Self {
        let kind = TimerKind::Delayed { longest: Span::from_secs(86_400), in_order: true };
        let bench = Bench::with_settings(|settings| settings.timers = kind);
        Self { bench, timers: Timers::default(), arrived: BTreeSet::new() }
    }
}

impl DelayNode {
    /// Sends a message that is to arrive after so long.
    pub fn send(&mut self, message: u32, ms: u64) {
        let saga = StreamId { category: Category(1), number: message };
        let effect = EffectId { saga, version: Version(1), nth: 0 };
        let due = self.bench.now() + Span::from_millis(ms);
        self.tell(Message::TimerSet { effect, timer: 0, due });
    }

    /// What arrives within so long, in order.
    pub fn arrivals(&mut self, ms: u64) -> Vec<u32> {
        let end = self.bench.map.customers();
        self.bench.tell(end, |cx| cx.timer(Span::from_millis(ms), Message::Opportunity));
        let mut arrivals = Vec::new();
        while let Some((to, message)) = self.bench.next() {
            match message {
                Message::Opportunity => break,
                Message::TimerDue { effect, .. } if self.arrived.insert(effect.saga.number) => {
                    arrivals.push(effect.saga.number);
                }
                Message::Tick if to == self.bench.map.timers() => self.tell(message),
                _ => {}
            }
        }
        arrivals
    }

    fn tell(&mut self, message: Message<Counting>) {
        let (node, saga) = (self.bench.map.timers(), self.bench.map.customers());
        let timers = &mut self.timers;
        let handle = |cx: &mut Cx<'_, '_, Counting>| timers.handle(saga, message, cx);
        self.bench.tell(node, handle);
    }
}

//! PHOLD on NeXosim: ten models that each schedule themselves, on one thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{Mailbox, SimInit, Simulation};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::workloads::{Delays, NODES};

/// As large as a parcel.
#[derive(Clone, Serialize, Deserialize)]
struct Event([u64; 10]);

#[derive(Serialize, Deserialize)]
struct Node {
    pending: u64,
    random: u64,
    #[serde(skip)]
    handled: Arc<AtomicU64>,
}

#[Model]
impl Node {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        for nth in 0..self.pending {
            self.schedule(Event([nth; 10]), context);
        }
    }

    #[nexosim(schedulable)]
    fn fire(&mut self, event: Event, context: &Context<Self>) {
        self.handled.fetch_add(1, Ordering::Relaxed);
        self.schedule(event, context);
    }

    fn schedule(&mut self, mut event: Event, context: &Context<Self>) {
        let mut delays = Delays(self.random);
        let delay = delays.next();
        self.random = delays.0;
        event.0[0] ^= delay;
        context
            .schedule_event(Duration::from_nanos(delay), schedulable!(Self::fire), event)
            .expect("the delay is not zero");
    }
}

/// A simulation with so many events pending.
pub struct Phold {
    simulation: Simulation,
    handled: Arc<AtomicU64>,
}

impl Phold {
    pub fn new(pending: u64) -> Self {
        let handled = Arc::new(AtomicU64::new(0));
        let mut bench = SimInit::with_num_threads(1);
        for node in 0..u64::from(NODES) {
            let model = Node {
                pending: pending / u64::from(NODES),
                random: node << 32,
                handled: handled.clone(),
            };
            bench = bench.add_model(model, Mailbox::new(), &format!("node {node}"));
        }
        let simulation = bench.init(MonotonicTime::EPOCH).expect("the bench is complete");
        Self { simulation, handled }
    }

    /// Handles at least so many events; as many as it were.
    pub fn advance(&mut self, events: u64) -> u64 {
        let begin = self.handled.load(Ordering::Relaxed);
        loop {
            let handled = self.handled.load(Ordering::Relaxed) - begin;
            if handled >= events {
                return handled;
            }
            self.simulation.step().expect("there is always an event");
        }
    }
}

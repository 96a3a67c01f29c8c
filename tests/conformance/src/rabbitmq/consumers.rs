//! A quorum queue with a single active consumer.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lapin::options::BasicAckOptions;
use lapin::types::AMQPValue;
use lapin::{Acker, Channel, Consumer};

use super::Link;
use super::link::number;
use crate::suite::consumers::Consumers;

/// How long to wait for a delivery before the queue counts as empty.
const QUIET: Duration = Duration::from_secs(1);

/// A queue of its own with its consumers.
pub struct RabbitConsumers {
    link: Link,
    queue: String,
    consumers: Vec<Option<(Channel, Consumer)>>,
    ackers: Vec<Acker>,
}

impl RabbitConsumers {
    /// An empty queue.
    pub fn fresh(server: SocketAddr) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let queue = format!("jetlag-single-{}-{nth}", std::process::id());
        let link = Link::to(server);
        let is_single = ("x-single-active-consumer", AMQPValue::Boolean(true));
        let kind = ("x-queue-type", AMQPValue::LongString("quorum".into()));
        link.declare(&queue, &[kind, is_single]);
        Self { link, queue, consumers: Vec::new(), ackers: Vec::new() }
    }
}

impl Drop for RabbitConsumers {
    fn drop(&mut self) {
        self.link.remove(&[&self.queue], "");
    }
}

impl Consumers for RabbitConsumers {
    fn publish(&mut self, message: u64) {
        self.link.publish("", &self.queue, message, true, None);
    }

    fn subscribe_as(&mut self, nth: usize, prefetch: u32) {
        assert_eq!(nth, self.consumers.len(), "consumers connect in order");
        self.consumers.push(Some(self.link.consume(&self.queue, prefetch as u16)));
    }

    fn got_by(&mut self, nth: usize) -> Vec<(u64, u64)> {
        let Some((_, consumer)) = &mut self.consumers[nth] else { return Vec::new() };
        let received = self.link.received(consumer, QUIET).into_iter();
        received
            .map(|delivery| {
                self.ackers.push(delivery.acker);
                (number(&delivery.data), self.ackers.len() as u64 - 1)
            })
            .collect()
    }

    fn ack_as(&mut self, _: usize, tag: u64) {
        let acked = self.link.wait(self.ackers[tag as usize].ack(BasicAckOptions::default()));
        acked.expect("the channel is open");
    }

    fn lose(&mut self, nth: usize) {
        let (channel, _) = self.consumers[nth].take().expect("a consumer that is connected");
        self.link.wait(channel.close(200, "".into())).expect("the channel is open");
    }
}

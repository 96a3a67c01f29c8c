//! A quorum queue with a delivery limit and a dead letter queue.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use lapin::options::{BasicAckOptions, BasicNackOptions};
use lapin::types::AMQPValue;
use lapin::{Acker, Channel, Consumer};

use super::Link;
use super::link::number;
use crate::proxy::Proxy;
use crate::suite::broker::{Broker, Confirmed, DELIVERIES_MAX, Delivery};

/// How long to wait for a delivery before the queue counts as empty.
const QUIET: Duration = Duration::from_secs(1);

/// RabbitMQ counts the deliveries after the first.
const DELIVERY_LIMIT: u32 = DELIVERIES_MAX - 1;

/// A queue of its own with one consumer.
pub struct RabbitBroker {
    server: SocketAddr,
    link: Link,
    queue: String,
    dead: String,
    exchange: String,
    consumer: Option<(Channel, Consumer)>,
    /// What acknowledges each delivery; tags are places in it.
    ackers: Vec<Acker>,
}

impl RabbitBroker {
    /// An empty queue.
    pub fn fresh(server: SocketAddr) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let queue = format!("jetlag-{}-{nth}", std::process::id());
        let (dead, exchange) = (format!("{queue}-dead"), format!("{queue}-exchange"));
        let link = Link::to(server);
        link.declare(&dead, &[]);
        declare(&link, &queue, &dead, Some(DELIVERY_LIMIT));
        link.exchange(&exchange);
        link.bind(&queue, &exchange);
        let (consumer, ackers) = (None, Vec::new());
        Self { server, link, queue, dead, exchange, consumer, ackers }
    }
}

/// Declares a quorum queue with its dead letter queue.
fn declare(link: &Link, queue: &str, dead: &str, limit: Option<u32>) {
    let text = |text: &str| AMQPValue::LongString(text.into());
    let mut arguments = vec![
        ("x-queue-type", text("quorum")),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text(dead)),
    ];
    arguments.extend(limit.map(|limit| ("x-delivery-limit", AMQPValue::LongInt(limit as i32))));
    link.declare(queue, &arguments);
}

impl RabbitBroker {
    /// Deletes the queue, with what is in it, and declares it again.
    fn replace_queue(&self, limit: Option<u32>) {
        self.link.delete(&self.queue);
        self.declare(limit);
    }

    fn declare(&self, limit: Option<u32>) {
        declare(&self.link, &self.queue, &self.dead, limit);
        self.link.bind(&self.queue, &self.exchange);
    }
}

impl Drop for RabbitBroker {
    fn drop(&mut self) {
        self.link.remove(&[&self.queue, &self.dead], &self.exchange);
    }
}

impl Broker for RabbitBroker {
    fn without_limit(&mut self) {
        self.replace_queue(None);
    }

    fn publish(&mut self, message: u64) -> Confirmed {
        self.link.publish(&self.exchange, &self.queue, message, true, None)
    }

    fn publish_unroutable(&mut self, message: u64) -> Confirmed {
        self.link.publish(&self.exchange, "nowhere", message, false, None)
    }

    fn publish_unbound(&mut self, message: u64) -> Confirmed {
        self.link.unbind(&self.queue, &self.exchange);
        let confirmed = self.publish(message);
        self.link.bind(&self.queue, &self.exchange);
        confirmed
    }

    fn publish_unconfirmed(&mut self, message: u64) -> Confirmed {
        let ready = self.link.ready(&self.queue);
        let proxy = Proxy::to(self.server);
        let publisher = Link::to(proxy.address());
        proxy.deafen();
        publisher.publish_and(&self.exchange, &self.queue, message, true, None, || {
            while self.link.ready(&self.queue) == ready {
                thread::sleep(Duration::from_millis(5));
            }
            proxy.cut();
        })
    }

    fn subscribe(&mut self, prefetch: u32) {
        self.consumer = Some(self.link.consume(&self.queue, prefetch as u16));
    }

    fn deliveries(&mut self) -> Vec<Delivery> {
        let Some((_, consumer)) = &mut self.consumer else { return Vec::new() };
        let received = self.link.received(consumer, QUIET).into_iter();
        received
            .map(|delivery| {
                self.ackers.push(delivery.acker);
                Delivery {
                    message: number(&delivery.data),
                    tag: self.ackers.len() as u64 - 1,
                    redelivered: delivery.redelivered,
                }
            })
            .collect()
    }

    fn ack(&mut self, tag: u64) {
        // One of a closed channel is refused on this side already.
        let _ = self.link.wait(self.ackers[tag as usize].ack(BasicAckOptions::default()));
    }

    fn requeue(&mut self, tag: u64) {
        let options = BasicNackOptions { requeue: true, ..Default::default() };
        let nacked = self.link.wait(self.ackers[tag as usize].nack(options));
        nacked.expect("the channel is open");
    }

    fn close(&mut self) {
        if let Some((channel, _)) = self.consumer.take() {
            self.link.wait(channel.close(200, "".into())).expect("the channel is open");
        }
    }

    fn cancel_consumer(&mut self, message: u64) -> bool {
        self.publish(message);
        self.link.delete(&self.queue);
        let (_, consumer) = self.consumer.as_mut().expect("a consumer that is connected");
        // Of a queue that is declared again at once, under the same name, the server tells nothing.
        let is_cancelled = self.link.is_cancelled(consumer);
        self.declare(Some(DELIVERY_LIMIT));
        is_cancelled
    }

    fn dead_letters(&mut self) -> Vec<u64> {
        thread::sleep(QUIET);
        std::iter::from_fn(|| self.link.get(&self.dead)).collect()
    }
}

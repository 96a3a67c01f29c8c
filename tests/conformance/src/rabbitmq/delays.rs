//! A queue whose messages have a time to live each, and that dead-letters them to the queue of their receiver.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use lapin::types::AMQPValue;

use super::Link;
use crate::suite::delays::Delays;

/// How often the receiver looks.
const LOOKS: Duration = Duration::from_millis(20);

/// Two queues of its own.
pub struct RabbitDelays {
    link: Link,
    waits: String,
    arrived: String,
}

impl RabbitDelays {
    /// Two empty queues.
    pub fn fresh(server: SocketAddr) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let arrived = format!("jetlag-due-{}-{nth}", std::process::id());
        let waits = format!("{arrived}-waits");
        let link = Link::to(server);
        let text = |text: &str| AMQPValue::LongString(text.into());
        link.declare(&arrived, &[]);
        let exchange = ("x-dead-letter-exchange", text(""));
        link.declare(&waits, &[exchange, ("x-dead-letter-routing-key", text(&arrived))]);
        Self { link, waits, arrived }
    }
}

impl Drop for RabbitDelays {
    fn drop(&mut self) {
        self.link.remove(&[&self.waits, &self.arrived], "");
    }
}

impl Delays for RabbitDelays {
    fn send(&mut self, message: u32, ms: u64) {
        self.link.publish("", &self.waits, u64::from(message), true, Some(ms));
    }

    fn arrivals(&mut self, ms: u64) -> Vec<u32> {
        let (start, mut arrivals) = (Instant::now(), Vec::new());
        while start.elapsed() < Duration::from_millis(ms) {
            match self.link.get(&self.arrived) {
                Some(message) => arrivals.push(message as u32),
                None => std::thread::sleep(LOOKS),
            }
        }
        arrivals
    }
}

//! The broker, with a publisher and a consumer outside of it.

use std::sync::Arc;

use crate::kernel::{NodeId, Span};
use crate::model::Fact;
use crate::platform::faults::{BINDING_LOST, CONFIRM_LOST};
use crate::platform::message::Message;
use crate::platform::topology::Queues;
use crate::platform::{Broker, Cx};
use crate::testing::{Bench, Counting, letter};

/// The queue that is under test.
const QUEUE: u8 = 0;
/// Two messages with the same hundreds belong to the same stream.
const STREAM: u64 = 100;

/// What a publisher hears of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Whether a confirm came.
    pub confirmed: bool,
    /// Whether the message was returned.
    pub returned: bool,
}

/// A message at its consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The message.
    pub message: u64,
    /// The tag for its acknowledgement.
    pub tag: u64,
    /// Whether the broker says that it was delivered before.
    pub redelivered: bool,
}

/// A broker under test.
pub struct BrokerNode {
    bench: Bench,
    broker: Broker<Counting>,
    confirms: Vec<Confirmed>,
    deliveries: Vec<Delivery>,
}

impl BrokerNode {
    /// A broker that delivers a message at most so often.
    pub fn new(delivery_limit: u32) -> Self {
        let mut bench = Bench::new();
        let settings = &mut Arc::make_mut(&mut bench.plan).settings.broker;
        settings.delivery_limit = delivery_limit;
        settings.redrive = Span::from_secs(1_000_000);
        let (confirms, deliveries) = (Vec::new(), Vec::new());
        Self { bench, broker: Broker::new(), confirms, deliveries }
    }

    /// Publishes a message to the queue, as mandatory.
    pub fn publish(&mut self, message: u64) -> Confirmed {
        self.publish_to(message, Queues::NONE.with(QUEUE))
    }

    /// Publishes a message that no queue takes, as optional.
    pub fn publish_unroutable(&mut self, message: u64) -> Confirmed {
        self.publish_to(message, Queues::NONE)
    }

    /// Publishes a message to the queue while that is not bound, as mandatory.
    pub fn publish_unbound(&mut self, message: u64) -> Confirmed {
        self.bench.arm(&BINDING_LOST, None);
        self.publish(message)
    }

    /// Publishes a message to the queue; its confirm is lost.
    pub fn publish_unconfirmed(&mut self, message: u64) -> Confirmed {
        self.bench.arm(&CONFIRM_LOST, None);
        self.publish(message)
    }

    /// Connects the consumer.
    pub fn subscribe(&mut self, prefetch: u32) {
        self.tell(self.consumer(), Message::Subscribe { queue: QUEUE, prefetch });
    }

    /// What the consumer has got since the last time that this was asked.
    pub fn deliveries(&mut self) -> Vec<Delivery> {
        self.pump();
        std::mem::take(&mut self.deliveries)
    }

    /// Acknowledges a delivery.
    pub fn ack(&mut self, tag: u64) {
        let stream = letter(0, 1, 1).event.stream;
        self.tell(self.consumer(), Message::Ack { queue: QUEUE, tag, stream });
    }

    /// Rejects a delivery, which is to be delivered again.
    pub fn requeue(&mut self, tag: u64) {
        let stream = letter(0, 1, 1).event.stream;
        self.tell(self.consumer(), Message::Nack { queue: QUEUE, tag, stream });
    }

    /// Closes the connection of the consumer.
    pub fn close(&mut self) {
        let consumer = self.consumer();
        self.tell(consumer, Message::Disconnected(consumer));
        self.pump();
        self.deliveries.clear();
    }

    /// Restarts the broker.
    pub fn restart(&mut self) {
        self.pump();
        self.broker.crash();
        self.act(Broker::recover);
        self.pump();
        self.deliveries.clear();
    }

    /// The dead letters.
    pub fn dead_letters(&mut self) -> Vec<u64> {
        self.pump();
        self.broker.dead_letters().iter().map(|letter| letter.position.0).collect()
    }

    fn publish_to(&mut self, message: u64, queues: Queues) -> Confirmed {
        let relay = self.bench.map.relays().next().expect("a relay");
        let letter = letter((message / STREAM) as u32, (message % STREAM) as u32, message);
        self.tell(relay, Message::Publish { letter, queues });
        self.pump();
        let nothing = Confirmed { confirmed: false, returned: false };
        self.confirms.pop().unwrap_or(nothing)
    }

    fn consumer(&self) -> NodeId {
        self.bench.map.projectors().next().expect("a view")
    }

    fn tell(&mut self, from: NodeId, message: Message<Counting>) {
        self.act(|broker, cx| broker.handle(from, message, cx));
    }

    fn act(&mut self, act: impl FnOnce(&mut Broker<Counting>, &mut Cx<'_, '_, Counting>)) {
        let (node, broker) = (self.bench.map.broker(), &mut self.broker);
        self.bench.tell(node, |cx| act(broker, cx));
        // Facts say what deliveries do not: whether the flag is set. They are stated in the order of the deliveries.
        for fact in self.bench.facts() {
            if let Fact::Delivered { event, redelivered, .. } = fact {
                let message = event.position.0;
                self.deliveries.push(Delivery { message, tag: 0, redelivered });
            }
        }
    }

    /// Delivers what is under way and what comes of it within a minute, which is longer than any rest of a message.
    /// The operator, who retries dead letters, comes much later.
    fn pump(&mut self) {
        let end = self.bench.map.customers();
        self.bench.tell(end, |cx| cx.timer(Span::from_secs(60), Message::Opportunity));
        while let Some((to, message)) = self.bench.next() {
            if matches!(message, Message::Opportunity) {
                break;
            } else if to == self.bench.map.broker() {
                self.tell(to, message);
            } else {
                self.receive(message);
            }
        }
    }

    fn receive(&mut self, message: Message<Counting>) {
        match message {
            Message::Confirm { returned, .. } => {
                let returned = !returned.are_none();
                self.confirms.push(Confirmed { confirmed: true, returned });
            }
            Message::Deliver { tag, letter } => {
                let message = letter.event.position.0;
                let mut waiting = self.deliveries.iter_mut();
                let delivery = waiting.find(|it| it.tag == 0 && it.message == message);
                delivery.expect("a delivery is stated").tag = tag;
            }
            _ => {}
        }
    }
}

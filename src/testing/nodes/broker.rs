//! The broker, with a publisher and a consumer outside of it.

use crate::kernel::{NodeId, Span};
use crate::model::Fact;
use crate::platform::faults::{
    BINDING_LOST, CLAIM_LAPSED, CONFIRM_LOST, CONSUMER_CANCELLED, STANDBY_EARLY,
};
use crate::platform::message::Message;
use crate::platform::settings::RabbitMqSettings;
use crate::platform::topology::Queues;
use crate::platform::{Broker, BrokerKind, Cx, Settings, Sharing};
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
    /// What each instance has got: the message and its tag.
    got: Vec<(NodeId, u64, u64)>,
    /// How often a consumer was told that it is cancelled.
    cancelled: u32,
}

impl BrokerNode {
    /// A broker that delivers a message at most so often.
    pub fn new(delivery_limit: u32) -> Self {
        Self::with_settings(|settings| settings.broker.delivery_limit = delivery_limit)
    }

    /// A broker with two consumers at the queue: one of them is active, or each holds half of `segments`.
    pub fn shared(segments: Option<u32>) -> Self {
        Self::with_settings(|settings| {
            settings.projectors.instances = 2;
            if let Some(segments) = segments {
                settings.projectors.sharing = Sharing::ByStream { segments };
            }
        })
    }

    /// A broker with quorum queues of RabbitMQ, of this version, without settings of their own.
    pub fn rabbitmq(version: u8) -> Self {
        Self::with_settings(|settings| {
            let kind = RabbitMqSettings { version, ..RabbitMqSettings::default() };
            settings.broker.kind = BrokerKind::RabbitMq(kind);
        })
    }

    fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        let bench = Bench::with_settings(|settings| {
            settings.broker.redrive = Span::from_secs(1_000_000);
            change(settings);
        });
        let (confirms, deliveries, got) = (Vec::new(), Vec::new(), Vec::new());
        Self { bench, broker: Broker::new(), confirms, deliveries, got, cancelled: 0 }
    }

    /// Connects one of several consumers.
    pub fn subscribe_as(&mut self, nth: usize, prefetch: u32) {
        self.tell(self.instance(nth), Message::Subscribe { queue: QUEUE, prefetch });
    }

    /// What one of several consumers has got since the last time that this was asked: messages and tags.
    pub fn got_by(&mut self, nth: usize) -> Vec<(u64, u64)> {
        self.pump();
        let node = self.instance(nth);
        let its = self.got.extract_if(.., |(to, ..)| *to == node);
        its.map(|(_, message, tag)| (message, tag)).collect()
    }

    /// One of several consumers acknowledges a delivery.
    pub fn ack_as(&mut self, nth: usize, tag: u64) {
        let stream = letter(0, 1, 1).event.stream;
        self.tell(self.instance(nth), Message::Ack { queue: QUEUE, tag, stream });
    }

    /// The connection of one of several consumers is lost.
    pub fn lose(&mut self, nth: usize) {
        let consumer = self.instance(nth);
        self.tell(consumer, Message::Disconnected(consumer));
    }

    /// From the next delivery on, another consumer has what the receiver of it had.
    pub fn replace_at_next(&mut self, segments: Option<u32>) {
        self.bench.arm(if segments.is_some() { &CLAIM_LAPSED } else { &STANDBY_EARLY }, None);
    }

    /// The number of messages that are not acknowledged.
    pub fn unacknowledged(&self) -> u64 {
        self.broker.queued()[usize::from(QUEUE)]
    }

    fn instance(&self, nth: usize) -> NodeId {
        self.bench.map.projectors().nth(nth).expect("an instance")
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

    /// Publishes a message, at whose delivery the broker cancels the consumer. Returns whether that one is told.
    pub fn cancel_consumer(&mut self, message: u64) -> bool {
        self.bench.arm(&CONSUMER_CANCELLED, None);
        let before = self.cancelled;
        self.publish(message);
        self.pump();
        self.deliveries.clear();
        self.cancelled > before
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
                self.receive(to, message);
            }
        }
    }

    fn receive(&mut self, to: NodeId, message: Message<Counting>) {
        match message {
            Message::Confirm { returned, .. } => {
                let returned = !returned.are_none();
                self.confirms.push(Confirmed { confirmed: true, returned });
            }
            Message::Deliver { tag, letter } => {
                let message = letter.event.position.0;
                self.got.push((to, message, tag));
                let mut waiting = self.deliveries.iter_mut();
                let delivery = waiting.find(|it| it.tag == 0 && it.message == message);
                delivery.expect("a delivery is stated").tag = tag;
            }
            Message::Cancelled { .. } => self.cancelled += 1,
            _ => {}
        }
    }
}

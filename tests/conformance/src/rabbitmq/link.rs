//! A connection to RabbitMQ, without futures.

use std::net::SocketAddr;
use std::time::Duration;

use futures_lite::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions,
    ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Consumer,
    ExchangeKind,
};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::suite::broker::Confirmed;

/// How long the server may take to tell a consumer that it is cancelled.
const CANCELLED_WITHIN: Duration = Duration::from_secs(10);

/// A connection with a channel in confirm mode.
pub struct Link {
    runtime: Runtime,
    connection: Connection,
    channel: Channel,
}

impl Link {
    /// Connects.
    pub fn to(server: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (connection, channel) = runtime.block_on(async {
            let uri = format!("amqp://guest:guest@{server}/%2f");
            let connection = Connection::connect(&uri, ConnectionProperties::default()).await;
            let connection = connection.expect("RabbitMQ takes a connection");
            let channel = connection.create_channel().await.expect("a channel");
            let options = ConfirmSelectOptions::default();
            channel.confirm_select(options).await.expect("RabbitMQ has confirms");
            (connection, channel)
        });
        Self { runtime, connection, channel }
    }

    /// Declares a queue.
    pub fn declare(&self, queue: &str, arguments: &[(&str, AMQPValue)]) {
        let options = QueueDeclareOptions { durable: true, ..Default::default() };
        let arguments = table(arguments);
        let declared = self.channel.queue_declare(queue.into(), options, arguments);
        self.runtime.block_on(declared).expect("a queue is declared");
    }

    /// Declares a direct exchange.
    pub fn exchange(&self, exchange: &str) {
        let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
        let kind = ExchangeKind::Direct;
        let declared =
            self.channel.exchange_declare(exchange.into(), kind, options, FieldTable::default());
        self.runtime.block_on(declared).expect("an exchange is declared");
    }

    /// Binds a queue to an exchange under its own name.
    pub fn bind(&self, queue: &str, exchange: &str) {
        let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
        let bound = self.channel.queue_bind(
            queue.into(),
            exchange.into(),
            queue.into(),
            options,
            arguments,
        );
        self.runtime.block_on(bound).expect("a queue is bound");
    }

    /// Undoes [`bind`](Self::bind).
    pub fn unbind(&self, queue: &str, exchange: &str) {
        let arguments = FieldTable::default();
        let unbound =
            self.channel.queue_unbind(queue.into(), exchange.into(), queue.into(), arguments);
        self.runtime.block_on(unbound).expect("a queue is unbound");
    }

    /// Deletes a queue that exists.
    pub fn delete(&self, queue: &str) {
        let deleted = self.channel.queue_delete(queue.into(), Default::default());
        self.runtime.block_on(deleted).expect("a queue is deleted");
    }

    /// Removes queues and an exchange.
    pub fn remove(&self, queues: &[&str], exchange: &str) {
        self.runtime.block_on(async {
            // What stays behind is removed with its server.
            for queue in queues {
                let _ = self.channel.queue_delete((*queue).into(), Default::default()).await;
            }
            let _ = self.channel.exchange_delete(exchange.into(), Default::default()).await;
        });
    }

    /// How many messages are ready in a queue.
    pub fn ready(&self, queue: &str) -> u32 {
        let options = QueueDeclareOptions { passive: true, ..Default::default() };
        let declared = self.channel.queue_declare(queue.into(), options, FieldTable::default());
        self.runtime.block_on(declared).expect("the queue exists").message_count()
    }

    /// Publishes a message and waits for its confirm. With a time to live in milliseconds, if there is one.
    pub fn publish(
        &self,
        exchange: &str,
        key: &str,
        message: u64,
        mandatory: bool,
        ttl_ms: Option<u64>,
    ) -> Confirmed {
        self.publish_and(exchange, key, message, mandatory, ttl_ms, || {})
    }

    /// The same; something happens after the message is sent and before its confirm is awaited.
    pub fn publish_and(
        &self,
        exchange: &str,
        key: &str,
        message: u64,
        mandatory: bool,
        ttl_ms: Option<u64>,
        meanwhile: impl FnOnce(),
    ) -> Confirmed {
        let options = BasicPublishOptions { mandatory, ..Default::default() };
        let mut properties = BasicProperties::default().with_delivery_mode(2);
        if let Some(ttl) = ttl_ms {
            properties = properties.with_expiration(ttl.to_string().into());
        }
        let body = message.to_be_bytes();
        let published =
            self.channel.basic_publish(exchange.into(), key.into(), options, &body, properties);
        let confirm = self.runtime.block_on(published).expect("a message is sent");
        meanwhile();
        match self.runtime.block_on(confirm) {
            Ok(Confirmation::Ack(returned)) => {
                Confirmed { confirmed: true, returned: returned.is_some() }
            }
            Ok(Confirmation::Nack(_) | Confirmation::NotRequested) | Err(_) => {
                Confirmed { confirmed: false, returned: false }
            }
        }
    }

    /// Consumes a queue on a channel of its own.
    pub fn consume(&self, queue: &str, prefetch: u16) -> (Channel, Consumer) {
        self.runtime.block_on(async {
            let channel = self.connection.create_channel().await.expect("a channel");
            channel.basic_qos(prefetch, BasicQosOptions::default()).await.expect("a prefetch");
            let options = BasicConsumeOptions::default();
            let arguments = FieldTable::default();
            let consumer = channel.basic_consume(queue.into(), "".into(), options, arguments).await;
            (channel, consumer.expect("a consumer"))
        })
    }

    /// What a consumer gets until nothing comes for so long.
    pub fn received(&self, consumer: &mut Consumer, quiet: Duration) -> Vec<Delivery> {
        self.runtime.block_on(async {
            let mut deliveries = Vec::new();
            while let Ok(Some(Ok(delivery))) = timeout(quiet, consumer.next()).await {
                deliveries.push(delivery);
            }
            deliveries
        })
    }

    /// Whether a consumer hears, within some seconds, that the server has cancelled it.
    pub fn is_cancelled(&self, consumer: &mut Consumer) -> bool {
        self.runtime.block_on(async {
            loop {
                match timeout(CANCELLED_WITHIN, consumer.next()).await {
                    Ok(Some(Ok(_))) => {}
                    Ok(None) => return true,
                    Ok(Some(Err(_))) | Err(_) => return false,
                }
            }
        })
    }

    /// Takes the head of a queue.
    pub fn get(&self, queue: &str) -> Option<u64> {
        let options = BasicGetOptions { no_ack: true };
        let got = self.runtime.block_on(self.channel.basic_get(queue.into(), options));
        got.expect("a queue can be read").map(|message| number(&message.delivery.data))
    }

    /// Runs a future.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

/// The message that a body holds.
pub fn number(body: &[u8]) -> u64 {
    u64::from_be_bytes(body.try_into().expect("a message is a number of eight bytes"))
}

fn table(arguments: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in arguments {
        table.insert((*name).into(), value.clone());
    }
    table
}

//! The brokers that the broker can behave like, and what differs between them in a word. What takes code has a
//! file for each: `rabbitmq`, `sqs` and `kafka`.

use serde::{Deserialize, Serialize};

use super::{kafka, rabbitmq, sqs};
use crate::kernel::Fault;
use crate::platform::settings::{BrokerSettings, KafkaSettings, RabbitMqSettings, SqsSettings};

/// Which broker it behaves like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BrokerKind {
    /// No product: the broker that the documentation of the platform describes.
    #[default]
    Generic,
    /// RabbitMQ, with consumers that acknowledge by hand.
    RabbitMq(RabbitMqSettings),
    /// Amazon SQS.
    Sqs(SqsSettings),
    /// Apache Kafka, with a consumer group for each view and for the sagas.
    Kafka(KafkaSettings),
}

/// The types of RabbitMQ's queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RabbitQueues {
    /// On one node, durable, without a limit for deliveries.
    Classic,
    /// Replicated.
    Quorum,
}

/// The types of SQS queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SqsQueues {
    /// At least once, in any order.
    Standard,
    /// In order within a message group, which is a stream, and deduplicated for five minutes.
    Fifo,
}

/// The producers of Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Producer {
    /// `enable.idempotence=false`: a record that the library sends again is appended again.
    AtLeastOnce,
    /// `enable.idempotence=true`: the broker recognises a record that the library sends again.
    Idempotent,
}

impl BrokerKind {
    /// Its name in scenario files.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Generic => "Generic",
            Self::RabbitMq(_) => "RabbitMq",
            Self::Sqs(_) => "Sqs",
            Self::Kafka(_) => "Kafka",
        }
    }

    /// The same kind with its defaults.
    pub(crate) fn with_defaults(&self) -> Self {
        match self {
            Self::Generic => Self::Generic,
            Self::RabbitMq(_) => Self::RabbitMq(RabbitMqSettings::default()),
            Self::Sqs(_) => Self::Sqs(SqsSettings::default()),
            Self::Kafka(_) => Self::Kafka(KafkaSettings::default()),
        }
    }

    /// Whether a message that is released blocks what follows it in its stream: head-of-line blocking.
    pub(crate) const fn blocks_what_follows(&self) -> bool {
        match self {
            Self::Generic | Self::RabbitMq(_) => false,
            Self::Sqs(sqs) => matches!(sqs.queues, SqsQueues::Fifo),
            Self::Kafka(_) => true,
        }
    }

    /// Whether a fault can happen with it.
    pub(crate) fn has(&self, fault: &Fault) -> bool {
        let of_others = match self {
            Self::Generic => [rabbitmq::FAULTS, sqs::FAULTS, kafka::FAULTS],
            Self::RabbitMq(_) => [&[], sqs::FAULTS, kafka::FAULTS],
            Self::Sqs(_) => [rabbitmq::FAULTS, &[], kafka::FAULTS],
            Self::Kafka(_) => [rabbitmq::FAULTS, sqs::FAULTS, &[]],
        };
        let absent = match self {
            Self::Generic | Self::RabbitMq(_) => &[][..],
            Self::Sqs(SqsSettings { queues: SqsQueues::Standard, .. }) => sqs::ABSENT,
            Self::Sqs(SqsSettings { queues: SqsQueues::Fifo, .. }) => sqs::ABSENT_FIFO,
            Self::Kafka(_) => kafka::ABSENT,
        };
        !of_others.into_iter().flatten().chain(absent).any(|other| *other == fault)
    }
}

impl BrokerSettings {
    /// After how many deliveries a message is dead-lettered; `None` if the broker does not count them.
    pub(crate) const fn limit(&self) -> Option<u32> {
        match &self.kind {
            BrokerKind::RabbitMq(rabbit) if !rabbit.has_limit() => None,
            BrokerKind::Generic
            | BrokerKind::RabbitMq(_)
            | BrokerKind::Sqs(_)
            | BrokerKind::Kafka(_) => Some(self.delivery_limit),
        }
    }
}

//! Settings of one kind of broker that cannot work.

use crate::kernel::Span;
use crate::platform::{
    BrokerKind, BrokerSettings, KafkaSettings, Settings, SqsSettings, WorkerSettings,
};
use crate::scenario::file::Network;
use crate::scenario::place::{Complaints, Place};

/// The longest visibility timeout of SQS.
const VISIBILITY_MAX: Span = Span::from_secs(12 * 3600);
/// The highest `maxReceiveCount` of SQS.
const RECEIVES_MAX: u32 = 1000;
/// The messages from a delivery to its acknowledgement: the delivery, the row transaction, its reply, the
/// acknowledgement.
const MESSAGES_PER_DELIVERY: u64 = 4;

/// Checks the settings of a kind of broker.
pub(super) fn check(
    settings: &Settings,
    network: &Network,
    platform: &Place,
    complaints: &mut Complaints,
) {
    let broker = platform.field("broker");
    let kind = broker.field("kind");
    match &settings.broker.kind {
        BrokerKind::Generic => {}
        BrokerKind::RabbitMq(rabbit) => {
            if !matches!(rabbit.version, 3 | 4) {
                let message = format!("there is no RabbitMQ {} here", rabbit.version);
                complaints.add(kind.field("version"), message, "write 3 or 4");
            }
            check_limit(&settings.broker, &broker, complaints);
        }
        BrokerKind::Sqs(sqs) => {
            let limit = settings.broker.delivery_limit;
            if limit > RECEIVES_MAX {
                let message = format!("`{limit}` is too large for SQS");
                let hint = format!("`maxReceiveCount` is at most {RECEIVES_MAX}");
                complaints.add(broker.field("delivery_limit"), message, hint);
            }
            check_visibility(sqs, settings, network, &kind.field("visibility"), complaints);
        }
        BrokerKind::Kafka(kafka) => check_kafka(kafka, &kind, complaints),
    }
}

/// Reports a limit that the queues do not have.
fn check_limit(broker: &BrokerSettings, place: &Place, complaints: &mut Complaints) {
    let changed = broker.delivery_limit != BrokerSettings::default().delivery_limit;
    if broker.limit().is_none() && changed {
        complaints.add(
            place.field("delivery_limit"),
            "these queues have no delivery limit: a message that fails is delivered again without end",
            "remove it, or use `kind: RabbitMq(version: 4, queues: Quorum)`",
        );
    }
}

/// Reports a visibility timeout that can end before a message is deleted although nothing fails: some are received
/// until they are dead, and again when the operator returns them.
fn check_visibility(
    sqs: &SqsSettings,
    settings: &Settings,
    network: &Network,
    place: &Place,
    complaints: &mut Complaints,
) {
    let work =
        |set: &Option<WorkerSettings>| set.as_ref().map_or(Span::ZERO, |set| set.service_time);
    let capacity = &settings.capacity;
    let least = network.link().slowest().times(MESSAGES_PER_DELIVERY)
        + work(&capacity.projectors)
        + work(&capacity.read_store);
    let written = sqs.visibility.written();
    if sqs.visibility <= least {
        complaints.add(
            place.clone(),
            format!(
                "a message is visible again after {written}, before it is processed and deleted, which can take {} \
                 without a fault",
                least.written()
            ),
            format!("write more than \"{}\"; the default of SQS is \"30s\"", least.written()),
        );
    } else if sqs.visibility > VISIBILITY_MAX {
        let hint = format!("at most \"{}\"", VISIBILITY_MAX.written());
        complaints.add(place.clone(), format!("`{written}` is too long for SQS"), hint);
    }
}

fn check_kafka(kafka: &KafkaSettings, place: &Place, complaints: &mut Complaints) {
    const DEFAULT: &str = "remove it to use the default";
    complaints.not_zero(place.field("partitions"), &kafka.partitions, DEFAULT);
    complaints.not_zero(place.field("session"), &kafka.session, DEFAULT);
    complaints.not_zero(place.field("commit"), &kafka.commit, DEFAULT);
    if kafka.retention <= kafka.session {
        complaints.add(
            place.field("retention"),
            format!(
                "records are deleted after {}, and a group whose member is lost reads nothing for {}: it would lose \
                 events",
                kafka.retention.written(),
                kafka.session.written()
            ),
            "make it longer than `session`; the default of Kafka is a week",
        );
    }
}

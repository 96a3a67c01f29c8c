//! Several instances of a projector that cannot share a queue as the file says.

use crate::platform::{BrokerKind, Settings, Sharing};
use crate::scenario::place::{Complaints, Place};

/// How many segments a queue is divided into at most.
const SEGMENTS_MAX: u32 = 1024;

/// Checks how several instances of a projector share their queue.
pub(super) fn check(settings: &Settings, platform: &Place, complaints: &mut Complaints) {
    let place = platform.field("projectors");
    let projectors = &settings.projectors;
    if let Sharing::ByStream { segments } = projectors.sharing {
        let place = place.field("sharing").field("segments");
        if segments > SEGMENTS_MAX {
            let hint = format!("at most {SEGMENTS_MAX}");
            complaints.add(place, format!("`{segments}` is too large"), hint);
        } else {
            complaints.not_zero(place, &segments, "write one for each instance or more");
        }
        if projectors.instances == 1 {
            complaints.add(
                platform.field("projectors").field("sharing"),
                "one instance shares its queue with nobody",
                "write `instances: 2` or more, or remove `sharing`",
            );
        }
    }
    if projectors.instances > 1
        && let Some((message, hint)) = not_with(&settings.broker.kind, projectors.sharing)
    {
        complaints.add(place.field("instances"), message, hint);
    }
}

/// Checks the instances of the orchestrator: of its queue one consumer is active, as of a queue of RabbitMQ.
pub(super) fn check_sagas(settings: &Settings, platform: &Place, complaints: &mut Complaints) {
    let kind = &settings.broker.kind;
    if settings.saga.instances > 1 && matches!(kind, BrokerKind::Sqs(_) | BrokerKind::Kafka(_)) {
        complaints.add(
            platform.field("saga").field("instances"),
            format!("a queue of `kind: {}` has no single active consumer", kind.name()),
            "use one instance, or another kind of broker",
        );
    }
}

/// Why a kind of broker does not let instances share a queue in this way, and what to do.
fn not_with(kind: &BrokerKind, sharing: Sharing) -> Option<(String, String)> {
    match (kind, sharing) {
        (BrokerKind::Generic, _) | (BrokerKind::RabbitMq(_), Sharing::SingleActive) => None,
        (BrokerKind::RabbitMq(_), Sharing::ByStream { .. }) => Some((
            "a queue of RabbitMQ is not divided by stream".to_owned(),
            "write `sharing: SingleActive`".to_owned(),
        )),
        (BrokerKind::Kafka(kafka), Sharing::ByStream { segments }) => {
            (segments != kafka.partitions).then(|| {
                (
                    format!("the segments of a topic are its {} partitions", kafka.partitions),
                    format!("write `sharing: ByStream(segments: {})`", kafka.partitions),
                )
            })
        }
        (BrokerKind::Kafka(kafka), Sharing::SingleActive) => Some((
            "a Kafka group assigns partitions, and has no single active consumer".to_owned(),
            format!("write `sharing: ByStream(segments: {})`", kafka.partitions),
        )),
        (BrokerKind::Sqs(_), _) => Some((
            "several receivers of an SQS queue compete for each message, which is not modelled"
                .to_owned(),
            "use one instance, or another kind of broker".to_owned(),
        )),
    }
}

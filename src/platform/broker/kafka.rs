//! Apache Kafka: a log for each partition, of which a consumer group reads on from the offset that it committed.
//!
//! The consumer's library is part of this node. It hands out records in order of their partition, and notes which
//! are processed; every `commit` it commits the offset up to which all are. A record that failed is read again after
//! a pause, and so is all that comes after it in its partition. How often a record has failed is known to the member
//! of the group only, and forgotten with it.
//!
//! A member that is lost keeps its partitions until its session ends. Then, and at any other rebalance, records
//! behind the committed offset are delivered again, whether they were processed or not.

use super::kind::{BrokerKind, Producer};
use super::{Broker, Due, Parcel, Queue};
use crate::kernel::{Fault, Span};
use crate::model::{Domain, Fact, StreamId};
use crate::platform::cx::Cx;
use crate::platform::defects::OFFSET_COMMITTED_FIRST;
use crate::platform::faults::{
    BINDING_LOST, CONNECTION_CLOSED, OVERTAKEN, PRODUCE_RETRIED, REBALANCE, REDELIVERY,
};
use crate::platform::settings::KafkaSettings;
use crate::platform::topology::{Queues, saga_queue, segment_of};

/// The faults that no other kind has.
pub(super) const FAULTS: &[&Fault] = &[&REBALANCE, &PRODUCE_RETRIED];
/// What cannot happen: nothing is requeued or acknowledged by itself, and topics have no bindings.
pub(super) const ABSENT: &[&Fault] = &[&CONNECTION_CLOSED, &REDELIVERY, &OVERTAKEN, &BINDING_LOST];

/// The settings of Kafka, if the broker is one.
pub(super) fn settings<'a, D: Domain>(cx: &Cx<'a, '_, D>) -> Option<&'a KafkaSettings> {
    match &cx.settings().broker.kind {
        BrokerKind::Kafka(settings) => Some(settings),
        BrokerKind::Generic | BrokerKind::RabbitMq(_) | BrokerKind::Sqs(_) => None,
    }
}

impl KafkaSettings {
    /// The partition of a stream. Its key is the name of the stream.
    pub(super) fn partition(&self, stream: StreamId) -> u32 {
        segment_of(stream, self.partitions)
    }
}

/// Whether nothing in the partition of a record is to be read before it.
pub(super) fn is_next_of_partition<D: Domain>(
    queue: &Queue<D>,
    parcel: &Parcel<D>,
    settings: &KafkaSettings,
) -> bool {
    let partition = settings.partition(parcel.stream());
    !queue.resting_parcels().any(|other| settings.partition(other.stream()) == partition)
}

impl<D: Domain> Broker<D> {
    /// Appends a record again that the producer's library sends again, unless the broker recognises it.
    pub(super) fn produce_again(
        &mut self,
        queue: u8,
        parcel: Parcel<D>,
        producer: Producer,
        cx: &mut Cx<'_, '_, D>,
    ) {
        if cx.fault(&PRODUCE_RETRIED, parcel.stream()) == 0 {
            return;
        }
        cx.fault_seen(&PRODUCE_RETRIED);
        match producer {
            Producer::Idempotent => {
                cx.fact(Fact::Deduplicated { queue, position: parcel.position() });
            }
            Producer::AtLeastOnce => {
                self.durable.arrivals += 1;
                let arrival = self.durable.arrivals;
                self.put(queue, Parcel { arrival, ..parcel }, cx);
            }
        }
    }

    /// Removes records from the front whose retention time is over.
    pub(super) fn expire(&mut self, queue: u8, retention: Span, cx: &mut Cx<'_, '_, D>) {
        let now = cx.uptime();
        let is_over = |parcel: &Parcel<D>| now.since(parcel.since) > retention;
        for parcel in self.queue(queue).take_ready(is_over) {
            cx.because(parcel.letter.cause, |cx| {
                cx.fact(Fact::RetentionOver { queue, position: parcel.position() });
            });
        }
    }

    /// Notes that a record is processed. Its offset is committed later.
    pub(super) fn processed(&mut self, queue: u8, tag: u64, every: Span, cx: &mut Cx<'_, '_, D>) {
        let Some(parcel) = self.take(queue, tag) else { return };
        cx.fact(Fact::Acked { queue, position: parcel.position() });
        if self.queue(queue).uncommitted.is_empty() {
            self.volatile.deadlines.set(Due::Commit(queue), every, cx);
        }
        self.queue(queue).uncommitted.insert(parcel.arrival, parcel);
        self.deliver(queue, cx);
    }

    /// Commits, for each partition, the offset before which all records are processed.
    pub(super) fn commit(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        let Some(kafka) = settings(cx) else { return };
        let held = self.queue(queue);
        let open: Vec<_> =
            held.open().map(|open| (open.arrival, kafka.partition(open.stream()))).collect();
        let is_open = |arrival: u64, partition: u32| {
            open.iter().any(|(before, of)| *before < arrival && *of == partition)
        };
        let is_committed = |arrival: &u64, parcel: &Parcel<D>| {
            !is_open(*arrival, kafka.partition(parcel.stream()))
        };
        held.uncommitted.extract_if(is_committed).for_each(drop);
        if !held.uncommitted.is_empty() {
            self.volatile.deadlines.set(Due::Commit(queue), kafka.commit, cx);
        }
    }

    /// Reads a partition again from a record on, after a pause; `failed` if the record was not handled.
    pub(super) fn seek(&mut self, queue: u8, tag: u64, failed: bool, cx: &mut Cx<'_, '_, D>) {
        let Some(kafka) = settings(cx) else { return };
        let Some(mut parcel) = self.take(queue, tag) else { return };
        let partition = kafka.partition(parcel.stream());
        let is_later = |other: &Parcel<D>| {
            other.arrival > parcel.arrival && kafka.partition(other.stream()) == partition
        };
        for later in self.queue(queue).take_handed_out(is_later) {
            cx.because(later.letter.cause, |cx| self.requeue(queue, later, cx));
        }
        if failed {
            self.give_back(queue, parcel, true, cx);
        } else {
            parcel.deliveries -= 1;
            self.rest(queue, parcel, cx);
        }
        self.deliver(queue, cx);
    }

    /// Keeps the partitions of a member that is lost until its session ends.
    pub(super) fn member_lost(&mut self, queue: u8, session: Span, cx: &mut Cx<'_, '_, D>) {
        self.volatile.joining = self.volatile.joining.with(queue);
        self.volatile.deadlines.set(Due::Session(queue), session, cx);
    }

    /// Assigns the partitions of a lost member to the next one.
    pub(super) fn session_over(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        self.volatile.joining = self.volatile.joining.without(Queues::NONE.with(queue));
        if cx.settings().segments().is_some() && queue != saga_queue::<D>() {
            return self.assign_vacant(queue, cx);
        }
        self.assign(queue, cx);
        self.deliver(queue, cx);
    }

    /// Assigns the partitions anew, in the middle of a batch.
    pub(super) fn rebalance(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        self.queue(queue).show(&REBALANCE);
        self.assign(queue, cx);
    }

    /// Begins again at the committed offsets.
    pub(super) fn assign(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        if cx.has(&OFFSET_COMMITTED_FIRST) {
            self.queue(queue).take_upto(u64::MAX).for_each(drop);
        }
        let again: Vec<_> = self.queue(queue).take_handed_out(|_| true);
        if !again.is_empty() {
            cx.fact(Fact::Rebalanced { queue });
        }
        for parcel in again {
            // The next member does not know how often the record has failed.
            let parcel = Parcel { deliveries: 0, refusals: 0, ..parcel };
            cx.because(parcel.letter.cause, |cx| self.requeue(queue, parcel, cx));
        }
    }
}

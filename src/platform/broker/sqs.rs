//! Amazon SQS: a message that was received is hidden until its visibility timeout ends, and is then received again.
//!
//! The queue knows no consumers: one that crashes returns nothing. A message is deleted with the handle of its
//! latest receipt; an older handle deletes nothing. Each receipt counts, whatever the consumer does with the message,
//! and a message that was received too often goes to the dead letter queue.
//!
//! In a FIFO queue each stream is a message group: while one message of it is hidden, none behind it is delivered. A
//! message that was published within the last five minutes is confirmed and not kept again.

use std::sync::Arc;

use super::kind::{BrokerKind, SqsQueues};
use super::{Broker, Due, Parcel};
use crate::kernel::{Fault, Span};
use crate::model::{Domain, Fact, Position, Stored};
use crate::platform::cx::Cx;
use crate::platform::defects::CONTENT_DEDUPLICATED;
use crate::platform::faults::{
    BINDING_LOST, CONNECTION_CLOSED, OVERTAKEN, REDELIVERY, VISIBILITY_LAPSED,
};
use crate::platform::settings::SqsSettings;

/// The faults that no other kind has.
pub(super) const FAULTS: &[&Fault] = &[&VISIBILITY_LAPSED];
/// What cannot happen to a standard queue: consumers have no connection, and a queue has an address.
pub(super) const ABSENT: &[&Fault] = &[&CONNECTION_CLOSED, &BINDING_LOST];
/// What cannot happen to a FIFO queue: it keeps the order, too.
pub(super) const ABSENT_FIFO: &[&Fault] = &[&CONNECTION_CLOSED, &BINDING_LOST, &OVERTAKEN];

/// For how long a FIFO queue knows what was published to it.
const DEDUPLICATION: Span = Span::from_secs(300);

/// Whether the broker has FIFO queues.
pub(super) fn is_fifo<D: Domain>(cx: &Cx<'_, '_, D>) -> bool {
    matches!(
        cx.settings().broker.kind,
        BrokerKind::Sqs(SqsSettings { queues: SqsQueues::Fifo, .. })
    )
}

impl<D: Domain> Broker<D> {
    /// Hides a message that was just received.
    pub(super) fn hide(&mut self, queue: u8, tag: u64, lapses: bool, cx: &mut Cx<'_, '_, D>) {
        let BrokerKind::Sqs(SqsSettings { visibility, .. }) = cx.settings().broker.kind else {
            return;
        };
        let hidden = if lapses { Span::ZERO } else { visibility };
        self.volatile.deadlines.set(Due::Visible(queue, tag), hidden, cx);
    }

    /// Hides the messages of all consumers anew, after a restart.
    pub(super) fn hide_all(&mut self, queue: u8, cx: &mut Cx<'_, '_, D>) {
        for tag in self.queue(queue).tags() {
            self.hide(queue, tag, false, cx);
        }
    }

    /// Makes a message visible again that was not deleted in time.
    pub(super) fn visible(&mut self, queue: u8, tag: u64, cx: &mut Cx<'_, '_, D>) {
        if let Some(parcel) = self.queue(queue).take(tag) {
            self.give_back(queue, parcel, false, cx);
            self.deliver(queue, cx);
        }
    }

    /// Deletes a message with the handle of its latest receipt.
    pub(super) fn delete(&mut self, queue: u8, tag: u64, cx: &mut Cx<'_, '_, D>) {
        let Some(parcel) = self.queue(queue).held_mut(tag) else { return };
        if cx.fault(&REDELIVERY, parcel.stream()) > 0 {
            // It is received again when its visibility timeout ends.
            parcel.shows = Some(&REDELIVERY);
            return;
        }
        let position = parcel.position();
        self.take(queue, tag);
        cx.fact(Fact::Acked { queue, position });
        self.deliver(queue, cx);
    }

    /// Whether a FIFO queue has got a message within the last five minutes. Otherwise it knows it from now on.
    pub(super) fn is_known(
        &mut self,
        queue: u8,
        event: &Arc<Stored<D::Event>>,
        cx: &mut Cx<'_, '_, D>,
    ) -> bool {
        let now = cx.uptime();
        let by_content = cx.has(&CONTENT_DEDUPLICATED);
        let known = &mut self.queue(queue).known;
        let is_old = |at| now.since(at) > DEDUPLICATION;
        while known.first_key_value().is_some_and(|(_, (at, _))| is_old(*at)) {
            known.remove_first(1).for_each(drop);
        }
        let is_equal =
            |other: &Stored<D::Event>| other.stream == event.stream && other.event == event.event;
        let is_known = known.get(&event.position).is_some_and(|(at, _)| !is_old(*at))
            || by_content && known.values().any(|(at, other)| !is_old(*at) && is_equal(other));
        if !is_known {
            known.insert(event.position, (now, Arc::clone(event)));
        }
        is_known
    }
}

/// What a FIFO queue knows of what was published to it.
pub(super) type Known<D> = crate::collections::SortedMap<
    Position,
    (crate::kernel::Instant, Arc<Stored<<D as Domain>::Event>>),
>;

/// Whether a message may be received from a FIFO queue.
pub(super) fn is_first_of_group<D: Domain>(queue: &super::Queue<D>, parcel: &Parcel<D>) -> bool {
    !queue.in_work().any(|other| other.stream() == parcel.stream())
}

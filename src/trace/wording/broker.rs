//! The broker and its queues.

use super::{Narrator, Speaker, Wording, once_more};
use crate::model::{Domain, Position, Stored, StreamId};
use crate::trace::counted;

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn routed(&self, here: Speaker, position: Position, queues: u32) -> Wording {
        let queues = match queues {
            0 => "no queue".to_owned(),
            _ => counted(queues.into(), "queue"),
        };
        here.says(format!("confirms {position}, routed to {queues}"))
    }

    pub(super) fn subscribed(&self, queue: u8, prefetch: u32) -> Wording {
        let role = match crate::platform::topology::view_of::<D>(queue) {
            Some(_) => "view",
            None => "saga",
        };
        let consumer = Speaker { name: self.consumer(queue), role };
        consumer.says(format!("subscribes to its queue, prefetch {prefetch}"))
    }

    pub(super) fn delivered(
        &self,
        here: Speaker,
        queue: u8,
        event: &Stored<D::Event>,
        redelivered: bool,
    ) -> Wording {
        let verb = once_more(redelivered, "delivers");
        here.says(format!("{verb} {} from {}", self.headline(event), self.queue(queue)))
            .about([self.of_stream(event.stream), self.of_queue(queue)])
    }

    pub(super) fn acked(&self, here: Speaker, queue: u8, position: Position) -> Wording {
        here.says(format!("removes {position} from {}: acknowledged", self.queue(queue)))
            .about([self.of_queue(queue)])
    }

    pub(super) fn requeued(&self, here: Speaker, queue: u8, position: Position) -> Wording {
        here.says(format!("requeues {position} in {}", self.queue(queue)))
            .about([self.of_queue(queue)])
    }

    pub(super) fn returned(&self, here: Speaker, queue: u8, position: Position) -> Wording {
        here.says(format!("returns {position}: {} is not bound", self.queue(queue)))
            .about([self.of_queue(queue)])
    }

    pub(super) fn connection_closed(&self, here: Speaker, queue: u8) -> Wording {
        here.says(format!("closes the connection of the consumer of {}", self.queue(queue)))
            .about([self.of_queue(queue)])
    }

    pub(super) fn dead_lettered(&self, here: Speaker, queue: u8, position: Position) -> Wording {
        here.says(format!("dead-letters {position} of {}", self.queue(queue)))
            .about([self.of_queue(queue)])
    }

    pub(super) fn parked(&self, here: Speaker, queue: u8, position: Position) -> Wording {
        let queue_words = self.queue(queue);
        here.says(format!("parks {position} of {queue_words} behind a dead letter of its stream"))
            .about([self.of_queue(queue)])
    }

    pub(super) fn redriven(
        &self,
        here: Speaker,
        queue: u8,
        stream: StreamId,
        messages: u32,
    ) -> Wording {
        let (queue_words, stream_words) = (self.queue(queue), self.vocabulary.stream(stream));
        let messages = counted(messages.into(), "message");
        here.says(format!("redrives {stream_words} in {queue_words}: {messages}"))
            .about([self.of_stream(stream), self.of_queue(queue)])
    }
}

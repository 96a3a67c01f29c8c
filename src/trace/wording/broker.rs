//! The broker and its queues.

use std::fmt::Display;

use super::{Place, Speaker, Wording, once_more};
use crate::model::{Domain, Position, Stored, StreamId, counted, counted_or_no};
use crate::platform::topology::view_of;

impl<D: Domain> Place<'_, D> {
    pub(super) fn routed(&self, position: Position, queues: u32) -> Wording {
        let queues = counted_or_no(queues.into(), "queue");
        self.here(format!("confirms {position}, routed to {queues}"))
    }

    pub(super) fn subscribed(&self, queue: u8, prefetch: u32) -> Wording {
        let role = view_of::<D>(queue).map_or("saga", |_| "view");
        let consumer = Speaker { name: self.consumer(queue), role };
        consumer.says(format!("subscribes to its queue, prefetch {prefetch}"))
    }

    pub(super) fn delivered(&self, queue: u8, event: &Stored<D::Event>, again: bool) -> Wording {
        let (verb, event_words) = (once_more(again, "delivers"), self.headline(event));
        self.here(format!("{verb} {event_words} from {}", self.queue(queue)))
            .about([self.of_stream(event.stream), self.of_queue(queue)])
    }

    /// A fact about a queue, or about a message in it.
    pub(super) fn in_queue(&self, before: impl Display, queue: u8, after: &str) -> Wording {
        self.here(format!("{before} {}{after}", self.queue(queue))).about([self.of_queue(queue)])
    }

    pub(super) fn redriven(&self, queue: u8, stream: StreamId, messages: u32) -> Wording {
        let (stream_words, queue_words) = (self.vocabulary.stream(stream), self.queue(queue));
        let messages = counted(messages.into(), "message");
        self.here(format!("redrives {stream_words} in {queue_words}: {messages}"))
            .about([self.of_stream(stream), self.of_queue(queue)])
    }
}

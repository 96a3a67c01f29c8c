//! Single events of the toy domain, as the store or the broker hands them out.

use std::sync::Arc;

use super::counting::{Counting, Event, SCHEMA, counter};
use crate::kernel::{Cause, Instant};
use crate::model::{
    CommandId, CustomerId, EventId, Metadata, Ordinal, Position, Principal, RequestId, Stored,
    Version,
};
use crate::platform::message::Letter;
use crate::platform::seal;

/// A stored event of a counter.
pub(crate) fn added(number: u32, version: u32, position: u64) -> Arc<Stored<Event>> {
    let event = Event::Added(i64::from(version));
    written(SCHEMA, number, version, position, event)
}

/// A stored event of a counter, as code of some schema wrote it.
pub(crate) fn written(
    schema: u16,
    number: u32,
    version: u32,
    position: u64,
    event: Event,
) -> Arc<Stored<Event>> {
    let command = CommandId::Request(RequestId { customer: CustomerId(0), nth: position as u32 });
    let metadata = Metadata {
        id: EventId { command, nth: 0 },
        schema,
        correlation: command,
        causation: None,
        actor: Principal::Customer(CustomerId(0)),
        occurred_at: Instant::ZERO,
        recorded_at: Instant::ZERO,
    };
    let (stream, version, position) = (counter(number), Version(version), Position(position));
    let (chain, signature) = (seal::ORIGIN, [0; 16]);
    let draft = Stored { stream, version, position, metadata, event, chain, signature };
    Arc::new(seal::seal(&seal::ORIGIN, draft))
}

/// The same as a broker's message.
pub(crate) fn letter(number: u32, version: u32, position: u64) -> Letter<Counting> {
    let (event, ordinal) = (added(number, version, position), Ordinal(position));
    Letter { event, ordinal, redelivered: false, cause: Cause::START }
}

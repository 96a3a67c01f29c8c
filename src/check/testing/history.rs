//! Histories of counters.

use super::counters::{Counted, Counters, saga};
use crate::model::{CommandId, CustomerId, RequestId, StreamId};
use crate::testing::{self, Begun};

pub(in crate::check) type History = testing::History<Counters>;

pub(in crate::check) const fn asked(nth: u32) -> RequestId {
    RequestId { customer: CustomerId(0), nth }
}

pub(in crate::check) const fn request(nth: u32) -> CommandId {
    CommandId::Request(asked(nth))
}

impl Default for History {
    fn default() -> Self {
        Self::new(Counters)
    }
}

impl History {
    /// A customer's command from its decision to its answer.
    pub(in crate::check) fn append(&mut self, nth: u32, events: &[(StreamId, Counted)]) {
        self.append_as(request(nth), events);
    }

    pub(in crate::check) fn append_as(
        &mut self,
        command: CommandId,
        events: &[(StreamId, Counted)],
    ) {
        let begun = self.begin_as(command, events);
        self.finish(begun);
    }

    /// A saga records one more event.
    pub(in crate::check) fn progress(&mut self, number: u32, event: Counted) {
        let saga = saga(number);
        let after = self.head(saga).1;
        self.append_as(CommandId::Progress { saga, after }, &[(saga, event)]);
    }

    /// A customer's command, decided and inserted.
    pub(in crate::check) fn begin(
        &mut self,
        nth: u32,
        events: &[(StreamId, Counted)],
    ) -> Begun<Counted> {
        self.begin_as(request(nth), events)
    }

    fn begin_as(&mut self, command: CommandId, events: &[(StreamId, Counted)]) -> Begun<Counted> {
        let body = (!matches!(command, CommandId::Progress { .. })).then_some(0);
        self.begin_with(command, body, events.to_vec())
    }
}

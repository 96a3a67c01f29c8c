//! How commands are decided and answered.

use super::{Place, Wording};
use crate::model::{AppendOutcome, CommandId, Domain, StreamId, Version};

impl<D: Domain> Place<'_, D> {
    pub(super) fn event_names(&self, events: &[(StreamId, D::Event)]) -> String {
        let name = |(_, event): &(_, D::Event)| self.vocabulary.domain.event_name(event);
        let names: Vec<_> = events.iter().map(name).collect();
        if names.is_empty() { "no change".to_owned() } else { names.join(", ") }
    }

    pub(super) fn decision(
        &self,
        verb: &str,
        id: CommandId,
        command: &D::Command,
        attempt: u32,
        result: &str,
    ) -> Wording {
        let nth = if attempt <= 1 { String::new() } else { format!(" (attempt {attempt})") };
        self.here(format!("{verb} {}{nth} → {result}", self.command(command)))
            .about(self.of_command(command))
            .about([self.of_origin(id)])
    }

    pub(super) fn acknowledged(&self, command: CommandId, outcome: AppendOutcome) -> Wording {
        let learned = match outcome {
            AppendOutcome::Appended => ": stored",
            AppendOutcome::Conflict => ": conflict",
            AppendOutcome::AlreadyDone => ": already settled",
            AppendOutcome::CommitRefused => ": commit failed",
            AppendOutcome::NotSerializable => ": serialization failure",
            AppendOutcome::Unknown => ": outcome unknown",
        };
        self.on_command("learns of", command, learned)
    }

    pub(super) fn recognised(&self, id: CommandId, command: &D::Command) -> Wording {
        let (body, id_words) = (self.command(command), self.vocabulary.command(id));
        self.here(format!("recognises {body} as {id_words}, already settled"))
            .about(self.of_command(command))
            .about([self.of_origin(id)])
    }

    pub(super) fn restored(
        &self,
        stream: StreamId,
        snapshot: Option<Version>,
        version: Version,
    ) -> Wording {
        let source = snapshot
            .map_or("events of an older schema".to_owned(), |saved| format!("snapshot {saved}"));
        self.here(format!("restores {} from {source}", self.version(stream, version)))
            .about([self.of_stream(stream)])
    }
}

//! How commands are decided, and what is answered.

use super::{Narrator, Speaker, Wording};
use crate::model::{AppendOutcome, CommandId, CommandOutcome, Domain, StreamId, Term, Version};

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn decided(
        &self,
        here: Speaker,
        id: CommandId,
        command: &D::Command,
        attempt: u32,
        events: &[(StreamId, D::Event)],
    ) -> Wording {
        let names: Vec<_> =
            events.iter().map(|(_, event)| self.vocabulary.domain.event_name(event)).collect();
        let led_to = if names.is_empty() { "no change".to_owned() } else { names.join(", ") };
        let text = format!("decides {}{}: {led_to}", self.command(command), nth(attempt));
        here.says(text).about(self.of_command(command)).about([self.of_origin(id)])
    }

    pub(super) fn refused(
        &self,
        here: Speaker,
        id: CommandId,
        command: &D::Command,
        attempt: u32,
        rejection: &D::Rejection,
    ) -> Wording {
        let why = self.vocabulary.term(Term::Rejection(rejection));
        let text = format!("rejects {}{}: {why}", self.command(command), nth(attempt));
        here.says(text).about(self.of_command(command)).about([self.of_origin(id)])
    }

    pub(super) fn acknowledged(
        &self,
        here: Speaker,
        command: CommandId,
        outcome: AppendOutcome,
    ) -> Wording {
        let learned = match outcome {
            AppendOutcome::Appended => "stored",
            AppendOutcome::Conflict => "conflict",
            AppendOutcome::AlreadyDone => "already settled",
            AppendOutcome::CommitRefused => "commit failed",
            AppendOutcome::NotSerializable => "serialization failure",
            AppendOutcome::Unknown => "outcome unknown",
        };
        here.says(format!("learns of {}: {learned}", self.vocabulary.command(command)))
            .about([self.of_origin(command)])
    }

    pub(super) fn recognised(&self, here: Speaker, id: CommandId, command: &D::Command) -> Wording {
        let (body, id_words) = (self.command(command), self.vocabulary.command(id));
        here.says(format!("recognises {body} as {id_words}, already settled"))
            .about(self.of_command(command))
            .about([self.of_origin(id)])
    }

    pub(super) fn answered(
        &self,
        here: Speaker,
        command: CommandId,
        outcome: &CommandOutcome<D>,
    ) -> Wording {
        let (command_words, outcome) = (self.vocabulary.command(command), self.outcome(outcome));
        here.says(format!("answers {command_words}: {outcome}")).about([self.of_origin(command)])
    }

    pub(super) fn restored(
        &self,
        here: Speaker,
        stream: StreamId,
        snapshot: Option<Version>,
        version: Version,
    ) -> Wording {
        let source = match snapshot {
            Some(saved) => format!("snapshot {saved}"),
            None => "events of an older schema".to_owned(),
        };
        here.says(format!("restores {} from {source}", self.version(stream, version)))
            .about([self.of_stream(stream)])
    }
}

fn nth(attempt: u32) -> String {
    if attempt <= 1 { String::new() } else { format!(" (attempt {attempt})") }
}

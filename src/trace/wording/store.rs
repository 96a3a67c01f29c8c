//! Transactions of the event store.

use super::{Narrator, Speaker, Wording};
use crate::model::{
    Abort, CommandId, CommandOutcome, Domain, Position, Stored, StreamId, Term, Version, ViewId,
};
use crate::trace::counted;

impl<D: Domain> Narrator<'_, D> {
    pub(super) fn allocated(
        &self,
        here: Speaker,
        command: CommandId,
        first: Position,
        count: u32,
    ) -> Wording {
        let positions = counted(count.into(), "position");
        let words = self.vocabulary.command(command);
        here.says(format!("allocates {positions} from {first} for {words}"))
            .about([self.of_origin(command)])
    }

    pub(super) fn inserted(&self, here: Speaker, command: CommandId) -> Wording {
        let words = self.vocabulary.command(command);
        here.says(format!("inserts the rows of {words}, not visible yet"))
            .about([self.of_origin(command)])
    }

    pub(super) fn blocked(
        &self,
        here: Speaker,
        command: CommandId,
        stream: Option<StreamId>,
    ) -> Wording {
        let words = self.vocabulary.command(command);
        let why = match stream {
            Some(stream) => format!("writes {}", self.vocabulary.stream(stream)),
            None => "has the same command".to_owned(),
        };
        here.says(format!("blocks {words}: another transaction {why}"))
            .about(stream.map(|stream| self.of_stream(stream)))
            .about([self.of_origin(command)])
    }

    pub(super) fn committed(&self, here: Speaker, command: CommandId) -> Wording {
        here.says(format!("commits {}", self.vocabulary.command(command)))
            .about([self.of_origin(command)])
    }

    /// `stores b-1 v0 → v1 @1: SeatHeld IB6251 1A for ana`.
    pub(super) fn stored(&self, here: Speaker, stored: &Stored<D::Event>) -> Wording {
        let (stream, version) = (self.vocabulary.stream(stored.stream), stored.version);
        let event = self.vocabulary.term(Term::Event(&stored.event));
        let (before, position) = (Version(version.0 - 1), stored.position);
        here.says(format!("stores {stream} {before} → {version} {position}: {event}"))
            .about([self.of_stream(stored.stream)])
    }

    pub(super) fn aborted(&self, here: Speaker, command: CommandId, why: Abort) -> Wording {
        let reason = match why {
            Abort::Conflict { stream, expected, actual } => {
                let stream = self.vocabulary.stream(stream);
                format!("conflict, expected {stream} {expected}, found {actual}")
            }
            Abort::AlreadyDone => "already settled".to_owned(),
            Abort::ConnectionCut => "connection of the writer lost".to_owned(),
            Abort::CommitRefused => "commit failed".to_owned(),
            Abort::NotSerializable => "serialization failure".to_owned(),
        };
        let stream = match why {
            Abort::Conflict { stream, .. } => Some(self.of_stream(stream)),
            Abort::AlreadyDone
            | Abort::ConnectionCut
            | Abort::CommitRefused
            | Abort::NotSerializable => None,
        };
        here.says(format!("rolls back {}: {reason}", self.vocabulary.command(command)))
            .about(stream)
            .about([self.of_origin(command)])
    }

    /// Records that a command led to no event.
    pub(super) fn concluded(
        &self,
        here: Speaker,
        command: CommandId,
        outcome: &CommandOutcome<D>,
    ) -> Wording {
        let words = self.vocabulary.command(command);
        let outcome = match outcome {
            CommandOutcome::Accepted(token) => format!("no change, {}", self.token(*token)),
            CommandOutcome::Refused(_) | CommandOutcome::Unknown => self.outcome(outcome),
        };
        here.says(format!("records {words}: {outcome}")).about([self.of_origin(command)])
    }

    pub(super) fn snapshotted(&self, here: Speaker, stream: StreamId, version: Version) -> Wording {
        here.says(format!("saves a snapshot of {}", self.version(stream, version)))
            .about([self.of_stream(stream)])
    }

    /// A view that the store itself keeps.
    pub(super) fn applied_inline(&self, view: ViewId, event: &Stored<D::Event>) -> Wording {
        self.view(view)
            .says(format!("applies {} in its transaction", self.headline(event)))
            .about([self.of_stream(event.stream)])
    }
}

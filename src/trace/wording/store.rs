//! Transactions of the event store.

use super::{Place, Wording};
use crate::model::{
    Abort, CommandId, CommandOutcome, Domain, Expired, Position, Stored, StreamId, Term, Version,
    counted,
};

impl<D: Domain> Place<'_, D> {
    pub(super) fn allocated(&self, command: CommandId, first: Position, count: u32) -> Wording {
        let positions = counted(count.into(), "position");
        self.on_command(&format!("allocates {positions} from {first} for"), command, "")
    }

    pub(super) fn blocked(
        &self,
        command: CommandId,
        stream: Option<StreamId>,
        behind: CommandId,
    ) -> Wording {
        let words = self.vocabulary.command(command);
        let is_copy = command == behind;
        let holder = match is_copy {
            true => "another transaction".to_owned(),
            false => self.vocabulary.command(behind),
        };
        let why = match stream {
            Some(stream) => format!("{holder} writes {}", self.vocabulary.stream(stream)),
            None if is_copy => "another transaction has the same command".to_owned(),
            None => format!("{holder} has the same tag"),
        };
        self.here(format!("blocks {words}: {why}"))
            .about(stream.map(|stream| self.of_stream(stream)))
            .about([self.of_origin(command)])
    }

    /// `stores b-1 v0 → v1 @1: SeatHeld IB6251 1A for ana`.
    pub(super) fn stored(&self, stored: &Stored<D::Event>) -> Wording {
        let (stream, version) = (self.vocabulary.stream(stored.stream), stored.version);
        let event = self.vocabulary.term(Term::Event(&stored.event));
        let (before, position) = (Version(version.0 - 1), stored.position);
        self.here(format!("stores {stream} {before} → {version} {position}: {event}"))
            .about([self.of_stream(stored.stream)])
    }

    pub(super) fn aborted(&self, command: CommandId, why: Abort) -> Wording {
        let (reason, stream) = match why {
            Abort::Conflict { stream, expected, actual } => {
                let words = self.vocabulary.stream(stream);
                (format!("conflict, expected {words} {expected}, found {actual}"), Some(stream))
            }
            Abort::AlreadyDone => ("already settled".to_owned(), None),
            Abort::ConnectionCut => ("connection of the writer lost".to_owned(), None),
            Abort::Matched { query, expected, actual } => {
                let (query, expected) =
                    (self.vocabulary.tags(query), counted(expected.into(), "event"));
                (format!("conflict, expected {expected} with {query}, found {actual}"), None)
            }
            Abort::Superseded => {
                ("written before the restart of its orchestrator".to_owned(), None)
            }
            Abort::CommitRefused => ("commit failed".to_owned(), None),
            Abort::NotSerializable => ("serialization failure".to_owned(), None),
        };
        self.here(format!("rolls back {}: {reason}", self.vocabulary.command(command)))
            .about(stream.map(|stream| self.of_stream(stream)))
            .about([self.of_origin(command)])
    }

    /// The store records that a command led to no event.
    pub(super) fn concluded(&self, command: CommandId, outcome: &CommandOutcome<D>) -> Wording {
        let outcome = match outcome {
            CommandOutcome::Accepted(token) => format!("no change, {}", self.token(*token)),
            CommandOutcome::Refused(_) | CommandOutcome::Unknown => self.outcome("", outcome),
        };
        self.on_command("records", command, &format!(": {outcome}"))
    }

    /// What was removed because of its age.
    pub(super) fn expired(&self, what: Expired, count: u32) -> Wording {
        let count = |noun| counted(count.into(), noun);
        match what {
            Expired::OutboxRows => {
                self.here(format!("cleans {} that were sent", count("outbox row")))
            }
            Expired::Snapshot(stream, version) => {
                let version = self.version(stream, version);
                self.here(format!("cleans the snapshot of {version}"))
                    .about([self.of_stream(stream)])
            }
            Expired::MessageIds(view) => {
                self.view(view).says(format!("cleans {} in its inbox", count("message id")))
            }
        }
    }

    /// A fact about one command.
    pub(super) fn on_command(&self, before: &str, command: CommandId, after: &str) -> Wording {
        self.here(format!("{before} {}{after}", self.vocabulary.command(command)))
            .about([self.of_origin(command)])
    }
}

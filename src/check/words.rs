//! Phrases that messages of violations share.

use crate::model::{AppendOutcome, Domain, Term, ViewId, Vocabulary};

/// A row in quotation marks, or "nothing".
pub(super) fn row<D: Domain>(words: Vocabulary<'_, D>, row: Option<&D::Row>) -> String {
    row.map_or_else(|| "nothing".to_owned(), |row| format!("\"{}\"", words.term(Term::Row(row))))
}

/// The name of a view.
pub(super) fn view<D: Domain>(view: ViewId) -> &'static str {
    D::VIEWS[usize::from(view.0)].name
}

/// The outcome of an append.
pub(super) fn outcome(outcome: AppendOutcome) -> &'static str {
    match outcome {
        AppendOutcome::Appended => "appended",
        AppendOutcome::Conflict => "a conflict",
        AppendOutcome::AlreadyDone => "already done",
        AppendOutcome::CommitRefused => "a refused commit",
        AppendOutcome::NotSerializable => "a serialization failure",
        AppendOutcome::Unknown => "unknown",
    }
}

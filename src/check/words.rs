//! Phrases that messages of violations share.

use crate::kernel::Step;
use crate::model::{AppendOutcome, Domain, Term, ViewId, Vocabulary};

/// A row in quotation marks, or that there is none.
pub(super) fn row<D: Domain>(vocabulary: &Vocabulary<'_, D>, row: Option<&D::Row>) -> String {
    match row {
        None => "nothing".to_owned(),
        Some(row) => format!("\"{}\"", vocabulary.term(Term::Row(row))),
    }
}

/// The name of a view.
pub(super) fn view<D: Domain>(view: ViewId) -> &'static str {
    D::VIEWS[usize::from(view.0)].name
}

/// How an append ended, as its appender would put it.
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

/// The occurrences that led to a violation: those that are known, oldest first, each once.
pub(super) fn because<const N: usize>(mut steps: [Step; N]) -> Vec<Step> {
    steps.sort_unstable();
    let mut because = steps.to_vec();
    because.dedup();
    because.retain(|&step| step != Step(0));
    because
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_in_order_and_named_once() {
        assert_eq!(because([Step(9), Step(0), Step(4), Step(9)]), [Step(4), Step(9)]);
    }
}

//! The ledgers of services, as they change.

use crate::kernel::Step;
use crate::model::ServiceId;

/// The most lines of a ledger that is followed.
const LINES_MAX: usize = 400;

/// A change of a ledger: some of its lines are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerChange {
    /// The occurrence in which it changed; 0 at the start.
    pub step: Step,
    /// Whose ledger it is.
    pub service: ServiceId,
    /// The first line that is replaced, from 0.
    pub from: usize,
    /// How many lines are replaced.
    pub removed: usize,
    /// What they are replaced by.
    pub lines: Vec<String>,
}

/// The ledgers of all services, followed from the start.
#[derive(Clone, Debug, Default)]
pub struct Ledgers {
    /// The lines of each service; `None` once a ledger has too many.
    now: Vec<Option<Vec<String>>>,
    changes: Vec<LedgerChange>,
}

impl Ledgers {
    /// Notes what a ledger says after a step, in words, one item a line. A ledger with too many lines is not
    /// followed any more.
    pub fn note(&mut self, step: Step, service: ServiceId, words: impl FnOnce() -> String) {
        let index = usize::from(service.0);
        if self.now.len() <= index {
            self.now.resize(index + 1, Some(Vec::new()));
        }
        let Some(before) = &mut self.now[index] else { return };
        let after: Vec<String> = words().lines().map(str::to_owned).collect();
        if after.len() > LINES_MAX {
            self.now[index] = None;
            return;
        }
        let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
        let rest = before[same..].iter().rev().zip(after[same..].iter().rev());
        let end = rest.take_while(|(one, other)| one == other).count();
        let (removed, added) = (before.len() - same - end, after.len() - same - end);
        if removed + added > 0 {
            let lines = after[same..same + added].to_vec();
            self.changes.push(LedgerChange { step, service, from: same, removed, lines });
        }
        *before = after;
    }

    /// All changes, in order.
    pub fn changes(&self) -> &[LedgerChange] {
        &self.changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_replaces_only_the_lines_that_differ() {
        let mut ledgers = Ledgers::default();
        let service = ServiceId(1);
        for (step, words) in
            [(0, "a\nb\nc\n"), (1, "a\nb\nc\n"), (2, "a\nx\ny\nc\n"), (3, "a\nx\n")]
        {
            ledgers.note(Step(step), service, || words.to_owned());
        }
        let change = |step, from, removed, lines: &[&str]| LedgerChange {
            step: Step(step),
            service,
            from,
            removed,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let expected =
            [change(0, 0, 0, &["a", "b", "c"]), change(2, 1, 1, &["x", "y"]), change(3, 2, 2, &[])];
        assert_eq!(ledgers.changes(), expected);
    }

    #[test]
    fn a_ledger_that_has_become_long_is_not_followed_any_more() {
        let mut ledgers = Ledgers::default();
        ledgers.note(Step(0), ServiceId(0), || "a".to_owned());
        ledgers.note(Step(1), ServiceId(0), || "a\n".repeat(LINES_MAX + 1));
        ledgers.note(Step(2), ServiceId(0), || unreachable!("it is not asked"));
        assert_eq!(ledgers.changes().len(), 1);
    }
}

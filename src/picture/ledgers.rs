//! The ledgers and stocks of services, as they change.

use std::collections::BTreeMap;

use crate::kernel::Step;
use crate::model::{ServiceId, StockItem};

/// The most lines of a ledger that is followed.
const LINES_MAX: usize = 400;
/// The most items of a stock that is followed.
const ITEMS_MAX: usize = 100;

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

/// What a service has in stock after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockChange {
    /// The occurrence in which it changed; 0 at the start.
    pub step: Step,
    /// The service.
    pub service: ServiceId,
    /// All items.
    pub items: Vec<StockItem>,
}

/// The ledgers of all services, followed from the start.
#[derive(Clone, Debug, Default)]
pub struct Ledgers {
    /// The lines of each service; `None` once a ledger has too many.
    now: Vec<Option<Vec<String>>>,
    changes: Vec<LedgerChange>,
    stocks: Vec<StockChange>,
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
        for Hunk { from, removed, lines } in hunks(before, &after) {
            let lines = lines.to_vec();
            self.changes.push(LedgerChange { step, service, from, removed, lines });
        }
        *before = after;
    }

    /// Notes what a service has in stock after a step.
    pub fn note_stock(&mut self, step: Step, service: ServiceId, items: Vec<StockItem>) {
        let mut earlier = self.stocks.iter().rev();
        let before = earlier.find(|change| change.service == service);
        let is_new = before.map_or(!items.is_empty(), |before| before.items != items);
        if is_new && items.len() <= ITEMS_MAX {
            self.stocks.push(StockChange { step, service, items });
        }
    }

    /// All changes of stocks, in order.
    pub fn stocks(&self) -> &[StockChange] {
        &self.stocks
    }

    /// The changes from one step to another, after what the ledgers say when the first one begins.
    pub(super) fn between(changes: &[LedgerChange], from: Step, to: Step) -> Vec<LedgerChange> {
        let begin = changes.partition_point(|change| change.step < from);
        let end = changes.partition_point(|change| change.step <= to);
        let mut now: BTreeMap<ServiceId, Vec<String>> = BTreeMap::new();
        for LedgerChange { service, from, removed, lines, .. } in &changes[..begin] {
            let ledger = now.entry(*service).or_default();
            ledger.splice(*from..from + removed, lines.iter().cloned());
        }
        let whole =
            |(service, lines)| LedgerChange { step: Step(0), service, from: 0, removed: 0, lines };
        now.into_iter().map(whole).chain(changes[begin..end].iter().cloned()).collect()
    }

    /// All changes, in order.
    pub fn changes(&self) -> &[LedgerChange] {
        &self.changes
    }
}

/// Lines that are replaced by others.
struct Hunk<'a> {
    from: usize,
    removed: usize,
    lines: &'a [String],
}

/// What has to be replaced, from the end, so that the numbers of the lines before stay as they are. A line that is in
/// both stays, if those before it that stay come before it in both.
fn hunks<'a>(before: &[String], after: &'a [String]) -> Vec<Hunk<'a>> {
    let places: BTreeMap<&str, usize> =
        after.iter().enumerate().map(|(place, line)| (&**line, place)).collect();
    let mut hunks = Vec::new();
    let (mut from, mut to) = (0, 0);
    let mut differ = |from: usize, until: usize, to: usize, place: usize| {
        if from < until || to < place {
            hunks.push(Hunk { from, removed: until - from, lines: &after[to..place] });
        }
    };
    for (nth, line) in before.iter().enumerate() {
        let same = (after.get(to) == Some(line)).then_some(to);
        let stays = same.or_else(|| places.get(&**line).copied().filter(|place| *place >= to));
        if let Some(place) = stays {
            differ(from, nth, to, place);
            (from, to) = (nth + 1, place + 1);
        }
    }
    differ(from, before.len(), to, after.len());
    hunks.reverse();
    hunks
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
    fn changes_far_from_each_other_leave_what_is_between_them() {
        let mut ledgers = Ledgers::default();
        let words = ["1 of 9\na\nb\nc\n", "2 of 9\na\nb\nc\nd\n", "3 of 9\nb\na\nd\nb\n", ""];
        for (step, words) in (0..).zip(words) {
            ledgers.note(Step(step), ServiceId(0), || words.to_owned());
        }
        let lines: Vec<usize> = ledgers.changes().iter().map(|change| change.lines.len()).collect();
        assert_eq!(lines[..3], [4, 1, 1], "the first, and one for each end of the second");
        let mut ledger: Vec<String> = Vec::new();
        for (step, words) in (0..).zip(words) {
            for LedgerChange { from, removed, lines, .. } in
                ledgers.changes().iter().filter(|change| change.step == Step(step))
            {
                ledger.splice(*from..from + removed, lines.iter().cloned());
            }
            assert!(ledger.iter().map(String::as_str).eq(words.lines()), "{ledger:?}");
        }
    }

    #[test]
    fn a_window_begins_with_what_the_ledgers_say_then() {
        let mut ledgers = Ledgers::default();
        for (step, words) in [(0, "a\nb"), (2, "a\nc"), (4, "d\nc"), (6, "e")] {
            ledgers.note(Step(step), ServiceId(0), || words.to_owned());
        }
        let window = Ledgers::between(ledgers.changes(), Step(3), Step(4));
        let says: Vec<_> =
            window.iter().map(|it| (it.step.0, it.from, it.removed, &it.lines[..])).collect();
        let [before, change] = [&["a".to_owned(), "c".to_owned()][..], &["d".to_owned()][..]];
        assert_eq!(says, [(0, 0, 0, before), (4, 0, 1, change)]);
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

//! The smallest contradiction in a history that no order explains.

use super::search::{Outcome, search};
use super::{End, Model, Operation};

/// Operations whose answers contradict each other. With one answer less there would be an order.
#[derive(Clone, Debug)]
pub struct Contradiction<L> {
    /// The operations, in the order of their calls.
    pub operations: Vec<Contradicting<L>>,
    /// The state of the object before the first of them, in words.
    pub before: String,
    /// How many other states were possible.
    pub others: usize,
    /// How many operations of that time are left out, because their answers do not matter.
    pub left_out: usize,
}

/// One of the operations.
#[derive(Clone, Debug)]
pub struct Contradicting<L> {
    /// When it was called.
    pub call: u64,
    /// When it returned.
    pub returned: u64,
    /// What its caller knows it by.
    pub label: L,
}

/// For each possible state, the operations after it.
type Branches<'a, M, L> = [(&'a M, Vec<&'a Operation<M, L>>)];

/// Finds operations of which no answer can be taken back. To take an answer back, the operation counts as one
/// whose answer never came: that explains more, never less, so that each operation has to be tried only once.
pub(super) fn contradiction<M: Model, L: Clone>(
    branches: &Branches<'_, M, L>,
    steps: u64,
) -> Contradiction<L> {
    let of_first = branches.first().map_or(&[][..], |(_, operations)| &operations[..]);
    let mut known: Vec<u64> = answered(of_first).map(|one| one.call).collect();
    let all = known.len();

    // What returned later than the first contradiction says nothing about it.
    let mut returns: Vec<u64> = answered(of_first).map(Operation::returned).collect();
    returns.sort_unstable();
    let is_explained = |at: &u64| !is_contradiction(branches, *at, &known, steps);
    let until = returns.get(returns.partition_point(is_explained)).copied().unwrap_or(u64::MAX);
    known.retain(|call| answered(of_first).any(|one| one.call == *call && one.returned() <= until));

    for call in known.clone() {
        let without: Vec<u64> = known.iter().copied().filter(|other| *other != call).collect();
        if is_contradiction(branches, until, &without, steps) {
            known = without;
        }
    }
    let found = answered(of_first).filter(|one| known.contains(&one.call));
    let operations = found.map(|one| Contradicting {
        call: one.call,
        returned: one.returned(),
        label: one.label.clone(),
    });
    Contradiction {
        operations: operations.collect(),
        before: branches.first().map_or_else(String::new, |(state, _)| state.words()),
        others: branches.len().saturating_sub(1),
        left_out: all - known.len(),
    }
}

fn answered<'a, M: Model, L>(
    operations: &'a [&'a Operation<M, L>],
) -> impl Iterator<Item = &'a Operation<M, L>> {
    operations.iter().copied().filter(|one| one.output().is_some())
}

/// Whether no order explains the answers of the known operations that had come until a moment. Other operations
/// that were called by then may have taken effect. If that is not decided, there may be an order.
fn is_contradiction<M: Model, L: Clone>(
    branches: &Branches<'_, M, L>,
    until: u64,
    known: &[u64],
    steps: u64,
) -> bool {
    branches.iter().all(|(state, operations)| {
        let called = operations.iter().filter(|one| one.call <= until);
        let weaker: Vec<Operation<M, L>> = called
            .map(|one| {
                let is_known = one.returned() <= until && known.contains(&one.call);
                let end = if is_known { one.end.clone() } else { End::Open };
                Operation { end, ..(*one).clone() }
            })
            .collect();
        let weaker: Vec<&Operation<M, L>> = weaker.iter().collect();
        let found = search((*state).clone(), &weaker, steps);
        matches!(found, Outcome::Ends(ends) if ends.is_empty())
    })
}

//! The search for an order of operations that explains their answers.
//!
//! It goes forward as long as some operation can be next. An operation can be next if it was called before any
//! other one that is left had returned. What is left when nothing can be next is a dead end: the search goes back
//! to the last choice, and remembers the configuration, which is the set of operations that are done and the
//! state, so that it is not entered again.
//!
//! Three things keep most histories from needing a choice:
//!
//! * An operation that only reads, and reads what is so now, is done at once: it can only be in the way later.
//! * Of operations that can be exchanged, the one that returned first is done first.
//! * An operation without an answer is done only if nothing else can be.

use super::{Effect, Likeness, Model, Operation};
use crate::collections::Table;

/// How the search ended.
#[derive(Clone, Debug)]
pub(super) enum Outcome<M> {
    /// The states in which the history can have ended; empty if no order explains the answers.
    Ends(Vec<Ending<M>>),
    /// The limit of work was reached.
    Undecided,
}

/// A way in which a history can have ended.
#[derive(Clone, Debug)]
pub(super) struct Ending<M> {
    /// The state after all operations that were answered, and some that were not.
    pub(super) state: M,
    /// Those that were not, by their places in the history.
    pub(super) effective: Vec<usize>,
}

/// The place of no operation.
const NONE: usize = usize::MAX;

/// A search in progress.
pub(super) struct Search<'a, M: Model, L> {
    operations: &'a [&'a Operation<M, L>],
    /// Which operations can be exchanged with others of their kind.
    likeness: Vec<Option<Likeness>>,
    /// Whether the state follows from the set of operations that are done.
    is_confluent: bool,
    /// Whether what is possible after any end is possible after one without the operations that were not answered.
    none_do: bool,
    /// Which operations without an answer have a key that no other one of these has, or none.
    is_lone: Vec<bool>,
    /// The operations that are left, in the order of their calls: the one after each, and the one before it. The
    /// last entry is the head.
    next: Vec<usize>,
    previous: Vec<usize>,
    /// How many answered operations are left.
    answered: usize,
    /// The order so far.
    order: Vec<usize>,
    state: M,
    choices: Vec<Choice<M>>,
    dead: Table<Configuration<M>, ()>,
    is_any_dead: bool,
    ends: Vec<Ending<M>>,
    steps: u64,
    limit: u64,
}

/// The set of operations that are done, and the state if it does not follow from the set.
type Configuration<M> = (Box<[u64]>, Option<M>);

/// A place in the order at which several operations can be next.
struct Choice<M> {
    /// The length of the order.
    at: usize,
    /// The state there, if it is needed once more.
    state: Option<M>,
    /// What can be next, the first to be tried last.
    left: Vec<usize>,
}

/// What a step forward led to.
enum Forward {
    /// These can be next, the first to be tried last.
    Choose(Vec<usize>),
    /// Nothing has to be explored from here.
    Done,
}

/// Searches all ways in which operations can end that begin in a state. They stand in the order of their calls.
pub(super) fn search<M: Model, L>(
    state: M,
    operations: &[&Operation<M, L>],
    limit: u64,
) -> Outcome<M> {
    Search::new(state, operations, limit).run()
}

impl<'a, M: Model, L> Search<'a, M, L> {
    fn new(state: M, operations: &'a [&'a Operation<M, L>], limit: u64) -> Self {
        let count = operations.len();
        let answered = operations.iter().filter(|one| one.output().is_some()).count();
        let next = (1..count).chain([NONE]).take(count).chain([if count > 0 { 0 } else { NONE }]);
        let commuting = if M::CONFLUENT { Commuting::All } else { commuting(&state, operations) };
        let open = operations.iter().copied().filter(|one| one.output().is_none());
        let keys = Keys::of(open);
        let is_lone = |one: &&Operation<M, L>| one.output().is_none() && keys.is_alone(one);
        let previous = [count].into_iter().chain(0..count).take(count).chain([NONE]);
        Self {
            operations,
            likeness: exchangeable(&state, operations),
            is_confluent: commuting == Commuting::All,
            none_do: commuting != Commuting::No,
            is_lone: operations.iter().map(is_lone).collect(),
            next: next.collect(),
            previous: previous.collect(),
            answered,
            order: Vec::with_capacity(count),
            state,
            choices: Vec::new(),
            dead: Table::default(),
            is_any_dead: false,
            ends: Vec::new(),
            steps: 0,
            limit,
        }
    }

    fn run(mut self) -> Outcome<M> {
        loop {
            let forward = self.forward();
            if self.steps > self.limit {
                return Outcome::Undecided;
            }
            if let Forward::Choose(left) = forward {
                let is_needed = left.len() > 1 || !self.is_confluent;
                let (at, state) = (self.order.len(), is_needed.then(|| self.state.clone()));
                self.choices.push(Choice { at, state, left });
            } else if self.none_do && self.ends.last().is_some_and(|end| self.leads_to_all(end)) {
                break; // any other end can still be reached from this one
            }
            if !self.choose() {
                break;
            }
        }
        Outcome::Ends(self.ends)
    }

    /// Does what can be done without a choice, and says what can be next.
    fn forward(&mut self) -> Forward {
        let mut writing = Vec::new();
        while self.read(&mut writing) {}
        if self.answered == 0 {
            self.end();
            return Forward::Done;
        }
        if self.is_pointless() {
            return Forward::Done;
        }
        Forward::Choose(self.in_order(writing))
    }

    /// Does every operation that can be next and only reads, and collects those that can be next and write.
    /// Whether there may be more.
    fn read(&mut self, writing: &mut Vec<usize>) -> bool {
        writing.clear();
        let (mut first_return, mut found) = (u64::MAX, false);
        let mut place = self.next[self.operations.len()];
        while place != NONE {
            let operation = self.operations[place];
            if operation.call > first_return {
                break;
            }
            let after = self.next[place];
            self.steps += 1;
            let effect = self.state.effect(&operation.input, operation.output());
            if effect == Effect::Reads && operation.output().is_some() {
                self.take(place);
                found = true;
            } else {
                writing.extend((effect == Effect::Writes).then_some(place));
                first_return = first_return.min(operation.returned());
            }
            place = after;
        }
        found
    }

    /// In which order candidates are tried, from the last to the first: by their returns, and of those that can
    /// be exchanged only the first.
    fn in_order(&self, mut candidates: Vec<usize>) -> Vec<usize> {
        candidates.sort_by_key(|&place| (self.operations[place].returned(), place));
        let mut kinds: Vec<Likeness> = Vec::new();
        candidates.retain(|&place| {
            let Some(kind) = self.likeness[place] else { return true };
            let is_first = !kinds.contains(&kind);
            kinds.extend(is_first.then_some(kind));
            is_first
        });
        candidates.reverse();
        candidates
    }

    /// Tries what is left of the last choice; goes back where nothing is left. False if that is so everywhere.
    fn choose(&mut self) -> bool {
        while let Some(choice) = self.choices.last_mut() {
            let (at, tried) = (choice.at, choice.left.pop());
            match tried {
                Some(place) => {
                    if self.order.len() > at
                        && let Some(state) = &choice.state
                    {
                        self.state = state.clone();
                    }
                    self.back_to(at);
                    self.take(place);
                    self.state.apply(&self.operations[place].input);
                    return true;
                }
                None => {
                    self.back_to(at);
                    let state = self.choices.pop().and_then(|choice| choice.state);
                    let done = self.done();
                    self.dead.insert((done, state.filter(|_| !self.is_confluent)), ());
                    self.is_any_dead = true;
                }
            }
        }
        false
    }

    /// Whether nothing new comes of this configuration.
    fn is_pointless(&self) -> bool {
        if self.is_confluent && self.ends.iter().any(|end| self.leads_to(end, &self.order)) {
            return true;
        }
        let state = || (!self.is_confluent).then(|| self.state.clone());
        self.is_any_dead && self.dead.contains_key(&(self.done(), state()))
    }

    /// Takes note of an end, unless it is known.
    fn end(&mut self) {
        let open = |place: &&usize| self.operations[**place].output().is_none();
        let mut effective: Vec<usize> = self.order.iter().filter(open).copied().collect();
        effective.sort_unstable();
        let state = self.state.clone();
        let new = Ending { state, effective };
        let is_same = |end: &Ending<M>| end.effective == new.effective && end.state == new.state;
        let is_known = |end: &Ending<M>| {
            is_same(end) || self.is_confluent && self.leads_to(end, &new.effective)
        };
        if self.ends.iter().any(is_known) {
            return;
        }
        let mut ends = std::mem::take(&mut self.ends);
        if self.none_do && self.leads_to_all(&new) {
            ends.clear();
        } else if self.is_confluent {
            ends.retain(|end| !self.leads_to(&new, &end.effective));
        }
        ends.push(new);
        self.ends = ends;
    }

    /// Whether every end with these operations, and possibly more, can still be reached from an end, if the order
    /// does not matter.
    fn leads_to(&self, end: &Ending<M>, operations: &[usize]) -> bool {
        let is_more = |place: &usize| self.is_lone[*place] && !end.effective.contains(place);
        end.effective.iter().all(|place| operations.contains(place))
            && (end.state.can_do_and_undo() || operations.iter().any(is_more))
    }

    /// Whether every end can still be reached from this one, if the order of those that have an answer is given.
    fn leads_to_all(&self, end: &Ending<M>) -> bool {
        let is_lone =
            |place: usize| self.is_lone[place] || self.operations[place].output().is_some();
        end.effective.is_empty()
            && (end.state.can_do_and_undo() || (0..self.operations.len()).all(is_lone))
    }

    /// Which operations are done, as bits.
    fn done(&self) -> Box<[u64]> {
        let mut bits = vec![0; self.operations.len().div_ceil(64)].into_boxed_slice();
        for place in &self.order {
            bits[place / 64] |= 1_u64 << (place % 64);
        }
        bits
    }

    /// Takes an operation out of those that are left, to be the next in the order.
    fn take(&mut self, place: usize) {
        let (before, after) = (self.previous[place], self.next[place]);
        self.next[before] = after;
        if after != NONE {
            self.previous[after] = before;
        }
        self.answered -= usize::from(self.operations[place].output().is_some());
        self.order.push(place);
    }

    /// Puts the last operations of the order back.
    fn back_to(&mut self, length: usize) {
        while self.order.len() > length {
            let Some(place) = self.order.pop() else { break };
            let (before, after) = (self.previous[place], self.next[place]);
            self.next[before] = place;
            if after != NONE {
                self.previous[after] = place;
            }
            self.answered += usize::from(self.operations[place].output().is_some());
        }
    }
}

/// Which operations can be exchanged with others of their kind: answered ones whose key no other one has.
fn exchangeable<M: Model, L>(state: &M, operations: &[&Operation<M, L>]) -> Vec<Option<Likeness>> {
    let keys = Keys::of(operations.iter().copied());
    let of = |one: &&Operation<M, L>| {
        let kind = state.likeness(&one.input, one.output()?)?;
        keys.is_alone(one).then_some(kind)
    };
    operations.iter().map(of).collect()
}

/// Whether the order of operations matters to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commuting {
    /// It does.
    No,
    /// It does only for those without an answer, and these may as well take effect later.
    Answered,
    /// It does not.
    All,
}

/// Whether the order of operations matters to the state. Of operations with one key, time may decide the order.
fn commuting<M: Model, L>(state: &M, operations: &[&Operation<M, L>]) -> Commuting {
    if !operations.iter().all(|one| state.commutes(&one.input)) {
        return Commuting::No;
    }
    let keyed = operations.iter().filter_map(|one| Some((M::key(&one.input)?, *one)));
    let mut keyed: Vec<(u64, &Operation<M, L>)> = keyed.collect();
    keyed.sort_by_key(|(key, one)| (*key, one.call));
    let mut found = Commuting::All;
    for group in keyed.chunk_by(|one, other| one.0 == other.0) {
        let is_in_order = |pair: &[(u64, &Operation<M, L>)]| pair[0].1.returned() < pair[1].1.call;
        if group.windows(2).all(is_in_order) {
            continue;
        }
        let answered: Vec<_> =
            group.iter().copied().filter(|(_, one)| one.output().is_some()).collect();
        let can_wait = |(nth, (_, one)): (usize, &(u64, &Operation<M, L>))| {
            group[nth + 1..].iter().all(|(_, other)| state.can_wait(&one.input, &other.input))
        };
        if !answered.windows(2).all(is_in_order) || !group.iter().enumerate().all(can_wait) {
            return Commuting::No;
        }
        found = Commuting::Answered;
    }
    found
}

/// The keys of operations.
pub(super) struct Keys(Vec<u64>);

impl Keys {
    pub(super) fn of<'a, M: Model + 'a, L: 'a>(
        operations: impl Iterator<Item = &'a Operation<M, L>>,
    ) -> Self {
        let mut keys: Vec<u64> = operations.filter_map(|one| M::key(&one.input)).collect();
        keys.sort_unstable();
        Self(keys)
    }

    /// Whether no other operation has the key of this one.
    pub(super) fn is_alone<M: Model, L>(&self, one: &Operation<M, L>) -> bool {
        M::key(&one.input).is_none_or(|key| {
            let first = self.0.partition_point(|other| *other < key);
            self.0.get(first + 1) != Some(&key)
        })
    }
}

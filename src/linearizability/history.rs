//! The history of one object, as it happens.

use super::contradiction::{Contradiction, contradiction};
use super::search::{Keys, Outcome, search};
use super::{Effect, End, Limits, Model, Operation};

/// Names an operation of a history that has not returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle(u64);

/// What is known of a history.
#[derive(Clone, Debug)]
pub enum Judgement<L> {
    /// An operation is pending, or none has returned since the last time: it is judged when none is pending.
    Pending,
    /// Some order of the operations explains all answers so far.
    Explained,
    /// No order does.
    Contradicted(Contradiction<L>),
    /// The limit of work was reached. Nothing more is known of the object from then on.
    Undecided,
}

/// The history of one object. Only operations since the last moment at which none was pending are kept, and those
/// whose answer never came.
#[derive(Clone, Debug)]
pub struct History<M: Model, L> {
    limits: Limits,
    /// The states that are possible before `recent`.
    possible: Vec<Possible<M>>,
    /// Operations without an answer, in the order of their calls.
    open: Vec<(Handle, Operation<M, L>)>,
    /// Operations since then that have returned or are pending, in the order of their calls.
    recent: Vec<(Handle, Operation<M, L>)>,
    /// How many of these are pending.
    pending: usize,
    handles: u64,
    is_undecided: bool,
}

/// A possible state.
#[derive(Clone, Debug)]
pub(super) struct Possible<M> {
    pub(super) state: M,
    /// The operations without an answer that have taken effect in it, in order.
    effective: Vec<Handle>,
}

impl<M: Model, L: Clone> History<M, L> {
    /// An object without a history, in its first state.
    pub fn new(state: M, limits: Limits) -> Self {
        let possible = vec![Possible { state, effective: Vec::new() }];
        let (open, recent) = (Vec::new(), Vec::new());
        Self { limits, possible, open, recent, pending: 0, handles: 0, is_undecided: false }
    }

    /// An operation is called.
    pub fn call(&mut self, at: u64, input: M::Input, label: L) -> Handle {
        self.handles += 1;
        let handle = Handle(self.handles);
        if !self.is_undecided {
            self.recent.push((handle, Operation { call: at, end: End::Open, input, label }));
            self.pending += 1;
        }
        handle
    }

    /// What a pending operation asks for.
    pub fn input(&self, handle: Handle) -> Option<M::Input> {
        self.place(handle).map(|place| self.recent[place].1.input.clone())
    }

    /// What the caller knows a pending operation by.
    pub fn label_mut(&mut self, handle: Handle) -> Option<&mut L> {
        self.place(handle).map(|place| &mut self.recent[place].1.label)
    }

    /// An operation returns with an answer.
    pub fn returns(&mut self, handle: Handle, at: u64, output: M::Output) {
        if let Some(place) = self.place(handle) {
            self.recent[place].1.end = End::Returned(at, output);
            self.pending -= 1;
        }
    }

    /// An operation returns, and it is certain that it did not take effect.
    pub fn has_no_effect(&mut self, handle: Handle) {
        if let Some(place) = self.place(handle) {
            self.recent.remove(place);
            self.pending -= 1;
        }
    }

    /// No answer to an operation will come.
    pub fn abandon(&mut self, handle: Handle) {
        if let Some(place) = self.place(handle) {
            let abandoned = self.recent.remove(place);
            let place = self.open.partition_point(|(_, one)| one.call < abandoned.1.call);
            self.open.insert(place, abandoned);
            self.pending -= 1;
        }
    }

    /// No answer to any pending operation will come.
    pub fn abandon_all(&mut self) {
        while let Some((handle, _)) = self.recent.iter().find(|(_, one)| one.output().is_none()) {
            self.abandon(*handle);
        }
    }

    /// Judges the history if no operation is pending.
    pub fn settle(&mut self) -> Judgement<L> {
        let kept = self.recent.len().max(self.open.len());
        if self.is_undecided || kept > self.limits.operations {
            return self.give_up();
        }
        if self.pending > 0 || self.recent.is_empty() {
            return Judgement::Pending;
        }
        if self.settles_at_once() {
            return Judgement::Explained;
        }
        let mut ends: Vec<Possible<M>> = Vec::new();
        for possible in &self.possible {
            let (handles, operations) = self.after(possible);
            match search(possible.state.clone(), &operations, self.limits.steps) {
                Outcome::Undecided => return self.give_up(),
                Outcome::Ends(found) => ends.extend(found.into_iter().map(|end| {
                    let effective = end.effective.into_iter().map(|place| handles[place]);
                    let effective = possible.effective.iter().copied().chain(effective).collect();
                    Possible { state: end.state, effective }
                })),
            }
        }
        if ends.is_empty() {
            let found = contradiction(&self.branches(), self.limits.steps);
            self.is_undecided = true;
            self.forget();
            return Judgement::Contradicted(found);
        }
        self.possible = self.least(ends);
        if self.possible.len() > self.limits.states {
            return self.give_up();
        }
        self.recent.clear();
        self.forget_effective();
        self.possible.iter_mut().for_each(|possible| possible.state.settled());
        Judgement::Explained
    }

    /// A single operation on a state that is known: most histories are a chain of these.
    fn settles_at_once(&mut self) -> bool {
        let ([possible], [(_, operation)], []) =
            (&mut self.possible[..], &self.recent[..], &self.open[..])
        else {
            return false;
        };
        match possible.state.effect(&operation.input, operation.output()) {
            Effect::Impossible => return false,
            Effect::Reads => {}
            Effect::Writes => {
                possible.state.apply(&operation.input);
                possible.state.settled();
            }
        }
        self.recent.clear();
        true
    }

    /// The operations after a possible state, in the order of their calls.
    fn after(&self, possible: &Possible<M>) -> (Vec<Handle>, Vec<&Operation<M, L>>) {
        let open = self.open.iter().filter(|(handle, _)| !possible.effective.contains(handle));
        let mut all: Vec<_> = open.chain(&self.recent).collect();
        all.sort_by_key(|(_, one)| one.call);
        all.into_iter().map(|(handle, one)| (*handle, one)).unzip()
    }

    /// Each possible state with the operations after it.
    fn branches(&self) -> Vec<(&M, Vec<&Operation<M, L>>)> {
        self.possible.iter().map(|one| (&one.state, self.after(one).1)).collect()
    }

    fn place(&self, handle: Handle) -> Option<usize> {
        self.recent.binary_search_by_key(&handle.0, |(other, _)| other.0).ok()
    }

    fn give_up(&mut self) -> Judgement<L> {
        self.is_undecided = true;
        self.forget();
        Judgement::Undecided
    }

    fn forget(&mut self) {
        (self.open, self.recent, self.pending) = (Vec::new(), Vec::new(), 0);
        self.possible.truncate(1);
    }

    /// Forgets what has taken effect in every possible state, or can no longer do so in any. Where it has in some
    /// of them only, it tells these apart.
    fn forget_effective(&mut self) {
        let possible = &mut self.possible;
        let is_over = |(handle, operation): &&(Handle, Operation<M, L>)| {
            let is_effective = |one: &&Possible<M>| one.effective.contains(handle);
            match possible.iter().filter(is_effective).count() {
                0 => possible.iter().all(|one| one.state.is_spent(&operation.input)),
                count => count == possible.len(),
            }
        };
        let gone: Vec<Handle> =
            self.open.iter().filter(is_over).map(|(handle, _)| *handle).collect();
        if gone.is_empty() {
            return;
        }
        self.open.retain(|(handle, _)| !gone.contains(handle));
        possible.iter_mut().for_each(|one| one.effective.retain(|handle| !gone.contains(handle)));
    }

    /// Leaves out states that can still be reached from others: if the order does not matter, those in which more
    /// operations have taken effect.
    fn least(&self, ends: Vec<Possible<M>>) -> Vec<Possible<M>> {
        let mut kept: Vec<Possible<M>> = Vec::new();
        for end in ends {
            if kept.iter().any(|other| self.leads_to(other, &end)) {
                continue;
            }
            kept.retain(|other| !self.leads_to(&end, other));
            kept.push(end);
        }
        kept
    }

    /// Whether a state is another one, or what is possible in that one can still be reached from it.
    fn leads_to(&self, one: &Possible<M>, other: &Possible<M>) -> bool {
        let is_part = one.effective.iter().all(|handle| other.effective.contains(handle));
        let is_same = is_part && one.effective.len() == other.effective.len();
        if !M::CONFLUENT {
            return is_same && one.state == other.state;
        }
        is_same || is_part && (one.state.can_do_and_undo() || self.does_more(one, other))
    }

    /// Whether an operation with a key that no other one without an answer has makes the difference.
    fn does_more(&self, one: &Possible<M>, other: &Possible<M>) -> bool {
        let keys = Keys::of(self.open.iter().map(|(_, open)| open));
        let is_more = |(handle, open): &(Handle, Operation<M, L>)| {
            let is_added = other.effective.contains(handle) && !one.effective.contains(handle);
            is_added && keys.is_alone(open)
        };
        self.open.iter().any(is_more)
    }
}

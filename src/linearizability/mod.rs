//! Linearizability: whether the answers that clients got can be explained by one order of their operations.
//!
//! An operation on an object takes time: it is called, and it returns an answer. A history is *linearizable* if
//! every operation can be given one moment between its call and its return, such that a sequential object, which
//! does one operation after the other, gives the same answers. An operation whose answer never came may have taken
//! effect at any moment after its call, or not at all.
//!
//! ```text
//!   ana   ├── takes a place: done ──┤
//!   ben          ├── takes a place: full ─────┤        ana before ben: explained
//!   cleo                                   ├── 1 place is left ──┤       contradiction
//! ```
//!
//! What a sequential object does is said by a [`Model`]. Objects do not affect each other: a history is
//! linearizable if, and only if, the part of it that concerns each object is, so that each has a [`History`] of
//! its own. A history is judged whenever no operation is pending: all that is kept then are the states in which
//! the object can be, and the operations whose answer never came.
//!
//! The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with Lowe's memory of
//! configurations that lead nowhere ("Testing for linearizability", 2017). It stops after a [limit](Limits) of
//! work: the history is then *not decided*, which is not the same as explained.
//!
//! ```
//! use jetlag::linearizability::models::{Place, Places, Said};
//! use jetlag::linearizability::{History, Judgement, Limits};
//!
//! let mut show = History::new(Places::of(1), Limits::default());
//! let ana = show.call(1, Place::Take { owner: 7 }, "ana");
//! let ben = show.call(2, Place::Take { owner: 8 }, "ben");
//! show.returns(ben, 3, Said::Refused(Place::Full));
//! show.returns(ana, 4, Said::Done);
//! assert!(matches!(show.settle(), Judgement::Explained));
//!
//! let cleo = show.call(5, Place::Left(1), "cleo");
//! show.returns(cleo, 6, Said::Done);
//! let Judgement::Contradicted(found) = show.settle() else { panic!("no place is left") };
//! assert_eq!(found.operations.len(), 1);
//! assert_eq!(found.before, "1 of 1 places is taken");
//! ```

mod contradiction;
mod history;
pub mod models;
mod object;
mod search;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::hash::Hash;

pub use contradiction::Contradiction;
pub use history::{Handle, History, Judgement};
pub use object::{Act, Object};

/// A sequential object. The value is its state.
pub trait Model: Clone + Debug + Eq + Hash {
    /// What an operation asks for.
    type Input: Clone + Debug;
    /// What it is answered.
    type Output: Clone + Debug;

    /// Whether operations that took effect lead to one state, in whatever order they can have taken effect. If so,
    /// one order is enough to know in which state a history ends.
    const CONFLUENT: bool = false;

    /// What an operation does in this state if it is answered with `output`, or, without one, if it takes effect.
    fn effect(&self, input: &Self::Input, output: Option<&Self::Output>) -> Effect;

    /// Applies an operation. It is called only after [`effect`](Self::effect) has said that it writes.
    fn apply(&mut self, input: &Self::Input);

    /// What makes operations exchangeable: those of one kind are, unless another operation has the key of one of
    /// them. By default no two operations are.
    /// The state is that before all of them.
    fn likeness(&self, _input: &Self::Input, _output: &Self::Output) -> Option<Likeness> {
        None
    }

    /// The part of the state that an operation concerns.
    fn key(_input: &Self::Input) -> Option<u64> {
        None
    }

    /// Whether an operation leads to the same state before and after all others after this state that commute, if
    /// time decides the order of those with its key. Operations that all commute are searched as those of a
    /// [confluent](Self::CONFLUENT) object.
    fn commutes(&self, _input: &Self::Input) -> bool {
        Self::CONFLUENT
    }

    /// Whether of two operations after this state with one key that commute with all others, and one of which has no
    /// answer, that one may as well take effect later, or never: nothing is possible after it that is not possible
    /// without it.
    fn can_wait(&self, _one: &Self::Input, _other: &Self::Input) -> bool {
        false
    }

    /// Whether an operation without an answer and another one with its key that undoes it can both still take effect
    /// after this state. Who took the last place for a moment can no longer do so when others have it.
    fn can_do_and_undo(&self) -> bool {
        true
    }

    /// Whether an operation without an answer will never change this state or a later one.
    fn is_spent(&self, _input: &Self::Input) -> bool {
        false
    }

    /// Takes note that the state will not be taken back.
    fn settled(&mut self) {}

    /// The state in words, as in `2 of 10 places are taken`.
    fn words(&self) -> String {
        format!("{self:?}")
    }
}

/// What an operation does in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The answer is not that of this state.
    Impossible,
    /// The answer is that of this state, and such an operation changes no state.
    Reads,
    /// The answer is that of this state, and the operation is applied.
    Writes,
}

/// The kind of an operation, for [`Model::likeness`].
pub type Likeness = (u8, u64);

/// The end of an operation, as its client knows it.
#[derive(Clone, Debug)]
pub enum End<O> {
    /// It was answered at a moment.
    Returned(u64, O),
    /// No answer came: it may have taken effect, may do so later, or not at all.
    Open,
}

/// An operation on an object. Moments are numbers in the order in which things happened, each used once.
#[derive(Clone, Debug)]
pub struct Operation<M: Model, L> {
    /// When it was called.
    pub call: u64,
    /// How it ended.
    pub end: End<M::Output>,
    /// What it asked for.
    pub input: M::Input,
    /// What the caller knows it by.
    pub label: L,
}

impl<M: Model, L> Operation<M, L> {
    fn output(&self) -> Option<&M::Output> {
        match &self.end {
            End::Returned(_, output) => Some(output),
            End::Open => None,
        }
    }

    /// When it returned; the end of time if it did not.
    fn returned(&self) -> u64 {
        match self.end {
            End::Returned(at, _) => at,
            End::Open => u64::MAX,
        }
    }
}

/// How much work may be done before a history counts as not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many operations may overlap in a chain, without a moment at which none is pending.
    pub operations: usize,
    /// How often a search may ask the model what an operation does.
    pub steps: u64,
    /// How many states may be possible between two searches.
    pub states: usize,
}

impl Default for Limits {
    /// 16,384 operations, a million steps, 64 states.
    fn default() -> Self {
        Self { operations: 16_384, steps: 1_000_000, states: 64 }
    }
}

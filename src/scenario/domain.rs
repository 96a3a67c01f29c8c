//! What a domain adds to the scenario language: its set-up, the actions of its customers, and labels.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::place::{Complaints, Place};
use crate::check::Checker;
use crate::kernel::Span;
use crate::metrics::{OutcomeLabel, WaitLabel};
use crate::model::Domain;

/// A type that scenario files contain.
pub trait Written:
    Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<T> Written for T where
    T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

/// Something that a node may wait for before the platform can rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongWait {
    /// The path of the field that sets it, as in `domain.hold`.
    pub field: &'static str,
    /// How long it is.
    pub span: Span,
    /// How often it may be waited for, one time after another: an estimate.
    pub times: u64,
}

/// A domain that can be set up and used by scenario files.
pub trait ScenarioDomain: Domain {
    /// The command that runs its scenarios. Reports end with one that reproduces a failure.
    const COMMAND: &'static str = "jetlag";
    /// A commented scenario to start from, written by `new`, with `{name}` in the place of its name.
    const TEMPLATE: Option<&'static str> = None;

    /// The value of `domain:`. An enum whose only variant is [`Domain::NAME`].
    type Setup: Written;
    /// The value of `does:` and in a `mix`: an action with names that are not looked up yet.
    type ScriptAction: Written;
    /// The value of `include:`: the label of an answer, such as `Accepted` or `SoldOut`.
    /// [`Outcome`](super::Outcome) is enough for most domains.
    type Outcome: Written + OutcomeLabel<Self>;
    /// The value of `of:`: a wait that customers notice, such as `Search`. [`Wait`](super::Wait) is
    /// enough for most domains.
    type Wait: Written + WaitLabel<Self>;
    /// The domain's own properties.
    type Properties: Checker<Self>;

    /// Sets the domain up for this number of customers, or reports errors at `place` and below.
    fn build(
        setup: &Self::Setup,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self>;

    /// What the set-up makes the platform wait for, such as the time after which something expires. The
    /// quiet phase of a run is by default long enough for all of them, one after another.
    fn waits(&self) -> Vec<LongWait> {
        Vec::new()
    }

    /// How long an action goes on by itself at most: the pauses of the customer.
    fn pauses(&self, _action: &Self::Action) -> Span {
        Span::ZERO
    }

    /// The same for an action that can name other customers: `customers` are the names of all that the script has, in
    /// the order of their numbers. [`Complaints::customer`] finds one.
    fn resolve_among(
        &self,
        _customers: &[String],
        line: &Self::ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self::Action> {
        self.resolve(line, place, complaints)
    }

    /// Looks up the names in an action, or reports unknown ones at `place` and below.
    fn resolve(
        &self,
        line: &Self::ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self::Action>;
}

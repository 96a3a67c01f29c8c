//! What a domain adds to the scenario language: its set-up, the actions of its customers, its labels.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::place::{Complaints, Place};
use crate::check::Checker;
use crate::metrics::{OutcomeLabel, WaitLabel};
use crate::model::Domain;

/// Something that is written in a scenario file.
pub trait Written: Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + 'static> Written for T {}

/// A domain that can be set up and used by scenario files.
pub trait ScenarioDomain: Domain {
    /// What is typed to run or replay one of its scenarios: reports end with a command that shows a
    /// failure again.
    const COMMAND: &'static str = "jetlag";
    /// A commented scenario to start from, with `{name}` in the place of its name; what `new` writes.
    const TEMPLATE: Option<&'static str> = None;

    /// What stands after `domain:`. An enum with the one variant [`Domain::NAME`], so that the name
    /// of the domain is the name of the variant.
    type Setup: Written;
    /// What stands after `does:` and in a `mix`: an action as it is written, with names.
    type ScriptAction: Written;
    /// What stands after `include:`: how an answer is called, such as `Accepted` or `SoldOut`.
    /// [`Outcome`](super::Outcome) does for most.
    type Outcome: Written + OutcomeLabel<Self>;
    /// What stands after `of:`: a wait that customers notice, such as `Search`. [`Wait`](super::Wait)
    /// does for most.
    type Wait: Written + WaitLabel<Self>;
    /// The properties that are the domain's own.
    type Properties: Checker<Self>;

    /// Sets the domain up for this number of customers, or reports errors at `place` and below.
    fn build(
        setup: &Self::Setup,
        customers: u32,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self>;

    /// Looks up the names in an action, or reports at `place` and below which of them do not exist.
    fn resolve(
        &self,
        line: &Self::ScriptAction,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Self::Action>;
}

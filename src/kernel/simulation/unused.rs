//! What was forced upon a run and never came to pass.

use super::{Kernel, Payload};
use crate::kernel::{ChoiceKey, Hold};

/// What was forced upon a run and never came to pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unused {
    /// Choices that were never drawn.
    pub choices: Vec<ChoiceKey>,
    /// Holds whose anchor never happened.
    pub holds: Vec<Hold>,
}

impl<P: Payload> Kernel<P> {
    /// The forced choices and the holds that had no effect so far.
    pub fn unused(&self) -> Unused {
        let choices = self.choices.overrides.undrawn().collect();
        Unused { choices, holds: self.holds.unmet().collect() }
    }
}

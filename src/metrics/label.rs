//! The names of answers and waits in metrics.

use std::fmt::Debug;

use crate::model::{Answer, Domain};

/// The name of an answer, such as `Accepted` or `SoldOut`: answers of the same name are counted together.
pub trait OutcomeLabel<D: Domain>: Copy + Ord + Debug {
    /// The name of this answer.
    fn of(answer: &Answer<D>) -> Self;
}

/// The name of a wait, such as `Search`: waits of the same name are measured together.
pub trait WaitLabel<D: Domain>: Copy + Ord + Debug {
    /// The wait that this answer ended; `None` if it is not measured.
    fn of(answer: &Answer<D>) -> Option<Self>;
}

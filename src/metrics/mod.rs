//! Metrics of a run: counts of events and answers, waits, lags and staleness.
//!
//! Metrics are updated with each record. A record costs a bounded amount of work and is not kept, so a run
//! of ten million customers can be measured. Expectations, which judge metrics, are in
//! [`scenario`](crate::scenario).
//!
//! A domain names its answers and waits ([`OutcomeLabel`], [`WaitLabel`]); everything else is independent
//! of the domain.

mod asked;
mod coverage;
mod curve;
mod histogram;
mod interval;
mod newest;
mod observed;
mod reads;
mod seen;

pub use asked::{Asked, What};
pub(crate) use coverage::{Coverage, reachable, states, stimuli};
pub use coverage::{Feature, FeatureKind, NOT_STARTED, Reached, STIMULI, never_met};
pub use curve::Curve;
pub use histogram::Histogram;
pub use interval::Interval;
pub use observed::{Lag, Metrics, Observed};
pub use reads::ViewReads;
pub use seen::{FirstEvents, Seen};

use crate::model::{Answer, Domain};

/// The name of an answer, such as `Accepted` or `SoldOut`: answers of the same name are counted together.
pub trait OutcomeLabel<D: Domain>: Copy + Ord + std::fmt::Debug {
    /// The name of this answer.
    fn of(answer: &Answer<D>) -> Self;
}

/// The name of a wait, such as `Search`: waits of the same name are measured together.
pub trait WaitLabel<D: Domain>: Copy + Ord + std::fmt::Debug {
    /// The wait that this answer ended; `None` if it is not measured.
    fn of(answer: &Answer<D>) -> Option<Self>;
}

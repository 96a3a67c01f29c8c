//! What is counted and measured in a run: events, answers, waits, lags and the age of what was shown.
//!
//! Metrics are taken from the records of a run as they come. A record costs a bounded amount of work and
//! is not kept, so a run of ten million customers can be measured. Nothing here judges: the bounds that
//! an author sets are in [`scenario`](crate::scenario).
//!
//! A domain names its answers and waits ([`OutcomeLabel`], [`WaitLabel`]); everything else is the same
//! for every domain.

mod curve;
mod histogram;
mod label;
mod observed;
mod reads;

pub use curve::Curve;
pub use histogram::Histogram;
pub use label::{OutcomeLabel, WaitLabel};
pub use observed::{Lag, Metrics, Observed};
pub use reads::ViewReads;

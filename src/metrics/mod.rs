//! Metrics of a run: counts of events and answers, waits, lags and staleness.
//!
//! Metrics are updated with each record. A record costs a bounded amount of work and is not kept, so a run
//! of ten million customers can be measured. Expectations, which judge metrics, are in
//! [`scenario`](crate::scenario).
//!
//! A domain names its answers and waits ([`OutcomeLabel`], [`WaitLabel`]); everything else is independent
//! of the domain.

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

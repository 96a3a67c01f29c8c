//! The properties that are checked for every domain.

use super::answered::{ANSWERED_IN_TIME, Answered};
use super::appends::{ACKNOWLEDGED_ONCE, Appends, COMMAND_ONCE};
use super::applies::{Applies, IN_ORDER_APPLY};
use super::checkpoints::{CHECKPOINT_BEHIND, Checkpoints, NO_LOST_EVENT};
use super::coherence::{CACHE_COHERENT, Coherence};
use super::convergence::{Convergence, PROJECTION_CONVERGENCE};
use super::deadlocks::{Deadlocks, NO_DEADLOCK};
use super::drains::{DRAINS, Drains};
use super::erased::{ERASED, Erased};
use super::linearizable::{LINEARIZABLE, Linearizable};
use super::loads::{Loads, SINGLE_FLIGHT};
use super::monotonic::{MONOTONIC_READS, Monotonic};
use super::past::{AS_OF, Pasts, SHOWN_IS_FOLD};
use super::pushed::{PUSHED_UP_TO_DATE, PushedUpToDate};
use super::read_through::{READ_THROUGH, ReadThrough};
use super::reads::{READ_YOUR_WRITES, Reads};
use super::rebuilds::{REBUILD_EQUALS_LIVE, Rebuilds};
use super::sagas::{SAGA_TERMINATES, Sagas};
use super::schemas::{Schemas, UPCAST_EQUALS_NATIVE};
use super::snapshots::{SNAPSHOT_EQUALS_FOLD, Snapshots};
use super::steps::{HANDED_OVER_WITH_CAUSE, STEP_ONCE, Steps};
use super::timers::{TIMER_HONEST, Timers};
use super::transitions::{LEGAL_TRANSITION, Transitions};
use super::up_to_date::{ON_DEMAND, SYNCHRONOUS, UpToDate};
use super::versions::{DENSE_VERSIONS, Versions};
use super::wholes::{WHOLE_TRANSACTIONS, Wholes};

crate::checkers! {
    /// The checkers of all general properties.
    pub struct General<D> {
        DENSE_VERSIONS => versions: Versions,
        ACKNOWLEDGED_ONCE => appends: Appends,
        LEGAL_TRANSITION => transitions: Transitions<D>,
        COMMAND_ONCE => appends,
        NO_DEADLOCK => deadlocks: Deadlocks,
        SNAPSHOT_EQUALS_FOLD => snapshots: Snapshots<D>,
        UPCAST_EQUALS_NATIVE => schemas: Schemas<D>,
        IN_ORDER_APPLY => applies: Applies,
        CHECKPOINT_BEHIND => checkpoints: Checkpoints,
        PROJECTION_CONVERGENCE => convergence: Convergence,
        REBUILD_EQUALS_LIVE => rebuilds: Rebuilds,
        NO_LOST_EVENT => checkpoints,
        SAGA_TERMINATES => sagas: Sagas,
        STEP_ONCE => steps: Steps<D>,
        HANDED_OVER_WITH_CAUSE => steps,
        TIMER_HONEST => timers: Timers<D>,
        READ_YOUR_WRITES => reads: Reads,
        MONOTONIC_READS => monotonic: Monotonic,
        PUSHED_UP_TO_DATE => pushed: PushedUpToDate,
        SYNCHRONOUS => up_to_date: UpToDate,
        ON_DEMAND => up_to_date,
        READ_THROUGH => read_through: ReadThrough,
        WHOLE_TRANSACTIONS => wholes: Wholes,
        AS_OF => pasts: Pasts<D>,
        SHOWN_IS_FOLD => pasts,
        CACHE_COHERENT => coherence: Coherence,
        SINGLE_FLIGHT => loads: Loads,
        LINEARIZABLE => linearizable: Linearizable<D>,
        ANSWERED_IN_TIME => answered: Answered,
        DRAINS => drains: Drains,
        ERASED => erased: Erased,
    }
}

#[cfg(test)]
mod tests;

//! All general properties together: what any domain gets for nothing.

use std::fmt;
use std::sync::Arc;

use super::appends::{ACKNOWLEDGED_ONCE, Appends, COMMAND_ONCE};
use super::applies::{Applies, IN_ORDER_APPLY};
use super::as_of::{AS_OF, AsOfs};
use super::checkpoints::{CHECKPOINT_BEHIND, Checkpoints, NO_LOST_EVENT};
use super::coherence::{CACHE_COHERENT, Coherence};
use super::convergence::{Convergence, PROJECTION_CONVERGENCE};
use super::drains::{DRAINS, Drains};
use super::erased::{ERASED, Erased};
use super::loads::{Loads, SINGLE_FLIGHT};
use super::monotonic::{MONOTONIC_READS, Monotonic};
use super::reads::{READ_YOUR_WRITES, Reads};
use super::rebuilds::{REBUILD_EQUALS_LIVE, Rebuilds};
use super::sagas::{SAGA_TERMINATES, Sagas};
use super::schemas::{Schemas, UPCAST_EQUALS_NATIVE};
use super::snapshots::{SNAPSHOT_EQUALS_FOLD, Snapshots};
use super::steps::{STEP_ONCE, Steps};

use super::timers::{TIMER_HONEST, Timers};
use super::transitions::{LEGAL_TRANSITION, Transitions};
use super::up_to_date::{ON_DEMAND, SYNCHRONOUS, UpToDate};
use super::versions::{DENSE_VERSIONS, Versions};
use super::{Judge, Oracle, Property};
use crate::model::Rest;
use crate::model::{Domain, Fact, Names, Record};

/// Owns one checker of each family and gives every fact to those that want it.
pub struct General<D: Domain> {
    versions: Versions,
    transitions: Transitions<D>,
    appends: Appends,
    snapshots: Snapshots<D>,
    schemas: Schemas<D>,
    applies: Applies,
    checkpoints: Checkpoints,
    convergence: Convergence,
    rebuilds: Rebuilds,
    sagas: Sagas,
    steps: Steps<D>,
    timers: Timers<D>,
    loads: Loads,
    reads: Reads,
    monotonic: Monotonic,
    up_to_date: UpToDate,
    as_of: AsOfs<D>,
    coherence: Coherence,
    drains: Drains,
    erased: Erased,
}

impl<D: Domain> Clone for General<D> {
    fn clone(&self) -> Self {
        Self {
            versions: self.versions.clone(),
            transitions: self.transitions.clone(),
            appends: self.appends.clone(),
            snapshots: self.snapshots.clone(),
            schemas: self.schemas.clone(),
            applies: self.applies.clone(),
            checkpoints: self.checkpoints.clone(),
            convergence: self.convergence.clone(),
            rebuilds: self.rebuilds.clone(),
            sagas: self.sagas.clone(),
            steps: self.steps.clone(),
            timers: self.timers.clone(),
            loads: self.loads.clone(),
            reads: self.reads.clone(),
            monotonic: self.monotonic.clone(),
            up_to_date: self.up_to_date.clone(),
            as_of: self.as_of.clone(),
            coherence: self.coherence.clone(),
            drains: self.drains.clone(),
            erased: self.erased.clone(),
        }
    }
}

impl<D: Domain> fmt::Debug for General<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("General").field("checks", &self.checks()).finish_non_exhaustive()
    }
}

impl<D: Domain> Oracle<D> for General<D> {
    const PROPERTIES: &'static [Property] = &[
        DENSE_VERSIONS,
        ACKNOWLEDGED_ONCE,
        LEGAL_TRANSITION,
        COMMAND_ONCE,
        SNAPSHOT_EQUALS_FOLD,
        UPCAST_EQUALS_NATIVE,
        IN_ORDER_APPLY,
        CHECKPOINT_BEHIND,
        PROJECTION_CONVERGENCE,
        REBUILD_EQUALS_LIVE,
        NO_LOST_EVENT,
        SAGA_TERMINATES,
        STEP_ONCE,
        TIMER_HONEST,
        READ_YOUR_WRITES,
        MONOTONIC_READS,
        SYNCHRONOUS,
        ON_DEMAND,
        AS_OF,
        CACHE_COHERENT,
        SINGLE_FLIGHT,
        DRAINS,
        ERASED,
    ];

    fn new(domain: &D, names: &Arc<Names>) -> Self {
        Self {
            versions: Oracle::new(domain, names),
            transitions: Oracle::new(domain, names),
            appends: Oracle::new(domain, names),
            snapshots: Oracle::new(domain, names),
            schemas: Oracle::new(domain, names),
            applies: Oracle::new(domain, names),
            checkpoints: Oracle::new(domain, names),
            convergence: Oracle::new(domain, names),
            rebuilds: Oracle::new(domain, names),
            sagas: Oracle::new(domain, names),
            steps: Oracle::new(domain, names),
            timers: Oracle::new(domain, names),
            loads: Oracle::new(domain, names),
            reads: Oracle::new(domain, names),
            monotonic: Oracle::new(domain, names),
            up_to_date: Oracle::new(domain, names),
            as_of: Oracle::new(domain, names),
            coherence: Oracle::new(domain, names),
            drains: Oracle::new(domain, names),
            erased: Oracle::new(domain, names),
        }
    }

    /// The order within an occurrence matters to the reader only: what comes first is reported first,
    /// and the cause of a trouble comes before its consequences.
    #[inline]
    fn observe(&mut self, domain: &D, record: &Record<D>, judge: &mut Judge) {
        match &record.fact {
            Fact::Stored(_) => {
                self.appends.observe(domain, record, judge);
                self.versions.observe(domain, record, judge);
                self.transitions.observe(domain, record, judge);
                self.schemas.observe(domain, record, judge);
                self.snapshots.observe(domain, record, judge);
                self.checkpoints.observe(domain, record, judge);
                self.sagas.observe(domain, record, judge);
                self.steps.observe(domain, record, judge);
                self.timers.observe(domain, record, judge);
                self.up_to_date.observe(domain, record, judge);
                self.as_of.observe(domain, record, judge);
                self.erased.observe(domain, record, judge);
            }
            Fact::AppliedInline { .. } => {
                self.checkpoints.observe(domain, record, judge);
                self.convergence.observe(domain, record, judge);
                self.up_to_date.observe(domain, record, judge);
            }
            Fact::Snapshotted { .. } | Fact::Restored { .. } => {
                self.schemas.observe(domain, record, judge);
                self.snapshots.observe(domain, record, judge);
            }
            Fact::Allocated { .. } => {
                self.versions.observe(domain, record, judge);
                self.appends.observe(domain, record, judge);
                self.up_to_date.observe(domain, record, judge);
            }
            Fact::Deployed { .. } | Fact::Decided { .. } => {
                self.schemas.observe(domain, record, judge);
                self.appends.observe(domain, record, judge);
            }
            Fact::Answered { .. }
            | Fact::Concluded { .. }
            | Fact::Acknowledged { .. }
            | Fact::Committed { .. } => self.appends.observe(domain, record, judge),
            Fact::Aborted { .. } => {
                self.appends.observe(domain, record, judge);
                self.up_to_date.observe(domain, record, judge);
            }
            Fact::Applied { .. } => {
                self.applies.observe(domain, record, judge);
                self.checkpoints.observe(domain, record, judge);
                self.convergence.observe(domain, record, judge);
                self.rebuilds.observe(domain, record, judge);
                self.coherence.observe(domain, record, judge);
            }
            Fact::CacheGet { .. } | Fact::CacheFilled { .. } | Fact::CacheLost { .. } => {
                self.loads.observe(domain, record, judge);
                self.coherence.observe(domain, record, judge);
            }
            Fact::Queried { .. } => {
                self.loads.observe(domain, record, judge);
                self.up_to_date.observe(domain, record, judge);
                self.reads.observe(domain, record, judge);
                self.as_of.observe(domain, record, judge);
            }
            Fact::CacheRefused { .. } | Fact::Loading { .. } => {
                self.loads.observe(domain, record, judge);
            }
            Fact::CacheRefreshed { .. } => self.coherence.observe(domain, record, judge),
            Fact::Told { .. } => {
                self.loads.observe(domain, record, judge);
                self.reads.observe(domain, record, judge);
                self.monotonic.observe(domain, record, judge);
                self.up_to_date.observe(domain, record, judge);
                self.as_of.observe(domain, record, judge);
            }
            Fact::KeyMade { .. }
            | Fact::Sealed { .. }
            | Fact::Unsealed { .. }
            | Fact::Erased { .. } => self.erased.observe(domain, record, judge),
            Fact::RebuildStarted { .. }
            | Fact::Replayed { .. }
            | Fact::Rebuilt { .. }
            | Fact::Published { .. }
            | Fact::Served { .. }
            | Fact::Entered { .. } => self.rebuilds.observe(domain, record, judge),
            Fact::SagaCommanded { .. } | Fact::Called { .. } => {
                self.rebuilds.observe(domain, record, judge);
                self.steps.observe(domain, record, judge);
            }
            Fact::TimerSet { .. } | Fact::TimerCancelled { .. } => {
                self.rebuilds.observe(domain, record, judge);
                self.timers.observe(domain, record, judge);
            }
            Fact::Fault(_)
            | Fact::Replied { .. }
            | Fact::GaveUp { .. }
            | Fact::SagaTold { .. }
            | Fact::TimerFired { .. } => self.timers.observe(domain, record, judge),
            Fact::Restarted => self.up_to_date.observe(domain, record, judge),
            Fact::Disconnected { .. }
            | Fact::Commanded { .. }
            | Fact::EraseAsked { .. }
            | Fact::Refused { .. }
            | Fact::Recognised { .. }
            | Fact::Inserted { .. }
            | Fact::Blocked { .. }
            | Fact::Leased { .. }
            | Fact::Routed { .. }
            | Fact::Marked { .. }
            | Fact::Fenced { .. }
            | Fact::Subscribed { .. }
            | Fact::Delivered { .. }
            | Fact::Acked { .. }
            | Fact::Requeued { .. }
            | Fact::Returned { .. }
            | Fact::ConnectionClosed { .. }
            | Fact::DeadLettered { .. }
            | Fact::Parked { .. }
            | Fact::Redriven { .. }
            | Fact::Failed { .. }
            | Fact::Buffered { .. }
            | Fact::Skipped { .. }
            | Fact::CachePinned { .. }
            | Fact::CaughtUp { .. }
            | Fact::Recalled { .. }
            | Fact::Opened { .. } => {}
        }
    }

    /// Causes before consequences here too: a log that is wrong makes rows wrong.
    fn at_rest(&mut self, rest: &Rest<'_, D>, judge: &mut Judge) {
        self.versions.at_rest(rest, judge);
        self.appends.at_rest(rest, judge);
        self.schemas.at_rest(rest, judge);
        self.snapshots.at_rest(rest, judge);
        self.checkpoints.at_rest(rest, judge);
        self.convergence.at_rest(rest, judge);
        self.rebuilds.at_rest(rest, judge);
        self.sagas.at_rest(rest, judge);
        self.timers.at_rest(rest, judge);
        self.loads.at_rest(rest, judge);
        self.drains.at_rest(rest, judge);
        self.erased.at_rest(rest, judge);
    }

    /// In the order of [`PROPERTIES`](Oracle::PROPERTIES).
    fn checks(&self) -> Vec<(&'static Property, u64)> {
        fn of<D: Domain>(oracle: &impl Oracle<D>) -> Vec<(&'static Property, u64)> {
            oracle.checks()
        }
        let mut checks: Vec<_> = [
            of::<D>(&self.versions),
            of::<D>(&self.transitions),
            of::<D>(&self.appends),
            of::<D>(&self.snapshots),
            of::<D>(&self.schemas),
            of::<D>(&self.applies),
            of::<D>(&self.checkpoints),
            of::<D>(&self.convergence),
            of::<D>(&self.rebuilds),
            of::<D>(&self.sagas),
            of::<D>(&self.steps),
            of::<D>(&self.timers),
            of::<D>(&self.loads),
            of::<D>(&self.reads),
            of::<D>(&self.monotonic),
            of::<D>(&self.up_to_date),
            of::<D>(&self.as_of),
            of::<D>(&self.coherence),
            of::<D>(&self.drains),
            of::<D>(&self.erased),
        ]
        .concat();
        let rank = |id| Self::PROPERTIES.iter().position(|property| property.id == id);
        checks.sort_by_key(|(property, _)| rank(property.id));
        checks
    }
}

#[cfg(test)]
mod tests;

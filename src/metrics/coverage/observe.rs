//! Collects the features that a run reaches.

use super::{
    COMMAND_ACCEPTED, COMMAND_REJECTED, COMMAND_UNKNOWN, Feature, FeatureKind, NOT_STARTED,
    REPLY_MISSED, REPLY_RECEIVED, Reached, TIMER_FIRED, WEBHOOK_RECEIVED,
};
use crate::collections::SortedMap;
use crate::kernel::{Entity, Fault, FaultLedger, NodeId, Step};
use crate::model::{CommandOutcome, Domain, Fact, Record, Sagas, StreamId};
use crate::platform::{Role, saga_queue};

/// The features that a run has reached so far.
#[derive(Clone, Debug)]
pub(crate) struct Coverage {
    reached: SortedMap<Feature, Step>,
    /// The state of each saga, by its place in [`Sagas::FOLLOWS`] and its number.
    states: Vec<Vec<&'static str>>,
    /// The queue of the sagas.
    saga_queue: u8,
    /// Where each fault fired first.
    fired: Vec<(&'static Fault, NodeId, Step)>,
}

impl Coverage {
    /// Nothing is reached yet.
    pub(crate) fn new<D: Domain>() -> Self {
        Self {
            reached: SortedMap::new(),
            states: vec![Vec::new(); D::Sagas::FOLLOWS.len()],
            saga_queue: saga_queue::<D>(),
            fired: Vec::new(),
        }
    }

    /// Notes what one record reaches.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts reach anything")]
    pub(crate) fn observe<D: Domain>(&mut self, domain: &D, record: &Record<D>) {
        let step = record.step;
        match &record.fact {
            Fact::Stored(stored) => {
                let event = domain.event_name(&stored.event);
                self.reach(FeatureKind::Event, (event, ""), step);
                self.record::<D>(stored.stream, event);
            }
            Fact::Refused { rejection, .. } => {
                let rejection = D::rejection_name(rejection);
                if !rejection.is_empty() {
                    self.reach(FeatureKind::Rejection, (rejection, ""), step);
                }
            }
            Fact::Delivered { queue, event, .. } if *queue == self.saga_queue => {
                if let Some(saga) = D::Sagas::saga_of(event.stream) {
                    self.stimulate::<D>(saga, domain.event_name(&event.event), step);
                }
            }
            Fact::Replied { saga, webhook, .. } => {
                let stimulus = if *webhook { WEBHOOK_RECEIVED } else { REPLY_RECEIVED };
                self.stimulate::<D>(*saga, stimulus, step);
            }
            Fact::GaveUp { effect, .. } | Fact::NotCalled { effect, .. } => {
                self.stimulate::<D>(effect.saga, REPLY_MISSED, step);
            }
            Fact::SagaTold { effect, verdict, .. } => {
                let stimulus = match verdict {
                    CommandOutcome::Accepted(_) => COMMAND_ACCEPTED,
                    CommandOutcome::Refused(_) => COMMAND_REJECTED,
                    CommandOutcome::Unknown => COMMAND_UNKNOWN,
                };
                self.stimulate::<D>(effect.saga, stimulus, step);
            }
            Fact::TimerFired { saga, .. } => self.stimulate::<D>(*saga, TIMER_FIRED, step),
            Fact::Fault(fired) => {
                if let Some(saga) = saga_about::<D>(fired.entity) {
                    let during = (fired.fault.name, self.state::<D>(saga));
                    self.reach(FeatureKind::FaultDuring, during, step);
                }
                let same =
                    |(fault, node, _): &(_, _, _)| (*fault, *node) == (fired.fault, record.node);
                if !self.fired.iter().any(same) {
                    self.fired.push((fired.fault, record.node, step));
                }
            }
            _ => {}
        }
    }

    /// All that was reached, in order of the features. The faults that fired and were seen are those of the
    /// ledger; `roles` are those of the nodes, by number.
    pub(crate) fn finish(mut self, ledger: &FaultLedger, roles: &[Role]) -> Vec<Reached> {
        for at in &ledger.fired {
            let first =
                self.fired.iter().find(|(fault, node, _)| (*fault, *node) == (at.fault, at.node));
            let step = first.map_or(Step(0), |(.., step)| *step);
            let pair = (at.fault.name, roles[at.node.index()].kind());
            self.reach(FeatureKind::FaultFired, pair, step);
            if at.seen > 0 {
                self.reach(FeatureKind::FaultSeen, pair, step);
            }
        }
        self.reached
            .iter()
            .map(|(feature, step)| Reached { feature: *feature, step: *step })
            .collect()
    }

    fn reach(&mut self, kind: FeatureKind, (what, with): (&'static str, &'static str), step: Step) {
        let first = self.reached.entry(Feature { kind, what, with }).or_insert(step);
        *first = (*first).min(step);
    }

    fn stimulate<D: Domain>(&mut self, saga: StreamId, stimulus: &'static str, step: Step) {
        let pair = (self.state::<D>(saga), stimulus);
        self.reach(FeatureKind::Stimulus, pair, step);
    }

    /// The state of a saga.
    fn state<D: Domain>(&self, saga: StreamId) -> &'static str {
        let states = place::<D>(saga).map(|place| &self.states[place]);
        let state = states.and_then(|states| states.get(saga.number as usize));
        state.copied().unwrap_or(NOT_STARTED)
    }

    /// An event was stored in a stream: if it is that of a saga, this is its new state.
    fn record<D: Domain>(&mut self, stream: StreamId, event: &'static str) {
        let Some(place) = place::<D>(stream) else { return };
        let (states, number) = (&mut self.states[place], stream.number as usize);
        if states.len() <= number {
            states.resize(number + 1, NOT_STARTED);
        }
        states[number] = event;
    }
}

/// The place of a saga's category in [`Sagas::FOLLOWS`]; `None` if the stream is not that of a saga.
fn place<D: Domain>(saga: StreamId) -> Option<usize> {
    D::Sagas::FOLLOWS.iter().position(|(_, sagas)| *sagas == saga.category)
}

/// The saga that an entity is, or that follows it.
fn saga_about<D: Domain>(entity: Entity) -> Option<StreamId> {
    let stream = StreamId::of(entity)?;
    if place::<D>(stream).is_some() { Some(stream) } else { D::Sagas::saga_of(stream) }
}

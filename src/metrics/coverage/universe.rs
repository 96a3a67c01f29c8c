//! What could be reached.

use std::collections::BTreeSet;

use super::{Feature, FeatureKind, NOT_STARTED, OF_SERVICES, STIMULI};
use crate::kernel::Fault;
use crate::model::{Domain, Sagas, Services};
use crate::platform::{Role, fires_at};

/// All features that are not excluded by the domain, the faults that can happen and the nodes that exist, in
/// order.
///
/// A saga can be in any state that its domain lists, and receive any stimulus: most of these pairs cannot
/// happen, because a saga waits for few things in each state. [`never_met`] leaves out the most.
pub(crate) fn reachable<D: Domain>(
    domain: &D,
    faults: &[&'static Fault],
    roles: &[Role],
) -> Vec<Feature> {
    let mut all = BTreeSet::new();
    let mut add = |kind, what: &'static str, with: &'static str| {
        all.insert(Feature { kind, what, with });
    };
    D::EVENTS.iter().for_each(|event| add(FeatureKind::Event, event, ""));
    D::REJECTIONS.iter().for_each(|rejection| add(FeatureKind::Rejection, rejection, ""));
    let states = states::<D>();
    for stimulus in stimuli(domain) {
        states.iter().for_each(|state| add(FeatureKind::Stimulus, state, stimulus));
    }
    for fault in faults {
        states.iter().for_each(|state| add(FeatureKind::FaultDuring, fault.name, state));
        for role in roles.iter().filter(|role| fires_at(fault, **role)) {
            add(FeatureKind::FaultFired, fault.name, role.kind());
            add(FeatureKind::FaultSeen, fault.name, role.kind());
        }
    }
    all.into_iter().collect()
}

/// The states in which a saga can be; none in a domain without sagas.
pub(crate) fn states<D: Domain>() -> Vec<&'static str> {
    let unstarted = (!D::Sagas::STATES.is_empty()).then_some(NOT_STARTED);
    D::Sagas::STATES.iter().copied().chain(unstarted).collect()
}

/// What a saga can receive: events that sagas do not record themselves, and [`STIMULI`].
pub(crate) fn stimuli<D: Domain>(domain: &D) -> Vec<&'static str> {
    if D::Sagas::STATES.is_empty() {
        return Vec::new();
    }
    let others = D::EVENTS.iter().filter(|event| !D::Sagas::STATES.contains(event));
    let from = if D::Services::services(domain).is_empty() { OF_SERVICES } else { 0 };
    others.chain(&STIMULI[from..]).copied().collect()
}

/// The features that could be reached and were not, in order.
///
/// A pair is only worth a line if both of its halves are met in some pair of its kind: a state in which no saga
/// ever waits would otherwise be listed with every stimulus. Such halves are left out here.
pub fn never_met<N: Clone + Ord>(
    reachable: &[Feature<N>],
    met: &BTreeSet<Feature<N>>,
) -> Vec<Feature<N>> {
    let whats: BTreeSet<_> = met.iter().map(|feature| (feature.kind, &feature.what)).collect();
    let withs: BTreeSet<_> = met.iter().map(|feature| (feature.kind, &feature.with)).collect();
    let is_sensible = |feature: &&Feature<N>| {
        let Feature { kind, what, with } = feature;
        !kind.is_of_pairs() || (whats.contains(&(*kind, what)) && withs.contains(&(*kind, with)))
    };
    let unmet = reachable.iter().filter(|feature| !met.contains(feature));
    unmet.filter(is_sensible).cloned().collect()
}

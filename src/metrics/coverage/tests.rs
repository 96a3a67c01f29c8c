//! Coverage of records made by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::kernel::{
    Actor, DROP, Entity, Fault, FaultLedger, Fired, FiredAt, Instant, NodeId, PAUSE, Step,
};
use crate::model::{
    Category, CommandOutcome, CustomerId, EffectId, Fact, Record, ServiceId, Stored, StreamId,
    Version,
};
use crate::platform::{Role, saga_queue};
use crate::testing::{Add, BelowZero, Counting, Event, Please, added, counter, counting};

/// The saga that follows `counter(number)`.
fn saga(number: u32) -> StreamId {
    StreamId { category: Category(1), number }
}

fn recorded(number: u32, event: Event) -> Fact<Counting> {
    Fact::Stored(Arc::new(Stored { stream: saga(number), event, ..(*added(number, 1, 1)).clone() }))
}

fn replied(number: u32, webhook: bool) -> Fact<Counting> {
    Fact::Replied { saga: saga(number), service: ServiceId(0), reply: Please, webhook }
}

fn fired(fault: &'static Fault, entity: impl Into<Entity>) -> Fact<Counting> {
    let (actor, entity) = (Actor::node(NodeId(0)), entity.into());
    Fact::Fault(Fired { fault, actor, entity, size: 1, until: None })
}

/// What these facts of nodes reach, each in a step of its own from 1 on.
fn coverage(facts: impl IntoIterator<Item = (u16, Fact<Counting>)>) -> Coverage {
    let mut coverage = Coverage::new::<Counting>();
    for ((node, fact), step) in facts.into_iter().zip(1..) {
        let (cause, at, node) = (Step(0), Instant::ZERO, NodeId(node));
        let record = Record { step: Step(step), part: 0, cause, at, node, fact };
        coverage.observe(&counting(), &record);
    }
    coverage
}

/// The features of a kind that these facts reach, each with its step.
fn reached(
    kind: FeatureKind,
    facts: impl IntoIterator<Item = Fact<Counting>>,
) -> Vec<(String, u64)> {
    let facts = facts.into_iter().map(|fact| (0, fact));
    let all = coverage(facts).finish(&FaultLedger::default(), &[]);
    let of_kind = all.into_iter().filter(|reached| reached.feature.kind == kind);
    of_kind.map(|reached| (reached.feature.to_string(), reached.step.0)).collect()
}

fn owned(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(name, step)| ((*name).to_owned(), *step)).collect()
}

#[test]
fn a_stimulus_stands_beside_what_its_saga_recorded_last() {
    let effect = EffectId { saga: saga(3), version: Version(1), nth: 0 };
    let delivered = |queue| Fact::Delivered { queue, event: added(3, 1, 1), redelivered: false };
    let command = Add { counter: 0, amount: 1 };
    let told = |verdict| Fact::SagaTold { effect, command, verdict };
    let facts = [
        delivered(0),
        delivered(saga_queue::<Counting>()),
        recorded(3, Event::StampAsked),
        recorded(4, Event::Stamped),
        replied(3, true),
        Fact::GaveUp { effect, service: ServiceId(0), request: Please },
        told(CommandOutcome::Refused(BelowZero)),
        told(CommandOutcome::Unknown),
        recorded(3, Event::Stamped),
        replied(3, false),
        Fact::TimerFired { saga: saga(3), timer: 0, due: Instant::ZERO },
        replied(4, false),
        replied(5, false),
    ];
    let expected = [
        ("NotStarted × Added", 2),
        ("NotStarted × ReplyReceived", 13),
        ("StampAsked × CommandRejected", 7),
        ("StampAsked × CommandUnknown", 8),
        ("StampAsked × ReplyMissed", 6),
        ("StampAsked × WebhookReceived", 5),
        ("Stamped × ReplyReceived", 10),
        ("Stamped × TimerFired", 11),
    ];
    assert_eq!(reached(FeatureKind::Stimulus, facts), owned(&expected));
}

#[test]
fn events_and_rejections_are_reached_when_they_first_happen() {
    let rejected = || Fact::Refused {
        command: added(0, 1, 1).metadata.id.command,
        body: Add { counter: 0, amount: -1 },
        attempt: 1,
        rejection: BelowZero,
    };
    let facts = || {
        let added = Fact::Stored(added(0, 1, 1));
        [added.clone(), rejected(), rejected(), recorded(0, Event::Stamped), added]
    };
    let events = owned(&[("Added", 1), ("Stamped", 4)]);
    assert_eq!(reached(FeatureKind::Event, facts()), events);
    assert_eq!(reached(FeatureKind::Rejection, facts()), owned(&[("BelowZero", 2)]));
}

#[test]
fn a_fault_is_about_a_saga_if_it_is_about_that_or_the_stream_that_it_follows() {
    let facts = [
        fired(&DROP, saga(3)),
        recorded(3, Event::StampAsked),
        fired(&DROP, counter(3)),
        fired(&PAUSE, saga(3)),
        fired(&PAUSE, CustomerId(3)),
        fired(&PAUSE, ServiceId(3)),
        fired(&PAUSE, Entity::default()),
    ];
    let expected = [("Drop × NotStarted", 1), ("Drop × StampAsked", 3), ("Pause × StampAsked", 4)];
    assert_eq!(reached(FeatureKind::FaultDuring, facts), owned(&expected));
}

#[test]
fn faults_fire_and_are_seen_at_kinds_of_node() {
    let facts = [(&PAUSE, 2), (&DROP, 0), (&PAUSE, 0), (&DROP, 0), (&PAUSE, 1)];
    let facts = facts.map(|(fault, node)| (node, fired(fault, Entity::default())));
    let at = |fault, node, seen| FiredAt { fault, node: NodeId(node), asked: 0, fired: 2, seen };
    let fired = vec![at(&DROP, 0, 1), at(&PAUSE, 0, 0), at(&PAUSE, 1, 0), at(&PAUSE, 2, 2)];
    let ledger = FaultLedger { scripted: Vec::new(), fired };
    let roles = [Role::CommandApi(0), Role::Broker, Role::CommandApi(1)];
    let all = coverage(facts).finish(&ledger, &roles);
    let of_kind = |kind| {
        let of_kind = all.iter().filter(move |reached| reached.feature.kind == kind);
        of_kind.map(|at| (at.feature.to_string(), at.step.0)).collect::<Vec<_>>()
    };
    let fired = owned(&[("Drop × api", 2), ("Pause × api", 1), ("Pause × broker", 5)]);
    let seen = owned(&[("Drop × api", 2), ("Pause × api", 1)]);
    assert_eq!((of_kind(FeatureKind::FaultFired), of_kind(FeatureKind::FaultSeen)), (fired, seen));
}

#[test]
fn of_pairs_that_were_not_met_those_are_listed_whose_halves_were() {
    let pair = |what, with| Feature { kind: FeatureKind::Stimulus, what, with };
    let event = |what| Feature { kind: FeatureKind::Event, what, with: "" };
    let states = ["Asked", "Got", "Passed"];
    let pairs = states.iter().flat_map(|state| ["Reply", "Timer"].map(|with| pair(*state, with)));
    let all: Vec<_> = [event("Asked"), event("Passed")].into_iter().chain(pairs).collect();
    let met = [event("Asked"), pair("Asked", "Reply"), pair("Got", "Timer")];
    let expected = [event("Passed"), pair("Asked", "Timer"), pair("Got", "Reply")];
    assert_eq!(never_met(&all, &BTreeSet::from(met)), expected);
}

#[test]
fn what_can_be_reached_is_what_the_domain_its_faults_and_its_nodes_allow() {
    let roles = [Role::CommandApi(0), Role::CommandApi(1), Role::Customers];
    let all = reachable(&counting(), &[&DROP, &PAUSE], &roles);
    let count = |kind| all.iter().filter(|feature| feature.kind == kind).count();
    // Of seven events sagas record two; they have a third state before that.
    assert_eq!((count(FeatureKind::Event), count(FeatureKind::Rejection)), (7, 1));
    assert_eq!(count(FeatureKind::Stimulus), 3 * (5 + STIMULI.len()));
    assert_eq!(count(FeatureKind::FaultDuring), 2 * 3);
    // A message of a customer can be lost, but customers do not pause.
    assert_eq!((count(FeatureKind::FaultFired), count(FeatureKind::FaultSeen)), (3, 3));
    assert!(all.is_sorted());
}

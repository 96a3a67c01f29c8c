//! What does not change during a run, as objects.

use serde::Serialize;

use crate::kernel::{Fault, Instant, Scope, Unit};
use crate::picture::{Layout, Phase, PlannedDeed, ViewEntry, WorkersEntry};
use crate::report::{list, object};
use crate::session::RunOutcome;

/// A node.
#[derive(Serialize)]
pub(super) struct NodeDoc<'a> {
    name: &'a str,
    kind: &'static str,
    view: i64,
    service: i64,
    workers: i64,
    queue: i64,
}

pub(super) fn nodes<'a>(outcome: &'a RunOutcome, layout: &'a Layout) -> Vec<NodeDoc<'a>> {
    let named = outcome.nodes.iter().zip(&outcome.kinds);
    let hosted = layout.view_of_node.iter().zip(&layout.service_of_node);
    let all = named.zip(hosted).zip(&layout.workers_of_node);
    let node = |((named, hosted), workers): (_, &Option<WorkersEntry>)| {
        let ((name, kind), (view, service)): ((&'a String, &&'static str), (_, _)) =
            (named, hosted);
        let (count, queue) = (workers.map(|it| it.count), workers.and_then(|it| it.queue));
        let (workers, queue) = (limit(count), limit(queue));
        NodeDoc { name, kind, view: place(view), service: place(service), workers, queue }
    };
    all.map(node).collect()
}

/// A limit; −1 if there is none.
fn limit(limit: Option<u32>) -> i64 {
    limit.map_or(-1, i64::from)
}

fn place(place: &Option<u8>) -> i64 {
    place.map_or(-1, i64::from)
}

/// The views, queues and services.
#[derive(Serialize)]
pub(super) struct ViewDoc {
    name: &'static str,
    strategy: &'static str,
    category: u8,
    own_writes: &'static str,
    queue: i64,
    node: i64,
}

pub(super) fn views(layout: &Layout) -> Vec<ViewDoc> {
    let node = |view: usize| {
        let is_its = |of: &Option<u8>| of.is_some_and(|of| usize::from(of) == view);
        layout.view_of_node.iter().position(is_its).map_or(-1, |node| node as i64)
    };
    let view = |(nth, view): (usize, &ViewEntry)| ViewDoc {
        name: view.name,
        strategy: view.strategy,
        category: view.category,
        own_writes: view.own_writes,
        queue: place(&view.queue),
        node: node(nth),
    };
    layout.views.iter().enumerate().map(view).collect()
}

#[derive(Serialize)]
pub(super) struct QueueDoc {
    name: &'static str,
    view: i64,
}

pub(super) fn queues(layout: &Layout) -> Vec<QueueDoc> {
    let name =
        |view: &Option<u8>| view.map_or("sagas", |view| layout.views[usize::from(view)].name);
    list(&layout.queues, |view| QueueDoc { name: name(view), view: place(view) })
}

#[derive(Serialize)]
pub(super) struct ServiceDoc<'a> {
    name: &'a str,
    about: &'a str,
    node: i64,
    concurrency: i64,
    per_second: i64,
}

pub(super) fn services(layout: &Layout) -> Vec<ServiceDoc<'_>> {
    let node = |service: usize| {
        let is_its = |of: &Option<u8>| of.is_some_and(|of| usize::from(of) == service);
        layout.service_of_node.iter().position(is_its).map_or(-1, |node| node as i64)
    };
    let all = layout.services.iter().enumerate();
    all.map(|(nth, it)| ServiceDoc {
        name: &it.name,
        about: &it.about,
        node: node(nth),
        concurrency: limit(it.concurrency),
        per_second: limit(it.per_second),
    })
    .collect()
}

/// When circuit breakers open, and for how long.
#[derive(Serialize)]
pub(super) struct BreakerDoc {
    failures: u32,
    open_ns: u64,
}

pub(super) fn breaker(layout: &Layout) -> Option<BreakerDoc> {
    let breaker = layout.breaker.as_ref()?;
    Some(BreakerDoc { failures: breaker.failures, open_ns: breaker.open.as_nanos() })
}

#[derive(Serialize)]
pub(super) struct CategoryDoc {
    name: &'static str,
    /// The category of the sagas that follow it.
    saga: i64,
}

pub(super) fn categories(layout: &Layout) -> Vec<CategoryDoc> {
    let saga = |category: u8| {
        let follows = layout.follows.iter().find(|(subject, _)| *subject == category);
        follows.map_or(-1, |(_, saga)| (*saga).into())
    };
    let all = layout.categories.iter().zip(0..);
    all.map(|(name, nth)| CategoryDoc { name, saga: saga(nth) }).collect()
}

object!(pub(super) FaultDoc(fault: Fault) {
    name: fault.name,
    family: fault.family,
    scope: match fault.scope {
        Scope::Link => "link",
        Scope::Pair => "pair",
        Scope::AnyNode | Scope::Node(_) => "node",
        Scope::Service => "service",
    },
    unit: match fault.unit {
        Unit::Once => "once",
        Unit::Times => "times",
        Unit::Span => "span",
        Unit::Lasting => "lasting",
    },
    sizes: fault.sizes,
    says: fault.says,
    stands_for: fault.stands_for,
} {
    kind: match fault.scope {
        Scope::Node(kind) => Some(kind),
        Scope::Link | Scope::Pair | Scope::AnyNode | Scope::Service => None,
    },
});

/// A phase. One that lasts until the end of the run ends with it.
#[derive(Serialize)]
pub(super) struct PhaseDoc {
    name: &'static str,
    says: &'static str,
    from_ns: u64,
    until_ns: u64,
}

pub(super) fn phases(layout: &Layout, end: Instant) -> Vec<PhaseDoc> {
    let phase = |phase: &Phase| PhaseDoc {
        name: phase.name,
        says: phase.says,
        from_ns: phase.from.as_nanos(),
        until_ns: phase.until.min(end).as_nanos(),
    };
    layout.phases.iter().filter(|phase| phase.from <= end).map(phase).collect()
}

/// What the script says that a customer does.
#[derive(Serialize)]
pub(super) struct DeedDoc {
    at_ns: u64,
    who: String,
    does: String,
}

pub(super) fn script(layout: &Layout, deeds: &[String]) -> Vec<DeedDoc> {
    let deed = |(planned, does): (&PlannedDeed, &String)| DeedDoc {
        at_ns: planned.at.as_nanos(),
        who: planned.who.clone(),
        does: does.clone(),
    };
    layout.script.iter().zip(deeds).map(deed).collect()
}

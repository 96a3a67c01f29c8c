//! What does not change during a run: views, queues, services, categories, faults, phases.

use crate::kernel::{Fault, Instant, Span};
use crate::model::{Category, Domain, OwnWrites, Sagas, Services};
use crate::platform::capacity::Workers;
use crate::platform::topology::{projected, queue_of};
use crate::platform::{Plan, Role, faults_of};
use crate::trace::Narrator;

/// What does not change during a run.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The view of each node that is a projector, by number of the node.
    pub view_of_node: Vec<Option<u8>>,
    /// The service of each node that is one, by number of the node.
    pub service_of_node: Vec<Option<u8>>,
    /// The workers of each node whose capacity is limited, by number of the node.
    pub workers_of_node: Vec<Option<WorkersEntry>>,
    /// The views, by number.
    pub views: Vec<ViewEntry>,
    /// The consumer of each queue: the view, or `None` for the sagas.
    pub queues: Vec<Option<u8>>,
    /// The services, by number.
    pub services: Vec<ServiceEntry>,
    /// The circuit breakers towards services, if there are any.
    pub breaker: Option<BreakerEntry>,
    /// The categories of streams, by number.
    pub categories: Vec<&'static str>,
    /// The categories that sagas follow, each with the category of its sagas.
    pub follows: Vec<(u8, u8)>,
    /// All faults that can be asked for.
    pub faults: Vec<&'static Fault>,
    /// The phases of the run.
    pub phases: Vec<Phase>,
    /// The script, in order of time.
    pub script: Vec<PlannedDeed>,
}

/// A view.
#[derive(Clone, Copy, Debug)]
pub struct ViewEntry {
    /// Its name.
    pub name: &'static str,
    /// When it is updated.
    pub strategy: &'static str,
    /// The category of its events.
    pub category: u8,
    /// What customers see of their own writes in it.
    pub own_writes: &'static str,
    /// Its queue, if it has one.
    pub queue: Option<u8>,
}

/// A service.
#[derive(Clone, Debug)]
pub struct ServiceEntry {
    /// Its short name.
    pub name: String,
    /// Its description.
    pub about: String,
    /// The most requests that it works on at once, if there is a limit.
    pub concurrency: Option<u32>,
    /// The most requests in one second, if there is a limit.
    pub per_second: Option<u32>,
}

/// How much a node with a limited capacity does at once.
#[derive(Clone, Copy, Debug)]
pub struct WorkersEntry {
    /// The number of its workers.
    pub count: u32,
    /// The most requests that wait for one; `None` for a queue without an end.
    pub queue: Option<u32>,
}

/// When circuit breakers open.
#[derive(Clone, Copy, Debug)]
pub struct BreakerEntry {
    /// The number of failures in a row.
    pub failures: u32,
    /// How long one stays open before a call probes the service.
    pub open: Span,
}

/// A part of a run that has a name.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Its name.
    pub name: &'static str,
    /// What is special about it.
    pub says: &'static str,
    /// When it begins.
    pub from: Instant,
    /// When it ends; [`Instant::MAX`] if it lasts until the end of the run.
    pub until: Instant,
}

/// Something that a customer of the script is to do.
#[derive(Clone, Debug)]
pub struct PlannedDeed {
    /// When.
    pub at: Instant,
    /// Who.
    pub who: String,
}

impl Layout {
    pub(super) fn of<D: Domain>(narrator: Narrator<'_, D>, plan: &Plan<D>) -> Self {
        let Narrator { vocabulary, roles, .. } = narrator;
        let view = |role: &Role| match role {
            Role::Projector(instance) => Some(instance.view.0),
            _ => None,
        };
        let service = |role: &Role| match role {
            Role::Service(service) => Some(service.0),
            _ => None,
        };
        let workers = |role: &Role| {
            let workers = Workers::of(*role, &plan.settings.capacity)?;
            Some(WorkersEntry { count: workers.count, queue: workers.queue })
        };
        let accepts = &plan.settings.services;
        let breaker = plan.settings.breaker.as_ref();
        let services = D::Services::services(vocabulary.domain).iter();
        let follows = D::Sagas::FOLLOWS.iter();
        let has_sagas = !D::Sagas::FOLLOWS.is_empty();
        let queues = projected::<D>().map(|view| Some(view.0)).chain(has_sagas.then_some(None));
        Self {
            view_of_node: roles.iter().map(view).collect(),
            service_of_node: roles.iter().map(service).collect(),
            workers_of_node: roles.iter().map(workers).collect(),
            views: D::VIEWS
                .iter()
                .zip(0..)
                .map(|(view, nth)| ViewEntry {
                    name: view.name,
                    strategy: view.strategy.name(),
                    category: view.category.0,
                    own_writes: match view.own_writes {
                        OwnWrites::Unpromised => "unpromised",
                        OwnWrites::Promised => "promised",
                        OwnWrites::Pinned => "pinned",
                    },
                    queue: queue_of::<D>(crate::model::ViewId(nth)),
                })
                .collect(),
            queues: queues.collect(),
            services: services
                .map(|it| ServiceEntry {
                    name: it.id.clone(),
                    about: it.about.clone(),
                    concurrency: accepts.concurrency,
                    per_second: accepts.per_second,
                })
                .collect(),
            breaker: breaker.map(|it| BreakerEntry { failures: it.failures, open: it.open }),
            categories: D::CATEGORIES.to_vec(),
            follows: follows.map(|(Category(subject), Category(saga))| (*subject, *saga)).collect(),
            faults: faults_of::<D>().collect(),
            phases: phases(plan),
            script: plan
                .script
                .iter()
                .map(|cue| PlannedDeed { at: cue.at, who: plan.names.customer(cue.who) })
                .collect(),
        }
    }
}

fn phases<D: Domain>(plan: &Plan<D>) -> Vec<Phase> {
    let (recovery, ends, quiet) = (plan.faults.recovery_from, plan.ends_at(), plan.quiet_from());
    let active = Phase { name: "active", says: "customers act", from: Instant::ZERO, until: ends };
    let recovers = Phase {
        name: "recovery",
        says: "no fault fires any more",
        from: recovery,
        until: Instant::MAX,
    };
    let rests = Phase {
        name: "quiet",
        says: "nothing new begins: what is under way comes to its end",
        from: quiet,
        until: Instant::MAX,
    };
    let recovers = (recovery < Instant::MAX).then_some(recovers);
    let rests = (quiet < Instant::MAX).then_some(rests);
    [Some(active), recovers, rests].into_iter().flatten().collect()
}

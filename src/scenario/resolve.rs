//! From what a file says to what the engine takes: names looked up, numbers checked, lines sorted.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::expect::{Bound, Expect, Expectation, Subject};
use super::fault_plan;
use super::file::File;
use super::place::{Complaint, Complaints, Place};
use crate::kernel::{FaultPlan, Fuzz, Instant, Span};
use crate::model::{CustomerId, Names, ServiceId, Services, ViewId};
use crate::platform::{Cue, Map, Operation, Plan, Settings, Workload};

/// More instances of one kind of node than this are not simulated: every pair of nodes has a link.
const INSTANCES_MAX: u16 = 256;

/// What a file comes to.
pub(super) struct Resolved<D: ScenarioDomain> {
    /// What the engine takes.
    pub(super) plan: Plan<D>,
    /// What a campaign may draw besides.
    pub(super) fuzz: Fuzz,
    /// What is to be judged.
    pub(super) expectations: Vec<Expectation<D>>,
    /// Where each scripted fault stands.
    pub(super) scripted: Vec<Position>,
}

/// What the engine takes and what is to be judged, or all that is wrong. Where something in the field
/// of a scenario could not be read (`hurt`), nothing is said that depends on it.
pub(super) fn resolve<D: ScenarioDomain>(
    file: &File<D>,
    hurt: &BTreeSet<String>,
    position: impl Fn(&Place) -> Position,
) -> Result<Resolved<D>, Vec<Complaint>> {
    let mut complaints = Complaints::default();
    let top = Place::top();
    if file.name.trim().is_empty() && !hurt.contains("name") {
        complaints.add(
            top.field("name"),
            "the scenario has no name",
            "write `name: \"...\"`; reports and lists show it",
        );
    }
    complaints.unprintable(top.field("name"), &file.name);
    // A description may have several lines; whoever prints it sets them anew.
    complaints.unprintable(top.field("about"), &file.about.replace(['\n', '\r', '\t'], " "));
    let before = complaints.count();
    check_settings(&file.platform, &top.field("platform"), &mut complaints);
    let settings_are_sound = complaints.count() == before;
    if file.budget.occurrences == 0 {
        complaints.add(
            top.field("budget").field("occurrences"),
            "with a budget of 0 occurrences nothing can happen",
            "leave the budget out to have the default",
        );
    }
    let names = names(file);
    let customers = customers(file, &names, &mut complaints);
    let domain_place = top.field("domain");
    let domain = D::build(&file.domain, customers, &domain_place, &mut complaints);
    let domain = domain.filter(|_| !hurt.contains("domain"));
    let mut script = Vec::new();
    let mut workload = None;
    let mut expectations = Vec::new();
    if let Some(domain) = &domain {
        script = cues(file, domain, &names, &mut complaints);
        workload = drawn(file, domain, &mut complaints);
    }
    let known = Known {
        services: domain.as_ref().map(|domain| {
            D::Services::services(domain)
                .iter()
                .map(|service| service.id.as_str())
                .collect::<Vec<_>>()
        }),
        customers: (!hurt.contains("script")).then_some(&names),
    };
    for (index, expect) in file.expect.iter().enumerate() {
        let place = top.field("expect").item(index);
        let resolved = expectation(expect, &known, &place, &mut complaints);
        let position = position(&place);
        expectations.extend(resolved.map(|(subject, bound)| Expectation {
            position,
            subject,
            bound,
        }));
    }
    let operations = operations(file, &mut complaints);
    fault_plan::check_fuzz(file, domain.as_ref(), &mut complaints);
    fault_plan::check_phases(file, &mut complaints);
    let Some(domain) = domain.filter(|_| settings_are_sound) else {
        return Err(complaints.into_vec());
    };
    let mut plan = Plan {
        domain,
        names,
        settings: file.platform.clone(),
        network: file.network.link(),
        script,
        operations,
        workload,
        faults: FaultPlan::default(),
        quiet: file.phases.quiet,
        budget: file.budget.budget(),
    };
    let map = Map::new(&plan);
    plan.faults = fault_plan::scripted(file, &map, plan.ends_at(), &mut complaints);
    if complaints.count() > 0 {
        return Err(complaints.into_vec());
    }
    let place = top.field("faults");
    let scripted = (0..file.faults.len()).map(|index| position(&place.item(index))).collect();
    let fuzz = fault_plan::drawn(file, &plan.domain);
    Ok(Resolved { plan, fuzz, expectations, scripted })
}

/// The customers of the script, in order of their first line.
fn names<D: ScenarioDomain>(file: &File<D>) -> Names {
    let mut seen = BTreeSet::new();
    let lines = file.script.iter().filter(|line| seen.insert(line.who.as_str()));
    Names { customers: lines.map(|line| line.who.clone()).collect() }
}

/// How many customers there are, scripted and drawn.
fn customers<D: ScenarioDomain>(file: &File<D>, names: &Names, complaints: &mut Complaints) -> u32 {
    let place = Place::top().field("workload");
    let drawn = file.workload.as_ref().map_or(0, |workload| workload.customers);
    if let Some(workload) = &file.workload {
        if workload.customers == 0 {
            complaints.add(
                place.field("customers"),
                "a workload without customers does nothing",
                "say how many there are, or leave the workload out",
            );
        }
        if workload.lasts == Span::ZERO {
            complaints.add(
                place.field("lasts"),
                "nobody arrives in no time",
                "say for how long customers arrive, like \"10s\"",
            );
        }
    }
    let scripted = u32::try_from(names.customers.len()).unwrap_or(u32::MAX);
    scripted.checked_add(drawn).unwrap_or_else(|| {
        complaints.add(
            place.field("customers"),
            "together with the script there are more customers than 32 bits can number",
            "no more than 4 billion, please",
        );
        u32::MAX
    })
}

fn cues<D: ScenarioDomain>(
    file: &File<D>,
    domain: &D,
    names: &Names,
    complaints: &mut Complaints,
) -> Vec<Cue<D>> {
    let numbers: BTreeMap<&str, u32> =
        names.customers.iter().map(String::as_str).zip(0..).collect();
    let mut script = Vec::new();
    for (index, line) in file.script.iter().enumerate() {
        let place = Place::top().field("script").item(index);
        if line.who.trim().is_empty() {
            complaints.add(
                place.field("who"),
                "this customer has no name",
                "any name will do, like \"ana\"",
            );
        }
        complaints.unprintable(place.field("who"), &line.who);
        let who = CustomerId(numbers[line.who.as_str()]);
        let at = Instant::ZERO + line.at;
        let action = domain.resolve(&line.does, &place.field("does"), complaints);
        script.extend(action.map(|action| Cue { at, who, action }));
    }
    // Lines of the same instant keep their order.
    script.sort_by_key(|cue| cue.at);
    script
}

fn operations<D: ScenarioDomain>(file: &File<D>, complaints: &mut Complaints) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (index, operation) in file.operations.iter().enumerate() {
        let place = Place::top().field("operations").item(index).field("rebuild");
        let views = D::VIEWS.iter().map(|view| view.name);
        let view = find(&operation.rebuild, views, "view", &place, complaints);
        if let Some(view) = view.map(|view| &D::VIEWS[view])
            && !view.has_projector()
        {
            complaints.add(
                place,
                format!(
                    "{} is {} and has no projector to rebuild it",
                    view.name,
                    view.strategy.name()
                ),
                "rebuild a view that is brought up to date through the outbox",
            );
            continue;
        }
        let view = view.and_then(|view| u8::try_from(view).ok()).map(ViewId);
        let at = Instant::ZERO + operation.at;
        operations.extend(view.map(|rebuild| Operation { at, rebuild }));
    }
    operations.sort_by_key(|operation| operation.at);
    operations
}

fn drawn<D: ScenarioDomain>(
    file: &File<D>,
    domain: &D,
    complaints: &mut Complaints,
) -> Option<Workload<D>> {
    let workload = file.workload.as_ref()?;
    let place = Place::top().field("workload").field("mix");
    let mut mix = Vec::new();
    for (index, (weight, line)) in workload.mix.iter().enumerate() {
        let item = place.item(index);
        if *weight == 0 {
            complaints.add(
                item.item(0),
                "what has a weight of 0 is never done",
                "give it a weight, or leave it out",
            );
        }
        mix.extend(domain.resolve(line, &item.item(1), complaints).map(|action| (*weight, action)));
    }
    if workload.mix.is_empty() {
        complaints.add(
            place.clone(),
            "these customers have nothing to do",
            "say what, with weights: `mix: [(9, Browse), (1, Book)]`",
        );
    }
    let total: u64 = workload.mix.iter().map(|(weight, _)| u64::from(*weight)).sum();
    if total > u64::from(u32::MAX) {
        complaints.add(
            place,
            "the weights add up to more than 32 bits can hold",
            "only their proportions count: make all of them smaller",
        );
    }
    let from = Instant::ZERO + workload.from;
    let (customers, every) = (workload.customers, workload.rate.every());
    Some(Workload { customers, every, from, until: from + workload.lasts, mix })
}

/// Names that an expectation can use; `None` where they are not all known.
struct Known<'a> {
    services: Option<Vec<&'a str>>,
    customers: Option<&'a Names>,
}

fn expectation<D: ScenarioDomain>(
    expect: &Expect<D>,
    known: &Known<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(Subject<D>, Bound)> {
    let mut bound = |least: (Option<u64>, Option<u64>, Option<u64>), otherwise| {
        let (is, at_least, at_most) = least;
        between(is, at_least, at_most, otherwise, place, complaints)
    };
    match expect {
        Expect::Count { event, is, at_least, at_most } => {
            let bound = bound((*is, *at_least, *at_most), None);
            let event = match event {
                None => None,
                Some(event) => Some(find(
                    event,
                    D::EVENTS.iter().copied(),
                    "event",
                    &place.field("event"),
                    complaints,
                )?),
            };
            Some((Subject::Events(event), bound?))
        }
        Expect::Happens { fact, is, at_least, at_most } => {
            Some((Subject::Facts(*fact), bound((*is, *at_least, *at_most), None)?))
        }
        Expect::Replies { to, include, is, at_least, at_most } => {
            let once = Bound::Between(1, u64::MAX);
            let bound = bound((*is, *at_least, *at_most), Some(once));
            let to = match (to, known.customers) {
                (None, _) => None,
                (Some(_), None) => return None,
                (Some(to), Some(names)) => {
                    let names = names.customers.iter().map(String::as_str);
                    let place = place.field("to");
                    let found =
                        find(to, names, "customer in the script called", &place, complaints)?;
                    Some(CustomerId(u32::try_from(found).ok()?))
                }
            };
            Some((Subject::Replies(to, *include), bound?))
        }
        Expect::Serves { service, is, at_least, at_most } => {
            let bound = bound((*is, *at_least, *at_most), None);
            let services = known.services.as_ref()?.iter().copied();
            let place = place.field("service");
            let service = find(service, services, "service", &place, complaints)?;
            Some((Subject::Served(ServiceId(u8::try_from(service).ok()?)), bound?))
        }
        Expect::PeakLag { view, is, at_least, at_most } => {
            let bound = bound((*is, *at_least, *at_most), None);
            Some((Subject::PeakLag(find_lagging::<D>(view.as_deref(), place, complaints)?), bound?))
        }
        Expect::Lag { view, is, at_least, at_most } => {
            let bound = bound((*is, *at_least, *at_most), None);
            Some((Subject::Lag(find_lagging::<D>(view.as_deref(), place, complaints)?), bound?))
        }
        Expect::Staleness { view, at_least, at_most } => {
            let bound = lasting(*at_least, *at_most, place, complaints);
            Some((Subject::Staleness(find_view::<D>(view.as_deref(), place, complaints)?), bound?))
        }
        Expect::Reads { view, is, at_least, at_most } => {
            let bound = bound((*is, *at_least, *at_most), None);
            Some((Subject::Reads(find_view::<D>(view.as_deref(), place, complaints)?), bound?))
        }
        Expect::P50 { of, below } => {
            Some((Subject::Wait(50, *of), shorter_than(*below, place, complaints)?))
        }
        Expect::P99 { of, below } => {
            Some((Subject::Wait(99, *of), shorter_than(*below, place, complaints)?))
        }
    }
}

fn between(
    is: Option<u64>,
    at_least: Option<u64>,
    at_most: Option<u64>,
    otherwise: Option<Bound>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Bound> {
    match (is, at_least, at_most) {
        (None, None, None) if otherwise.is_some() => otherwise,
        (None, None, None) => {
            complaints.add(
                place.clone(),
                "this expects nothing in particular",
                "say `is: 1`, `at_least: 1` or `at_most: 1`",
            );
            None
        }
        (Some(is), None, None) => Some(Bound::Between(is, is)),
        (Some(_), ..) => {
            complaints.add(
                place.field("is"),
                "`is` says it exactly, so the other bounds say nothing or contradict it",
                "leave either out",
            );
            None
        }
        (None, at_least, at_most) => {
            let (least, most) = (at_least.unwrap_or(0), at_most.unwrap_or(u64::MAX));
            if least > most {
                complaints.add(
                    place.field("at_least"),
                    format!("no number is at least {least} and at most {most}"),
                    "swap the two",
                );
                return None;
            }
            Some(Bound::Between(least, most))
        }
    }
}

fn shorter_than(below: Span, place: &Place, complaints: &mut Complaints) -> Option<Bound> {
    if below == Span::ZERO {
        complaints.add(
            place.field("below"),
            "no wait is shorter than nothing",
            "give the time that customers accept, like \"3s\"",
        );
        return None;
    }
    Some(Bound::Below(below))
}

fn lasting(
    at_least: Option<Span>,
    at_most: Option<Span>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Bound> {
    let (least, most) = (at_least.unwrap_or(Span::ZERO), at_most.unwrap_or(Span::MAX));
    if at_least.is_none() && at_most.is_none() {
        complaints.add(
            place.clone(),
            "this expects nothing in particular",
            "say `at_most: \"0s\"` or `at_least: \"10ms\"`",
        );
        return None;
    }
    if least > most {
        complaints.add(
            place.field("at_least"),
            format!("nothing lasts at least {least} and at most {most}"),
            "swap the two",
        );
        return None;
    }
    Some(Bound::Lasting(least, most))
}

/// The same as [`find_view`], of a view that can be behind a queue.
fn find_lagging<D: ScenarioDomain>(
    view: Option<&str>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Option<ViewId>> {
    let found = find_view::<D>(view, place, complaints)?;
    match found.map(|found| &D::VIEWS[usize::from(found.0)]) {
        Some(view) if !view.has_projector() => {
            complaints.add(
                place.field("view"),
                format!(
                    "{} is {} and has no projector that could lag",
                    view.name,
                    view.strategy.name()
                ),
                "expect its `Staleness` instead",
            );
            None
        }
        Some(_) | None => Some(found),
    }
}

/// `Some(None)` if no view was named.
fn find_view<D: ScenarioDomain>(
    view: Option<&str>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Option<ViewId>> {
    let Some(view) = view else { return Some(None) };
    let views = D::VIEWS.iter().map(|view| view.name);
    let found = find(view, views, "view", &place.field("view"), complaints)?;
    Some(Some(ViewId(u8::try_from(found).ok()?)))
}

/// The number of a name among all of its kind.
fn find<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    what: &str,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<usize> {
    let found = known.clone().position(|known| known == name);
    if found.is_none() {
        complaints.unknown(place.clone(), what, name, &known.collect::<Vec<_>>());
    }
    found
}

fn check_settings(settings: &Settings, place: &Place, complaints: &mut Complaints) {
    let (relay, projectors) = (place.field("relay"), place.field("projectors"));
    let saga = place.field("saga");
    let instances = [
        (place.field("command_apis"), settings.command_apis),
        (place.field("query_apis"), settings.query_apis),
        (relay.field("instances"), settings.relay.instances),
    ];
    for (place, instances) in instances {
        if instances == 0 {
            complaints.add(place, "at least one is needed", "leave it out to have the default");
        } else if instances > INSTANCES_MAX {
            complaints.add(
                place,
                format!("{instances} instances are more than can be simulated"),
                format!("at most {INSTANCES_MAX}"),
            );
        }
    }
    let counts = [
        (place.field("snapshot_every"), settings.snapshot_every),
        (relay.field("batch"), settings.relay.batch),
        (place.field("broker").field("delivery_limit"), settings.broker.delivery_limit),
        (projectors.field("prefetch"), settings.projectors.prefetch),
        (projectors.field("buffer"), settings.projectors.buffer),
        (projectors.field("page"), settings.projectors.page),
        (saga.field("prefetch"), settings.saga.prefetch),
    ];
    for (place, count) in counts {
        if count == 0 {
            complaints.add(
                place,
                "with 0 here nothing would ever move",
                "say 1 or more, or leave it out to have the default",
            );
        }
    }
    let (cache, broker) = (place.field("cache"), place.field("broker"));
    let spans = [
        (place.field("reply_timeout"), settings.reply_timeout),
        (relay.field("poll"), settings.relay.poll),
        (relay.field("poll_max"), settings.relay.poll_max),
        (relay.field("confirm_timeout"), settings.relay.confirm_timeout),
        (relay.field("lease"), settings.relay.lease),
        (broker.field("retry"), settings.broker.retry),
        (broker.field("retry_max"), settings.broker.retry_max),
        (broker.field("redrive"), settings.broker.redrive),
        (cache.field("ttl"), settings.cache.ttl),
        (cache.field("lease"), settings.cache.lease),
        (saga.field("command_timeout"), settings.saga.command_timeout),
        (saga.field("backoff_max"), settings.saga.backoff_max),
        (place.field("clients").field("patience"), settings.clients.patience),
    ];
    let pin = settings.clients.pin.map(|pin| (place.field("clients").field("pin"), pin));
    for (place, span) in spans.into_iter().chain(pin) {
        if span == Span::ZERO {
            complaints.add(
                place,
                "nobody waits for no time at all",
                "say how long, or leave it out to have the default",
            );
        }
    }
}

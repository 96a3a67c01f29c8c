//! From a file to a plan: looks up names, checks numbers, sorts lines by time.

mod broker;
mod claims;
mod consumers;
mod defects;
mod expectations;
mod script;
mod settings;
mod workload;

use std::collections::BTreeSet;

use super::Drawable;
use super::claim::Claim;
use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::expectation::{Expectation, Subject};
use super::fault_plan;
use super::file::{File, Operated};
use super::place::{Complaint, Complaints, Place};
use super::quiet;
use super::retention;
use crate::kernel::{FaultPlan, Instant, Span};
use crate::model::{Defects, Names, Sagas, Services, View, ViewId, Vocabulary};
use crate::platform::{EndedStreams, Map, Operate, Operation, Plan, Replication, Varies};
use expectations::Known;

/// A file as the engine takes it.
pub(super) struct Resolved<D: ScenarioDomain> {
    /// What runs, without what a seed may draw.
    pub(super) plan: Plan<D>,
    /// What a seed may draw.
    pub(super) fuzz: Drawable,
    /// What is judged.
    pub(super) expectations: Vec<Expectation<D>>,
    /// What campaigns look for.
    pub(super) claims: Vec<Claim>,
    /// The property that the run is meant to violate, and where the file says so.
    pub(super) fails: Option<(String, Position)>,
}

/// Looks up names and checks numbers, or reports all that is wrong. Where something in a field of the
/// scenario could not be read (`hurt`), nothing is reported that depends on it.
pub(super) fn resolve<D: ScenarioDomain>(
    file: &File<D>,
    hurt: &BTreeSet<String>,
    position: &dyn Fn(&Place) -> Position,
) -> Result<Resolved<D>, Vec<Complaint>> {
    let mut complaints = Complaints::default();
    let top = Place::top();
    if file.name.trim().is_empty() && !hurt.contains("name") {
        let hint = "write `name: \"...\"`; reports and lists show it";
        complaints.add(top.field("name"), "the scenario has no name", hint);
    }
    let before = complaints.count();
    settings::check(&file.platform, &top.field("platform"), &mut complaints);
    let settings_are_sound = complaints.count() == before;
    settings::check_budget(&file.budget, &top.field("budget"), &mut complaints);
    let platform = top.field("platform");
    broker::check(&file.platform, &file.network, &platform, &mut complaints);
    consumers::check(&file.platform, &platform, &mut complaints);
    consumers::check_sagas(&file.platform, &platform, &mut complaints);
    settings::check_lease(&file.platform.relay, &file.network, &platform, &mut complaints);
    let names = names(file);
    let (loads, customers) = workload::loads(file, &names, &mut complaints);
    let domain = D::build(&file.domain, customers, &top.field("domain"), &mut complaints);
    let domain = domain.filter(|_| !hurt.contains("domain"));
    let (mut script, mut workloads, mut services) = (Vec::new(), Vec::new(), None);
    if let Some(domain) = &domain {
        script = script::cues(file, domain, &names, &mut complaints);
        workloads = workload::workloads(file, &loads, (domain, &names), &mut complaints);
        let known = D::Services::services(domain).iter();
        services = Some(known.map(|service| service.id.as_str()).collect());
    }
    let customers = (!hurt.contains("script")).then_some(names.customers.as_slice());
    let operations_known = fault_plan::operations::<D>();
    let streams = |name: &str| {
        let stream = domain.as_ref()?.stream_named(name)?;
        Some(std::iter::once(stream).chain(D::Sagas::saga_of(stream)).collect::<Vec<_>>())
    };
    let amount = |text: &str| match &domain {
        Some(domain) => D::Services::amount(domain, text),
        None => Ok(0),
    };
    let known = Known {
        events: D::EVENTS,
        views: D::VIEWS,
        services,
        customers,
        operations: &operations_known,
        streams: domain.is_some().then_some(&streams),
        amount: domain.is_some().then_some(&amount),
    };
    let mut expectations = Vec::new();
    for (index, expect) in file.expect.iter().enumerate() {
        let place = top.field("expect").item(index);
        let resolved = expectations::resolve(expect, &known, &place, &mut complaints);
        let position = position(&place);
        let expectation = |(subject, bound)| Expectation { position, subject, bound };
        expectations.extend(resolved.map(expectation));
    }
    number(&mut expectations);
    let operations = operations(
        &file.operations,
        D::VIEWS,
        file.platform.store.retention.outbox,
        &mut complaints,
    );
    kept_views(file, D::VIEWS, &mut complaints);
    check_loss(file, &mut complaints);
    let possible = fault_plan::possible(domain.as_ref(), &file.platform);
    fault_plan::check_fuzz::<D>(&file.fuzz, &possible, &file.platform, &mut complaints);
    fault_plan::check_phases(&file.phases, !file.faults.is_empty(), &mut complaints);
    let fuzz = fault_plan::drawn(&file.fuzz, &possible);
    let defects = defects::resolve(file, &mut complaints);
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
        workloads,
        faults: FaultPlan::default(),
        varies: Varies::default(),
        quiet: Span::ZERO,
        budget: file.budget.budget(),
        defects: Defects::default(),
    };
    defects.into_iter().for_each(|defect| plan.plant(defect));
    let map = Map::new(&plan);
    script::check_names(file, map.names(), &mut complaints);
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    plan.faults =
        fault_plan::scripted(file, vocabulary, &map, plan.ends_at(), position, &mut complaints);
    let claims =
        claims::resolve(file, (&plan, &map), (&possible, &fuzz), position, &mut complaints);
    plan.quiet = quiet::quiet(file, &plan, &fuzz, &mut complaints);
    retention::check(&plan, &fuzz, &mut complaints);
    check_ends(&plan, &mut complaints);
    if complaints.count() > 0 {
        return Err(complaints.into_vec());
    }
    let varies = fault_plan::varies(file);
    let quiet = if varies.settings { quiet::varied(&plan, &fuzz) } else { plan.quiet };
    let fuzz = Drawable { faults: fuzz, varies, quiet };
    let fails = file.fails.clone().map(|property| (property, position(&top.field("fails"))));
    Ok(Resolved { plan, fuzz, expectations, claims, fails })
}

/// Numbers the expectations that only they measure, in the order in which they are measured.
fn number<D: ScenarioDomain>(expectations: &mut [Expectation<D>]) {
    let (mut counts, mut intervals, mut finals) = (0, 0, 0);
    for Expectation { subject, .. } in expectations {
        let (number, next) = match subject {
            Subject::Asked(number, _) => (number, &mut counts),
            Subject::Takes(number, _) => (number, &mut intervals),
            Subject::Final(number, _) => (number, &mut finals),
            _ => continue,
        };
        *number = *next;
        *next += 1;
    }
}

/// The customers of the script, in order of their first line.
fn names<D: ScenarioDomain>(file: &File<D>) -> Names {
    let mut seen = BTreeSet::new();
    let lines = file.script.iter().filter(|line| seen.insert(line.who.as_str()));
    Names { customers: lines.map(|line| line.who.clone()).collect() }
}

fn operations(
    operations: &[Operated],
    views: &[View],
    keeps: Option<Span>,
    complaints: &mut Complaints,
) -> Vec<Operation> {
    let mut resolved = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        let place = Place::top().field("operations").item(index);
        let at = Instant::ZERO + operation.at;
        if operation.back.is_some() && operation.rebuild.is_none() {
            let hint = "remove it, or write `rebuild`";
            complaints.add(place.field("back"), "only a rebuild is switched back", hint);
        }
        let (restores, sends) = (operation.restore_store_to, operation.send_again_from);
        match (&operation.rebuild, restores, sends) {
            (Some(_), None, None) => resolved.extend(rebuild(operation, views, &place, complaints)),
            (None, Some(to), None) => {
                let what = restore(operation.at, to, &place, complaints);
                resolved.extend(what.map(|what| Operation { at, what }));
            }
            (None, None, Some(from)) => {
                let what = send_again(operation.at, from, keeps, &place, complaints);
                resolved.extend(what.map(|what| Operation { at, what }));
            }
            _ => {
                let hint = "write one of `rebuild: \"View\"`, `restore_store_to: \"10s\"` and \
                            `send_again_from: \"10s\"`";
                complaints.add(place, "an operation does one thing", hint);
            }
        }
    }
    resolved.sort_by_key(|operation| operation.at);
    resolved
}

fn rebuild(
    operation: &Operated,
    views: &[View],
    place: &Place,
    complaints: &mut Complaints,
) -> Vec<Operation> {
    let Some(name) = &operation.rebuild else { return Vec::new() };
    let named = place.field("rebuild");
    let Some(found) = view(name, views, &named, complaints) else { return Vec::new() };
    let rebuilt = &views[usize::from(found.0)];
    if !rebuilt.has_projector() {
        let strategy = rebuilt.strategy.name();
        let message = format!("{} is {strategy} and has no projector to rebuild it", rebuilt.name);
        complaints.add(named, message, "rebuild a view that is fed through the outbox");
        return Vec::new();
    }
    let what = Operate::Rebuild { view: found, keeps: operation.back.is_some() };
    let mut operations = vec![Operation { at: Instant::ZERO + operation.at, what }];
    if let Some(back) = operation.back {
        if back <= operation.at {
            let message = format!("the rebuild begins at {}", operation.at.written());
            let hint = "write a later time: both are times of the run";
            complaints.add(place.field("back"), message, hint);
        }
        let what = Operate::SwitchBack(found);
        operations.push(Operation { at: Instant::ZERO + back, what });
    }
    operations
}

fn restore(at: Span, to: Span, place: &Place, complaints: &mut Complaints) -> Option<Operate> {
    if to >= at {
        let place = place.field("restore_store_to");
        let message =
            format!("{} is not before the restore, which is at {}", to.written(), at.written());
        complaints.add(place, message, "a store is restored to an earlier moment");
        return None;
    }
    Some(Operate::RestoreStore { to: Instant::ZERO + to })
}

/// Rows of the outbox are sent again as far as they are kept for so long after they were sent.
fn send_again(
    at: Span,
    from: Span,
    keeps: Option<Span>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Operate> {
    let place = place.field("send_again_from");
    if from >= at {
        let message =
            format!("{} is not before the operation, which is at {}", from.written(), at.written());
        complaints.add(place, message, "what was recorded since an earlier moment is sent again");
        return None;
    }
    let ago = Span::from_micros(at.as_micros() - from.as_micros());
    let hint = format!("write `platform: (store: (retention: (outbox: \"{}\")))`", ago.written());
    match keeps {
        None => complaints.add(place, "rows of the outbox are removed when they are sent", hint),
        Some(keeps) if keeps < ago => {
            let message = format!(
                "rows of the outbox are kept for {} after they were sent, and these are {} old",
                keeps.written(),
                ago.written()
            );
            complaints.add(place, message, hint + " or more, or a later moment");
        }
        Some(_) => return Some(Operate::SendAgain { since: Instant::ZERO + from }),
    }
    None
}

/// Reports that a store which loses commits is not modelled together with services that do not report.
fn check_loss<D: ScenarioDomain>(file: &File<D>, complaints: &mut Complaints) {
    if !D::Services::PRESENT || D::Services::REPORTS {
        return;
    }
    let why = "services keep what they did for a saga whose events are lost";
    let hint = "use a domain without services, or one whose services report, such as flights; docs/stores.md says what is modelled";
    if file.platform.store.replication != Replication::Synchronous {
        let place = Place::top().field("platform").field("store").field("replication");
        let message = format!("a store that loses commits is not modelled in {}: {why}", D::NAME);
        complaints.add(place, message, hint);
    }
    for (index, operation) in file.operations.iter().enumerate() {
        if operation.restore_store_to.is_some() {
            let place = Place::top().field("operations").item(index).field("restore_store_to");
            let message = format!("a restore of the store is not modelled in {}: {why}", D::NAME);
            complaints.add(place, message, hint);
        }
    }
}

/// Reports a store that begins streams again, or refuses them, against what the domain says of them.
fn check_ends<D: ScenarioDomain>(plan: &Plan<D>, complaints: &mut Complaints) {
    let place = Place::top().field("platform").field("store").field("ended_streams");
    match plan.settings.store.ended_streams {
        EndedStreams::Kept => {}
        EndedStreams::Refused if plan.domain.begins_again() => complaints.add(
            place,
            "this world begins streams again that have ended, and the store takes no event of them",
            "write `Kept` or `Continued`; docs/stores.md says what each does",
        ),
        EndedStreams::Continued if !plan.domain.begins_again() => complaints.add(
            place,
            "the store hides the events of a stream that has ended, by which this world knows that it cannot begin again",
            "write `Kept` or `Refused`, or in accounts `numbers: UsedAgain`",
        ),
        EndedStreams::Refused | EndedStreams::Continued => {}
    }
}

/// Reports names of views that cannot be kept in a search index or in a cache.
fn kept_views<D: ScenarioDomain>(file: &File<D>, views: &[View], complaints: &mut Complaints) {
    let (searched, cached) = (&file.platform.search_index.views, &file.platform.row_cache.views);
    let kept = [("search_index", "an index", searched), ("row_cache", "a cache", cached)];
    for (field, what, named) in kept {
        for (index, name) in named.iter().enumerate() {
            let place = Place::top().field("platform").field(field).field("views").item(index);
            let Some(found) = view(name, views, &place, complaints) else { continue };
            let view = &views[usize::from(found.0)];
            if !view.has_projector() {
                let strategy = view.strategy.name();
                let message =
                    format!("{name} is {strategy} and has no projector that could fill {what}");
                complaints.add(place, message, "name a view that is fed through the outbox");
            } else if named[..index].contains(name) {
                complaints.add(place, format!("{name} is named twice"), "remove one");
            } else if field == "row_cache" && searched.contains(name) {
                let message = format!("{name} is kept in a search index already");
                complaints.add(place, message, "remove it here or in `search_index`");
            }
        }
    }
    for (index, operation) in file.operations.iter().enumerate() {
        if operation.back.is_some()
            && operation.rebuild.as_ref().is_some_and(|name| cached.contains(name))
        {
            let place = Place::top().field("operations").item(index).field("back");
            let message = "the rows of a view in a cache are not kept beside its new ones";
            complaints.add(place, message, "remove `back`, or keep the view in the database");
        }
    }
}

/// Finds a view by name, or reports that there is none.
fn view(name: &str, views: &[View], place: &Place, complaints: &mut Complaints) -> Option<ViewId> {
    let known: Vec<&str> = views.iter().map(|view| view.name).collect();
    let found = find(name, &known, "view", place, complaints)?;
    u8::try_from(found).ok().map(ViewId)
}

/// Finds a name among all of its kind, or reports that there is none.
pub(super) fn find(
    name: &str,
    known: &[impl AsRef<str>],
    what: &str,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<usize> {
    let found = known.iter().position(|known| known.as_ref() == name);
    if found.is_none() {
        let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
        complaints.unknown(place.clone(), what, name, &known);
    }
    found
}

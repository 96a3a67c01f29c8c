//! From what a file says to what the engine takes: names looked up, numbers checked, lines sorted.

mod expectations;
mod settings;
mod workload;

use std::collections::BTreeSet;

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::expectation::Expectation;
use super::fault_plan;
use super::file::File;
use super::place::{Complaint, Complaints, Place};
use crate::kernel::{FaultPlan, Fuzz, Instant};
use crate::model::{Names, Services, ViewId};
use crate::platform::{Map, Operation, Plan};
use expectations::Known;

/// What a file comes to.
pub(super) struct Resolved<D: ScenarioDomain> {
    /// What the engine takes.
    pub(super) plan: Plan<D>,
    /// What a campaign may draw besides.
    pub(super) fuzz: Fuzz,
    /// What is to be judged.
    pub(super) expectations: Vec<Expectation<D>>,
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
    // A description may have several lines: printing breaks its lines anew.
    complaints.unprintable(top.field("about"), &file.about.replace(['\n', '\r', '\t'], " "));
    let before = complaints.count();
    settings::check(&file.platform, &top.field("platform"), &mut complaints);
    let settings_are_sound = complaints.count() == before;
    let occurrences = top.field("budget").field("occurrences");
    complaints.not_zero(occurrences, &file.budget.occurrences, "remove it to use the default");
    let names = names(file);
    let customers = workload::customers(file, &names, &mut complaints);
    let domain_place = top.field("domain");
    let domain = D::build(&file.domain, customers, &domain_place, &mut complaints);
    let domain = domain.filter(|_| !hurt.contains("domain"));
    let mut script = Vec::new();
    let mut workload = None;
    let mut expectations = Vec::new();
    if let Some(domain) = &domain {
        script = workload::cues(file, domain, &names, &mut complaints);
        workload = workload::drawn(file, domain, &mut complaints);
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
        let resolved = expectations::resolve(expect, &known, &place, &mut complaints);
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
    plan.faults = fault_plan::scripted(file, &map, plan.ends_at(), &position, &mut complaints);
    if complaints.count() > 0 {
        return Err(complaints.into_vec());
    }
    let fuzz = fault_plan::drawn(file, &plan.domain);
    Ok(Resolved { plan, fuzz, expectations })
}

/// The customers of the script, in order of their first line.
fn names<D: ScenarioDomain>(file: &File<D>) -> Names {
    let mut seen = BTreeSet::new();
    let lines = file.script.iter().filter(|line| seen.insert(line.who.as_str()));
    Names { customers: lines.map(|line| line.who.clone()).collect() }
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
                "rebuild a view that is fed through the outbox",
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

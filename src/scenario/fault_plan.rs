//! From the faults that a file names to the fault plan of a run.

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::fault_entry::{FaultEntry, FaultName};
use super::file::File;
use super::place::{Complaints, Place};
use crate::kernel::{
    DROP, DUPLICATE, Fault, FaultPlan, Fuzz, Instant, Kind, NodeId, Origin, REORDER, Scope,
    ScriptedFault, Span, Unit,
};
use crate::model::Services;
use crate::platform::{MESSAGES, Map, faults_of, happens_at};

/// How long the chaos lasts by default after the last scripted action or fault.
const CHAOS_AFTER: Span = Span::from_secs(60);
/// The name of all faults in `fuzz`.
const ALL: &str = "All";
/// How many nodes a hint names at most.
const NAMED_MAX: usize = 6;

/// The scripted faults; `last` is when the last line of the script begins, and `position` says where in
/// the file something stands.
pub(super) fn scripted<D: ScenarioDomain>(
    file: &File<D>,
    map: &Map,
    last: Instant,
    position: impl Fn(&Place) -> Position,
    complaints: &mut Complaints,
) -> FaultPlan {
    let place = Place::top().field("faults");
    let at = |span: Span| Instant::ZERO + span;
    let ends = file.faults.iter().map(|fault| at(fault.until.unwrap_or(fault.from)));
    let last = ends.fold(last, Instant::max);
    let recovery_from = file.phases.chaos.map_or(last + CHAOS_AFTER, at);
    let mut scripted = Vec::new();
    for (index, entry) in file.faults.iter().enumerate() {
        let place = place.item(index);
        let reader = Reader { entry, map, place: &place };
        let Position { line, column } = position(&place);
        let origin = Origin { line, column };
        let read = reader.scripted::<D>(file, complaints);
        scripted.extend(read.map(|scripted| ScriptedFault { origin, ..scripted }));
        if at(entry.from) >= recovery_from {
            complaints.add(
                place.field("from"),
                format!("no fault fires from {} on, when the chaos ends", written(recovery_from)),
                "make the chaos longer: `phases: (chaos: \"...\")`",
            );
        }
    }
    FaultPlan { scripted, fuzz: Fuzz::default(), recovery_from }
}

/// The faults that a seed may draw. Unknown names are skipped here; `check_fuzz` reports them.
pub(super) fn drawn<D: ScenarioDomain>(file: &File<D>, domain: &D) -> Fuzz {
    let domain = Some(domain);
    let mut faults: Vec<_> = file.fuzz.faults.iter().flat_map(|name| meant(domain, name)).collect();
    faults.sort_unstable_by_key(|fault| fault.site);
    faults.dedup();
    Fuzz { faults, budget: file.fuzz.budget }
}

/// The faults that can happen in a platform; without services, none of services.
fn possible<D: ScenarioDomain>(
    domain: Option<&D>,
) -> impl Iterator<Item = &'static Fault> + use<D> {
    let served = domain.is_none_or(|domain| !D::Services::services(domain).is_empty());
    faults_of::<D>().filter(move |fault| served || fault.scope != Scope::Service)
}

/// The faults that a name in `fuzz` stands for.
fn meant<'a, D: ScenarioDomain>(
    domain: Option<&D>,
    FaultName(name): &'a FaultName,
) -> impl Iterator<Item = &'static Fault> + use<'a, D> {
    possible(domain).filter(move |fault| name == ALL || name == fault.name || name == fault.family)
}

/// Checks `fuzz`.
pub(super) fn check_fuzz<D: ScenarioDomain>(
    file: &File<D>,
    domain: Option<&D>,
    complaints: &mut Complaints,
) {
    let place = Place::top().field("fuzz");
    for (index, name) in file.fuzz.faults.iter().enumerate() {
        if meant(domain, name).next().is_none() {
            let place = place.field("faults").item(index);
            complaints.unknown(place, "fault or family of faults", &name.0, &names(domain));
        }
    }
    match (file.fuzz.faults.is_empty(), file.fuzz.budget) {
        (false, 0) => complaints.add(
            place.field("budget"),
            "`budget` must be at least 1 for any of these faults to be drawn",
            "say how many may fire in one run: `budget: 4`",
        ),
        (true, 1..) => complaints.add(
            place.field("budget"),
            "`budget` has no effect without `faults`",
            "name faults or families of faults: `faults: [Link, Node]`, or `faults: [All]`",
        ),
        (false, 1..) | (true, 0) => {}
    }
}

/// The names of all families, then of all faults.
fn names<D: ScenarioDomain>(domain: Option<&D>) -> Vec<&'static str> {
    let mut names = vec![ALL];
    for family in possible(domain).map(|fault| fault.family) {
        if !names.contains(&family) {
            names.push(family);
        }
    }
    names.extend(possible(domain).map(|fault| fault.name));
    names
}

/// Checks `phases`.
pub(super) fn check_phases<D: ScenarioDomain>(file: &File<D>, complaints: &mut Complaints) {
    let place = Place::top().field("phases");
    if file.phases.quiet == Span::ZERO {
        complaints.add(
            place.field("quiet"),
            "`quiet` must be greater than zero",
            "leave it out for the default of two hours",
        );
    }
    if file.phases.chaos == Some(Span::ZERO) && file.faults.is_empty() {
        complaints.add(
            place.field("chaos"),
            "`chaos` must be greater than zero",
            "say how long faults may fire, like \"60s\", or leave it out",
        );
    }
}

/// Reads one scripted fault.
struct Reader<'a> {
    entry: &'a FaultEntry,
    map: &'a Map,
    place: &'a Place,
}

impl Reader<'_> {
    fn scripted<D: ScenarioDomain>(
        &self,
        file: &File<D>,
        complaints: &mut Complaints,
    ) -> Option<ScriptedFault> {
        let before = complaints.count();
        let entry = self.entry;
        let fault = self.fault::<D>(complaints);
        let node = self.node("node", entry.node.as_deref(), complaints);
        let to = self.node("to", entry.to.as_deref(), complaints);
        let kind = self.kind(complaints);
        if entry.until.is_some_and(|until| until <= entry.from) {
            complaints.add(
                self.place.field("until"),
                "`until` must be later than `from`",
                "both are times of the run",
            );
        }
        if entry.times == Some(0) {
            complaints.add(
                self.place.field("times"),
                "`times` must be at least 1",
                "say how often the fault may fire, or remove it",
            );
        }
        let fault = fault?;
        self.check_nodes(fault, node, to, file, complaints);
        let size = self.size(fault, complaints);
        if complaints.count() > before {
            return None;
        }
        let default_times = if fault.scope == Scope::AnyNode { 1 } else { u64::MAX };
        Some(ScriptedFault {
            from: Instant::ZERO + entry.from,
            until: entry.until.map_or(Instant::MAX, |until| Instant::ZERO + until),
            node,
            to,
            kind,
            size,
            skip: entry.skip,
            times: entry.times.unwrap_or(default_times),
            ..ScriptedFault::always(fault)
        })
    }

    fn fault<D: ScenarioDomain>(&self, complaints: &mut Complaints) -> Option<&'static Fault> {
        let FaultName(name) = &self.entry.inject;
        let found = faults_of::<D>().find(|fault| fault.name == name.as_str());
        let family: Vec<&str> = faults_of::<D>()
            .filter(|fault| fault.family == name.as_str())
            .map(|fault| fault.name)
            .collect();
        match (found, family.as_slice()) {
            (Some(_), _) => {}
            (None, []) => {
                let names: Vec<&str> = faults_of::<D>().map(|fault| fault.name).collect();
                complaints.unknown(self.place.field("inject"), "fault", name, &names);
            }
            (None, family) => complaints.add(
                self.place.field("inject"),
                format!("`{name}` is a family of faults"),
                format!("inject one of them: `{}`", family.join("`, `")),
            ),
        }
        found
    }

    fn node(&self, field: &str, name: Option<&str>, complaints: &mut Complaints) -> Option<NodeId> {
        let found = self.map.named(name?);
        if found.is_none() {
            let nodes: Vec<&str> = self.map.names().iter().map(String::as_str).collect();
            complaints.unknown(self.place.field(field), "node", name?, &nodes);
        }
        found
    }

    fn kind(&self, complaints: &mut Complaints) -> Option<Kind> {
        let message = self.entry.message.as_ref()?;
        let found = MESSAGES.iter().position(|known| known == message && !known.is_empty());
        if found.is_none() {
            complaints.unknown(self.place.field("message"), "message", message, &MESSAGES[1..]);
        }
        found.map(|kind| Kind(kind as u16))
    }

    /// Checks that the fault can happen at the nodes that are named.
    fn check_nodes<D: ScenarioDomain>(
        &self,
        fault: &Fault,
        node: Option<NodeId>,
        to: Option<NodeId>,
        file: &File<D>,
        complaints: &mut Complaints,
    ) {
        let map = self.map;
        let name = fault.name;
        if matches!(fault.scope, Scope::Link | Scope::Pair) {
            let (Some(node), Some(to)) = (node, to) else { return };
            if node == to {
                complaints.add(
                    self.place.field("to"),
                    format!("{} sends no message to itself", map.name(node)),
                    "name two different nodes",
                );
            }
            let fares_alone = [&DROP, &REORDER, &DUPLICATE].contains(&fault);
            if fares_alone && map.links(file.network.link()).get(node, to).ordered {
                complaints.add(
                    self.place.field("to"),
                    format!(
                        "{} and {} share one connection, on which no single message is lost, \
                         duplicated or reordered",
                        map.name(node),
                        map.name(to)
                    ),
                    "break the connection with `inject: Partition`, or slow it with `inject: Delay`",
                );
            }
            return;
        }
        if self.entry.to.is_some() {
            complaints.add(
                self.place.field("to"),
                format!("{name} happens at one node, not between two"),
                "name it with `node`, and leave `to` out",
            );
        }
        if let Some(node) = node
            && !happens_at(fault, map.role(node))
        {
            complaints.add(
                self.place.field("node"),
                format!("{name} cannot happen at {}", map.name(node)),
                format!("it can happen at {}", self.nodes_of(fault)),
            );
        }
    }

    /// `` `V1`, `V2`, `PSP` ``.
    fn nodes_of(&self, fault: &Fault) -> String {
        let roles = self.map.roles().iter().zip(self.map.names());
        let named = roles.filter(|(role, _)| happens_at(fault, **role));
        let mut names: Vec<String> = named.map(|(_, name)| format!("`{name}`")).collect();
        let more = names.len().saturating_sub(NAMED_MAX);
        if more > 1 {
            names.truncate(NAMED_MAX);
            names.push(format!("{more} more"));
        }
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, names)) => format!("{} and {last}", names.join(", ")),
            None => "no node of this platform".to_owned(),
        }
    }

    fn size(&self, fault: &Fault, complaints: &mut Complaints) -> Option<u64> {
        let FaultEntry { by, size, .. } = self.entry;
        match (fault.unit, by, size) {
            (_, None, None) => return None,
            (Unit::Span | Unit::Lasting, Some(by), None) if *by > Span::ZERO => {
                return Some(by.as_micros().max(1));
            }
            (Unit::Times, None, Some(size)) if *size > 0 => return Some(*size),
            (Unit::Once | Unit::Times | Unit::Span | Unit::Lasting, ..) => {}
        }
        let (field, hint) = match fault.unit {
            Unit::Once if by.is_some() => ("by", "leave it out: this fault has no size"),
            Unit::Once => ("size", "leave it out: this fault has no size"),
            Unit::Times if by.is_some() => ("by", "give a count instead: `size: 3`"),
            Unit::Times => ("size", "give a count greater than zero: `size: 3`"),
            Unit::Span | Unit::Lasting if size.is_some() => {
                ("size", "give a duration instead: `by: \"2s\"`")
            }
            Unit::Span | Unit::Lasting => ("by", "give a duration greater than zero: `by: \"2s\"`"),
        };
        let message = format!("`{field}` is not valid for {}", fault.name);
        complaints.add(self.place.field(field), message, hint);
        None
    }
}

/// A time as it is written in a scenario file.
pub(super) fn written(at: Instant) -> String {
    at.since(Instant::ZERO).written()
}

//! From the faults that a file names to the fault plan of a run.

use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::fault_entry::{FaultEntry, FaultName, Fuzzed, Phases, Variation};
use super::file::File;
use super::place::{Complaints, Place};
use super::resolve::find;
use crate::kernel::{
    Aim, Entity, Fault, FaultPlan, Fuzz, Instant, Kind, Link, NodeId, Origin, Scope, ScriptedFault,
    Span, Unit,
};
use crate::model::{CustomerId, Sagas, Service, ServiceId, Services, Vocabulary};
use crate::platform;
use crate::platform::{LOOKUP_LAGS, MESSAGES, Map, Role, Settings, Varies, faults_of, happens_at};

/// How long the chaos phase lasts by default after the last scripted action or fault.
const CHAOS_AFTER: Span = Span::from_secs(60);
/// The name of all faults in `fuzz`.
const ALL: &str = "All";
/// Where all faults are listed.
pub(super) const LISTED: &str = "`list faults` lists all, and docs/faults.md describes them";
/// How many nodes a hint names at most.
const NAMED_MAX: usize = 6;

/// The faults that can happen in a platform: faults of services only if it has services, and those that
/// can happen with its settings.
pub(super) fn possible<D: ScenarioDomain>(
    domain: Option<&D>,
    settings: &Settings,
) -> Vec<&'static Fault> {
    let has_services = domain.is_none_or(|domain| !D::Services::services(domain).is_empty());
    let is_possible = |fault: &&'static Fault| {
        (has_services || fault.scope != Scope::Service) && settings.lacks(fault).is_none()
    };
    faults_of::<D>().filter(is_possible).collect()
}

/// The scripted faults. `vocabulary` has the names of streams and customers, `last` is when the last line of
/// the script begins, and `position` finds a place in the file.
pub(super) fn scripted<D: ScenarioDomain>(
    file: &File<D>,
    vocabulary: Vocabulary<'_, D>,
    map: &Map,
    last: Instant,
    position: &dyn Fn(&Place) -> Position,
    complaints: &mut Complaints,
) -> FaultPlan {
    let (known, link) = (faults_of::<D>().collect::<Vec<_>>(), file.network.link());
    let (entities, operations) = (|name: &str| entities(name, vocabulary), operations::<D>());
    let services = D::Services::services(vocabulary.domain);
    let settings = &file.platform;
    let at = |span: Span| Instant::ZERO + span;
    let ends = file.faults.iter().map(|fault| at(fault.until.unwrap_or(fault.from)));
    let last = ends.fold(last, Instant::max);
    let recovery_from = file.phases.chaos.map_or(last + CHAOS_AFTER, at);
    let mut scripted = Vec::new();
    for (index, entry) in file.faults.iter().enumerate() {
        let place = &Place::top().field("faults").item(index);
        let Position { line, column } = position(place);
        let origin = Origin { line, column };
        let (entities, operations) = (&entities, &*operations);
        let read = Reader {
            entry,
            map,
            place,
            settings,
            known: &known,
            services,
            link,
            entities,
            operations,
        };
        let read = read.scripted(complaints);
        scripted.extend(read.map(|scripted| ScriptedFault { origin, ..scripted }));
        if at(entry.from) >= recovery_from {
            let ends = written(recovery_from);
            complaints.add(
                place.field("from"),
                format!("no fault can fire from {ends} on, when the chaos phase ends"),
                "make the chaos phase longer: `phases: (chaos: \"...\")`",
            );
        }
    }
    FaultPlan { scripted, fuzz: Fuzz::default(), recovery_from }
}

/// What a name in `about` stands for: a stream and its saga, or a customer of the script.
fn entities<D: ScenarioDomain>(
    name: &str,
    Vocabulary { domain, names }: Vocabulary<'_, D>,
) -> Option<[Option<Entity>; 2]> {
    if let Some(stream) = domain.stream_named(name) {
        return Some([Some(stream.into()), D::Sagas::saga_of(stream).map(Entity::from)]);
    }
    let customer = names.customers.iter().position(|customer| customer == name)?;
    Some([Some(CustomerId(u32::try_from(customer).ok()?).into()), None])
}

/// The names of all operations that faults can be aimed at.
pub(super) fn operations<D: ScenarioDomain>() -> Vec<&'static str> {
    let mut names: Vec<_> = D::COMMANDS.iter().chain(D::Services::OPERATIONS).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The faults that a seed may draw. Unknown names are skipped here; [`check_fuzz`] reports them.
pub(super) fn drawn(fuzz: &Fuzzed, possible: &[&'static Fault]) -> Fuzz {
    let meant = |fault: &&'static Fault| fuzz.faults.iter().any(|name| is_meant(name, fault));
    let mut faults: Vec<_> = possible.iter().copied().filter(meant).collect();
    faults.sort_unstable_by_key(|fault| fault.site);
    Fuzz { faults, budget: fuzz.budget }
}

/// What a seed may vary besides faults. A file that sets the length of the quiet phase keeps its settings, because
/// small ones can take longer.
pub(super) fn varies<D: ScenarioDomain>(file: &File<D>) -> Varies {
    let Fuzzed { settings, workload, .. } = file.fuzz;
    Varies {
        settings: settings == Variation::Varied && file.phases.quiet.is_none(),
        workload: workload == Variation::Varied,
    }
}

/// Whether a name in `fuzz` stands for a fault.
fn is_meant(FaultName(name): &FaultName, fault: &Fault) -> bool {
    [ALL, fault.name, fault.family].contains(&name.as_str())
}

/// Checks `fuzz`.
pub(super) fn check_fuzz<D: ScenarioDomain>(
    fuzz: &Fuzzed,
    possible: &[&'static Fault],
    settings: &Settings,
    complaints: &mut Complaints,
) {
    let place = Place::top().field("fuzz");
    for (index, name) in fuzz.faults.iter().enumerate() {
        if !possible.iter().any(|fault| is_meant(name, fault)) {
            let place = place.field("faults").item(index);
            let absent = faults_of::<D>().find(|fault| fault.name == name.0);
            if let Some((message, hint)) = absent.and_then(|fault| settings.lacks(fault)) {
                complaints.add(place, message, hint);
                continue;
            }
            let what = "fault or family of faults";
            complaints.unknown_of_many(place, what, &name.0, &names(possible), LISTED);
        }
    }
    let (message, hint) = match (fuzz.faults.is_empty(), fuzz.budget) {
        (false, 0) => (
            "`budget` must be at least 1 for any of these faults to be drawn",
            "say how many may fire in one run: `budget: 4`",
        ),
        (true, 1..) => (
            "`budget` has no effect without `faults`",
            "name faults or families of faults: `faults: [Link, Node]`, or `faults: [All]`",
        ),
        (false, 1..) | (true, 0) => return,
    };
    complaints.add(place.field("budget"), message, hint);
}

/// The names of all families, then of all faults.
fn names(possible: &[&'static Fault]) -> Vec<&'static str> {
    let mut names = vec![ALL];
    for fault in possible {
        if !names.contains(&fault.family) {
            names.push(fault.family);
        }
    }
    names.extend(possible.iter().map(|fault| fault.name));
    names
}

/// Checks `phases`.
pub(super) fn check_phases(phases: &Phases, has_faults: bool, complaints: &mut Complaints) {
    let place = Place::top().field("phases");
    if let Some(quiet) = &phases.quiet {
        let hint = "remove it to use the default, which is long enough for what the file sets";
        complaints.not_zero(place.field("quiet"), quiet, hint);
    }
    if let (Some(chaos), false) = (&phases.chaos, has_faults) {
        let hint = "say how long faults may fire, like \"60s\", or remove it";
        complaints.not_zero(place.field("chaos"), chaos, hint);
    }
}

/// Reads one scripted fault.
struct Reader<'a> {
    entry: &'a FaultEntry,
    map: &'a Map,
    place: &'a Place,
    settings: &'a Settings,
    known: &'a [&'static Fault],
    services: &'a [Service],
    link: Link,
    entities: &'a dyn Fn(&str) -> Option<[Option<Entity>; 2]>,
    operations: &'a [&'static str],
}

impl Reader<'_> {
    fn scripted(&self, complaints: &mut Complaints) -> Option<ScriptedFault> {
        let before = complaints.count();
        let entry = self.entry;
        let fault = self.fault(complaints);
        let node = self.node("node", entry.node.as_deref(), complaints);
        let to = self.node("to", entry.to.as_deref(), complaints);
        let kind = self.kind(complaints);
        let aim = self.aim(complaints);
        if entry.until.is_some_and(|until| until <= entry.from) {
            let place = self.place.field("until");
            complaints.add(place, "`until` must be later than `from`", "both are times of the run");
        }
        if let Some(times) = &entry.times {
            let hint = "say how often the fault may fire, or remove it";
            complaints.not_zero(self.place.field("times"), times, hint);
        }
        let fault = fault?;
        self.check_nodes(fault, node, to, complaints);
        if let Some((message, hint)) = self.settings.lacks(fault) {
            complaints.add(self.place.field("inject"), message, hint);
        }
        let size = self.size(fault, complaints);
        if fault == &LOOKUP_LAGS {
            self.check_lag(node, complaints);
        }
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
            aim,
            size,
            skip: entry.skip,
            times: entry.times.unwrap_or(default_times),
            ..ScriptedFault::always(fault)
        })
    }

    fn fault(&self, complaints: &mut Complaints) -> Option<&'static Fault> {
        let FaultName(name) = &self.entry.inject;
        let found = self.known.iter().find(|fault| fault.name == name).copied();
        if found.is_none() {
            let place = self.place.field("inject");
            let named = |fault: &&&Fault| fault.family == name;
            let family = self.known.iter().filter(named).map(|fault| fault.name);
            let family = family.collect::<Vec<_>>().join("`, `");
            if family.is_empty() {
                let names: Vec<&str> = self.known.iter().map(|fault| fault.name).collect();
                complaints.unknown_of_many(place, "fault", name, &names, LISTED);
            } else {
                let message = format!("`{name}` is a family of faults");
                complaints.add(place, message, format!("inject one of them: `{family}`"));
            }
        }
        found
    }

    fn node(&self, field: &str, name: Option<&str>, complaints: &mut Complaints) -> Option<NodeId> {
        let found = find(name?, self.map.names(), "node", &self.place.field(field), complaints)?;
        u16::try_from(found).ok().map(NodeId)
    }

    fn kind(&self, complaints: &mut Complaints) -> Option<Kind> {
        let message = self.entry.message.as_ref()?;
        // The first kind has no name and cannot be written.
        let place = self.place.field("message");
        let found = find(message, &MESSAGES[1..], "message", &place, complaints)?;
        u16::try_from(found + 1).ok().map(Kind)
    }

    fn aim(&self, complaints: &mut Complaints) -> Aim {
        let FaultEntry { about, operation, part, .. } = self.entry;
        let entities = about.as_deref().map(|name| {
            let found = (self.entities)(name);
            if found.is_none() {
                let message = format!("there is no `{name}` that a fault could be about");
                let hint = "write a stream as the story names it, like a booking, or a customer of the script";
                complaints.add(self.place.field("about"), message, hint);
            }
            found.unwrap_or_default()
        });
        let operation = operation.as_deref().and_then(|name| {
            let place = self.place.field("operation");
            let found = find(name, self.operations, "operation", &place, complaints)?;
            Some(self.operations[found])
        });
        if *part == Some(0) {
            let hint = "parts are counted from 1: 1 is the first";
            complaints.add(self.place.field("part"), "there is no part 0", hint);
        }
        Aim { about: entities.unwrap_or_default(), operation, part: *part }
    }

    /// Checks that the fault can happen at the nodes that are named.
    fn check_nodes(
        &self,
        fault: &Fault,
        node: Option<NodeId>,
        to: Option<NodeId>,
        complaints: &mut Complaints,
    ) {
        let (map, name) = (self.map, fault.name);
        let (of_node, of_to) = (self.place.field("node"), self.place.field("to"));
        if matches!(fault.scope, Scope::Link | Scope::Pair) {
            let (Some(node), Some(to)) = (node, to) else { return };
            if node == to {
                let message = format!("{} sends no message to itself", map.name(node));
                complaints.add(of_to.clone(), message, "name two different nodes");
            }
            if platform::is_of_one_message(fault) && map.links(self.link).get(node, to).ordered {
                complaints.add(
                    of_to,
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
            let message = format!("{name} happens at one node, not between two");
            complaints.add(of_to, message, "use `node` and remove `to`");
        }
        if let Some(node) = node
            && !happens_at(fault, map.role(node))
        {
            let message = format!("{name} cannot happen at {}", map.name(node));
            complaints.add(of_node, message, format!("it can happen at {}", self.nodes_of(fault)));
        }
    }

    /// `` `V1`, `V2` and `PSP` ``.
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

    /// Checks that no lookup lags more than its service states: the platform need not survive that.
    fn check_lag(&self, node: Option<NodeId>, complaints: &mut Complaints) {
        let at = |service: &ServiceId| match node.map(|node| self.map.role(node)) {
            None => true,
            Some(Role::Service(named)) => named == *service,
            Some(_) => false,
        };
        let lags = (0..).map(ServiceId).zip(self.services).filter(|(id, _)| at(id));
        let lags = lags.map(|(_, service)| service).filter(|s| s.lookup_lag > Span::ZERO);
        let Some(least) = lags.min_by_key(|service| service.lookup_lag) else {
            let message = "no lookup of this service ever lags, by its own statement";
            let hint = "state how far its lookups may lag, like `lookup_lag: \"30s\"`";
            return complaints.add(self.place.field("inject"), message, hint);
        };
        let stated = least.lookup_lag.written();
        if let Some(by) = self.entry.by.filter(|by| *by > least.lookup_lag) {
            let (id, by) = (&least.id, by.written());
            complaints.add(
                self.place.field("by"),
                format!("the lookups of {id} lag by at most {stated}, as it states"),
                format!("make it at most \"{stated}\", or let {id} state `lookup_lag: \"{by}\"`"),
            );
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
        let hint = match fault.unit {
            Unit::Once => "remove it: this fault has no size",
            Unit::Times => "write a count greater than zero: `size: 3`",
            Unit::Span | Unit::Lasting => "write a duration greater than zero: `by: \"2s\"`",
        };
        let is_by = match fault.unit {
            Unit::Once | Unit::Times => by.is_some(),
            Unit::Span | Unit::Lasting => size.is_none(),
        };
        let field = if is_by { "by" } else { "size" };
        let message = format!("`{field}` is not valid for {}", fault.name);
        complaints.add(self.place.field(field), message, hint);
        None
    }
}

/// A time as it is written in a scenario file.
pub(super) fn written(at: Instant) -> String {
    at.since(Instant::ZERO).written()
}

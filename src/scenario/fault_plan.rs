//! From the faults that a file names to those that the engine takes; and what to say of one that never
//! came.

use std::fmt::Write;

use super::Scenario;
use super::diagnostic::Position;
use super::domain::ScenarioDomain;
use super::fault_entry::{FaultEntry, FaultName};
use super::file::File;
use super::place::{Complaints, Place};
use crate::kernel::{
    DROP, DUPLICATE, Fault, FaultLedger, FaultPlan, Fuzz, Instant, Kind, NODE_FAULTS, NodeId,
    REORDER, Scope, ScriptedFault, Span, Unit,
};
use crate::model::Services;
use crate::platform::{MESSAGES, Map, befalls, faults_of};

/// Once nothing more is scripted, chaos goes on for this long if nothing else is said.
const CHAOS_AFTER: Span = Span::from_secs(60);
/// What `fuzz` calls all faults together.
const ALL: &str = "All";
/// No more nodes than this are named in a hint.
const NAMED_MAX: usize = 6;

/// The weather that is scripted; `last` is when the last line of the script begins.
pub(super) fn scripted<D: ScenarioDomain>(
    file: &File<D>,
    map: &Map,
    last: Instant,
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
        let reader = Reader { scripted: entry, map, place: &place };
        scripted.extend(reader.scripted::<D>(file, complaints));
        if at(entry.from) >= recovery_from {
            complaints.add(
                place.field("from"),
                format!("nothing goes wrong any more from {} on", said(recovery_from)),
                "let the chaos last longer: `phases: (chaos: \"...\")`",
            );
        }
    }
    FaultPlan { scripted, fuzz: Fuzz::default(), recovery_from }
}

/// What a campaign may draw. Names that do not exist have been complained of.
pub(super) fn drawn<D: ScenarioDomain>(file: &File<D>, domain: &D) -> Fuzz {
    let domain = Some(domain);
    let mut faults: Vec<_> = file.fuzz.faults.iter().flat_map(|name| meant(domain, name)).collect();
    faults.sort_unstable_by_key(|fault| fault.site);
    faults.dedup();
    Fuzz { faults, budget: file.fuzz.budget }
}

/// The faults that can befall a platform: where no service is, none befalls a service.
fn possible<D: ScenarioDomain>(
    domain: Option<&D>,
) -> impl Iterator<Item = &'static Fault> + use<D> {
    let served = domain.is_none_or(|domain| !D::Services::services(domain).is_empty());
    faults_of::<D>().filter(move |fault| served || befalls(fault) != Some(&["service"]))
}

/// The faults that a name in `fuzz` stands for.
fn meant<'a, D: ScenarioDomain>(
    domain: Option<&D>,
    FaultName(name): &'a FaultName,
) -> impl Iterator<Item = &'static Fault> + use<'a, D> {
    possible(domain).filter(move |fault| name == ALL || name == fault.name || name == fault.family)
}

/// Says what is wrong with what a campaign may draw.
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
            "with a budget of 0 none of these faults is ever drawn",
            "say how many there may be in one run: `budget: 4`",
        ),
        (true, 1..) => complaints.add(
            place.field("budget"),
            "there is a budget, and no fault to spend it on",
            "name faults or families of them: `faults: [Link, Node]`, or `faults: [All]`",
        ),
        (false, 1..) | (true, 0) => {}
    }
}

/// The names of all families first, then of all faults.
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

/// Says what is wrong with the two phases.
pub(super) fn check_phases<D: ScenarioDomain>(file: &File<D>, complaints: &mut Complaints) {
    let place = Place::top().field("phases");
    if file.phases.quiet == Span::ZERO {
        complaints.add(
            place.field("quiet"),
            "nothing comes to rest in no time at all",
            "leave it out to give it two hours",
        );
    }
    if file.phases.chaos == Some(Span::ZERO) && file.faults.is_empty() {
        complaints.add(
            place.field("chaos"),
            "a chaos that ends as it begins is none",
            "say how long faults may come, like \"60s\", or leave it out",
        );
    }
}

/// One scripted fault, being read.
struct Reader<'a> {
    scripted: &'a FaultEntry,
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
        let scripted = self.scripted;
        let fault = self.fault::<D>(complaints);
        let node = self.node("node", scripted.node.as_deref(), complaints);
        let to = self.node("to", scripted.to.as_deref(), complaints);
        let kind = self.kind(complaints);
        if scripted.until.is_some_and(|until| until <= scripted.from) {
            complaints.add(
                self.place.field("until"),
                "this ends before it begins",
                "`until` is a time of the run, like `from`, and comes after it",
            );
        }
        if scripted.times == Some(0) {
            complaints.add(
                self.place.field("times"),
                "what may happen 0 times never does",
                "say how often, or leave the fault out",
            );
        }
        let fault = fault?;
        self.check_nodes(fault, node, to, file, complaints);
        let size = self.size(fault, complaints);
        if complaints.count() > before {
            return None;
        }
        let of_a_node = NODE_FAULTS.contains(&fault);
        Some(ScriptedFault {
            fault,
            from: Instant::ZERO + scripted.from,
            until: scripted.until.map_or(Instant::MAX, |until| Instant::ZERO + until),
            node,
            to,
            kind,
            size,
            skip: scripted.skip,
            times: scripted.times.unwrap_or(if of_a_node { 1 } else { u64::MAX }),
        })
    }

    fn fault<D: ScenarioDomain>(&self, complaints: &mut Complaints) -> Option<&'static Fault> {
        let FaultName(name) = &self.scripted.inject;
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
        let message = self.scripted.message.as_ref()?;
        let found = MESSAGES.iter().position(|known| known == message && !known.is_empty());
        if found.is_none() {
            complaints.unknown(self.place.field("message"), "message", message, &MESSAGES[1..]);
        }
        found.map(|kind| Kind(kind as u16))
    }

    /// Says which nodes the fault cannot befall.
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
        let Some(kinds) = befalls(fault) else {
            let (Some(node), Some(to)) = (node, to) else { return };
            if node == to {
                complaints.add(
                    self.place.field("to"),
                    format!("from {0} to {0} nothing travels", map.name(node)),
                    "name two different nodes",
                );
            }
            let fares_alone = [&DROP, &REORDER, &DUPLICATE].contains(&fault);
            if fares_alone && map.links(file.network.link()).get(node, to).ordered {
                complaints.add(
                    self.place.field("to"),
                    format!(
                        "{} and {} share one connection: no single message gets lost, doubled or \
                         overtaken there",
                        map.name(node),
                        map.name(to)
                    ),
                    "break the connection with `inject: Partition`, or slow it with `inject: Delay`",
                );
            }
            return;
        };
        if self.scripted.to.is_some() {
            complaints.add(
                self.place.field("to"),
                format!("{name} happens at one node, not between two"),
                "say at which with `node`, and leave `to` out",
            );
        }
        if let Some(node) = node
            && !kinds.contains(&map.role(node).kind())
        {
            complaints.add(
                self.place.field("node"),
                format!("{name} does not happen at {}", map.name(node)),
                format!("it happens at {}", self.nodes_of(kinds)),
            );
        }
    }

    /// `` `V1`, `V2`, `PSP` ``.
    fn nodes_of(&self, kinds: &[&str]) -> String {
        let roles = self.map.roles().iter().zip(self.map.names());
        let named = roles.filter(|(role, _)| kinds.contains(&role.kind()));
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
        let FaultEntry { by, size, .. } = self.scripted;
        match (fault.unit, by, size) {
            (_, None, None) => return None,
            (Unit::Span | Unit::Lasting, Some(by), None) if *by > Span::ZERO => {
                return Some(by.as_micros().max(1));
            }
            (Unit::Times, None, Some(size)) if *size > 0 => return Some(*size),
            (Unit::Once | Unit::Times | Unit::Span | Unit::Lasting, ..) => {}
        }
        let (field, hint) = match fault.unit {
            Unit::Once if by.is_some() => ("by", "leave it out: this happens or it does not"),
            Unit::Once => ("size", "leave it out: this happens or it does not"),
            Unit::Times if by.is_some() => ("by", "say how often instead: `size: 3`"),
            Unit::Times => ("size", "say how often: `size: 3`"),
            Unit::Span | Unit::Lasting if size.is_some() => {
                ("size", "say how long instead: `by: \"2s\"`")
            }
            Unit::Span | Unit::Lasting => ("by", "say how long: `by: \"2s\"`"),
        };
        let message = format!("{} cannot be of this size", fault.name);
        complaints.add(self.place.field(field), message, hint);
        None
    }
}

/// A scripted fault that never fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverFired {
    /// Where it stands in its file.
    pub position: Position,
    /// Why that may be.
    pub hint: String,
}

impl<D: ScenarioDomain> Scenario<D> {
    /// The scripted faults that never fired in a run with that ledger, which ended at that time.
    pub fn never_fired(&self, ledger: &FaultLedger, ended_at: Instant) -> Vec<NeverFired> {
        let scripted = self.plan.faults.scripted.iter().zip(&self.file.faults);
        let counts = ledger.scripted.iter().zip(&ledger.met);
        let all = scripted.zip(counts).zip(&self.scripted);
        let silent = all.filter(|((_, (fired, _)), _)| **fired == 0);
        let of = |(((scripted, script), (_, met)), position): (
            ((&ScriptedFault, _), (_, &u64)),
            &Position,
        )| {
            NeverFired { position: *position, hint: why_not(scripted, *met, ended_at, script) }
        };
        silent.map(of).collect()
    }
}

/// What kept a scripted fault from firing.
fn why_not(scripted: &ScriptedFault, met: u64, ended_at: Instant, script: &FaultEntry) -> String {
    if ended_at < scripted.from {
        return format!("the run was over at {}, before this begins", said(ended_at));
    }
    if met > scripted.skip {
        return format!("it had {met} occasions, and another fault took each of them");
    }
    if met > 0 {
        return format!("it had {met} occasions, and `skip` lets {} pass", scripted.skip);
    }
    let FaultEntry { node, to, message, .. } = script;
    let mut hint = match (scripted.fault.scope, node, to, message.as_deref()) {
        (Scope::Node, Some(node), _, Some(message)) => format!("{node} handled no {message}"),
        (Scope::Node, None, _, Some(message)) => format!("no node handled a {message} that counts"),
        (Scope::Node, Some(node), _, None) => format!("{node} had no occasion for it"),
        (Scope::Node, None, _, None) => "there was no occasion for it".to_owned(),
        (Scope::Link | Scope::Pair, node, to, message) => {
            let message = message.unwrap_or("message that could fare so");
            let mut hint = format!("no {message} was sent");
            if let Some(node) = node {
                let _ = write!(hint, " from {node}");
            }
            if let Some(to) = to {
                let _ = write!(hint, " to {to}");
            }
            hint
        }
    };
    let _ = write!(hint, " from {}", said(scripted.from));
    let _ = match scripted.until {
        Instant::MAX => write!(hint, " on"),
        until => write!(hint, " until {}", said(until)),
    };
    hint
}

/// A time as a person writes it.
fn said(at: Instant) -> String {
    at.since(Instant::ZERO).written()
}

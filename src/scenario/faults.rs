//! What a scenario file can say about faults, and what the engine takes from it.

use std::fmt;

use serde::de::{self, EnumAccess, VariantAccess};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::domain::ScenarioDomain;
use super::file::File;
use super::place::{Complaints, Place};
use crate::domains;
use crate::kernel::{Fault, Forecast, Fuzz, Instant, Kind, NODE_FAULTS, NodeId, Span, Spell, Unit};
use crate::platform::{FAULTS, MESSAGES, Map};

/// Once nothing more is scripted, chaos goes on for this long if nothing else is said.
const CHAOS_AFTER: Span = Span::from_secs(60);

/// The name of a fault, or of a family of faults, as it stands in a file without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultName(pub String);

/// One scripted fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fault", deny_unknown_fields)]
pub struct ScriptedFault {
    /// From when on. `0s` by default.
    #[serde(default)]
    pub from: Span,
    /// Until when; until the chaos ends by default.
    #[serde(default)]
    pub until: Option<Span>,
    /// Which fault. Required.
    pub inject: FaultName,
    /// At which node, or from which. Any by default.
    #[serde(default)]
    pub node: Option<String>,
    /// To which node, for what happens between two. Any by default.
    #[serde(default)]
    pub to: Option<String>,
    /// Only at messages of this kind. All by default.
    #[serde(default)]
    pub message: Option<String>,
    /// So many opportunities pass first. 0 by default.
    #[serde(default)]
    pub skip: u64,
    /// How often at most. By default a node crashes, pauses or loses its clock once, and everything
    /// else happens at every opportunity.
    #[serde(default)]
    pub times: Option<u64>,
    /// How long, for what has a duration.
    #[serde(default)]
    pub by: Option<Span>,
    /// How much, for what is counted.
    #[serde(default)]
    pub size: Option<u64>,
}

/// What a campaign may draw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Fuzz", default, deny_unknown_fields)]
pub struct Fuzzed {
    /// Which faults, or families of faults; `All` is all of them. None by default.
    pub faults: Vec<FaultName>,
    /// How many in one run at most. 0 by default.
    pub budget: u32,
}

/// The two phases of a run: first everything may go wrong, then nothing does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phases {
    /// When the chaos ends. A minute after the last thing that is scripted by default.
    pub chaos: Option<Span>,
    /// How long the platform may take to come to rest after that. `2h` by default.
    pub quiet: Span,
}

impl Default for Phases {
    fn default() -> Self {
        Self { chaos: None, quiet: Span::from_secs(2 * 3600) }
    }
}

impl Serialize for FaultName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A bare word, as the file has it: every name is one of a list of constants.
        let known = names_of_all().find(|name| *name == self.0).unwrap_or("Unknown");
        serializer.serialize_unit_variant("Fault", 0, known)
    }
}

impl<'de> Deserialize<'de> for FaultName {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        struct Word(String);
        impl<'de> Deserialize<'de> for Word {
            fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                struct Letters;
                impl de::Visitor<'_> for Letters {
                    type Value = Word;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("the name of a fault")
                    }
                    fn visit_str<E: de::Error>(self, word: &str) -> Result<Word, E> {
                        Ok(Word(word.to_owned()))
                    }
                }
                deserializer.deserialize_identifier(Letters)
            }
        }
        struct Bare;
        impl<'de> de::Visitor<'de> for Bare {
            type Value = FaultName;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a fault, like Drop")
            }
            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<FaultName, A::Error> {
                let (word, rest) = data.variant::<Word>()?;
                rest.unit_variant()?;
                Ok(FaultName(word.0))
            }
        }
        deserializer.deserialize_enum("Fault", &[], Bare)
    }
}

/// What `fuzz` calls all faults together.
const ALL: &str = "All";

/// What a file of any domain can name.
fn names_of_all() -> impl Iterator<Item = &'static str> {
    let all = FAULTS.iter().copied().chain(domains::whims());
    all.flat_map(|fault| [fault.name, fault.family]).chain([ALL])
}

/// All faults that can befall a platform of this domain.
fn known<D: ScenarioDomain>() -> impl Iterator<Item = &'static Fault> {
    FAULTS.iter().chain(D::WHIMS).copied()
}

/// What the engine takes, and what a campaign may draw besides; `last` is when the last thing is
/// scripted to happen.
pub(super) fn forecast<D: ScenarioDomain>(
    file: &File<D>,
    map: &Map,
    last: Instant,
    complaints: &mut Complaints,
) -> (Forecast, Fuzz) {
    let place = Place::top().field("faults");
    let mut spells = Vec::new();
    for (index, scripted) in file.faults.iter().enumerate() {
        spells.extend(spell::<D>(scripted, map, &place.item(index), complaints));
    }
    let fuzz = fuzz::<D>(&file.fuzz, complaints);
    let calm_from = file.phases.chaos.map_or_else(
        || {
            let ends = file.faults.iter().map(|fault| fault.until.unwrap_or(fault.from));
            let last = ends.map(|end| Instant::ZERO + end).fold(last, Instant::max);
            last + CHAOS_AFTER
        },
        |chaos| Instant::ZERO + chaos,
    );
    for (index, spell) in spells.iter().enumerate() {
        if spell.from >= calm_from {
            complaints.add(
                place.item(index).field("from"),
                format!("nothing goes wrong any more from {calm_from} on"),
                "let the chaos last longer: `phases: (chaos: ...)`",
            );
        }
    }
    (Forecast { spells, fuzz: Fuzz::default(), calm_from }, fuzz)
}

fn spell<D: ScenarioDomain>(
    scripted: &ScriptedFault,
    map: &Map,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<Spell> {
    let before = complaints.count();
    let FaultName(name) = &scripted.inject;
    let names: Vec<&str> = known::<D>().map(|fault| fault.name).collect();
    let fault = known::<D>().find(|fault| fault.name == name.as_str());
    if fault.is_none() {
        complaints.unknown(place.field("inject"), "fault", name, &names);
    }
    let mut node = |field: &str, name: &Option<String>| -> Option<NodeId> {
        let name = name.as_ref()?;
        let found = map.named(name);
        if found.is_none() {
            let nodes: Vec<&str> = map.names().iter().map(String::as_str).collect();
            complaints.unknown(place.field(field), "node", name, &nodes);
        }
        found
    };
    let (at, to) = (node("node", &scripted.node), node("to", &scripted.to));
    let kind = scripted.message.as_ref().and_then(|message| {
        let found = MESSAGES.iter().position(|known| known == message && !known.is_empty());
        if found.is_none() {
            let known: Vec<&str> = MESSAGES[1..].to_vec();
            complaints.unknown(place.field("message"), "message", message, &known);
        }
        found.map(|kind| Kind(kind as u16))
    });
    if let Some(until) = scripted.until
        && until <= scripted.from
    {
        complaints.add(
            place.field("until"),
            "this ends before it begins",
            "`until` is a time of the run, like `from`, and comes after it",
        );
    }
    let fault = fault?;
    let of_a_node = NODE_FAULTS.contains(&fault);
    if of_a_node && at.is_some_and(|at| !map.is_ours(at)) {
        complaints.add(
            place.field("node"),
            "customers and services are not ours: they do not crash, pause or lose their clocks",
            "a service can be slow, silent or wrong instead, like `inject: ServiceSlow`",
        );
    }
    let size = match (fault.unit, scripted.by, scripted.size) {
        (_, None, None) => None,
        (Unit::Span | Unit::Lasting, Some(by), None) if by > Span::ZERO => {
            Some(by.as_micros().max(1))
        }
        (Unit::Times, None, Some(size)) if size > 0 => Some(size),
        (unit, by, _) => {
            let field = if by.is_some() { "by" } else { "size" };
            let hint = match unit {
                Unit::Once => "leave it out: this happens or it does not",
                Unit::Times => "say how often: `size: 3`",
                Unit::Span | Unit::Lasting => "say how long: `by: \"2s\"`",
            };
            complaints.add(place.field(field), format!("{} has no such size", fault.name), hint);
            None
        }
    };
    if complaints.count() > before {
        return None;
    }
    let once = of_a_node;
    Some(Spell {
        fault,
        from: Instant::ZERO + scripted.from,
        until: scripted.until.map_or(Instant::MAX, |until| Instant::ZERO + until),
        node: at,
        to,
        kind,
        size,
        skip: scripted.skip,
        times: scripted.times.unwrap_or(if once { 1 } else { u64::MAX }),
    })
}

fn fuzz<D: ScenarioDomain>(fuzzed: &Fuzzed, complaints: &mut Complaints) -> Fuzz {
    let place = Place::top().field("fuzz").field("faults");
    let mut faults: Vec<&'static Fault> = Vec::new();
    for (index, FaultName(name)) in fuzzed.faults.iter().enumerate() {
        let name = name.as_str();
        let meant = |fault: &&Fault| name == ALL || fault.name == name || fault.family == name;
        let found: Vec<_> = known::<D>().filter(meant).collect();
        if found.is_empty() {
            let all = known::<D>().flat_map(|fault| [fault.name, fault.family]);
            let mut names: Vec<&str> = all.chain([ALL]).collect();
            names.sort_unstable();
            names.dedup();
            complaints.unknown(place.item(index), "fault or family of faults", name, &names);
        }
        faults.extend(found);
    }
    faults.sort_unstable_by_key(|fault| fault.site);
    faults.dedup();
    Fuzz { faults, budget: fuzzed.budget }
}

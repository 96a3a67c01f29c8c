//! From keys to names and back.

use super::file::{FaultChoice, Occurrence};
use crate::kernel::{Actor, ChoiceKey, Entity, Fault, Kind, NodeId, OccurrenceKey, Span, Unit};
use crate::scenario::{Complaints, FaultName, Place};
use crate::session::{Lexicon, kind_name, kind_named, kind_names};

/// The names of one scenario.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    lexicon: &'a dyn Lexicon,
    nodes: Vec<String>,
    pub(crate) faults: Vec<&'static Fault>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(lexicon: &'a dyn Lexicon) -> Self {
        Self { lexicon, nodes: lexicon.nodes(), faults: lexicon.all_faults() }
    }

    // ---- to text

    pub(crate) fn node(&self, node: NodeId) -> String {
        self.nodes.get(node.index()).cloned().unwrap_or_else(|| format!("#{}", node.0))
    }

    pub(crate) fn about(&self, entity: Entity) -> Option<String> {
        Some(self.lexicon.entity_name(entity)).filter(|name| !name.is_empty())
    }

    pub(crate) fn message(&self, kind: Kind) -> String {
        kind_name(kind).to_owned()
    }

    pub(crate) fn occurrence(&self, key: OccurrenceKey) -> Occurrence {
        let OccurrenceKey { actor, entity, nth } = key;
        Occurrence {
            message: self.message(actor.kind),
            from: (!actor.is_own()).then(|| self.node(actor.from)),
            to: self.node(actor.to),
            about: self.about(entity),
            nth,
        }
    }

    pub(super) fn fault(&self, fault: &Fault, key: ChoiceKey, value: u64) -> FaultChoice {
        let ChoiceKey { actor, entity, nth, .. } = key;
        let has_size = fault.unit != Unit::Once;
        let of = if has_size { fault.sizes } else { &[] };
        FaultChoice {
            fault: FaultName(fault.name.to_owned()),
            at: self.node(actor.to),
            from: (!actor.is_own()).then(|| self.node(actor.from)),
            during: Some(self.message(actor.kind)).filter(|name| !name.is_empty()),
            about: self.about(entity),
            nth,
            size: has_size.then(|| size_text(fault.unit, value)),
            of: of.iter().map(|size| size_text(fault.unit, *size)).collect(),
        }
    }

    // ---- from text

    pub(super) fn node_named(
        &self,
        name: &str,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<NodeId> {
        let found = self.nodes.iter().position(|known| known == name);
        if found.is_none() {
            let known: Vec<&str> = self.nodes.iter().map(String::as_str).collect();
            complaints.unknown(place.clone(), "node", name, &known);
        }
        u16::try_from(found?).ok().map(NodeId)
    }

    pub(super) fn about_named(
        &self,
        name: Option<&str>,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Entity> {
        let Some(name) = name else { return Some(Entity::default()) };
        let found = self.lexicon.entity_named(name);
        if found.is_none() {
            let hint = "write it as the story does, or leave the entry out";
            complaints.add(place.clone(), format!("there is no `{name}` in the scenario"), hint);
        }
        found
    }

    pub(super) fn message_named(
        &self,
        name: Option<&str>,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Kind> {
        let Some(name) = name else { return Some(Kind(0)) };
        let found = kind_named(name);
        if found.is_none() {
            complaints.unknown(place.clone(), "message", name, kind_names());
        }
        found
    }

    /// Who sends what to whom; without a sender, the receiver itself.
    pub(super) fn actor_named(
        &self,
        (from, to, to_field): (Option<&str>, &str, &str),
        (kind, kind_field): (Option<&str>, &str),
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<Actor> {
        let to = self.node_named(to, &place.field(to_field), complaints);
        let from = match from {
            Some(from) => self.node_named(from, &place.field("from"), complaints),
            None => to,
        };
        let kind = self.message_named(kind, &place.field(kind_field), complaints);
        Some(Actor { from: from?, to: to?, kind: kind? })
    }

    pub(super) fn occurrence_named(
        &self,
        written: &Occurrence,
        place: &Place,
        complaints: &mut Complaints,
    ) -> Option<OccurrenceKey> {
        let Occurrence { message, from, to, about, nth } = written;
        let ends = (from.as_deref(), to.as_str(), "to");
        let kind = (Some(message.as_str()), "message");
        let actor = self.actor_named(ends, kind, place, complaints);
        let entity = self.about_named(about.as_deref(), &place.field("about"), complaints);
        Some(OccurrenceKey { actor: actor?, entity: entity?, nth: *nth })
    }
}

/// A size of a fault, as a text.
pub(crate) fn size_text(unit: Unit, size: u64) -> String {
    match unit {
        Unit::Once | Unit::Times => size.to_string(),
        Unit::Span | Unit::Lasting => Span::from_micros(size).written(),
    }
}

/// The size of that text.
pub(super) fn size_of(unit: Unit, text: &str) -> Result<u64, String> {
    match unit {
        Unit::Once | Unit::Times => {
            text.parse().map_err(|_| format!("`{text}` is not a count; write one like \"3\""))
        }
        Unit::Span | Unit::Lasting => {
            text.parse().map(Span::as_micros).map_err(|error| error.to_string())
        }
    }
}

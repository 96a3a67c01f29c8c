//! The customers besides those of the script, as a scenario file describes them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::domain::ScenarioDomain;
use super::place::Place;
use super::rate::Rate;
use crate::kernel::Span;

/// One workload, or a list of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, bound = "")]
pub enum Workloads<D: ScenarioDomain> {
    /// `(customers: 50, rate: "50/s", …)`
    One(Box<WorkloadEntry<D>>),
    /// `[(customers: 50, rate: "50/s", …), …]`
    Many(Vec<WorkloadEntry<D>>),
}

/// Customers of one kind: how many, when they act, and what they do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "Workload", deny_unknown_fields, bound = "")]
pub struct WorkloadEntry<D: ScenarioDomain> {
    /// The number of different customers. Without it, each arrival is a new customer.
    #[serde(default)]
    pub customers: Option<u32>,
    /// How often a customer arrives. Required, unless `think` is written.
    #[serde(default)]
    pub rate: Option<Rate>,
    /// How arrivals follow each other, and how the rate changes. `Even` by default.
    #[serde(default)]
    pub arrivals: Arrivals,
    /// How long a customer pauses, on average, before acting again. Without it customers arrive at a rate.
    #[serde(default)]
    pub think: Option<Span>,
    /// When the first customer acts. `0s` by default.
    #[serde(default)]
    pub from: Span,
    /// For how long customers arrive, or act again, from then on. Required.
    pub lasts: Span,
    /// Their actions, each with a weight. Required.
    pub mix: Vec<(u32, D::ScriptAction)>,
}

/// How arrivals follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Arrivals {
    /// At even intervals.
    #[default]
    Even,
    /// Independently of each other, at a steady rate.
    Poisson,
    /// Several at once, at even intervals.
    Burst {
        /// How many.
        of: u32,
    },
    /// Independently of each other, at a rate that changes steadily.
    Ramp {
        /// The rate at the end.
        to: Rate,
    },
    /// Independently of each other, at a rate that halves again and again.
    OnSale {
        /// How long it takes until the rate is half of what it was.
        half_life: Span,
    },
}

impl<D: ScenarioDomain> Workloads<D> {
    /// All workloads, each with its place in the file.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Place, &WorkloadEntry<D>)> {
        let (entries, is_list) = match self {
            Self::One(entry) => (std::slice::from_ref(&**entry), false),
            Self::Many(entries) => (entries.as_slice(), true),
        };
        let place = Place::top().field("workload");
        let place = move |nth| if is_list { place.item(nth) } else { place.clone() };
        entries.iter().enumerate().map(move |(nth, entry)| (place(nth), entry))
    }
}

impl<'de, D: ScenarioDomain> Deserialize<'de> for Workloads<D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

struct OneOrMany<D>(PhantomData<D>);

impl<'de, D: ScenarioDomain> Visitor<'de> for OneOrMany<D> {
    type Value = Workloads<D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parentheses here, like `(...)`, or a list of these")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        let entry = WorkloadEntry::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(Workloads::One(Box::new(entry)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = items.next_element()? {
            entries.push(entry);
        }
        Ok(Workloads::Many(entries))
    }
}

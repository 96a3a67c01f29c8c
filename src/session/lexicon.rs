//! The names of what is in a scenario, in both directions: for capsules, which name things as a person would.

use std::fmt::Debug;

use crate::kernel::{Entity, Fault, Kind, Site};
use crate::model::{
    CacheKey, Category, CustomerId, Domain, RowKey, ServiceId, Services, StreamId, ViewId,
    Vocabulary,
};
use crate::platform::{MESSAGES, Map, faults_of, message_name};
use crate::scenario::{Scenario, ScenarioDomain};
use crate::world::SITES;

/// How an entity without a name is written: this, and its number in hexadecimal digits.
pub(crate) const NAMELESS: char = '#';
/// The name of a question whose answers are gathered, before its number.
const QUESTION: &str = "question";

/// The names of what is in a scenario.
pub trait Lexicon: Debug {
    /// The names of the nodes, by number.
    fn nodes(&self) -> Vec<String>;
    /// The name of what a choice or a message is about; empty if it is about nothing.
    fn entity_name(&self, entity: Entity) -> String;
    /// What has this name.
    fn entity_named(&self, name: &str) -> Option<Entity>;
    /// All faults of the platform and the domain.
    fn all_faults(&self) -> Vec<&'static Fault>;
    /// The customers of the script, by line, in order of time.
    fn lines(&self) -> Vec<String>;
    /// What they do in each, as the file says it.
    fn deeds(&self) -> Vec<String>;
    /// The places of the lines in the file, which need not be in order of time.
    fn line_places(&self) -> Vec<usize>;
    /// The same as data.
    fn deeds_as_data(&self) -> Vec<&dyn erased_serde::Serialize>;
}

/// The name of a site that belongs to no fault; one that has none is written as its number.
pub fn site_name(site: Site) -> String {
    match SITES.contains(&site) {
        true => site.name().to_owned(),
        false => format!("{NAMELESS}{}", site.index()),
    }
}

/// The site of that name.
pub fn site_named(name: &str) -> Option<Site> {
    if let Some(number) = name.strip_prefix(NAMELESS) {
        let index = number.parse().ok().filter(|index| usize::from(*index) < Site::COUNT)?;
        return Some(Site::new(index, "site without a name"));
    }
    SITES.iter().copied().find(|site| site.name() == name)
}

/// The names of all sites that belong to no fault.
pub fn site_names() -> Vec<&'static str> {
    SITES.iter().map(|site| site.name()).collect()
}

/// The name of a kind of message or timer; empty for none.
pub fn kind_name(kind: Kind) -> &'static str {
    if kind == Kind(0) { "" } else { message_name(kind) }
}

/// The kind of message or timer of that name.
pub fn kind_named(name: &str) -> Option<Kind> {
    let number = MESSAGES.iter().position(|known| *known == name)?;
    u16::try_from(number).ok().map(Kind)
}

/// The names of all kinds of messages and timers.
pub fn kind_names() -> &'static [&'static str] {
    &MESSAGES[1..]
}

impl<D: ScenarioDomain> Lexicon for Scenario<D> {
    fn nodes(&self) -> Vec<String> {
        Map::new(&*self.plan).names().to_vec()
    }

    fn entity_name(&self, entity: Entity) -> String {
        if entity == Entity::default() {
            return String::new();
        }
        // A name is used only if it leads back.
        let name = said(self, entity).filter(|name| self.entity_named(name) == Some(entity));
        name.unwrap_or_else(|| format!("{NAMELESS}{:x}", entity.0))
    }

    fn entity_named(&self, name: &str) -> Option<Entity> {
        if name.is_empty() {
            return Some(Entity::default());
        }
        if let Some(digits) = name.strip_prefix(NAMELESS) {
            return u64::from_str_radix(digits, 16).ok().map(Entity);
        }
        let (domain, names) = (&self.plan.domain, &self.plan.names);
        if let Some(customer) = customer_named(name, &names.customers) {
            return Some(customer.into());
        }
        if let Some(stream) = domain.stream_named(name) {
            return Some(stream.into());
        }
        if let Some((of, number)) = name.split_once('/') {
            let number = number.parse().ok()?;
            return Some(match view_named::<D>(of) {
                Some(view) => CacheKey::Row(view, RowKey(number)).into(),
                None if of == QUESTION => CacheKey::Gathered(number).into(),
                None => return None,
            });
        }
        let services = D::Services::services(domain);
        let service = services.iter().position(|service| service.id == name);
        let service = service.and_then(|nth| u8::try_from(nth).ok());
        service.map(|nth| ServiceId(nth).into()).or_else(|| Some(view_named::<D>(name)?.into()))
    }

    fn all_faults(&self) -> Vec<&'static Fault> {
        faults_of::<D>().collect()
    }

    fn lines(&self) -> Vec<String> {
        self.plan.script.iter().map(|cue| self.plan.names.customer(cue.who)).collect()
    }

    fn deeds(&self) -> Vec<String> {
        self.script_lines()
    }

    fn line_places(&self) -> Vec<usize> {
        self.script_places()
    }

    fn deeds_as_data(&self) -> Vec<&dyn erased_serde::Serialize> {
        self.script_actions()
    }
}

/// What a report would call an entity. The families are those of `model::ids`.
fn said<D: ScenarioDomain>(scenario: &Scenario<D>, entity: Entity) -> Option<String> {
    let plan = &scenario.plan;
    let vocabulary = Vocabulary { domain: &plan.domain, names: &plan.names };
    let (family, number) = (entity.0 >> 56, entity.0 & (u64::MAX >> 8));
    let (high, low) = (u8::try_from(number >> 32).ok()?, number as u32);
    let view = |nth: u64| D::VIEWS.get(usize::try_from(nth).ok()?).map(|view| view.name);
    match family {
        1 => {
            D::CATEGORIES.get(usize::from(high))?;
            Some(vocabulary.stream(StreamId { category: Category(high), number: low }).to_string())
        }
        2 => Some(vocabulary.customer(CustomerId(low))),
        3 if high == u8::MAX => Some(format!("{QUESTION}/{low}")),
        3 => Some(format!("{}/{low}", view(high.into())?)),
        4 => {
            let services = D::Services::services(&plan.domain);
            services.get(low as usize).map(|service| service.id.clone())
        }
        5 => view(number).map(str::to_owned),
        _ => None,
    }
}

fn view_named<D: Domain>(name: &str) -> Option<ViewId> {
    let nth = D::VIEWS.iter().position(|view| view.name == name)?;
    u8::try_from(nth).ok().map(ViewId)
}

/// The customer of that name: one of the script, or one of the workload, which is called `c-7`.
fn customer_named(name: &str, scripted: &[String]) -> Option<CustomerId> {
    if let Some(nth) = scripted.iter().position(|customer| customer == name) {
        return u32::try_from(nth).ok().map(CustomerId);
    }
    let number = name.strip_prefix("c-")?.parse::<u32>().ok()?.checked_sub(1)?;
    (number as usize >= scripted.len()).then_some(CustomerId(number))
}

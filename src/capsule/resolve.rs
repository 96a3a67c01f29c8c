//! From a capsule to the request for its run: looks up the names.

use super::choices::{CUSTOMERS, line_sites};
use super::file::{Delays, Draws, FaultChoice, File};
use super::names::{Names, size_of};
use crate::kernel::{
    Actor, ChoiceKey, Entity, Hold, LINK_JITTER, OccurrenceKey, Overrides, Schedule, Site,
};
use crate::scenario::{Complaints, Place};
use crate::session::{Faults, Lexicon, RunRequest, site_named, site_names};

/// A capsule whose names have been looked up.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    pub(super) request: RunRequest,
    /// The choices with a list of what else could have been drawn.
    pub(super) choices: Vec<Choice>,
}

/// A forced choice as the capsule has it.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) key: ChoiceKey,
    /// What could have been drawn.
    pub(super) of: Alternatives,
    /// What it is, in words.
    pub(super) says: String,
}

/// What could have been drawn at a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Alternatives {
    /// Anything up to a value.
    UpTo(u64),
    /// One of several sizes.
    Sizes(Vec<u64>),
}

/// Looks up the names in a capsule. What cannot be found is reported, and left out of the request.
pub(super) fn resolve(file: &File, lexicon: &dyn Lexicon, complaints: &mut Complaints) -> Resolved {
    let names = &Names::of(lexicon);
    let mut choices: Vec<(Choice, u64)> = Vec::new();
    let top = |field: &str, nth: usize| Place::top().field(field).item(nth);
    for (nth, entry) in file.faults.iter().enumerate() {
        choices.extend(fault(entry, names, &top("faults", nth), complaints));
    }
    for (nth, entry) in file.delays.iter().enumerate() {
        choices.extend(delays(entry, names, &top("delays", nth), complaints));
    }
    for (nth, entry) in file.draws.iter().enumerate() {
        choices.extend(draws(entry, names, &top("draws", nth), complaints));
    }
    let mut holds = Vec::new();
    for (nth, entry) in file.holds.iter().enumerate() {
        let place = top("holds", nth);
        let mut find =
            |written, field| names.occurrence_named(written, &place.field(field), complaints);
        let (delivery, until) = (find(&entry.hold, "hold"), find(&entry.until, "until"));
        if let (Some(delivery), Some(until)) = (delivery, until) {
            holds.push(Hold { delivery, until });
        }
    }
    let mut forced: Vec<(ChoiceKey, u64)> =
        choices.iter().map(|(choice, value)| (choice.key, *value)).collect();
    let left_out = lines(file, names, lexicon, &mut forced, complaints);
    let overrides = Overrides::from_iter(forced);
    let overrides = left_out.into_iter().fold(overrides, |all, site| all.with_others(site, 1));
    let (schedule, faults) = (Schedule::Benign, Faults::Fuzzed);
    let request =
        RunRequest { seed: file.seed, schedule, faults, overrides, holds, ..RunRequest::default() };
    Resolved { request, choices: choices.into_iter().map(|(choice, _)| choice).collect() }
}

/// Forces the lines and arrivals that take place; the sites at which all others are left out.
fn lines(
    file: &File,
    names: &Names<'_>,
    lexicon: &dyn Lexicon,
    forced: &mut Vec<(ChoiceKey, u64)>,
    complaints: &mut Complaints,
) -> Vec<Site> {
    let place = Place::top();
    let Some(customers) = names.node_named(CUSTOMERS, &place, complaints) else { return vec![] };
    let [line, arrival] = line_sites();
    let mut takes_place = |site, number| {
        let (actor, entity) = (Actor::node(customers), Entity(number));
        forced.push((ChoiceKey { site, actor, entity, nth: 0 }, 0));
    };
    let mut sites = Vec::new();
    if let Some(script) = &file.script {
        let known = lexicon.lines();
        for (nth, entry) in script.iter().enumerate() {
            let place = place.field("script").item(nth);
            let index = entry.line.checked_sub(1).and_then(|nth| usize::try_from(nth).ok());
            match index.and_then(|index| known.get(index)) {
                None => {
                    let message = format!("the script has no line {}", entry.line);
                    let hint = format!("lines are counted from 1 to {}", known.len());
                    complaints.add(place.field("line"), message, hint);
                }
                Some(who) if !entry.who.is_empty() && *who != entry.who => {
                    let message = format!("line {} is not of `{}`", entry.line, entry.who);
                    let hint = format!("it is of `{who}`; lines are counted in order of time");
                    complaints.add(place.field("who"), message, hint);
                }
                Some(_) => takes_place(line, entry.line),
            }
        }
        sites.push(line);
    }
    if let Some(arrivals) = &file.arrivals {
        arrivals.iter().for_each(|number| takes_place(arrival, *number));
        sites.push(arrival);
    }
    sites
}

fn fault(
    entry: &FaultChoice,
    names: &Names<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Option<(Choice, u64)> {
    let name = &entry.fault.0;
    let found = names.faults.iter().find(|fault| fault.name == name);
    if found.is_none() {
        let known: Vec<&str> = names.faults.iter().map(|fault| fault.name).collect();
        complaints.unknown(place.field("fault"), "fault", name, &known);
    }
    let ends = (entry.from.as_deref(), entry.at.as_str(), "at");
    let kind = (entry.during.as_deref(), "during");
    let actor = names.actor_named(ends, kind, place, complaints);
    let entity = names.about_named(entry.about.as_deref(), &place.field("about"), complaints);
    let fault = *found?;
    let mut read = |text: &str, place: Place| {
        let size = size_of(fault.unit, text);
        size.map_err(|wrong| complaints.add(place, wrong, "write it as the story does")).ok()
    };
    let value = match &entry.size {
        Some(size) => read(size, place.field("size"))?,
        None => fault.sizes[0],
    };
    let of = entry.of.iter().enumerate();
    let of: Option<Vec<u64>> =
        of.map(|(nth, size)| read(size, place.field("of").item(nth))).collect();
    let of = of?;
    let key = ChoiceKey { site: fault.site, actor: actor?, entity: entity?, nth: entry.nth };
    let of = if of.is_empty() { fault.sizes.to_vec() } else { of };
    let about = entry.about.as_ref().map_or_else(String::new, |about| format!(" about {about}"));
    let during = entry.during.as_ref().map_or_else(String::new, |kind| format!(" during {kind}"));
    let says = format!("{name} at {}{during}{about}, opportunity {}", entry.at, entry.nth);
    Some((Choice { key, of: Alternatives::Sizes(of), says }, value))
}

fn delays(
    entry: &Delays,
    names: &Names<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Vec<(Choice, u64)> {
    let Delays { message, from, to, about, of, by } = entry;
    let ends = (Some(from.as_str()), to.as_str(), "to");
    let actor = names.actor_named(ends, (Some(message), "message"), place, complaints);
    let entity = names.about_named(about.as_deref(), &place.field("about"), complaints);
    let (Some(actor), Some(entity)) = (actor, entity) else { return Vec::new() };
    let choice = |(nth, value): &(u32, u64)| {
        let key = ChoiceKey { site: LINK_JITTER, actor, entity, nth: *nth };
        let says = format!("the delay of {message} {nth} from {from} to {to}");
        (Choice { key, of: Alternatives::UpTo(*of), says }, *value)
    };
    by.iter().map(choice).collect()
}

fn draws(
    entry: &Draws,
    names: &Names<'_>,
    place: &Place,
    complaints: &mut Complaints,
) -> Vec<(Choice, u64)> {
    let Draws { draw, at, about, of, values } = entry;
    let site = site_named(draw);
    if site.is_none() {
        complaints.unknown(place.field("draw"), "draw", draw, &site_names());
    }
    let node = names.node_named(at, &place.field("at"), complaints);
    let entity = names.about_named(about.as_deref(), &place.field("about"), complaints);
    let (Some(site), Some(node), Some(entity)) = (site, node, entity) else { return Vec::new() };
    let choice = |(nth, value): &(u32, u64)| {
        let key = ChoiceKey { site, actor: Actor::node(node), entity, nth: *nth };
        let of_what = about.as_ref().map_or_else(String::new, |about| format!(" about {about}"));
        let says = format!("{draw} at {at}{of_what}, draw {nth}");
        (Choice { key, of: Alternatives::UpTo(*of), says }, *value)
    };
    values.iter().map(choice).collect()
}

/// A delivery in words.
pub(super) fn says(key: OccurrenceKey, lexicon: &dyn Lexicon) -> String {
    let written = Names::of(lexicon).occurrence(key);
    let from = written.from.map_or_else(String::new, |from| format!(" from {from}"));
    let about = written.about.map_or_else(String::new, |about| format!(" about {about}"));
    format!("{} {}{from} to {}{about}", written.message, written.nth, written.to)
}

//! The script, and customers that arrive at a rate.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::Instant;
use crate::model::{CustomerId, Names};
use crate::platform::{Cue, Workload};
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::file::{File, Scripted};
use crate::scenario::place::{Complaints, Place, is_node};

/// The number of customers in the script and the workload.
pub(super) fn customers<D: ScenarioDomain>(
    file: &File<D>,
    names: &Names,
    complaints: &mut Complaints,
) -> u32 {
    let place = Place::top().field("workload");
    let drawn = file.workload.as_ref().map_or(0, |workload| workload.customers);
    if let Some(workload) = &file.workload {
        let hint = "write how many customers arrive, or remove the workload";
        complaints.not_zero(place.field("customers"), &workload.customers, hint);
        let hint = "write for how long customers arrive, like \"10s\"";
        complaints.not_zero(place.field("lasts"), &workload.lasts, hint);
    }
    let scripted = u32::try_from(names.customers.len()).unwrap_or(u32::MAX);
    scripted.checked_add(drawn).unwrap_or_else(|| {
        let message = "the script and the workload together have too many customers";
        complaints.add(place.field("customers"), message, "at most 4,294,967,295");
        u32::MAX
    })
}

pub(super) fn cues<D: ScenarioDomain>(
    file: &File<D>,
    domain: &D,
    names: &Names,
    complaints: &mut Complaints,
) -> Vec<Cue<D>> {
    let numbers: BTreeMap<&str, u32> =
        names.customers.iter().map(String::as_str).zip(0..).collect();
    let mut script = Vec::new();
    for (index, line) in file.script.iter().enumerate() {
        let place = Place::top().field("script").item(index);
        if line.who.trim().is_empty() {
            let hint = "write a name, like \"ana\"";
            complaints.add(place.field("who"), "this customer has no name", hint);
        }
        let who = CustomerId(numbers[line.who.as_str()]);
        let at = Instant::ZERO + line.at;
        let action = domain.resolve(&line.does, &place.field("does"), complaints);
        script.extend(action.map(|action| Cue { at, who, action }));
    }
    // Lines of the same instant keep their order.
    script.sort_by_key(|cue| cue.at);
    script
}

/// Reports customers whose names are those of nodes, or look like the names that Jetlag gives.
pub(super) fn check_names<D: ScenarioDomain>(
    file: &File<D>,
    nodes: &[String],
    complaints: &mut Complaints,
) {
    let mut seen = BTreeSet::new();
    let lines = file.script.iter().enumerate().filter(|(_, line)| seen.insert(&line.who));
    for (index, Scripted { who, .. }) in lines {
        let message = if nodes.contains(who) || is_node(who) {
            format!("`{who}` is the name of a node")
        } else if is_given(who) {
            format!("`{who}` looks like a name that Jetlag gives, such as `c-1`, `s-1` or `b-1`")
        } else {
            continue;
        };
        let place = Place::top().field("script").item(index).field("who");
        let hint = "choose another name for the customer, so that reports are unambiguous";
        complaints.add(place, message, hint);
    }
}

/// Customers of a workload, sagas and other streams are named by a letter and a number.
fn is_given(name: &str) -> bool {
    let mut parts = name.splitn(2, '-');
    let (letter, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    letter.len() == 1
        && letter.starts_with(|c: char| c.is_ascii_lowercase())
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn drawn<D: ScenarioDomain>(
    file: &File<D>,
    domain: &D,
    complaints: &mut Complaints,
) -> Option<Workload<D>> {
    let workload = file.workload.as_ref()?;
    let place = Place::top().field("workload").field("mix");
    let mut mix = Vec::new();
    for (index, (weight, line)) in workload.mix.iter().enumerate() {
        let item = place.item(index);
        if *weight == 0 {
            let hint = "remove the action if it is not wanted";
            complaints.add(item.item(0), "the weight must be greater than zero", hint);
        }
        mix.extend(domain.resolve(line, &item.item(1), complaints).map(|action| (*weight, action)));
    }
    if workload.mix.is_empty() {
        let hint = "add actions with weights, like `mix: [(9, Browse), (1, Book)]`";
        complaints.add(place.clone(), "`mix` must not be empty", hint);
    }
    let total: u64 = workload.mix.iter().map(|(weight, _)| u64::from(*weight)).sum();
    if total > u64::from(u32::MAX) {
        let hint = "at most 4,294,967,295; only the proportions matter";
        complaints.add(place, "the sum of the weights is too large", hint);
    }
    let from = Instant::ZERO + workload.from;
    let (customers, every) = (workload.customers, workload.rate.every());
    Some(Workload { customers, every, from, until: from + workload.lasts, mix })
}

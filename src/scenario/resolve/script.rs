//! The script.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::Instant;
use crate::model::{CustomerId, Names};
use crate::platform::Cue;
use crate::scenario::domain::ScenarioDomain;
use crate::scenario::file::{File, Scripted};
use crate::scenario::place::{Complaints, Place, is_node};

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
        let action =
            domain.resolve_among(&names.customers, &line.does, &place.field("does"), complaints);
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

//! The knobs that have names of their own, because they are used often. All other faults are in the page's list.

use serde::Serialize;

use super::Press;
use super::press::{BURST, BURST_NAME, REBUILD_NAME, STAMPEDE_NAME};
use crate::kernel::Scope;
use crate::picture::Layout;

/// The faults, each with what its knob does. `@` is its place.
const FAULTS: &[(&str, &str)] = &[
    ("ServiceSlow", "Slow @"),
    ("ErrorBefore", "Fail @"),
    ("TimeoutAfter", "Lose reply"),
    ("Duplicate", "Duplicate"),
    ("CrashBetween", "Crash @"),
    ("Partition", "Cut link"),
];

/// A knob with a name of its own.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Knob {
    label: String,
    says: String,
    press: Press,
}

/// The knobs of a platform.
pub(super) fn knobs(layout: &Layout) -> Vec<Knob> {
    let mut knobs = Vec::new();
    let mut add = |label: String, says: String, fault: &str, place: Option<&str>| {
        let place = place.map(str::to_owned);
        let press = Press { fault: fault.to_owned(), place, size: None };
        knobs.push(Knob { label, says, press });
    };
    // Of several services the second one: a process then has something to undo at the first.
    let service = layout.services.get(1).or_else(|| layout.services.first());
    let service = service.map(|service| &*service.name);
    for (name, does) in FAULTS {
        let Some(fault) = layout.faults.iter().find(|fault| fault.name == *name) else { continue };
        let place = match fault.scope {
            Scope::Service => service,
            Scope::Link | Scope::Pair | Scope::AnyNode | Scope::Node(_) => Some("store"),
        };
        let Some(place) = place else { continue };
        let says = format!("{name} at {place}, for ten seconds: {}", fault.says);
        add(does.replace('@', place), says, name, Some(place));
    }
    if !layout.script.is_empty() {
        let says = format!("what was looked at last in the script, {BURST} times at once");
        add("Stampede".to_owned(), says, STAMPEDE_NAME, None);
        let says = format!("the last deed of the script, {BURST} times at once");
        add("Burst".to_owned(), says, BURST_NAME, None);
    }
    for view in layout.views.iter().filter(|view| view.queue.is_some()).take(1) {
        let says = format!("{} is rebuilt from position 0, beside the live table", view.name);
        add("Replay".to_owned(), says, REBUILD_NAME, Some(view.name));
    }
    knobs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Harness;
    use crate::session::RunRequest;
    use crate::testing::Counting;

    #[test]
    fn each_knob_is_a_fault_of_the_platform_and_has_a_place() {
        let text = "(name: \"one\", domain: Counting, script: [(at: \"0s\", who: \"ana\", does: Add(counter: 0, amount: 1))])";
        let harness = Harness::of::<Counting>("scenarios");
        let scenario = harness.load("one.ron", text.as_bytes()).expect("it is valid");
        let request = RunRequest { picture: true, ..scenario.request() };
        let outcome = scenario.run(&request);
        let layout = &outcome.picture.as_ref().expect("it was asked for").layout;
        let shown = knobs(layout);
        for (name, _) in FAULTS {
            let knob = shown.iter().find(|knob| knob.press.fault == *name);
            assert!(knob.is_some_and(|knob| knob.press.place.is_some()), "{name}");
        }
        let others =
            shown.iter().filter(|knob| knob.press.place.is_none() || knob.label == "Replay");
        let others: Vec<&str> = others.map(|knob| &*knob.label).collect();
        assert_eq!(others, ["Stampede", "Burst", "Replay"]);
    }
}

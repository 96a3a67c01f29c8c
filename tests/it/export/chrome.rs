//! The timeline, read as a viewer reads it: slices by thread, arrows by number.

use std::collections::{BTreeMap, BTreeSet};

use jetlag::model::FactKind;
use serde_json::Value;

use super::{Run, is_message, message, shipped};

fn number(event: &Value, field: &str) -> u64 {
    event[field].as_u64().unwrap_or_else(|| panic!("{field} of {event}"))
}

fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap_or_else(|| panic!("{field} of {event}"))
}

/// The numbers of a process and of a thread in it.
type Thread = (u64, u64);

/// The names of processes and threads, by their numbers, as metadata gives them.
fn names(events: &[Value]) -> (BTreeMap<u64, &str>, BTreeMap<Thread, &str>) {
    let (mut processes, mut threads) = (BTreeMap::new(), BTreeMap::new());
    for event in events {
        let pid = number(event, "pid");
        let is_new = match text(event, "name") {
            "process_name" => processes.insert(pid, text(&event["args"], "name")).is_none(),
            "thread_name" => {
                let thread = (pid, number(event, "tid"));
                threads.insert(thread, text(&event["args"], "name")).is_none()
            }
            "process_sort_index" | "thread_sort_index" => number(&event["args"], "sort_index") > 0,
            other => panic!("metadata {other}"),
        };
        assert!(is_new, "{event}");
    }
    (processes, threads)
}

/// Compares the timeline with the run.
pub(super) fn check(run: &Run) {
    let document: Value =
        serde_json::from_str(&jetlag::export::chrome(&run.course())).expect("JSON");
    let events = document["traceEvents"].as_array().expect("events");
    let (metadata, events): (Vec<Value>, Vec<Value>) =
        events.iter().cloned().partition(|event| event["ph"] == "M");
    let (processes, threads) = names(&metadata);
    let nodes: Vec<&str> = {
        let mut by_thread: Vec<_> = threads.iter().map(|((_, tid), name)| (*tid, *name)).collect();
        by_thread.sort_unstable();
        by_thread.into_iter().map(|(_, name)| name).collect()
    };
    assert_eq!(nodes, run.outcome.nodes, "a thread for each node, in their order");
    let kinds: BTreeSet<&str> = run.outcome.kinds.iter().copied().chain(["network"]).collect();
    assert_eq!(processes.values().copied().collect::<BTreeSet<_>>(), kinds);
    assert!(events.is_sorted_by_key(|event| number(event, "ts")), "{}", run.file);

    let of_phase =
        |phase: &str| events.iter().filter(|event| event["ph"] == phase).collect::<Vec<_>>();
    let (slices, instants) = (of_phase("X"), of_phase("i"));
    check_slices(run, &slices, &threads);
    check_arrows(run, &slices, &of_phase("s"), &of_phase("f"));
    let faults = run.outcome.story.as_ref().expect("a story").lines().iter();
    let faults = faults.filter(|line| line.kind == FactKind::Fault).count();
    let of_category =
        |category: &str| instants.iter().filter(|event| event["cat"] == category).count();
    assert_eq!(of_category("fault"), faults, "{}", run.file);
    assert_eq!(of_category("violation"), run.outcome.violations.len(), "{}", run.file);
    check_counters(run, &of_phase("C"));
    let known = ["X", "i", "s", "f", "C"].map(|phase| of_phase(phase).len());
    assert_eq!(known.iter().sum::<usize>(), events.len(), "no other event is there");
}

/// A slice for each delivery, on the thread of its node, and none over another.
fn check_slices(run: &Run, slices: &[&Value], threads: &BTreeMap<Thread, &str>) {
    assert_eq!(slices.len(), run.outcome.deliveries.len(), "{}", run.file);
    let mut ends: BTreeMap<Thread, u64> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for slice in slices {
        let step = number(&slice["args"], "step");
        assert!(seen.insert(step), "step {step} twice");
        let delivered = &run.outcome.deliveries[step as usize - 1];
        let thread = (number(slice, "pid"), number(slice, "tid"));
        assert_eq!(threads[&thread], run.node(delivered), "{slice}");
        assert!(text(slice, "name").starts_with(message(delivered)), "{slice}");
        let (start, length) = (number(slice, "ts"), number(slice, "dur"));
        assert!(length > 0 && ends.get(&thread).is_none_or(|end| *end <= start), "{slice}");
        ends.insert(thread, start + length);
        // What is moved for the sake of the viewer is moved by little.
        let exact = delivered.at.as_nanos() / 1_000;
        assert!(exact <= start && start - exact <= run.outcome.occurrences, "{slice}");
    }
}

/// An arrow for each message that was not sent at the start, from a slice of its sender to its own.
fn check_arrows(run: &Run, slices: &[&Value], starts: &[&Value], ends: &[&Value]) {
    let place = |event: &Value| (number(event, "pid"), number(event, "tid"));
    // By thread and start: slices of one thread do not overlap.
    let slices: BTreeMap<(Thread, u64), (u64, u64)> = slices
        .iter()
        .map(|slice| {
            let (start, step) = (number(slice, "ts"), number(&slice["args"], "step"));
            ((place(slice), start), (start + number(slice, "dur"), step))
        })
        .collect();
    let around = |end: &Value| {
        let (thread, at) = (place(end), number(end, "ts"));
        let before = slices.range((thread, 0)..=(thread, at)).next_back();
        let slice = before.filter(|(_, (end, _))| at < *end);
        slice.unwrap_or_else(|| panic!("{end} is in no slice")).1.1
    };
    let by_id = |ends: &[&Value]| -> BTreeMap<u64, (u64, u64)> {
        let found = ends.iter().map(|end| (number(end, "id"), (around(end), number(end, "ts"))));
        let by_id: BTreeMap<_, _> = found.collect();
        assert_eq!(by_id.len(), ends.len(), "each arrow has a number of its own");
        by_id
    };
    let (starts, ends) = (by_id(starts), by_id(ends));
    assert!(starts.keys().eq(ends.keys()), "every arrow has two ends");
    for (id, (to, at)) in &ends {
        let (from, sent) = starts[id];
        assert!(to == id && sent < *at, "arrow {id}");
        let sender = &run.outcome.deliveries[from as usize - 1];
        let receiver = &run.outcome.deliveries[*to as usize - 1];
        assert_eq!(run.from(receiver), Some(run.node(sender)), "arrow {id} of {}", run.file);
    }
    for (step, delivered) in (1_u64..).zip(&run.outcome.deliveries) {
        let is_sent_later = is_message(delivered) && delivered.cause.0 > 0;
        assert!(!is_sent_later || ends.contains_key(&step), "step {step} of {}", run.file);
        assert!(is_message(delivered) || !ends.contains_key(&step), "step {step}");
    }
}

/// The counters end where the run ends.
fn check_counters(run: &Run, counters: &[&Value]) {
    let mut by_name: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for counter in counters {
        by_name.entry(text(counter, "name")).or_default().push(number(&counter["args"], "count"));
    }
    for view in &run.outcome.views {
        let Some(lag) = &view.lag else { continue };
        let Some(counts) = by_name.remove(format!("{} is behind", view.view).as_str()) else {
            assert_eq!((lag.now, lag.peak), (0, 0), "{}", run.file);
            continue;
        };
        assert_eq!(counts.last(), Some(&lag.now), "{}", run.file);
        assert_eq!(counts.iter().max(), Some(&lag.peak), "{}", run.file);
    }
    let under_way = by_name.remove("messages under way").expect("messages are counted");
    assert_eq!(under_way.last(), Some(&0), "all that are counted arrive");
    assert!(by_name.is_empty(), "{by_name:?}");
}

#[test]
fn the_timeline_of_every_shipped_run_has_its_deliveries_and_messages() {
    shipped().iter().for_each(check);
}

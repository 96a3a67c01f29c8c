//! A run in the Trace Event Format, which Perfetto and `chrome://tracing` show as a timeline.
//!
//! A process for each kind of node, a thread for each node, a slice for each delivery, an arrow for each message
//! from the slice in which it was sent to the one that handled it. The format is described in "Trace Event
//! Format", Google, 2016.
//!
//! A handler takes no virtual time. Its slice has a length only to be seen: a viewer attaches an arrow to the
//! slice around its end, so slices of one node must not overlap. What a node handles at the same microsecond is
//! therefore shown one microsecond apart; the exact time is among the arguments.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Course;
use super::course::{Class, Occurrence};
use crate::kernel::{Instant, NodeId, Step};
use crate::metrics::Lag;
use crate::model::FactKind;
use crate::report::{hash, line, verdict};
use crate::trace::Line;

/// How long a slice is unless the next one of its node follows earlier.
const LENGTH_US: u64 = 200;
/// The process that has the number of messages under way.
const NETWORK: &str = "network";

/// The run in the Trace Event Format, one event a line.
pub fn chrome(course: &Course<'_>) -> String {
    let timeline = Timeline::of(course);
    let mut events: Vec<Event<'_>> = Vec::new();
    for occurrence in course.occurrences() {
        events.push(timeline.slice(&occurrence));
        events.extend(timeline.arrow(&occurrence).into_iter().flatten());
    }
    let faults = course.story.lines().iter().filter(|line| line.kind == FactKind::Fault);
    events.extend(faults.map(|line| timeline.fault(line)));
    events.extend(timeline.violations());
    events.extend(timeline.under_way());
    events.extend(timeline.lags());
    events.sort_by_key(|event| event.ts);
    let events = timeline.names().into_iter().chain(events);
    let events: Vec<String> = events.map(|event| line(&event).trim_end().to_owned()).collect();
    let about = line(&About::of(course));
    format!(
        "{{\"displayTimeUnit\":\"ms\",\"otherData\":{},\"traceEvents\":[\n{}\n]}}\n",
        about.trim_end(),
        events.join(",\n")
    )
}

/// What the trace is of.
#[derive(Serialize)]
struct About<'a> {
    format: &'static str,
    version: u32,
    jetlag: &'static str,
    file: &'a str,
    scenario: &'a str,
    seed: String,
    digest: String,
    verdict: &'static str,
}

impl<'a> About<'a> {
    fn of(course: &Course<'a>) -> Self {
        let outcome = course.outcome;
        Self {
            format: "jetlag.chrome",
            version: 1,
            jetlag: env!("CARGO_PKG_VERSION"),
            file: &outcome.subject.file,
            scenario: &outcome.subject.name,
            seed: outcome.request.seed.to_string(),
            digest: hash(outcome.digest),
            verdict: verdict(outcome.verdict()),
        }
    }
}

/// One event of the trace. Times are in microseconds.
#[derive(Default, Serialize)]
struct Event<'a> {
    name: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    cat: &'static str,
    ph: &'static str,
    ts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<u64>,
    pid: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    tid: Option<usize>,
    /// Which arrow.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    /// That an arrow ends at the slice around it.
    #[serde(skip_serializing_if = "str::is_empty")]
    bp: &'static str,
    /// How much of the height an instant takes: a thread, or everything.
    #[serde(skip_serializing_if = "str::is_empty")]
    s: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Args<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Args<'a> {
    Name { name: &'a str },
    Order { sort_index: usize },
    Slice(Box<Handled<'a>>),
    Says { step: u64, at_ns: u64, says: &'a str },
    Count { count: u64 },
}

/// What is known of a slice.
#[derive(Serialize)]
struct Handled<'a> {
    step: u64,
    at_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    cause: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<String>,
}

/// Where each delivery is on the timeline.
struct Timeline<'a> {
    course: &'a Course<'a>,
    /// The kinds of nodes, each a process.
    kinds: Vec<&'static str>,
    /// The start of each slice, by step; that of step 0 is the start of the run.
    starts: Vec<u64>,
    /// The start of the next slice of the same node.
    nexts: Vec<Option<u64>>,
}

impl<'a> Timeline<'a> {
    fn of(course: &'a Course<'a>) -> Self {
        let mut kinds: Vec<&'static str> = Vec::new();
        for (_, kind) in course.nodes() {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        let mut starts = vec![0];
        let mut last: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut nexts: Vec<Option<u64>> = vec![None];
        for occurrence in course.occurrences() {
            let node = occurrence.delivered.key.actor.to;
            let step = starts.len();
            let before = last.insert(node, step);
            let sent = occurrence.sent.filter(|sent| sent.0 > 0).map(|sent| sent.0 as usize);
            let earliest = before.into_iter().chain(sent).map(|before| starts[before] + 1);
            let start = earliest.max().unwrap_or(0).max(micros(occurrence.delivered.at));
            if let Some(before) = before {
                nexts[before] = Some(start);
            }
            starts.push(start);
            nexts.push(None);
        }
        Self { course, kinds, starts, nexts }
    }

    fn process(&self, node: NodeId) -> usize {
        let kind = self.course.outcome.kinds[node.index()];
        self.process_of(kind)
    }

    fn process_of(&self, kind: &str) -> usize {
        self.kinds.iter().position(|known| *known == kind).map_or(0, |place| place + 1)
    }

    /// The process of what belongs to no node.
    fn network(&self) -> usize {
        self.kinds.len() + 1
    }

    fn start(&self, step: Step) -> u64 {
        self.starts[step.0 as usize]
    }

    /// The names of processes and threads, in the order of the nodes.
    fn names(&self) -> Vec<Event<'a>> {
        let named = |what: &str, pid, tid, args| Event {
            name: what.to_owned(),
            ph: "M",
            pid,
            tid,
            args: Some(args),
            ..Event::default()
        };
        let processes = self.kinds.iter().copied().chain([NETWORK]);
        let mut events = Vec::new();
        for (pid, name) in (1..).zip(processes) {
            events.push(named("process_name", pid, None, Args::Name { name }));
            events.push(named("process_sort_index", pid, None, Args::Order { sort_index: pid }));
        }
        for (tid, (name, kind)) in (1..).zip(self.course.nodes()) {
            let pid = self.process_of(kind);
            events.push(named("thread_name", pid, Some(tid), Args::Name { name }));
            let order = Args::Order { sort_index: tid };
            events.push(named("thread_sort_index", pid, Some(tid), order));
        }
        events
    }

    /// An event of a node.
    fn at(&self, node: NodeId, ts: u64) -> Event<'a> {
        let (pid, tid) = (self.process(node), Some(node.index() + 1));
        Event { ts, pid, tid, ..Event::default() }
    }

    fn slice(&self, occurrence: &Occurrence<'a>) -> Event<'a> {
        let Occurrence { step, delivered, .. } = *occurrence;
        let start = self.start(step);
        let next = self.nexts[step.0 as usize];
        let length = next.map_or(LENGTH_US, |next| LENGTH_US.min(next - start));
        let handled = Handled {
            step: step.0,
            at_ns: delivered.at.as_nanos(),
            from: occurrence.from(),
            about: occurrence.about(),
            cause: delivered.cause.0,
            facts: occurrence.lines().iter().map(says).collect(),
        };
        let cat = if delivered.is_poll { "poll" } else { occurrence.class().word() };
        Event {
            name: occurrence.title(),
            cat,
            ph: "X",
            dur: Some(length),
            args: Some(Args::Slice(Box::new(handled))),
            ..self.at(delivered.key.actor.to, start)
        }
    }

    /// Both ends of the arrow of a message, if it is known in which slice it was sent.
    fn arrow(&self, occurrence: &Occurrence<'a>) -> Option<[Event<'a>; 2]> {
        let sent = occurrence.sent.filter(|sent| sent.0 > 0)?;
        let actor = occurrence.delivered.key.actor;
        let end = |ph, bp, node, step| Event {
            name: occurrence.message().to_owned(),
            cat: Class::Message.word(),
            ph,
            id: Some(occurrence.step.0),
            bp,
            ..self.at(node, self.start(step))
        };
        Some([end("s", "", actor.from, sent), end("f", "e", actor.to, occurrence.step)])
    }

    fn fault(&self, line: &'a Line) -> Event<'a> {
        let args = Args::Says { step: line.step.0, at_ns: line.at.as_nanos(), says: &line.text };
        Event {
            name: line.text.clone(),
            cat: "fault",
            ph: "i",
            s: "t",
            args: Some(args),
            ..self.at(line.node, self.start(line.step))
        }
    }

    fn violations(&self) -> impl Iterator<Item = Event<'a>> {
        self.course.outcome.violations.iter().map(|violated| {
            let step = violated.step;
            let nth = step.0.checked_sub(1).map(|nth| nth as usize);
            let delivered = nth.and_then(|nth| self.course.outcome.deliveries.get(nth));
            let node = delivered.map_or(NodeId(0), |delivered| delivered.key.actor.to);
            let at_ns = violated.at.as_nanos();
            Event {
                name: format!("VIOLATED {}", violated.property),
                cat: "violation",
                ph: "i",
                s: "g",
                args: Some(Args::Says { step: step.0, at_ns, says: &violated.says }),
                ..self.at(node, self.start(step).max(micros(violated.at)))
            }
        })
    }

    /// How many messages are under way that will arrive.
    fn under_way(&self) -> Vec<Event<'a>> {
        let mut changes: BTreeMap<u64, i64> = BTreeMap::new();
        for occurrence in self.course.occurrences() {
            if let Some(sent) = occurrence.sent {
                *changes.entry(self.start(sent)).or_default() += 1;
                *changes.entry(self.start(occurrence.step)).or_default() -= 1;
            }
        }
        let mut count = 0_i64;
        let counted = changes.into_iter().filter(|(_, change)| *change != 0).map(|(ts, change)| {
            count += change;
            self.counted("messages under way", self.network(), ts, count.unsigned_abs())
        });
        counted.collect()
    }

    /// How many events each view is behind: the greatest number in each interval.
    fn lags(&self) -> Vec<Event<'a>> {
        let mut events = Vec::new();
        for view in &self.course.outcome.views {
            let Some(Lag { now, curve, peak: _ }) = &view.lag else { continue };
            let node = self.course.outcome.nodes.iter().position(|name| name == view.view);
            let kind = node.map_or("", |node| self.course.outcome.kinds[node]);
            let last = (self.course.outcome.ended_at, *now);
            let mut before = None;
            for (at, count) in curve.points().chain([last]) {
                if before.replace(count) != Some(count) {
                    let name = format!("{} is behind", view.view);
                    events.push(self.counted(&name, self.process_of(kind), micros(at), count));
                }
            }
        }
        events
    }

    fn counted(&self, name: &str, pid: usize, ts: u64, count: u64) -> Event<'a> {
        let (name, args) = (name.to_owned(), Some(Args::Count { count }));
        Event { name, ph: "C", ts, pid, args, ..Event::default() }
    }
}

fn micros(at: Instant) -> u64 {
    at.as_nanos() / 1_000
}

/// A fact with its speaker as the subject.
fn says(line: &Line) -> String {
    format!("{} {}", line.speaker.name, line.text)
}

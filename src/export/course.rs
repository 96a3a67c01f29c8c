//! The course of a run: its deliveries in order, each with the occurrence that sent it and with its facts.

use std::collections::BTreeMap;

use super::NotExported;
use crate::capsule::{Names, can_wait, delays, drawn_in};
use crate::kernel::{Decision, Delivered, Instant, NodeId, OccurrenceKey, Step};
use crate::session::{AnyScenario, NAMELESS, RunOutcome, RunRequest, kind_name};
use crate::trace::{Detail, Line, Story};

/// The same request, for a run that can be exported.
pub fn logged(request: RunRequest) -> RunRequest {
    RunRequest { decisions: true, detail: Some(Detail::Everything), repeat: false, ..request }
}

/// A run with its log and its story, under the names of its scenario.
///
/// ```
/// use jetlag::export::{Course, logged, mermaid};
///
/// let text = r#"( name: "nothing", domain: Orders() )"#;
/// let scenario = jetlag::domains::harness().load("shop.ron", text.as_bytes()).unwrap();
/// let outcome = scenario.run(&logged(scenario.request()));
/// let course = Course::of(&*scenario, &outcome).unwrap();
/// assert!(mermaid(&course).unwrap().starts_with("sequenceDiagram\n"));
/// ```
#[derive(Debug)]
pub struct Course<'a> {
    pub(crate) scenario: &'a dyn AnyScenario,
    pub(crate) outcome: &'a RunOutcome,
    pub(crate) story: &'a Story,
    pub(crate) decisions: &'a [Decision],
    pub(crate) names: Names<'a>,
    /// The step in which each was delivered, by name.
    pub(crate) delivered: BTreeMap<OccurrenceKey, Step>,
    /// In which step each delivery was sent; `None` for timers, notices, and where it is not known.
    sent: Vec<Option<Step>>,
}

/// One delivery of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occurrence<'a> {
    course: &'a Course<'a>,
    pub(crate) step: Step,
    pub(crate) delivered: &'a Delivered,
    /// The step in which its message was sent; 0 at the start.
    pub(crate) sent: Option<Step>,
}

/// What a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A message from one node to another.
    Message,
    /// A timer of the node, or its restart.
    Timer,
    /// The notice that the connection to another node is broken.
    Notice,
}

impl<'a> Course<'a> {
    /// The course of a run of this scenario that was made as [`logged`] requests it.
    ///
    /// # Errors
    ///
    /// When the outcome has no log or no story.
    pub fn of(scenario: &'a dyn AnyScenario, outcome: &'a RunOutcome) -> Result<Self, NotExported> {
        let (Some(story), Some(decisions)) = (&outcome.story, &outcome.decisions) else {
            return Err(NotExported::NoLog);
        };
        let names = Names::of(scenario.lexicon());
        let sent = sent(&outcome.deliveries, decisions);
        let keys = outcome.deliveries.iter().map(|delivered| delivered.key);
        let delivered = by_name(&keys.collect::<Vec<_>>());
        Ok(Self { scenario, outcome, story, decisions, names, delivered, sent })
    }

    /// All deliveries, in order.
    pub(crate) fn occurrences(&'a self) -> impl Iterator<Item = Occurrence<'a>> {
        let all = self.outcome.deliveries.iter().zip(&self.sent);
        (1..).map(Step).zip(all).map(|(step, (delivered, sent))| Occurrence {
            course: self,
            step,
            delivered,
            sent: *sent,
        })
    }

    /// What was stated before the first delivery.
    pub(crate) fn start(&self) -> &'a [Line] {
        self.story.at(Step(0))
    }

    /// The nodes, each with its kind.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&'a str, &'static str)> {
        let names = self.outcome.nodes.iter().map(String::as_str);
        names.zip(self.outcome.kinds.iter().copied())
    }

    pub(crate) fn node(&self, node: NodeId) -> &'a str {
        &self.outcome.nodes[node.index()]
    }

    /// The step in which a decision was drawn, by its place among all; 0 at the start.
    pub(crate) fn step_of(&self, decision: usize) -> Step {
        let delivery = drawn_in(&self.outcome.deliveries, decision);
        Step(delivery.map_or(0, |nth| nth as u64 + 1))
    }

    /// The step in which the message was sent that a step has handled; 0 at the start.
    pub(crate) fn sent_in(&self, step: Step) -> Option<Step> {
        let nth = step.0.checked_sub(1)?;
        self.sent[nth as usize]
    }

    /// Whether a message was delivered, and not as one that only looks whether there is anything to do.
    pub(crate) fn arrives_as_work(&self, name: &OccurrenceKey) -> bool {
        let step = self.delivered.get(name).and_then(|step| step.0.checked_sub(1));
        step.is_some_and(|nth| !self.outcome.deliveries[nth as usize].is_poll)
    }

    /// A message and what it is about, for a reader: a subject that has no name is left out.
    pub(crate) fn title(&self, key: &OccurrenceKey) -> String {
        let about = self.names.about(key.entity).filter(|about| !about.starts_with(NAMELESS));
        let about = about.map_or_else(String::new, |about| format!(" {about}"));
        format!("{}{about}", self.names.message(key.actor.kind))
    }

    /// When a step took place.
    pub(crate) fn time_of(&self, step: Step) -> Instant {
        let delivery = step.0.checked_sub(1).map(|nth| &self.outcome.deliveries[nth as usize]);
        delivery.map_or(Instant::ZERO, |delivered| delivered.at)
    }
}

impl<'a> Occurrence<'a> {
    /// The node that handled it.
    pub(crate) fn node(&self) -> &'a str {
        self.course.node(self.delivered.key.actor.to)
    }

    /// The sender of the message, or the other end of a connection.
    pub(crate) fn from(&self) -> Option<&'a str> {
        let actor = self.delivered.key.actor;
        (!actor.is_own()).then(|| self.course.node(actor.from))
    }

    /// The name of the message or timer.
    pub(crate) fn message(&self) -> &'static str {
        kind_name(self.delivered.key.actor.kind)
    }

    /// What it is about.
    pub(crate) fn about(&self) -> Option<String> {
        self.course.names.about(self.delivered.key.entity)
    }

    /// The message and what it is about, for a reader.
    pub(crate) fn title(&self) -> String {
        self.course.title(&self.delivered.key)
    }

    pub(crate) fn class(&self) -> Class {
        match (self.delivered.key.actor.is_own(), can_wait(self.delivered)) {
            (true, _) => Class::Timer,
            (false, true) => Class::Message,
            (false, false) => Class::Notice,
        }
    }

    /// What was stated in it.
    pub(crate) fn lines(&self) -> &'a [Line] {
        self.course.story.at(self.step)
    }
}

impl Class {
    /// The class in a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Timer => "timer",
            Self::Notice => "notice",
        }
    }
}

/// The step in which each message was sent: that in which it drew its delay. A second copy drew none of its own,
/// and came to be with the message before it. Without a delay to draw, it is the cause, if that was handled by
/// the sender.
fn sent(deliveries: &[Delivered], decisions: &[Decision]) -> Vec<Option<Step>> {
    let drawn = delays(decisions);
    let of = |key: OccurrenceKey| drawn.get(&key).map(|(_, nth)| *nth);
    let sent = |delivered: &Delivered| {
        if !can_wait(delivered) {
            return None;
        }
        let key = delivered.key;
        let copied = || of(OccurrenceKey { nth: key.nth.checked_sub(1)?, ..key });
        if let Some(decision) = of(key).or_else(copied) {
            let by = drawn_in(deliveries, decision);
            return Some(Step(by.map_or(0, |nth| nth as u64 + 1)));
        }
        let nth = usize::try_from(delivered.cause.0).ok()?.checked_sub(1)?;
        (deliveries[nth].key.actor.to == key.actor.from).then_some(delivered.cause)
    };
    deliveries.iter().map(sent).collect()
}

/// The deliveries by their names; the first of several with the same name.
pub(crate) fn by_name(keys: &[OccurrenceKey]) -> BTreeMap<OccurrenceKey, Step> {
    let mut named = BTreeMap::new();
    for (key, step) in keys.iter().zip((1..).map(Step)) {
        named.entry(*key).or_insert(step);
    }
    named
}

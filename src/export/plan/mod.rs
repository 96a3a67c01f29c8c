//! A run as a plan: what a test of another platform does, in order, to bring it into the same situation.
//!
//! `docs/plan.schema.json` is its schema. Every message is named by what it is, who sends it to whom, what it is
//! about, and how many of the same came before, so that a plan needs nothing of the simulator but these names.

mod deeds;
mod expected;
mod steps;
mod wrong;

use serde::Serialize;
use serde_json::Value;

use super::Course;
use super::records::NodeDoc;
use crate::capsule::Occurrence as Message;
use crate::report::{ScenarioDoc, document, hash, object, verdict};
use crate::session::Faults;

/// The version of the format. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

/// The run as a plan, in JSON with a line feed at the end.
pub fn plan(course: &Course<'_>) -> String {
    document(&PlanDoc(course))
}

object!(PlanDoc(course: Course<'a>) {
    format: "jetlag.plan",
    version: VERSION,
    jetlag: env!("CARGO_PKG_VERSION"),
    scenario: ScenarioDoc(&course.outcome.subject),
    domain: course.scenario.domain(),
    seed: course.outcome.request.seed.to_string(),
    fuzzed: course.outcome.request.faults == Faults::Fuzzed,
    digest: hash(course.outcome.digest),
    verdict: verdict(course.outcome.verdict()),
    nodes: course.nodes().map(|(name, kind)| NodeDoc { name, kind }).collect::<Vec<_>>(),
    steps: steps::steps(course),
});

/// Something to do, with the occurrence of the run in which it took effect.
#[derive(Serialize)]
struct StepDoc {
    step: u64,
    at_ns: u64,
    #[serde(flatten)]
    action: Action,
}

#[derive(Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum Action {
    /// A customer does something.
    Do(Deed),
    /// A message is to wait for another one.
    Hold { message: Message, until: Message },
    /// What it waited for has happened.
    Release { message: Message },
    /// A message takes this much longer than the least time.
    Delay {
        message: Message,
        by_ns: u64,
        /// Whether that is a fault: otherwise the network may do so at any time.
        is_fault: bool,
    },
    /// A message is lost.
    Drop { message: Message },
    /// A message arrives a second time, this much later.
    Duplicate { message: Message, by_ns: u64 },
    /// A node crashes.
    Crash {
        node: String,
        moment: Moment,
        down_ns: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        during: Option<Message>,
    },
    /// A node is back, with what it had made durable.
    Restart { node: String },
    /// Something else goes wrong.
    Fault {
        fault: &'static str,
        family: &'static str,
        says: &'static str,
        node: String,
        /// The other end, of a fault between two nodes.
        #[serde(skip_serializing_if = "Option::is_none")]
        peer: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        during: Option<Message>,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<Size>,
    },
    /// A choice of the simulated platform that is not the default.
    Choose {
        choice: String,
        node: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        about: Option<String>,
        nth: u32,
        /// As texts, because not every reader of JSON knows integers of 64 bits.
        value: String,
        of: String,
    },
    /// What is to be checked.
    Expect(Expect),
}

/// What a customer does: a line of the script, an arrival of the workload, or what followed from an answer.
#[derive(Default, Serialize)]
struct Deed {
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<String>,
    /// The number of the line or of the arrival, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<u64>,
    /// The action, as the script has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    does: Option<Value>,
    /// What the customer sent, in words.
    says: Vec<String>,
}

/// When a node crashes in the handling of a message.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Moment {
    Before,
    Between,
    After,
}

#[derive(Serialize)]
#[serde(tag = "unit", content = "value", rename_all = "snake_case")]
enum Size {
    Times(u64),
    Nanoseconds(u64),
}

#[derive(Serialize)]
struct Expect {
    /// The property, or how else the run failed; `None` for an expectation of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    property: Option<String>,
    /// What must hold.
    must: String,
    /// Whether it held in the run.
    held: bool,
    /// What was seen instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    saw: Option<String>,
}

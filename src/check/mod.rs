//! The checkers: what must hold, judged from the facts of a run and its final state alone.
//!
//! A checker sees every [`Record`] once, as it happens, and spends a bounded time on it, however long
//! the run. When the run rests it sees the [`Rest`]. It cannot reach into the engine, so it cannot
//! share the engine's mistakes.

use std::fmt::Debug;
use std::sync::Arc;

use crate::kernel::{Instant, Step};
use crate::model::{Domain, Names, Record, Rest};

mod appends;
mod applies;
mod as_of;
mod checkpoints;
mod coherence;
mod commands;
mod convergence;
mod drains;
mod erased;
mod general;
mod invariant;
mod loads;
mod monotonic;
mod positions;
mod reads;
mod rebuilds;
mod sagas;
mod schemas;
mod snapshots;
mod steps;
mod streams;
mod tally;
#[cfg(test)]
mod testing;
mod timers;
mod transitions;
mod up_to_date;
mod versions;
mod words;

#[doc(hidden)]
pub use general::General;
pub use invariant::{Check, Invariant, Invariants};
pub use tally::Tally;

/// When a property is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// At every step.
    Always,
    /// When the run has come to rest.
    AtRest,
    /// At every step, and once more when the run has come to rest.
    AlwaysAndAtRest,
}

/// One named thing that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// What the command line, the reports and the scenario files call it.
    pub id: &'static str,
    /// When it is judged.
    pub when: When,
    /// What it says, in one sentence.
    pub says: &'static str,
}

/// A property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which property.
    pub property: &'static Property,
    /// When it showed.
    pub at: Instant,
    /// The occurrence in which it showed.
    pub step: Step,
    /// The entities and the two facts that contradict each other, in the domain's words.
    pub says: String,
    /// The occurrences that stated those facts, oldest first.
    pub because: Vec<Step>,
}

/// Collects violations. The first one halts a run.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    violations: Vec<Violation>,
}

impl Judge {
    /// Notes a violation.
    pub fn report(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// What was violated so far.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

/// A family of properties, watching a run.
///
/// One that judges every answer a customer gets; [`General`] and each domain's own are made like it.
///
/// ```
/// use std::sync::Arc;
/// use jetlag::check::{Judge, Oracle, Property, Tally, When};
/// use jetlag::domains::flights::{Flights, Setup};
/// use jetlag::kernel::{Instant, NodeId, Step};
/// use jetlag::model::{Answer, CustomerId, Domain, Fact, Names, Owed, RequestId};
/// use jetlag::model::Record;
///
/// const HEARD: Property =
///     Property { id: "heard", when: When::Always, says: "no customer is left without an answer" };
///
/// #[derive(Clone, Debug)]
/// struct Heard(Tally);
/// impl<D: Domain> Oracle<D> for Heard {
///     const PROPERTIES: &'static [Property] = &[HEARD];
///     fn new(_: &D, _: &Arc<Names>) -> Self { Self(Tally::new(&HEARD)) }
///     fn observe(&mut self, _: &D, record: &Record<D>, judge: &mut Judge) {
///         if let Fact::Told { answer, .. } = &record.fact {
///             let heard = !matches!(answer, Answer::Silence);
///             let says = || ("nothing came back".to_owned(), vec![record.cause]);
///             self.0.check(heard, record.at, record.step, judge, says);
///         }
///     }
///     fn checks(&self) -> Vec<(&'static Property, u64)> { vec![self.0.checks()] }
/// }
///
/// let domain = Flights::new(Setup::default()).unwrap();
/// let (mut heard, mut judge) = (Heard::new(&domain, &Arc::default()), Judge::default());
/// let request = RequestId { customer: CustomerId(0), nth: 1 };
/// let fact = Fact::Told { request, owed: Owed::Nothing, answer: Answer::Silence };
/// let (step, cause, at, node) = (Step(9), Step(4), Instant::ZERO, NodeId(0));
/// heard.observe(&domain, &Record { step, cause, at, node, fact }, &mut judge);
/// assert_eq!(judge.violations()[0].says, "nothing came back");
/// ```
pub trait Oracle<D: Domain>: Clone + Debug + 'static {
    /// The properties it judges.
    const PROPERTIES: &'static [Property];

    /// An oracle that has seen nothing yet; it speaks of customers by these names.
    fn new(domain: &D, names: &Arc<Names>) -> Self;
    /// Takes note of one fact, and judges it.
    fn observe(&mut self, domain: &D, record: &Record<D>, judge: &mut Judge);
    /// Judges the end of a run that came to rest.
    fn at_rest(&mut self, _rest: &Rest<'_, D>, _judge: &mut Judge) {}
    /// How often each property was judged so far.
    fn checks(&self) -> Vec<(&'static Property, u64)>;
}

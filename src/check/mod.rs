//! The checkers: what must hold, checked from the facts of a run and its final state alone.
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
mod checkers;
mod checkpoints;
mod coherence;
mod convergence;
mod drains;
mod erased;
mod fact_kinds;
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
mod upcast;
mod versions;
mod words;

pub use fact_kinds::FactKinds;
#[doc(hidden)]
pub use general::General;
pub use invariant::{Check, Invariant, Invariants};
pub use tally::Tally;
pub use upcast::Upcast;

/// When a property is checked.
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
    /// When it is checked.
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

/// The violations of a run so far. The first one halts it.
#[derive(Clone, Debug, Default)]
pub struct Violations {
    list: Vec<Violation>,
}

impl Violations {
    /// Adds a violation.
    pub fn report(&mut self, violation: Violation) {
        self.list.push(violation);
    }

    /// All of them, oldest first.
    pub fn list(&self) -> &[Violation] {
        &self.list
    }
}

/// Checks one or more properties while a run goes on.
///
/// The general properties and those of each domain are checked by types like this one, which checks
/// every answer that a customer gets:
///
/// ```
/// use std::sync::Arc;
/// use jetlag::check::{Checker, FactKinds, Property, Tally, Violations, When};
/// use jetlag::domains::flights::{Flights, Setup};
/// use jetlag::kernel::{Instant, NodeId, Step};
/// use jetlag::model::{Answer, CustomerId, Domain, Fact, FactKind, Names, Owed, RequestId};
/// use jetlag::model::Record;
///
/// const ANSWERED: Property =
///     Property { id: "answered", when: When::Always, says: "every customer gets an answer" };
///
/// #[derive(Clone, Debug)]
/// struct Answered(Tally);
/// impl<D: Domain> Checker<D> for Answered {
///     const PROPERTIES: &'static [Property] = &[ANSWERED];
///     const FACTS: FactKinds = FactKinds::of(&[FactKind::Told]);
///     fn new(_: &D, _: &Arc<Names>) -> Self { Self(Tally::new(&ANSWERED)) }
///     fn observe(&mut self, _: &D, record: &Record<D>, violations: &mut Violations) {
///         if let Fact::Told { answer, .. } = &record.fact {
///             let answered = !matches!(answer, Answer::Silence);
///             let says = || ("no answer came back".to_owned(), vec![record.cause]);
///             self.0.check(answered, record.at, record.step, violations, says);
///         }
///     }
///     fn tallies(&self) -> Vec<&Tally> { vec![&self.0] }
/// }
///
/// let domain = Flights::new(Setup::default()).unwrap();
/// let (mut checker, mut violations) =
///     (Answered::new(&domain, &Arc::default()), Violations::default());
/// let request = RequestId { customer: CustomerId(0), nth: 1 };
/// let fact = Fact::Told { request, owed: Owed::Nothing, answer: Answer::Silence };
/// let (step, cause, at, node) = (Step(9), Step(4), Instant::ZERO, NodeId(0));
/// checker.observe(&domain, &Record { step, cause, at, node, fact }, &mut violations);
/// assert_eq!(violations.list()[0].says, "no answer came back");
/// ```
pub trait Checker<D: Domain>: Clone + Debug + 'static {
    /// The properties it checks.
    const PROPERTIES: &'static [Property];
    /// The facts it wants to see. Others may be left out when it is one of several checkers.
    const FACTS: FactKinds = FactKinds::ALL;

    /// A checker that has seen nothing yet. Its messages call customers by these names.
    fn new(domain: &D, names: &Arc<Names>) -> Self;
    /// Takes note of one fact and checks it.
    fn observe(&mut self, domain: &D, record: &Record<D>, violations: &mut Violations);
    /// Checks the end of a run that came to rest.
    fn at_rest(&mut self, _rest: &Rest<'_, D>, _violations: &mut Violations) {}
    /// How often each property was checked so far, in the order of [`PROPERTIES`](Self::PROPERTIES).
    fn tallies(&self) -> Vec<&Tally>;
}

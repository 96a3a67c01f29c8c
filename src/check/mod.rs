//! The checkers: what must hold, checked from the facts of a run and its final state alone.
//!
//! A checker sees every [`Record`] once, as it happens, and spends a bounded time on it, however long
//! the run. When the run rests it sees the [`Rest`]. It cannot reach into the engine, and does not share
//! the engine's mistakes.

use std::fmt::Debug;

use crate::kernel::{Instant, Step};
use crate::model::{Domain, Position, Record, Rest};

mod active;
mod answered;
mod appends;
mod applies;
mod archive;
mod asked;
mod checkers;
mod checkpoints;
mod checks;
mod clocks;
mod coherence;
mod convergence;
mod deadlocks;
mod drains;
mod erased;
mod fact_kinds;
mod folding;
mod folds;
mod general;
mod handovers;
mod invariant;
mod lagging;
mod linearizable;
mod loads;
mod losses;
mod monotonic;
mod past;
mod phases;
mod positions;
mod pushed;
mod read_through;
mod reads;
mod rebuilds;
mod sagas;
mod schemas;
mod snapshots;
mod steps;
mod streams;
#[cfg(test)]
mod testing;
mod timers;
mod transitions;
mod up_to_date;
mod upcast;
mod versions;
mod wholes;
mod words;

pub use archive::{Archive, StreamEvents};
pub use asked::Asked;
pub use checks::{Check, Checks, Findings, Judged};
pub use fact_kinds::FactKinds;
pub(crate) use fact_kinds::kinds;
pub use folding::{Finding, folded};
pub use general::General;
pub use invariant::{Invariant, Invariants};
pub(crate) use losses::remaining;
pub use phases::Phases;
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

/// One named rule that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name on the command line, in reports and in scenario files.
    pub id: &'static str,
    /// When it is checked.
    pub when: When,
    /// The rule, in one sentence.
    pub says: &'static str,
}

/// A property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The property.
    pub property: &'static Property,
    /// When it was found.
    pub at: Instant,
    /// The occurrence in which it was found.
    pub step: Step,
    /// The entities and the two facts that contradict each other, in the domain's words.
    pub says: String,
    /// The occurrences that stated those facts, oldest first.
    pub because: Vec<Step>,
    /// The event that did not arrive, if that is what is wrong.
    pub lost: Option<Lost>,
}

/// An event that did not reach one of its consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// Its position. Of the events of one stream that did not arrive it is the first: the others wait for
    /// it.
    pub position: Position,
    /// The queue of the consumer; `None` for a view without a queue.
    pub queue: Option<u8>,
}

/// Checks one or more properties while a run goes on.
///
/// The general properties and those of each domain are checked by types like this one, which checks
/// every answer that a customer gets:
///
/// ```
/// use jetlag::check::{Archive, Checker, Checks, FactKinds, Findings, Property, When};
/// use jetlag::domains::flights::{Flights, Setup};
/// use jetlag::kernel::{Instant, NodeId, Step};
/// use jetlag::model::{Answer, CustomerId, Domain, Fact, FactKind, Names, Owed, Record, RequestId};
/// use jetlag::model::Vocabulary;
///
/// const ANSWERED: Property =
///     Property { id: "answered", when: When::Always, says: "every customer gets an answer" };
///
/// #[derive(Clone, Debug, Default)]
/// struct Answered;
/// impl<D: Domain> Checker<D> for Answered {
///     const PROPERTIES: &'static [Property] = &[ANSWERED];
///     const FACTS: FactKinds = FactKinds::of(&[FactKind::Told]);
///     fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>) {
///         if let Fact::Told { request, answer, .. } = &record.fact {
///             let answered = !matches!(answer, Answer::Silence);
///             let says = |words: Vocabulary<'_, D>| format!("no answer to {}", words.request(*request));
///             checks.that(&ANSWERED, answered, [record.cause], says);
///         }
///     }
/// }
///
/// let (domain, names) = (Flights::new(Setup::default()).unwrap(), Names::default());
/// let request = RequestId { customer: CustomerId(0), nth: 1 };
/// let fact = Fact::Told { request, owed: Owed::Nothing, answer: Answer::Silence };
/// let (step, cause, at, node) = (Step(9), Step(4), Instant::ZERO, NodeId(0));
/// let words = Vocabulary { domain: &domain, names: &names };
/// let (archive, mut findings) = (Archive::default(), Findings::default());
/// let mut checks = Checks::new(words, &archive, at, step, &mut findings);
/// let record = Record { step, part: 0, cause, at, node, fact };
/// Answered.observe(&record, &mut checks.part::<Answered>(&mut 0));
/// assert_eq!(findings.checks(&ANSWERED), 1);
/// assert_eq!(findings.violations()[0].because, [Step(4)]);
/// ```
pub trait Checker<D: Domain>: Clone + Debug + Default + 'static {
    /// The properties it checks.
    const PROPERTIES: &'static [Property];
    /// The facts it needs. Other facts may be left out when it is one of several checkers.
    const FACTS: FactKinds = FactKinds::ALL;

    /// Takes note of one fact and checks it.
    fn observe(&mut self, record: &Record<D>, checks: &mut Checks<'_, D>);
    /// Checks the end of a run that came to rest.
    fn at_rest(&mut self, _rest: &Rest<'_, D>, _checks: &mut Checks<'_, D>) {}
}

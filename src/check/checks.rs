//! Counts checks and reports those that fail.

use super::{Archive, Checker, Lost, Property, Violation};
use crate::kernel::{Instant, Step};
use crate::model::{Domain, Vocabulary};

/// What the checkers of a run have found so far. The first violation halts the run.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    violations: Vec<Violation>,
    /// The id of each property and how often it was checked. The properties of one checker are next to
    /// each other, in the order of their first checks.
    counts: Vec<(&'static str, u64)>,
    /// The id of each property of which something could not be decided, and how often.
    undecided: Vec<(&'static str, u64)>,
}

impl Findings {
    /// The violations, oldest first.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How often a property was checked.
    pub fn checks(&self, property: &Property) -> u64 {
        self.counts.iter().find(|(id, _)| *id == property.id).map_or(0, |(_, checks)| *checks)
    }

    /// How often a property was judged.
    pub fn judged(&self, property: &'static Property) -> Judged {
        let of_it = self.undecided.iter().find(|(id, _)| *id == property.id);
        let undecided = of_it.map_or(0, |(_, times)| *times);
        Judged { property, checks: self.checks(property), undecided }
    }
}

/// How often a property was judged.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// The property.
    pub property: &'static Property,
    /// How often it was checked.
    pub checks: u64,
    /// How often it could not be decided.
    pub undecided: u64,
}

/// Takes the checks of one record, or of the state at rest.
#[derive(Debug)]
pub struct Checks<'a, D: Domain> {
    /// The domain and its vocabulary.
    pub words: Vocabulary<'a, D>,
    /// Every event that has become visible.
    pub archive: &'a Archive<D>,
    count: Count<'a>,
}

/// The part that does not depend on the domain.
#[derive(Debug)]
struct Count<'a> {
    findings: &'a mut Findings,
    at: Instant,
    step: Step,
    /// The places of the checker's properties among the counts.
    first: usize,
    places: usize,
}

impl<'a, D: Domain> Checks<'a, D> {
    /// The checks at a step.
    pub const fn new(
        words: Vocabulary<'a, D>,
        archive: &'a Archive<D>,
        at: Instant,
        step: Step,
        findings: &'a mut Findings,
    ) -> Self {
        Self { words, archive, count: Count { findings, at, step, first: 0, places: 0 } }
    }

    /// The current step.
    pub const fn step(&self) -> Step {
        self.count.step
    }

    /// It cannot be decided whether a property holds, because that would take too much work.
    pub fn undecided(&mut self, property: &'static Property) {
        let undecided = &mut self.count.findings.undecided;
        match undecided.iter_mut().find(|(id, _)| *id == property.id) {
            Some((_, times)) => *times += 1,
            None => undecided.push((property.id, 1)),
        }
    }

    /// The checks of one of several checkers. `first` is the number of properties that the checkers before
    /// it have; those of this one are added.
    #[inline]
    pub fn part<C: Checker<D>>(&mut self, first: &mut usize) -> Checks<'_, D> {
        let places = C::PROPERTIES.len();
        let before = *first;
        Self::pass_over::<C>(first);
        let first = self.count.first + before;
        let Count { at, step, .. } = self.count;
        let count = Count { findings: self.count.findings, at, step, first, places };
        Checks { words: self.words, archive: self.archive, count }
    }

    /// Passes over a checker that is not asked: adds its properties to `first`.
    #[inline]
    pub const fn pass_over<C: Checker<D>>(first: &mut usize) {
        *first += C::PROPERTIES.len();
    }

    /// Checks a property of the checker once. `because` are the occurrences that led to a violation.
    /// `says` is called only if the property does not hold.
    #[inline]
    pub fn that(
        &mut self,
        property: &'static Property,
        holds: bool,
        because: impl IntoIterator<Item = Step>,
        says: impl FnOnce(Vocabulary<'a, D>) -> String,
    ) {
        self.count.add(property);
        if !holds {
            self.count.violated(property, because.into_iter().collect(), says(self.words));
        }
    }

    /// The same for an event that has to reach a consumer. What is said of one lost event has one cause.
    pub(super) fn arrives(
        &mut self,
        property: &'static Property,
        holds: bool,
        lost: Lost,
        because: impl IntoIterator<Item = Step>,
        says: impl FnOnce(Vocabulary<'a, D>) -> String,
    ) {
        self.that(property, holds, because, says);
        if !holds && let Some(violation) = self.count.findings.violations.last_mut() {
            violation.lost = Some(lost);
        }
    }

    /// The same for a single property of which the domain's words are not needed.
    pub(super) fn one(&mut self, property: &'static Property) -> Check<'_> {
        let Count { at, step, first, places, .. } = self.count;
        Check { property, count: Count { findings: self.count.findings, at, step, first, places } }
    }
}

impl Count<'_> {
    #[inline]
    fn add(&mut self, property: &'static Property) {
        let end = self.first + self.places;
        if self.findings.counts.len() < end {
            self.grow(end);
        }
        match &mut self.findings.counts[self.first..end] {
            [only] => *only = (property.id, only.1 + 1),
            several => {
                let place = several.iter_mut().find(|(id, _)| *id == property.id || id.is_empty());
                let place = place.expect("a checker checks only properties that it lists");
                *place = (property.id, place.1 + 1);
            }
        }
    }

    #[cold]
    fn grow(&mut self, end: usize) {
        self.findings.counts.resize(end, ("", 0));
    }

    #[cold]
    fn violated(&mut self, property: &'static Property, mut because: Vec<Step>, says: String) {
        because.sort_unstable();
        because.dedup();
        because.retain(|&step| step != Step(0));
        let (at, step) = (self.at, self.step);
        let lost = None;
        self.findings.violations.push(Violation { property, at, step, says, because, lost });
    }
}

/// Counts the checks of an [`Invariant`](super::Invariant) and reports those that fail.
#[derive(Debug)]
pub struct Check<'a> {
    property: &'static Property,
    count: Count<'a>,
}

impl Check<'_> {
    /// Checks once. `because` are the earlier steps that led to a violation in this one. `says` is called
    /// only if the property does not hold; it returns the facts that contradict each other.
    pub fn that(
        &mut self,
        holds: bool,
        because: impl IntoIterator<Item = Step>,
        says: impl FnOnce() -> String,
    ) {
        self.count.add(self.property);
        if !holds {
            let because = because.into_iter().chain([self.count.step]).collect();
            self.count.violated(self.property, because, says());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::When;

    const EVEN: Property = Property { id: "even", when: When::Always, says: "numbers are even" };
    const SMALL: Property = Property { id: "small", when: When::Always, says: "numbers are small" };

    fn count(findings: &mut Findings, first: usize, places: usize) -> Count<'_> {
        Count { findings, at: Instant::ZERO, step: Step(9), first, places }
    }

    #[test]
    fn each_property_of_a_checker_has_a_count_of_its_own() {
        let mut findings = Findings::default();
        for property in [&SMALL, &EVEN, &SMALL] {
            count(&mut findings, 1, 2).add(property);
        }
        assert_eq!((findings.checks(&EVEN), findings.checks(&SMALL)), (1, 2));
    }

    #[test]
    #[should_panic(expected = "only properties that it lists")]
    fn a_checker_with_more_properties_than_it_lists_is_refused() {
        const THIRD: Property = Property { id: "third", ..EVEN };
        let mut findings = Findings::default();
        for property in [&SMALL, &EVEN, &THIRD] {
            count(&mut findings, 0, 2).add(property);
        }
    }

    #[test]
    fn causes_are_in_order_and_named_once() {
        let mut findings = Findings::default();
        let because = [Step(9), Step(0), Step(4), Step(9)].to_vec();
        count(&mut findings, 0, 1).violated(&EVEN, because, String::new());
        assert_eq!(findings.violations()[0].because, [Step(4), Step(9)]);
    }
}

//! How often one property was judged, and what to do when it does not hold.

use super::{Judge, Property, Violation};
use crate::kernel::{Instant, Step};

/// A property with the count of its checks.
///
/// ```
/// use jetlag::check::{Judge, Property, Tally, When};
/// use jetlag::kernel::{Instant, Step};
///
/// const EVEN: Property = Property { id: "even", when: When::Always, says: "every number is even" };
/// let (mut tally, mut judge) = (Tally::new(&EVEN), Judge::default());
/// for n in [2, 4, 5] {
///     let says = || (format!("{n} is odd"), Vec::new());
///     tally.check(n % 2 == 0, Instant::ZERO, Step(n), &mut judge, says);
/// }
/// assert_eq!(tally.checks().1, 3);
/// assert_eq!(judge.violations()[0].says, "5 is odd");
/// ```
#[derive(Clone, Debug)]
pub struct Tally {
    property: &'static Property,
    checks: u64,
}

impl Tally {
    /// A property that was not judged yet.
    pub const fn new(property: &'static Property) -> Self {
        Self { property, checks: 0 }
    }

    /// The property and the number of its checks.
    pub const fn checks(&self) -> (&'static Property, u64) {
        (self.property, self.checks)
    }

    /// Judges once. `says` is asked only if the property does not hold; it gives the sentence and the
    /// earlier occurrences that led to it.
    #[inline]
    pub fn check(
        &mut self,
        holds: bool,
        at: Instant,
        step: Step,
        judge: &mut Judge,
        says: impl FnOnce() -> (String, Vec<Step>),
    ) {
        self.checks += 1;
        if !holds {
            let (says, because) = says();
            judge.report(Violation { property: self.property, at, step, says, because });
        }
    }
}

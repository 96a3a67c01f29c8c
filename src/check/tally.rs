//! How often one property was checked, and what to do when it does not hold.

use super::{Property, Violation, Violations};
use crate::kernel::{Instant, Step};

/// A property with the count of its checks.
///
/// ```
/// use jetlag::check::{Violations, Property, Tally, When};
/// use jetlag::kernel::{Instant, Step};
///
/// const EVEN: Property = Property { id: "even", when: When::Always, says: "every number is even" };
/// let (mut tally, mut violations) = (Tally::new(&EVEN), Violations::default());
/// for n in [2, 4, 5] {
///     let says = || (format!("{n} is odd"), Vec::new());
///     tally.check(n % 2 == 0, Instant::ZERO, Step(n), &mut violations, says);
/// }
/// assert_eq!(tally.checks(), 3);
/// assert_eq!(violations.list()[0].says, "5 is odd");
/// ```
#[derive(Clone, Debug)]
pub struct Tally {
    property: &'static Property,
    checks: u64,
}

impl Tally {
    /// A property that has not been checked yet.
    pub const fn new(property: &'static Property) -> Self {
        Self { property, checks: 0 }
    }

    /// The property.
    pub const fn property(&self) -> &'static Property {
        self.property
    }

    /// How often it was checked.
    pub const fn checks(&self) -> u64 {
        self.checks
    }

    /// Checks once. `says` is called only if the property does not hold; it returns the message and the
    /// earlier occurrences that led to the violation.
    #[inline]
    pub fn check(
        &mut self,
        holds: bool,
        at: Instant,
        step: Step,
        violations: &mut Violations,
        says: impl FnOnce() -> (String, Vec<Step>),
    ) {
        self.checks += 1;
        if !holds {
            let (says, because) = says();
            violations.report(Violation { property: self.property, at, step, says, because });
        }
    }
}

//! What led to an occurrence.

use std::fmt;

use super::Step;

/// An occurrence, or a part of one, as the cause of what follows from it.
///
/// A node may do several things in one occurrence: deliver ten messages, or answer everyone who waited for
/// a value. Each is a part of the occurrence, and can have another cause than the occurrence as a whole.
/// Part 0 is what is done on behalf of the message or the timer itself.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(u64);

impl Cause {
    /// Start-up, which has no cause.
    pub const START: Self = Self(0);

    /// The number of bits of a part. A step has the others: enough for weeks of simulation.
    const PART_BITS: u32 = 20;

    /// How many parts of one occurrence can be told apart.
    pub const PARTS_MAX: usize = 1 << Self::PART_BITS;

    /// A part of an occurrence.
    ///
    /// # Panics
    ///
    /// If the number is not below [`PARTS_MAX`](Self::PARTS_MAX).
    pub const fn new(step: Step, part: u32) -> Self {
        assert!((part as usize) < Self::PARTS_MAX, "the number of a part has 20 bits");
        Self(step.0 << Self::PART_BITS | part as u64)
    }

    /// The occurrence.
    pub const fn step(self) -> Step {
        Step(self.0 >> Self::PART_BITS)
    }

    /// The number of the part in its occurrence.
    pub const fn part(self) -> u32 {
        (self.0 & ((1 << Self::PART_BITS) - 1)) as u32
    }
}

impl From<Step> for Cause {
    /// The occurrence itself.
    fn from(step: Step) -> Self {
        Self::new(step, 0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({}.{})", self.step(), self.part())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_belongs_to_its_step() {
        let cause = Cause::new(Step(12), 3);
        assert_eq!((cause.step(), cause.part()), (Step(12), 3));
        assert!(cause > Cause::from(Step(12)) && cause < Cause::from(Step(13)));
        assert_eq!(format!("{cause:?}"), "Cause(12.3)");
    }

    #[test]
    #[should_panic(expected = "the number of a part has 20 bits")]
    fn the_number_of_a_part_does_not_run_into_that_of_the_step() {
        Cause::new(Step(1), 1 << 20);
    }
}

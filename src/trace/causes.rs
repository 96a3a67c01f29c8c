//! The cause of every occurrence of a run, also of those without a fact.

use crate::kernel::Step;
use crate::model::{Domain, Record};

/// The cause of each step, which is always an earlier step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    /// By step. The default is 0, which is start-up.
    by_step: Vec<Step>,
}

impl Causes {
    /// Notes that `cause` led to `step`.
    ///
    /// # Panics
    ///
    /// When the cause is not earlier than the step. Start-up is the exception: it is its own cause.
    pub fn note(&mut self, step: Step, cause: Step) {
        assert!(cause < step || step == Step(0), "step {step} cannot be caused by step {cause}");
        let index = place(step);
        if self.by_step.len() <= index {
            self.by_step.resize(index + 1, Step(0));
        }
        self.by_step[index] = cause;
    }

    /// The cause of `step`; 0 is start-up.
    pub fn of(&self, step: Step) -> Step {
        self.by_step.get(place(step)).copied().unwrap_or_default()
    }

    /// Replaces each cause by the nearest step for which `shown` holds, among the cause and its own
    /// direct and indirect causes; by 0 if there is none.
    pub(super) fn among(&self, shown: impl Fn(Step) -> bool) -> Self {
        let mut nearest: Vec<Step> = Vec::with_capacity(self.by_step.len());
        for (step, cause) in (0..).map(Step).zip(&self.by_step) {
            let ends_here = step == Step(0) || shown(step);
            nearest.push(if ends_here { step } else { nearest[place(*cause)] });
        }
        Self { by_step: self.by_step.iter().map(|cause| nearest[place(*cause)]).collect() }
    }
}

/// The causes in records; those of occurrences without a record are missing.
impl<'a, D: Domain> FromIterator<&'a Record<D>> for Causes {
    fn from_iter<I: IntoIterator<Item = &'a Record<D>>>(records: I) -> Self {
        let mut causes = Self::default();
        for record in records {
            causes.note(record.step, record.cause);
        }
        causes
    }
}

fn place(step: Step) -> usize {
    usize::try_from(step.0).expect("a traced run has fewer steps than memory has bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_shown_ancestor_is_found_across_silent_steps() {
        let mut causes = Causes::default();
        for (step, cause) in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 0), (6, 4), (7, 5)] {
            causes.note(Step(step), Step(cause));
        }
        let shown = causes.among(|step| step == Step(1) || step == Step(4));
        assert_eq!(shown.of(Step(4)), Step(1), "2 and 3 are silent");
        assert_eq!(shown.of(Step(6)), Step(4), "the cause itself is shown");
        assert_eq!(shown.of(Step(7)), Step(0), "start-up has no line");
    }

    #[test]
    #[should_panic(expected = "step 2 cannot be caused by step 2")]
    fn nothing_causes_itself() {
        Causes::default().note(Step(2), Step(2));
    }
}

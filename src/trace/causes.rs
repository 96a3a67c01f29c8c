//! The cause of every occurrence of a run, also of those without a fact.

use crate::collections::SortedMap;
use crate::kernel::Cause;

/// The cause of each occurrence and of each part of one. It always belongs to an earlier occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Causes {
    /// What is missing was caused by start-up.
    causes: SortedMap<Cause, Cause>,
}

impl Causes {
    /// Notes that `cause` led to `what`.
    ///
    /// # Panics
    ///
    /// When the cause is not earlier. Start-up is the exception: it is its own cause.
    pub fn note(&mut self, what: Cause, cause: Cause) {
        let (step, of) = (what.step(), cause.step());
        assert!(of < step || cause == Cause::START, "step {step} cannot be caused by step {of}");
        self.causes.insert(what, cause);
    }

    /// The cause of an occurrence, or of a part of one.
    pub fn of(&self, what: Cause) -> Cause {
        self.causes.get(&what).copied().unwrap_or_default()
    }

    /// What has a cause, in order, with its cause.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Cause, Cause)> {
        self.causes.iter().map(|(what, cause)| (*what, *cause))
    }

    /// Replaces each cause by the nearest one for which `shown` holds, among the cause and its own direct and
    /// indirect causes; by start-up if there is none.
    pub(super) fn among(&self, shown: impl Fn(Cause) -> bool) -> Self {
        let mut nearest: SortedMap<Cause, Cause> = SortedMap::new();
        let mut causes = SortedMap::new();
        for (what, cause) in self.iter() {
            let cause = nearest.get(&cause).copied().unwrap_or_default();
            causes.insert(what, cause);
            nearest.insert(what, if shown(what) { what } else { cause });
        }
        Self { causes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Step;

    const fn part(step: u64, part: u32) -> Cause {
        Cause::new(Step(step), part)
    }

    fn at(step: u64) -> Cause {
        part(step, 0)
    }

    #[test]
    fn the_nearest_shown_ancestor_is_found_across_silent_steps() {
        let mut causes = Causes::default();
        for (step, cause) in [(1, 0), (2, 1), (3, 2), (4, 3), (5, 0), (6, 4), (7, 5)] {
            causes.note(at(step), at(cause));
        }
        let shown = causes.among(|what| what == at(1) || what == at(4));
        assert_eq!(shown.of(at(4)), at(1), "2 and 3 are silent");
        assert_eq!(shown.of(at(6)), at(4), "the cause itself is shown");
        assert_eq!(shown.of(at(7)), Cause::START, "start-up has no line");
    }

    #[test]
    fn parts_of_a_silent_step_lead_to_different_ancestors() {
        let mut causes = Causes::default();
        causes.note(at(1), Cause::START);
        causes.note(at(2), Cause::START);
        // Step 3 brings a page with what happened in steps 1 and 2.
        causes.note(at(3), at(2));
        causes.note(part(3, 1), at(1));
        causes.note(part(3, 2), at(2));
        causes.note(at(4), part(3, 1));
        causes.note(at(5), part(3, 2));
        let shown = causes.among(|what| what.step() != Step(3));
        assert_eq!((shown.of(at(4)), shown.of(at(5))), (at(1), at(2)));
    }

    #[test]
    #[should_panic(expected = "step 2 cannot be caused by step 2")]
    fn nothing_causes_itself() {
        Causes::default().note(at(2), part(2, 1));
    }
}

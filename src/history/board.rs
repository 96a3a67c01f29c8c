//! What was found: how much was judged of each clause, and what is violated.

use super::clauses::Clause;

/// A line of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(u64);

impl Place {
    /// The bits of the number of a line.
    const LINE_BITS: u32 = 48;

    /// A line, from 1, of an input, from 0.
    pub(super) const fn new(input: u16, line: u64) -> Self {
        Self((input as u64) << Self::LINE_BITS | line)
    }

    /// Which input.
    pub const fn input(self) -> usize {
        (self.0 >> Self::LINE_BITS) as usize
    }

    /// Which line, from 1.
    pub const fn line(self) -> u64 {
        self.0 & ((1 << Self::LINE_BITS) - 1)
    }

    /// Whether it is a line at all.
    pub const fn is_known(self) -> bool {
        self.line() > 0
    }
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What is violated.
    pub clause: Clause,
    /// What is wrong.
    pub says: String,
    /// The lines that show it; the one at which it was found is the last.
    pub lines: Vec<Place>,
}

/// Counts and breaches.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) judged: Vec<u64>,
    pub(super) broken: Vec<u64>,
    pub(super) undecided: Vec<u64>,
    pub(super) breaches: Vec<Breach>,
    /// The most breaches of a property that are kept.
    kept_max: u64,
    is_at_rest: bool,
}

impl Board {
    pub(super) fn new(kept_max: u64, is_at_rest: bool) -> Self {
        let zeros = vec![0; Clause::ALL.len()];
        let (judged, broken, undecided) = (zeros.clone(), zeros.clone(), zeros);
        Self { judged, broken, undecided, breaches: Vec::new(), kept_max, is_at_rest }
    }

    /// What must hold at rest is not judged if something was under way.
    pub(super) fn is_in_progress(&mut self) {
        self.is_at_rest = false;
    }

    /// Judges a clause once. `lines` show what is wrong.
    pub(super) fn that<const N: usize>(
        &mut self,
        clause: Clause,
        holds: bool,
        lines: [Place; N],
        says: impl FnOnce() -> String,
    ) {
        if clause.is_at_rest() && !self.is_at_rest {
            return;
        }
        self.judged[clause as usize] += 1;
        if !holds {
            self.breach(clause, &lines, says);
        }
    }

    /// The same for many facts at once, all of which hold.
    pub(super) fn all_hold(&mut self, clause: Clause, count: u64) {
        if !clause.is_at_rest() || self.is_at_rest {
            self.judged[clause as usize] += count;
        }
    }

    /// So many facts were there to judge, and it would have taken too much work.
    pub(super) fn undecided(&mut self, clause: Clause, count: u64) {
        self.undecided[clause as usize] += count;
    }

    /// Something does not hold that was counted as judged. `lines` show it.
    pub(super) fn breach(
        &mut self,
        clause: Clause,
        lines: &[Place],
        says: impl FnOnce() -> String,
    ) {
        self.broken[clause as usize] += 1;
        let of_property: u64 = Clause::ALL
            .iter()
            .filter(|other| other.property() == clause.property())
            .map(|other| self.broken[*other as usize])
            .sum();
        if of_property <= self.kept_max {
            let lines = lines.iter().copied().filter(|line| line.is_known()).collect();
            self.breaches.push(Breach { clause, says: says(), lines });
        }
    }
}

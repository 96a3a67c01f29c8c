//! A set of global positions, one bit each.

use crate::model::Position;

/// Positions are dense from 1, and ten million of them take 1.2 MB.
#[derive(Clone, Debug, Default)]
pub(super) struct Positions {
    words: Vec<u64>,
}

impl Positions {
    /// Inserts a position and returns whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, position: Position) -> bool {
        let (index, bit) = place(position);
        if self.words.len() <= index {
            self.words.resize(index + 1, 0);
        }
        let fresh = self.words[index] & bit == 0;
        self.words[index] |= bit;
        fresh
    }

    /// Whether a position is in the set.
    #[inline]
    pub(super) fn contains(&self, position: Position) -> bool {
        let (index, bit) = place(position);
        self.words.get(index).is_some_and(|word| word & bit != 0)
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The number of positions after `after` and up to `upto`, if all of them are also in `other`;
    /// otherwise the first that is not. Compares 64 positions at a time.
    pub(super) fn covered(
        &self,
        after: Position,
        upto: Position,
        other: &Self,
    ) -> Result<u64, Position> {
        let first = (after.0 / 64) as usize;
        let end = self.words.len().min((upto.0 / 64) as usize + 1);
        let mut count = 0;
        for index in first..end {
            let wanted = self.words[index] & mask(index, after, upto);
            let missing = wanted & !other.words.get(index).copied().unwrap_or(0);
            if missing != 0 {
                return Err(Position(index as u64 * 64 + u64::from(missing.trailing_zeros())));
            }
            count += u64::from(wanted.count_ones());
        }
        Ok(count)
    }
}

#[inline]
fn place(position: Position) -> (usize, u64) {
    ((position.0 / 64) as usize, 1 << (position.0 % 64))
}

/// The bits of word `index` that stand for positions after `after` and up to `upto`.
fn mask(index: usize, after: Position, upto: Position) -> u64 {
    let base = index as u64 * 64;
    let up_to = |position: u64| match position.saturating_add(1).saturating_sub(base) {
        beyond @ 0..64 => (1 << beyond) - 1,
        _ => u64::MAX,
    };
    up_to(upto.0) & !up_to(after.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(positions: impl IntoIterator<Item = u64>) -> Positions {
        let mut set = Positions::default();
        positions.into_iter().for_each(|position| assert!(set.insert(Position(position))));
        set
    }

    #[test]
    fn a_position_goes_in_once() {
        let mut seen = set([1, 64, 200]);
        assert!(!seen.insert(Position(64)));
        assert!(seen.contains(Position(200)) && !seen.contains(Position(201)));
        assert!(!seen.contains(Position(100_000)));
        assert_eq!(seen.len(), 3);
    }

    #[test]
    fn a_range_is_covered_only_if_every_position_in_it_is_in_both() {
        let (visible, applied) = (set([1, 3, 63, 64, 65, 130]), set([1, 3, 63, 64, 130]));
        let covered = |after, upto| visible.covered(Position(after), Position(upto), &applied);
        assert_eq!(covered(0, 64), Ok(4));
        assert_eq!(covered(3, 64), Ok(2));
        assert_eq!(covered(0, 1), Ok(1));
        assert_eq!(covered(1, 2), Ok(0));
        assert_eq!(covered(0, 130), Err(Position(65)));
        assert_eq!(covered(65, 5_000), Ok(1));
        assert_eq!(Positions::default().covered(Position(0), Position(9), &applied), Ok(0));
    }

    #[test]
    fn covering_agrees_with_counting_one_by_one() {
        let visible = set((1..400).filter(|position| position % 3 != 0));
        for after in 0..300 {
            for upto in [after, after + 1, after + 63, after + 64, after + 100] {
                let slowly = (after + 1..=upto)
                    .filter(|&position| visible.contains(Position(position)))
                    .count();
                let covered = visible.covered(Position(after), Position(upto), &visible);
                assert_eq!(covered, Ok(slowly as u64), "{after}..={upto}");
            }
        }
    }
}

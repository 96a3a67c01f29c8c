//! How the runs of a campaign are spread over its files.

/// The golden ratio as a fraction of 2^64: its multiples are spread evenly, whatever their number.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
/// The weight of a file whose runs cost one.
const WHOLE: u64 = 1 << 40;

/// The share of each file, so that all files get equally many occurrences: the cheaper its runs, the more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weights {
    /// The sum of the weights up to and including each file.
    upto: Vec<u64>,
}

impl Weights {
    /// Weights of files by what a run of each costs.
    pub(super) fn of(costs: &[u64]) -> Self {
        let weights = costs.iter().map(|cost| (WHOLE / (*cost).max(1)).max(1));
        let upto = weights.scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self { upto: upto.collect() }
    }

    /// The file of the run with this seed.
    pub(super) fn file(&self, seed: u64) -> usize {
        let whole = self.upto.last().copied().unwrap_or_default();
        let fraction = u128::from(seed.wrapping_mul(GOLDEN));
        let place = ((fraction * u128::from(whole)) >> 64) as u64;
        self.upto.partition_point(|upto| *upto <= place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_file_gets_as_many_occurrences_as_a_light_one() {
        let costs = [1_000, 150_000, 3_000, 500];
        let weights = Weights::of(&costs);
        let mut runs = [0_u64; 4];
        (7..200_007).for_each(|seed| runs[weights.file(seed)] += 1);
        let shares = runs.iter().zip(costs).map(|(runs, cost)| runs * cost);
        let shares: Vec<u64> = shares.collect();
        let (least, most) = (shares.iter().min(), shares.iter().max());
        assert!(
            most.zip(least).is_some_and(|(most, least)| most * 100 < least * 103),
            "{shares:?}"
        );
    }

    #[test]
    fn every_number_of_runs_is_spread_evenly() {
        let weights = Weights::of(&[5, 5, 5, 5]);
        for first in [0, 1_000, u64::MAX - 3] {
            let mut runs = [0_u64; 4];
            (0..40).for_each(|nth| runs[weights.file(first.wrapping_add(nth))] += 1);
            assert!(runs.iter().all(|runs| (8..=12).contains(runs)), "{runs:?}");
        }
    }
}

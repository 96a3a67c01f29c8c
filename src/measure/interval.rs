//! The median of some campaigns, with an interval that contains the true one in 95 % of all cases.

/// The median of numbers of runs, and the bounds of its interval; `None` for more than any campaign made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The median.
    pub median: Option<u64>,
    /// The lower bound.
    pub low: Option<u64>,
    /// The upper bound.
    pub high: Option<u64>,
}

impl Interval {
    /// That of these campaigns; `None` in the place of a campaign that found nothing. By order statistics: whatever
    /// the distribution is, each campaign is below its median with probability ½.
    pub fn of(campaigns: &[Option<u64>]) -> Self {
        let mut sorted: Vec<u64> = campaigns.iter().map(|runs| runs.unwrap_or(u64::MAX)).collect();
        sorted.sort_unstable();
        let n = sorted.len();
        if n == 0 {
            return Self { median: None, low: None, high: None };
        }
        let at = |place: usize| Some(sorted[place]).filter(|runs| *runs != u64::MAX);
        let beyond = ranks_beyond(n);
        Self { median: at((n - 1) / 2), low: at(beyond), high: at(n - 1 - beyond) }
    }
}

/// How many of the sorted campaigns lie outside of the interval at each end: as many as possible, so that the median
/// lies beyond them with a probability of 2.5 % at most. There are no more than 100 campaigns.
fn ranks_beyond(n: usize) -> usize {
    let n = n.min(100) as u128;
    // Of 2ⁿ equally likely cases, those in which k campaigns are below the median; and those with up to k.
    let mut with_k = 1_u128;
    let mut up_to_k = with_k;
    let mut k = 0;
    while up_to_k * 40 <= 1 << n {
        k += 1;
        with_k = with_k * (n + 1 - k) / k;
        up_to_k += with_k;
    }
    k.saturating_sub(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_twenty_campaigns_the_sixth_and_the_fifteenth_are_the_bounds() {
        let campaigns: Vec<Option<u64>> = (1..=20).rev().map(Some).collect();
        let expected = Interval { median: Some(10), low: Some(6), high: Some(15) };
        assert_eq!(Interval::of(&campaigns), expected);
    }

    #[test]
    fn of_few_campaigns_the_interval_is_all_of_them() {
        let expected = Interval { median: Some(5), low: Some(2), high: Some(9) };
        assert_eq!(Interval::of(&[Some(9), Some(2), Some(5)]), expected);
        let one = Interval { median: Some(4), low: Some(4), high: Some(4) };
        assert_eq!(Interval::of(&[Some(4)]), one);
        assert_eq!(Interval::of(&[]).median, None);
    }

    #[test]
    fn campaigns_that_found_nothing_are_above_all_others() {
        let half = Interval::of(&[None, Some(7), None, None]);
        assert_eq!(half, Interval { median: None, low: Some(7), high: None });
    }
}

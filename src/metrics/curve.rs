//! A quantity over virtual time, in a bounded number of points.

use crate::kernel::{Instant, Span};

/// The most points of a curve.
const POINTS: usize = 128;

/// The greatest value in each of a bounded number of equal intervals of time. When time passes the last
/// one, neighbours are merged and each interval becomes twice as long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    stretch: Span,
    peaks: Vec<u64>,
    /// The current value.
    last: u64,
}

impl Default for Curve {
    fn default() -> Self {
        Self { stretch: Span::from_millis(10), peaks: Vec::new(), last: 0 }
    }
}

impl Curve {
    /// Sets the quantity to `value` from `at` on.
    pub fn add(&mut self, at: Instant, value: u64) {
        while at.as_nanos() / self.stretch.as_nanos() >= POINTS as u64 {
            self.stretch = self.stretch.times(2);
            for merged in 0..self.peaks.len().div_ceil(2) {
                let (first, second) = (2 * merged, (2 * merged + 1).min(self.peaks.len() - 1));
                self.peaks[merged] = self.peaks[first].max(self.peaks[second]);
            }
            self.peaks.truncate(self.peaks.len().div_ceil(2));
        }
        let index = (at.as_nanos() / self.stretch.as_nanos()) as usize;
        if index >= self.peaks.len() {
            self.peaks.resize(index + 1, self.last);
        }
        self.peaks[index] = self.peaks[index].max(value);
        self.last = value;
    }

    /// The start of each interval, and the greatest value in it.
    pub fn points(&self) -> impl Iterator<Item = (Instant, u64)> + '_ {
        let starts = (0..).map(|index| Instant::ZERO + self.stretch.times(index));
        starts.zip(self.peaks.iter().copied())
    }

    /// The length of an interval.
    pub const fn stretch(&self) -> Span {
        self.stretch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_millis(ms)
    }

    #[test]
    fn a_value_holds_until_the_next() {
        let mut curve = Curve::default();
        curve.add(at(5), 3);
        curve.add(at(35), 1);
        let peaks: Vec<u64> = curve.points().map(|(_, peak)| peak).collect();
        assert_eq!(peaks, [3, 3, 3, 3]);
        curve.add(at(45), 2);
        assert_eq!(curve.points().last(), Some((at(40), 2)));
    }

    #[test]
    fn a_long_run_keeps_its_peaks_and_few_points() {
        let mut curve = Curve::default();
        (0..100_000).for_each(|n| curve.add(at(n), if n == 70_001 { 99 } else { n % 7 }));
        assert!(curve.points().count() <= POINTS);
        let (start, peak) = curve.points().max_by_key(|(_, peak)| *peak).unwrap();
        assert_eq!(peak, 99);
        assert!(start <= at(70_001) && at(70_001) < start + curve.stretch());
    }

    #[test]
    fn the_end_of_time_is_a_point() {
        let mut curve = Curve::default();
        curve.add(Instant::MAX, 1);
        assert!(curve.points().count() <= POINTS);
    }
}

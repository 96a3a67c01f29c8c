//! How far each view was behind the store, drawn as a curve over virtual time.

use std::fmt::Write;

use crate::kernel::Instant;
use crate::scenario::Lag;
use crate::trace::grouped;

/// How many columns a curve has at most.
const WIDTH: usize = 64;
const BARS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws the lags of views, given with their names, one line each.
pub fn lag_chart<'a>(lags: impl IntoIterator<Item = (&'a str, &'a Lag)>) -> String {
    let lags: Vec<_> = lags.into_iter().collect();
    let names = lags.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let curves: Vec<String> = lags.iter().map(|(_, lag)| bars(lag)).collect();
    let width = curves.iter().map(|curve| curve.chars().count()).max().unwrap_or(0);
    let mut out = String::from("lag, in events\n");
    for ((name, lag), curve) in lags.iter().zip(&curves) {
        let _ = write!(out, "  {name:names$}  {curve:width$}  ");
        let _ = match peak_at(lag) {
            None => writeln!(out, "always 0"),
            Some(at) => {
                writeln!(out, "peak {} from {at}, at last {}", grouped(lag.peak), grouped(lag.now))
            }
        };
    }
    out
}

/// The beginning of the stretch of time in which the lag was greatest.
fn peak_at(lag: &Lag) -> Option<Instant> {
    let mut points = lag.curve.points();
    points.find(|(_, value)| lag.peak > 0 && *value == lag.peak).map(|(at, _)| at)
}

fn bars(lag: &Lag) -> String {
    let values: Vec<u64> = lag.curve.points().map(|(_, value)| value).collect();
    let together = values.len().div_ceil(WIDTH).max(1);
    let highest = |values: &[u64]| values.iter().copied().max().unwrap_or(0);
    values.chunks(together).map(|values| bar(highest(values), lag.peak)).collect()
}

/// Rounded up, so that any lag at all is seen.
fn bar(value: u64, peak: u64) -> char {
    let steps = (BARS.len() - 1) as u128;
    let height = (u128::from(value) * steps).div_ceil(u128::from(peak.max(1)));
    BARS[usize::try_from(height).unwrap_or(usize::MAX).min(BARS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Span;

    fn lag(values: &[u64]) -> Lag {
        let mut lag = Lag::default();
        for (value, nth) in values.iter().zip(0..) {
            lag.curve.add(Instant::ZERO + Span::from_millis(10).times(nth), *value);
            lag.peak = lag.peak.max(*value);
            lag.now = *value;
        }
        lag
    }

    #[test]
    fn a_curve_rises_and_drains() {
        let (busy, idle) = (lag(&[0, 1, 4, 8, 3, 0]), lag(&[]));
        let chart = lag_chart([("CustomerBookings", &busy), ("SagaMonitor", &idle)]);
        assert_eq!(
            chart,
            "lag, in events\n\
             \x20 CustomerBookings  ·▁▄█▃·  peak 8 from 0.030s, at last 0\n\
             \x20 SagaMonitor               always 0\n"
        );
    }

    #[test]
    fn a_long_curve_is_narrow_and_keeps_its_peak() {
        let values: Vec<u64> = (0..128).map(|n| if n == 77 { 900 } else { 1 }).collect();
        let bars = bars(&lag(&values));
        assert_eq!(bars.chars().count(), WIDTH);
        assert_eq!(bars.matches('█').count(), 1);
        assert!(!bars.contains('·'), "a lag of one is seen beside one of nine hundred");
    }
}

//! How far each view was behind the store, drawn as a curve over virtual time.

use std::fmt::Write;

use crate::kernel::Span;
use crate::metrics::Lag;
use crate::model::grouped;

/// The maximum width of a curve in columns.
const WIDTH: usize = 64;
const BARS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws the lags of views, given with their names: one line for each, all on the same time scale.
///
/// ```
/// use jetlag::kernel::{Instant, Span};
/// use jetlag::metrics::Lag;
/// use jetlag::report::lag_chart;
///
/// let mut lag = Lag { peak: 2, ..Lag::default() };
/// for (ms, events) in [(0, 1), (10, 2), (20, 0), (40, 0)] {
///     lag.curve.add(Instant::ZERO + Span::from_millis(ms), events);
/// }
/// assert_eq!(
///     lag_chart([("CustomerBookings", &lag)]),
///     "lag in events, a column is 0.010s\n  CustomerBookings  ▄██··  peak 2, at last 0\n",
/// );
/// ```
pub fn lag_chart<'a>(lags: impl IntoIterator<Item = (&'a str, &'a Lag)>) -> String {
    let lags: Vec<_> = lags.into_iter().collect();
    let column = lags.iter().map(|(_, lag)| column(lag)).max().unwrap_or(Span::ZERO);
    let names = lags.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let curves: Vec<String> = lags.iter().map(|(_, lag)| bars(lag, column)).collect();
    let width = curves.iter().map(|curve| curve.chars().count()).max().unwrap_or(0);
    let mut out = format!("lag in events, a column is {column}\n");
    for ((name, lag), curve) in lags.iter().zip(&curves) {
        let _ = write!(out, "  {name:names$}  {curve:width$}  ");
        let _ = match lag.peak {
            0 => writeln!(out, "always 0"),
            peak => writeln!(out, "peak {}, at last {}", grouped(peak), grouped(lag.now)),
        };
    }
    out
}

/// The time span of a column with which this curve is narrow enough.
fn column(lag: &Lag) -> Span {
    let points = lag.curve.points().count();
    lag.curve.stretch().times(points.div_ceil(WIDTH).max(1) as u64)
}

fn bars(lag: &Lag, column: Span) -> String {
    let mut highest: Vec<u64> = Vec::new();
    for (at, value) in lag.curve.points() {
        let place = (at.as_nanos() / column.as_nanos().max(1)) as usize;
        if highest.len() <= place {
            highest.resize(place + 1, 0);
        }
        highest[place] = highest[place].max(value);
    }
    highest.into_iter().map(|value| bar(value, lag.peak)).collect()
}

/// Rounded up: every lag above zero is visible.
fn bar(value: u64, peak: u64) -> char {
    let steps = (BARS.len() - 1) as u128;
    let height = (u128::from(value) * steps).div_ceil(u128::from(peak.max(1)));
    BARS[usize::try_from(height).unwrap_or(usize::MAX).min(BARS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Instant;

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
            "lag in events, a column is 0.010s\n\
             \x20 CustomerBookings  ·▁▄██▃  peak 8, at last 0\n\
             \x20 SagaMonitor               always 0\n"
        );
    }

    #[test]
    fn a_long_curve_is_narrow_and_keeps_its_peak() {
        let values: Vec<u64> = (0..128).map(|n| if n == 76 { 900 } else { 1 }).collect();
        let lag = lag(&values);
        let bars = bars(&lag, column(&lag));
        assert_eq!(bars.chars().count(), WIDTH);
        assert_eq!(bars.matches('█').count(), 1);
        assert!(!bars.contains('·'), "a lag of one is seen beside one of nine hundred");
    }
}

//! How far each view was behind the store, as a curve over virtual time.

use std::fmt;

use super::Record;
use super::story::grouped;
use crate::kernel::Instant;
use crate::platform::{Domain, Fact};

/// How many columns a curve has.
const WIDTH: usize = 60;
const BARS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The lag of every view: events of its category that could be read, less those it had applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    ended_at: Instant,
    curves: Vec<Curve>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Curve {
    view: &'static str,
    readable: u64,
    applied: u64,
    peak: u64,
    peak_at: Instant,
    /// The highest lag in each of `WIDTH` equal parts of the run.
    highs: [u64; WIDTH],
    /// The part that is being filled.
    part: usize,
}

impl Lag {
    /// Measures a run that ended at `ended_at`.
    pub fn measure<D: Domain>(records: &[Record<D>], ended_at: Instant) -> Self {
        let mut curves: Vec<Curve> = D::VIEWS.iter().map(|view| Curve::new(view.name)).collect();
        for record in records {
            if let Fact::Stored(event) = &record.fact {
                let fed = D::VIEWS.iter().map(|view| view.category == event.stream.category);
                for (curve, _) in curves.iter_mut().zip(fed).filter(|(_, fed)| *fed) {
                    let readable = curve.readable + 1;
                    curve.note(record.at, ended_at, readable, curve.applied);
                }
            }
            if let Fact::Applied { view, checkpoint, .. } = &record.fact
                && let Some(curve) = curves.get_mut(usize::from(view.0))
            {
                curve.note(record.at, ended_at, curve.readable, checkpoint.0);
            }
        }
        for curve in &mut curves {
            curve.move_to(WIDTH - 1);
        }
        Self { ended_at, curves }
    }
}

impl Curve {
    fn new(view: &'static str) -> Self {
        Self {
            view,
            readable: 0,
            applied: 0,
            peak: 0,
            peak_at: Instant::ZERO,
            highs: [0; WIDTH],
            part: 0,
        }
    }

    fn lag(&self) -> u64 {
        self.readable.saturating_sub(self.applied)
    }

    fn note(&mut self, at: Instant, ended_at: Instant, readable: u64, applied: u64) {
        let (at_ns, whole_ns) = (u128::from(at.as_nanos()), u128::from(ended_at.as_nanos()) + 1);
        let part = usize::try_from(at_ns * WIDTH as u128 / whole_ns).unwrap_or(WIDTH);
        self.move_to(part.min(WIDTH - 1));
        (self.readable, self.applied) = (readable, applied);
        let lag = self.lag();
        self.highs[self.part] = self.highs[self.part].max(lag);
        if lag > self.peak {
            (self.peak, self.peak_at) = (lag, at);
        }
    }

    /// The parts from the next one on begin with the lag that is there now.
    fn move_to(&mut self, part: usize) {
        let lag = self.lag();
        let part = part.max(self.part);
        self.highs[self.part + 1..=part].fill(lag);
        self.part = part;
    }

    fn bars(&self) -> String {
        let steps = (BARS.len() - 1) as u64;
        let bar = |high: &u64| match high {
            0 => BARS[0],
            // Rounded up, so that any lag at all is seen.
            _ => BARS[usize::try_from((high * steps).div_ceil(self.peak.max(1))).unwrap_or(8)],
        };
        self.highs.iter().map(bar).collect()
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.curves.iter().map(|curve| curve.view.len()).max().unwrap_or(0);
        writeln!(f, "lag in events, from 0.000s to {}", self.ended_at)?;
        for curve in &self.curves {
            let (bars, view) = (curve.bars(), curve.view);
            match curve.peak {
                0 => writeln!(f, "  {view:width$}  {bars}  always 0")?,
                peak => {
                    let (peak, end) = (grouped(peak), grouped(curve.lag()));
                    let at = curve.peak_at;
                    writeln!(f, "  {view:width$}  {bars}  peak {peak} at {at}, {end} at the end")?;
                }
            }
        }
        Ok(())
    }
}

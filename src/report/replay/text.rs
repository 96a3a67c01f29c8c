//! A replayed run as text.

use std::fmt::Write;

use super::{AROUND, Replayed};
use crate::metrics::Lag;
use crate::report::Palette;
use crate::report::lag::lag_chart;
use crate::report::text::{findings, heading};
use crate::session::Left;
use crate::trace::Brevity;

/// How many events behind a view must be for its lag to be drawn.
const LAG_MIN: u64 = 10;

impl Replayed<'_> {
    /// The run as text: its story, then its results.
    pub fn text(&self, palette: &Palette) -> String {
        let Self { outcome, excerpt, .. } = self;
        let mut out = heading(outcome, palette);
        self.write_story(&mut out);
        let end = format!("after step {}, at {}", outcome.occurrences, outcome.ended_at);
        if let (Some(node), Some(state)) = (&outcome.request.describe, &outcome.described) {
            let _ = writeln!(out, "\n{node} {end}\n{}", state.trim_end());
        }
        if excerpt.brief {
            self.write_lags(&mut out);
        }
        out.push('\n');
        if !outcome.is_judged() {
            let _ = writeln!(out, "stopped {end}");
        } else {
            out += &findings(outcome, excerpt.properties, palette);
        }
        out
    }

    fn write_story(&self, out: &mut String) {
        let story = self.story;
        let pages = match self.excerpt.around {
            None if self.excerpt.brief => vec![(String::new(), story.brief(Brevity::default()))],
            None => vec![(String::new(), story.page())],
            Some(step) => vec![
                (format!("what led to step {step}\n"), story.path(step)),
                (format!("around step {step}\n"), story.around(step, AROUND)),
            ],
        };
        for (title, page) in pages.iter().filter(|(_, page)| !page.is_empty()) {
            let _ = write!(out, "\n{title}{page}");
        }
    }

    /// The views that were far behind, and unfinished work.
    fn write_lags(&self, out: &mut String) {
        let is_drawn = |lag: &&Lag| lag.peak >= LAG_MIN || lag.now > 0;
        let views = self.outcome.views.iter();
        let lags: Vec<_> = views
            .filter_map(|view| Some((view.view, view.lag.as_ref().filter(is_drawn)?)))
            .collect();
        if !lags.is_empty() {
            let _ = write!(out, "\n{}", lag_chart(lags));
        }
        if self.outcome.left != Left::default() {
            let _ = writeln!(out, "\n{}", self.outcome.left);
        }
    }
}

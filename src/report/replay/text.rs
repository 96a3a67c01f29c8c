//! A replayed run as text.

use std::fmt::Write;

use super::{AROUND, Excerpt, Replayed};
use crate::metrics::Lag;
use crate::model::{counted, grouped};
use crate::report::Palette;
use crate::report::lag::lag_chart;
use crate::report::text::{findings, heading};
use crate::session::Left;
use crate::trace::{Brevity, Detail};

/// How many events behind a view must be for its lag to be drawn.
const LAG_MIN: u64 = 10;

impl Replayed<'_> {
    /// The run as text: its story, then its results.
    pub fn text(&self, palette: &Palette) -> String {
        let Self { outcome, excerpt, .. } = self;
        let mut out = heading(outcome, palette);
        self.write_story(&mut out);
        let end = format!("after step {}, at {}", outcome.occurrences, outcome.ended_at);
        for (node, state) in outcome.states() {
            let _ = writeln!(out, "\n{node} {end}\n{}", state.trim_end());
        }
        if excerpt.brief {
            self.write_lags(&mut out);
        }
        out.push('\n');
        if !outcome.is_judged() {
            let _ = writeln!(out, "stopped {end}");
        } else {
            // A failure begins with an empty line of its own.
            out += findings(outcome, excerpt.properties, palette).trim_start_matches('\n');
        }
        out
    }

    fn write_story(&self, out: &mut String) {
        let (story, Excerpt { around, filter, brief, .. }) = (&self.story, &self.excerpt);
        if !filter.is_empty() {
            let (shown, all) = (story.lines().len() as u64, self.lines as u64);
            let shown = if shown == 0 { "none".to_owned() } else { grouped(shown) };
            let _ = writeln!(out, "\n{shown} of {}: {}", counted(all, "line"), filter.options());
        }
        let is_whole = self.outcome.request.detail == Some(Detail::Everything);
        let pages = match *around {
            None if *brief => vec![(String::new(), story.brief(Brevity::default()))],
            None if is_whole => vec![(String::new(), story.page())],
            None => vec![(String::new(), story.without_repetition())],
            Some(step) => vec![
                (format!("what led to step {step}\n"), story.path(step)),
                (format!("around step {step}\n"), story.around(step, AROUND)),
            ],
        };
        for (title, page) in pages.into_iter().filter(|(_, page)| !page.is_empty()) {
            let page = if self.excerpt.correlation { page.with_correlation() } else { page };
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

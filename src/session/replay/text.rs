//! A replayed run as a person reads it.

use std::fmt::Write;

use super::{AROUND, Replayed};
use crate::report::{Palette, findings, heading, lag_chart, summary};
use crate::scenario::Lag;
use crate::trace::Brevity;

/// How many events behind a view has to be for its lag to be drawn.
const LAG_MIN: u64 = 10;

impl Replayed {
    /// The run as text: its story, then what was found out.
    pub fn text(&self, palette: &Palette) -> String {
        let mut out = heading(&self.run, palette);
        self.write_story(&mut out);
        let (step, at) = (self.run.occurrences, self.run.ended_at);
        if let (Some(node), Some(state)) = (&self.asked.state, &self.state) {
            let _ = writeln!(out, "\n{node} after step {step}, at {at}\n{}", state.trim_end());
        }
        if self.asked.brief {
            self.write_lags(&mut out);
        }
        out.push('\n');
        match self.verdict() {
            None => {
                let _ = writeln!(out, "stopped after step {step}, at {at}");
            }
            Some(_) if self.asked.properties => out += &findings(&self.run, palette),
            Some(_) => out += &summary(&self.run, palette),
        }
        out
    }

    fn write_story(&self, out: &mut String) {
        let story = &self.story;
        let pages = match self.asked.around {
            None if self.asked.brief => vec![(String::new(), story.brief(Brevity::default()))],
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

    /// The views that were far behind, and the messages that nobody has handled.
    fn write_lags(&self, out: &mut String) {
        let is_drawn = |lag: &Lag| lag.peak >= LAG_MIN || lag.now > 0;
        let lags: Vec<_> = self.lags.iter().filter(|(_, lag)| is_drawn(lag)).collect();
        if !lags.is_empty() {
            let chart = lag_chart(lags.iter().map(|(name, lag)| (*name, lag)));
            let _ = write!(out, "\n{chart}");
        }
        if !self.left.is_nothing() {
            let _ = writeln!(out, "\n{}", self.left);
        }
    }
}

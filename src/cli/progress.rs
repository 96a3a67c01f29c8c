//! The progress and the duration of runs: the only place that reads the wall clock.

use std::fmt::Write;
use std::time::Duration;

use crate::kernel::Span;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A progress bar on standard error, if that is a terminal.
pub(super) fn progress(name: &str, runs: u64) -> ProgressBar {
    let style = "{prefix}  [{bar:25}] {human_pos}/{human_len}  {speed}  {eta} left  {msg}";
    let speed = |state: &ProgressState, out: &mut dyn Write| {
        let _ = write!(out, "{:.0} runs/s", state.per_sec());
    };
    let style = ProgressStyle::with_template(style).expect("a valid template");
    let style = style.with_key("speed", speed);
    let bar = ProgressBar::new(runs).with_style(style.progress_chars("##-"));
    bar.with_prefix(name.to_owned())
}

/// When the time of a campaign is over.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::disallowed_types, reason = "the clock that --for reads")]
pub(super) struct Deadline {
    begun: std::time::Instant,
    after: Duration,
}

#[expect(clippy::disallowed_types, reason = "the clock that --for reads")]
impl Deadline {
    /// This long after now.
    pub(super) fn after(span: Span) -> Self {
        Self { begun: std::time::Instant::now(), after: Duration::from_nanos(span.as_nanos()) }
    }

    pub(super) fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.after
    }
}

#[expect(clippy::disallowed_types, reason = "the clock that --timings reads")]
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = std::time::Instant::now();
    let done = work();
    (done, begun.elapsed())
}

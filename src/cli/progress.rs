//! How far many runs are, and how long they took: the one place that reads the wall clock.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar on standard error; nothing if that is no terminal.
pub(super) fn progress(name: &str, runs: u64) -> ProgressBar {
    let style = "{msg}  [{bar:25}] {human_pos}/{human_len}  {speed}  {eta} left";
    let style = ProgressStyle::with_template(style).expect("the template is a constant").with_key(
        "speed",
        |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{:.0} runs/s", state.per_sec());
        },
    );
    let bar = ProgressBar::new(runs).with_style(style.progress_chars("##-"));
    bar.with_message(name.to_owned())
}

#[expect(clippy::disallowed_types, reason = "the one clock that --timings reads")]
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = std::time::Instant::now();
    let done = work();
    (done, begun.elapsed())
}

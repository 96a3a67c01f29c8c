//! The report for programs that read while the command runs: one JSON object a line.
//!
//! ```json
//! {"kind":"start","format":1,"jetlag":"0.1.0"}
//! {"kind":"run","file":"…","name":"…","seed":"7","verdict":"held",…}
//! {"kind":"end","verdict":"held","entries":1}
//! ```
//!
//! The lines between the first and the last are the entries of the [document](super::json) in the same order,
//! each printed as soon as it is known.

use super::entry::{Entry, Report};
use super::json::{JSON_FORMAT, entry, verdict};
use super::object::{line, object};

/// The first line.
pub(crate) fn jsonl_start() -> String {
    line(&StartDoc(&JSON_FORMAT))
}

/// The line of one entry.
pub(crate) fn jsonl_entry(known: &Entry) -> String {
    line(&entry(known))
}

/// The last line.
pub(crate) fn jsonl_end(report: &Report) -> String {
    line(&EndDoc(report))
}

/// Renders a whole report as lines of JSON.
///
/// ```
/// let lines = jetlag::report::jsonl(&jetlag::report::Report::default());
/// assert_eq!(lines.lines().last(), Some(r#"{"kind":"end","verdict":"held","entries":0}"#));
/// ```
pub fn jsonl(report: &Report) -> String {
    let entries: String = report.entries.iter().map(jsonl_entry).collect();
    jsonl_start() + &entries + &jsonl_end(report)
}

object!(StartDoc(format: u32) {
    kind: "start",
    format: format,
    jetlag: env!("CARGO_PKG_VERSION"),
});

object!(EndDoc(report: Report) {
    kind: "end",
    verdict: verdict(report.verdict()),
    entries: report.entries.len(),
});

//! A run as a history: lines of JSON that `check` judges, as it judges those of any platform.
//!
//! ```json
//! {"kind":"history","version":1,"at_rest":true}
//! {"kind":"event","stream":"b-1","version":1,"position":1,…}
//! {"kind":"end","lines":214}
//! ```

use super::NotExported;
use crate::report::line;
use crate::session::RunOutcome;

/// The run as lines of JSON. `docs/history.md` describes them.
///
/// # Errors
///
/// When the run was made without [keeping them](crate::session::RunRequest::history).
pub fn history(outcome: &RunOutcome) -> Result<String, NotExported> {
    let lines = outcome.history.as_ref().ok_or(NotExported::NoLog)?;
    Ok(lines.iter().map(line).collect())
}

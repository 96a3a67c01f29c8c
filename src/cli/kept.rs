//! The state of a campaign on disk, and the host that keeps it there.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;

use super::progress::Deadline;
use super::watched::is_interrupted;
use crate::explore::{Ended, Finding, Host, Plan, Progress, State};
use crate::harness::{Folder, Trouble};
use crate::model::{counted, grouped};

/// The file in the folder of findings that holds the state.
const STATE: &str = "campaign.json";

/// A campaign that keeps its findings and its state in a folder, and shows how far it is.
#[derive(Debug)]
pub(super) struct Keeper {
    folder: Folder,
    bar: ProgressBar,
    deadline: Option<Deadline>,
    /// The first thing that could not be written.
    trouble: Mutex<Option<Trouble>>,
}

impl Keeper {
    pub(super) fn new(folder: Folder, bar: ProgressBar, deadline: Option<Deadline>) -> Self {
        Self { folder, bar, deadline, trouble: Mutex::default() }
    }

    /// The state from which a campaign goes on.
    ///
    /// # Errors
    ///
    /// When there is a state that cannot be read.
    pub(super) fn state(folder: &Folder, plan: &Plan<'_>) -> Result<State, Trouble> {
        let build = build();
        let Some(text) = folder.read(STATE)? else { return Ok(State::new(plan, &build)) };
        let state: State = serde_json::from_str(&text).map_err(|error| {
            let path = folder.file(STATE);
            Trouble::new(format!("{} is not the state of a campaign: {error}", path.display()))
                .hint("remove the file, or name another folder with --findings")
        })?;
        Ok(state.followed_by(plan, &build))
    }

    /// # Errors
    ///
    /// When something could not be written.
    pub(super) fn end(self) -> Result<(), Trouble> {
        self.bar.finish_and_clear();
        let trouble = self.trouble.into_inner().unwrap_or_else(PoisonError::into_inner);
        trouble.map_or(Ok(()), Err)
    }

    fn write(&self, name: &str, text: &str) {
        if let Err(error) = self.folder.write(name, text) {
            let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            trouble.get_or_insert(error);
        }
    }
}

impl Host for Keeper {
    fn stop(&self) -> Option<Ended> {
        let failed = || self.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if is_interrupted() || failed() {
            return Some(Ended::Interrupted);
        }
        self.deadline.as_ref().filter(|deadline| deadline.is_over()).map(|_| Ended::TimeUp)
    }

    fn ran(&self) {
        self.bar.inc(1);
    }

    fn progressed(&self, progress: Progress) {
        let Progress { findings, reached, possible } = progress;
        let findings = counted(findings, "finding");
        let percent = (reached * 100).checked_div(possible).unwrap_or(100);
        let of = grouped(possible);
        self.bar.set_message(format!("{findings}   coverage {percent} % of {of} features"));
    }

    fn found(&self, finding: &Finding) {
        self.write(&finding.file_name(), &finding.capsule);
    }

    fn finished(&self, state: &State) {
        let text = serde_json::to_string(state).expect("counts and texts can be written as JSON");
        self.write(STATE, &text);
    }
}

/// A hash of the program: what another build did is not continued, because it may do something else.
fn build() -> String {
    let program = std::env::current_exe().and_then(std::fs::read);
    program.map_or_else(|_| String::new(), |bytes| blake3::hash(&bytes).to_hex()[..16].to_owned())
}

/// A folder as it is shown: with `/` between its parts.
pub(super) fn shown(folder: &Path) -> String {
    folder.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

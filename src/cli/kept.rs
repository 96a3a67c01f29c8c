//! The state of a campaign on disk, and the host that keeps it there.

use std::path::{Path, PathBuf};

use indicatif::ProgressBar;

use super::first_trouble::FirstTrouble;
use super::progress::Deadline;
use super::watched::is_interrupted;
use crate::explore::{Ended, Finding, Host, Plan, Progress, Shard, State};
use crate::harness::{Folder, Trouble};
use crate::model::{counted, grouped};

/// The file in the folder of findings that holds the state.
pub(super) const STATE: &str = "campaign.json";

/// A campaign that keeps its findings and its state in a folder, and shows how far it is.
#[derive(Debug)]
pub(super) struct Keeper {
    folder: Folder,
    bar: ProgressBar,
    deadline: Option<Deadline>,
    command: &'static str,
    trouble: FirstTrouble,
}

impl Keeper {
    pub(super) fn new(
        folder: Folder,
        bar: ProgressBar,
        deadline: Option<Deadline>,
        command: &'static str,
    ) -> Self {
        Self { folder, bar, deadline, command, trouble: FirstTrouble::default() }
    }

    /// The state from which a campaign goes on.
    ///
    /// # Errors
    ///
    /// When there is a state that cannot be read.
    pub(super) fn state(folder: &Folder, plan: &Plan<'_>) -> Result<State, Trouble> {
        let build = build();
        let state = read(folder)?;
        Ok(state.map_or_else(|| State::new(plan, &build), |state| state.followed_by(plan, &build)))
    }

    /// # Errors
    ///
    /// When something could not be written.
    pub(super) fn end(self) -> Result<(), Trouble> {
        self.bar.finish_and_clear();
        self.trouble.end()
    }
}

impl Host for Keeper {
    fn stop(&self) -> Option<Ended> {
        if is_interrupted() || self.trouble.is_any() {
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
        self.trouble.note(self.folder.keep(finding, self.command));
    }

    fn finished(&self, state: &State) {
        self.trouble.note(self.folder.write(STATE, &text(state)));
    }
}

/// The state that a folder holds; `None` if it holds no state.
///
/// # Errors
///
/// When there is one that cannot be read.
pub(super) fn read(folder: &Folder) -> Result<Option<State>, Trouble> {
    let Some(text) = folder.read(STATE)? else { return Ok(None) };
    let state = serde_json::from_str(&text).map_err(|error| {
        let path = folder.file(STATE);
        Trouble::new(format!("{} is not the state of a campaign: {error}", path.display()))
            .hint("remove the file, or name another folder with --findings")
    })?;
    Ok(Some(state))
}

/// Writes the state of a campaign to a folder, after what the folder knows of earlier campaigns was added to it.
///
/// # Errors
///
/// When a state in the folder cannot be read, or the new one cannot be written.
pub(super) fn follow(folder: &Folder, state: &mut State) -> Result<(), Trouble> {
    if let Some(last) = read(folder)? {
        state.old = last.remembered_by(state);
    }
    folder.write(STATE, &text(state))
}

fn text(state: &State) -> String {
    serde_json::to_string(state).expect("counts and texts can be written as JSON")
}

/// The folder of a shard in the folder of findings.
pub(super) fn folder_of(findings: &Path, shard: Shard) -> PathBuf {
    findings.join(format!("shard-{}-of-{}", shard.index(), shard.count()))
}

/// Whether a folder is that of a shard, by its name.
pub(super) fn is_of_shard(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let numbers = name.strip_prefix("shard-").and_then(|name| name.split_once("-of-"));
    numbers.is_some_and(|(index, count)| format!("{index}/{count}").parse::<Shard>().is_ok())
}

/// A hash of the program: what another build did is not continued, because it may do something else.
pub(super) fn build() -> String {
    let program = std::env::current_exe().and_then(std::fs::read);
    program.map_or_else(|_| String::new(), |bytes| blake3::hash(&bytes).to_hex()[..16].to_owned())
}

/// A folder as it is shown: with `/` between its parts.
pub(super) fn shown(folder: &Path) -> String {
    folder.display().to_string().replace(std::path::MAIN_SEPARATOR, "/")
}

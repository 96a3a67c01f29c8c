//! The state of an enumeration on disk, and the host that keeps it there.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;

use crate::cli::first_trouble::FirstTrouble;
use crate::cli::kept::build;
use crate::cli::progress::{Deadline, progress};
use crate::cli::watched::is_interrupted;
use crate::enumerate::{Host, Plan, State};
use crate::explore::{Finding, Shard};
use crate::harness::{Folder, Trouble};
use crate::kernel::Span;

/// The file in the folder of findings that holds the state.
pub(in crate::cli) const STATE: &str = "enumeration.json";
/// How often the state is written while runs are made.
const EVERY: Span = Span::from_secs(10);

/// An enumeration that keeps its findings and its state in a folder, and shows how far it is.
pub(super) struct Keeper {
    folder: PathBuf,
    command: &'static str,
    bar: ProgressBar,
    deadline: Option<Deadline>,
    /// When the state is written next.
    next: Mutex<Deadline>,
    trouble: FirstTrouble,
}

impl Keeper {
    pub(super) fn new(folder: &Path, command: &'static str, time: Option<Span>) -> Self {
        Self {
            folder: folder.to_owned(),
            command,
            bar: progress("enumerate", 1),
            deadline: time.map(Deadline::after),
            next: Mutex::new(Deadline::after(EVERY)),
            trouble: FirstTrouble::default(),
        }
    }

    /// The state from which an enumeration goes on.
    ///
    /// # Errors
    ///
    /// When there is a state that cannot be read.
    pub(super) fn state(&self, plan: &Plan<'_>, shard: Shard) -> Result<State, Trouble> {
        let build = build();
        let known =
            if self.folder.is_dir() { Folder::at(&self.folder)?.read(STATE)? } else { None };
        let Some(text) = known else { return Ok(State::new(plan, shard, &build)) };
        let state: State = serde_json::from_str(&text).map_err(|error| {
            let path = self.folder.join(STATE);
            Trouble::new(format!("{} is not the state of an enumeration: {error}", path.display()))
                .hint("remove the file, or name another folder with --findings")
        })?;
        Ok(state.continued(plan, shard, &build))
    }

    /// Writes the state, if there is something to continue or to merge; a state that is done with is removed.
    ///
    /// # Errors
    ///
    /// When something could not be written.
    pub(super) fn end(self, state: &State) -> Result<(), Trouble> {
        self.bar.finish_and_clear();
        if state.shard == Shard::WHOLE && state.is_complete() {
            if self.folder.is_dir() {
                Folder::at(&self.folder)?.remove(STATE)?;
            }
        } else {
            self.write(state);
        }
        self.trouble.end()
    }

    fn write(&self, state: &State) {
        let text = serde_json::to_string(state).expect("counts and texts can be written as JSON");
        self.keep(|folder| folder.write(STATE, &text));
    }

    /// Writes something to the folder. It is made for the first thing: most enumerations find nothing.
    fn keep(&self, write: impl Fn(&Folder) -> Result<(), Trouble>) {
        self.trouble.note(Folder::at(&self.folder).and_then(|folder| write(&folder)));
    }
}

impl Host for Keeper {
    fn stop(&self) -> bool {
        let is_over = || self.deadline.as_ref().is_some_and(Deadline::is_over);
        is_interrupted() || is_over() || self.trouble.is_any()
    }

    fn begins(&self, deviations: usize, about: u64, made: u64) {
        self.bar.set_length(about);
        self.bar.set_position(made);
        self.bar.reset_eta();
        self.bar.set_message(format!("with {deviations}"));
    }

    fn ran(&self) {
        self.bar.inc(1);
    }

    fn found(&self, finding: &Finding) {
        self.keep(|folder| folder.keep(finding, self.command));
    }

    fn reached(&self, state: &State) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.is_over() {
            self.write(state);
            *next = Deadline::after(EVERY);
        }
    }
}

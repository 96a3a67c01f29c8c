//! The first thing that went wrong on any thread.

use std::sync::{Mutex, PoisonError};

use crate::harness::Trouble;

/// The first thing that went wrong on any thread of a command, which ends the command.
#[derive(Debug, Default)]
pub(super) struct FirstTrouble(Mutex<Option<Trouble>>);

impl FirstTrouble {
    /// Remembers what went wrong, unless something did before.
    pub(super) fn note(&self, done: Result<(), Trouble>) {
        if let Err(trouble) = done {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(trouble);
        }
    }

    /// Whether anything went wrong.
    pub(super) fn is_any(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// # Errors
    ///
    /// What went wrong.
    pub(super) fn end(self) -> Result<(), Trouble> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

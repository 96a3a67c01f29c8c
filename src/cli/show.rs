//! `jetlag show`: prints a scenario with every default filled in.

use std::path::PathBuf;

use super::exit::Exit;
use super::load::load_one;
use super::output::result;
use crate::harness::{Harness, Trouble};

/// The scenario.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario file
    file: PathBuf,
}

impl Args {
    pub(super) fn run(self, harness: &Harness) -> Result<Exit, Trouble> {
        result(load_one(harness, &self.file)?.show())?;
        Ok(Exit::Held)
    }
}

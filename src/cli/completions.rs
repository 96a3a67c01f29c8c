//! `jetlag completions`: completion scripts for shells.

use clap_complete::{Shell, generate};

use super::exit::Exit;
use super::output::result;
use crate::harness::{Harness, Trouble};

/// The shell.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

impl Args {
    pub(super) fn run(self, harness: &Harness) -> Result<Exit, Trouble> {
        let mut script = Vec::new();
        generate(self.shell, &mut super::definitions(harness), harness.command(), &mut script);
        result(String::from_utf8_lossy(&script))?;
        Ok(Exit::Held)
    }
}

//! `jetlag defects`: the mistakes that can be put into the platform.

use super::exit::Exit;
use super::output::{Color, result};
use crate::harness::Trouble;
use crate::model::Defect;
use crate::platform::PLATFORM_DEFECTS;
use crate::report::wrapped;

/// The width of a line at most.
const WIDTH: usize = 100;

/// Nothing to choose.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

impl Args {
    pub(super) fn run(self, color: Color) -> Result<Exit, Trouble> {
        let palette = color.palette();
        let entry = |defect: &&Defect| {
            let Defect { id, mistake, trigger, caught_by, .. } = defect;
            let says = format!("{mistake}; it matters when {trigger}");
            let caught = format!("found by {}", caught_by.join(", "));
            let (says, caught) = (wrapped(&says, 6, WIDTH), wrapped(&caught, 6, WIDTH));
            format!("  {}\n{says}{}", palette.strong.on(id), palette.faint.on(&caught))
        };
        let all: Vec<String> = PLATFORM_DEFECTS.iter().map(entry).collect();
        result(all.concat())?;
        Ok(Exit::Held)
    }
}

//! `jetlag defects`: the mistakes that can be put into the platform and into the domains, and how soon they are found.

mod measure;

use super::exit::Exit;
use super::output::{Color, result};
use crate::harness::{Harness, Trouble};
use crate::model::Defect;
use crate::platform::PLATFORM_DEFECTS;
use crate::report::{Palette, wrapped};

/// The width of a line at most.
const WIDTH: usize = 100;

/// Whether to measure, and what.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Measure how many runs it takes until each is found
    ///
    /// Takes hours with the default settings. With --trials it can be stopped and continued.
    #[arg(long)]
    measure: bool,
    #[command(flatten)]
    measured: measure::Measurement,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        if self.measure {
            return self.measured.run(harness, color);
        }
        let palette = color.palette();
        let of_domains = harness.domains.iter().filter(|domain| !domain.defects.is_empty());
        let of_domains = of_domains.map(|domain| (domain.name, domain.defects));
        let all = [("the platform", PLATFORM_DEFECTS)].into_iter().chain(of_domains);
        let sections: Vec<String> = all.map(|(of, list)| section(of, list, &palette)).collect();
        result(sections.join("\n"))?;
        Ok(Exit::Held)
    }
}

fn section(of: &str, defects: &[&Defect], palette: &Palette) -> String {
    let title = palette.strong.on(format!("defects of {of}"));
    let entries: Vec<String> = defects.iter().map(|defect| entry(defect, palette)).collect();
    format!("{title}\n{}", entries.concat())
}

fn entry(defect: &Defect, palette: &Palette) -> String {
    let Defect { id, mistake, trigger, caught_by, needs, seen_in, .. } = defect;
    let says = format!("{mistake}; it matters when {trigger}");
    let seen = if seen_in.is_empty() { String::new() } else { format!("; seen in {seen_in}") };
    let needs =
        if needs.is_empty() { String::new() } else { format!("; needs {}", needs.join(" or ")) };
    let caught = format!("found by {}{needs}{seen}", caught_by.join(", "));
    let (says, caught) = (wrapped(&says, 6, WIDTH), wrapped(&caught, 6, WIDTH));
    format!("  {}\n{says}{}", palette.strong.on(id), palette.faint.on(&caught))
}

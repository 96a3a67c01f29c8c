//! `jetlag list`: scenarios, properties, faults and event types.

use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::Exit;
use super::output::{Color, note, result};
use crate::check::{Property, When};
use crate::harness::{Harness, Trouble, shown};
use crate::kernel::Fault;
use crate::platform::{MESSAGES, common_faults, place, sizes};
use crate::report::{Palette, wrapped};

/// The width of a line at most.
const WIDTH: usize = 100;

/// What to list.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to list; everything by default
    what: Option<What>,
    /// The scenarios to list
    ///
    /// Files, or folders that are searched recursively.
    #[arg(long = "in", value_name = "PATH", default_value = "scenarios")]
    paths: Vec<PathBuf>,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Scenario files and their descriptions
    Scenarios,
    /// Properties and their meaning
    Properties,
    /// Faults and examples of their causes
    Faults,
    /// Event types of each domain
    Events,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let wanted = |what| self.what.is_none_or(|only| only == what);
        let mut list = List { sections: Vec::new(), palette: color.palette() };
        let mut exit = Exit::Held;
        if wanted(What::Scenarios) {
            match harness.files(&self.paths) {
                Ok(files) => exit = list.scenarios(harness, &files),
                // The rest can be listed in any folder.
                Err(trouble) if self.what.is_none() => note(format_args!("note: {trouble}")),
                Err(trouble) => return Err(trouble),
            }
        }
        if wanted(What::Properties) {
            list.properties(harness);
        }
        if wanted(What::Faults) {
            list.faults(harness);
        }
        if wanted(What::Events) {
            for domain in &harness.domains {
                let events = wrapped(&domain.events.join(", "), 2, WIDTH);
                list.add(format!("events of {}", domain.name), vec![events]);
            }
        }
        result(list.sections.join("\n"))?;
        Ok(exit)
    }
}

/// Sections with titles.
struct List {
    sections: Vec<String>,
    palette: Palette,
}

impl List {
    /// Adds a section, unless it has no entries.
    fn add(&mut self, title: String, entries: Vec<String>) {
        if !entries.is_empty() {
            let title = self.palette.strong.on(title);
            self.sections.push(format!("{title}\n{}", entries.concat()));
        }
    }

    /// Adds the scenarios by domain.
    fn scenarios(&mut self, harness: &Harness, files: &[PathBuf]) -> Exit {
        let mut exit = Exit::Held;
        let mut found = Vec::new();
        for file in files {
            match harness.read_entry(file) {
                Ok(scenario) => {
                    let entry =
                        format!("  {}\n{}", shown(file), wrapped(scenario.about(), 6, WIDTH));
                    found.push((scenario.domain(), entry));
                }
                Err(invalid) => {
                    exit = Exit::Usage;
                    note(format_args!("{}\n", invalid.diagnostics.join("\n\n")));
                }
            }
        }
        for domain in &harness.domains {
            let own = found.iter().filter(|(name, _)| *name == domain.name);
            let own = own.map(|(_, entry)| entry.clone()).collect();
            self.add(format!("scenarios of {}", domain.name), own);
        }
        exit
    }

    /// Adds the properties of any domain, then those of each.
    fn properties(&mut self, harness: &Harness) {
        let faint = self.palette.faint.clone();
        let entry = |Property { id, when, says }: &Property| {
            let when = match when {
                When::Always => "always",
                When::AtRest => "at rest",
                When::AlwaysAndAtRest => "always, and at rest",
            };
            format!("  {id}  {}\n{}", faint.on(when), wrapped(says, 6, WIDTH))
        };
        if let Some(domain) = harness.domains.first() {
            let general = domain.general.iter().map(entry).collect();
            self.add("properties of any domain".to_owned(), general);
        }
        for domain in &harness.domains {
            let own = domain.properties.iter().map(entry).collect();
            self.add(format!("properties of {}", domain.name), own);
        }
    }

    /// Adds the faults of any domain, then those of each.
    fn faults(&mut self, harness: &Harness) {
        let faint = self.palette.faint.clone();
        let entry = |fault: &Fault| {
            let facts = [fault.family.to_owned(), place(fault).to_owned(), sizes(fault)];
            let facts = facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>();
            let causes = wrapped(&format!("such as: {}", fault.stands_for), 6, WIDTH);
            let (name, facts) = (fault.name, faint.on(facts.join(" · ")));
            format!("  {name}  {facts}\n{}{causes}", wrapped(fault.says, 6, WIDTH))
        };
        let possible =
            |fault: &&Fault| harness.domains.iter().any(|domain| (domain.faults)().contains(fault));
        let common = common_faults().filter(possible).map(entry).collect();
        self.add("faults of any domain".to_owned(), common);
        for domain in &harness.domains {
            let mut own = (domain.faults)();
            own.retain(|fault| !common_faults().any(|common| common == *fault));
            let own = own.into_iter().map(entry).collect();
            self.add(format!("faults of {}", domain.name), own);
        }
        let messages = wrapped(&MESSAGES[1..].join(", "), 2, WIDTH);
        self.add("messages that a fault can name".to_owned(), vec![messages]);
    }
}

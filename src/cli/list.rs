//! `jetlag list`: scenarios, properties, faults and event types.

use std::fmt::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::Exit;
use super::output::{Color, note, result};
use crate::check::{Property, When};
use crate::harness::{AnyDomain, Harness, Trouble};
use crate::kernel::Fault;
use crate::platform::{MESSAGES, common_faults, place, sizes};
use crate::report::Palette;

/// No line is longer.
const WIDTH: usize = 100;

/// What to list.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What to list; everything if left out
    what: Option<What>,
    /// Where the scenarios are
    ///
    /// Files, or folders that are walked.
    #[arg(long = "in", value_name = "PATH", default_value = "scenarios")]
    paths: Vec<PathBuf>,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Scenario files and what happens in them
    Scenarios,
    /// Properties and what they say
    Properties,
    /// What can go wrong, and what it stands for
    Faults,
    /// Event types of each domain
    Events,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let palette = color.palette();
        let wanted = |what| self.what.is_none_or(|only| only == what);
        let mut sections = Vec::new();
        let mut exit = Exit::Held;
        if wanted(What::Scenarios) {
            match harness.files(&self.paths) {
                Ok(files) => {
                    let (listed, all_valid) = scenarios(harness, &files, &palette);
                    sections.push(listed);
                    exit = if all_valid { Exit::Held } else { Exit::Usage };
                }
                // Properties can be listed wherever one stands.
                Err(trouble) if self.what.is_none() => note(format_args!("note: {trouble}")),
                Err(trouble) => return Err(trouble),
            }
        }
        if wanted(What::Properties) {
            sections.push(properties(harness, &palette));
        }
        if wanted(What::Faults) {
            sections.push(faults(harness, &palette));
        }
        if wanted(What::Events) {
            sections.push(events(harness, &palette));
        }
        result(sections.join("\n"))?;
        Ok(exit)
    }
}

/// The scenarios by domain, and whether all files were.
fn scenarios(harness: &Harness, files: &[PathBuf], palette: &Palette) -> (String, bool) {
    let mut found = Vec::new();
    let mut all_valid = true;
    for file in files {
        match harness.read_entry(file) {
            Ok(scenario) => found.push((file.display().to_string(), scenario)),
            Err(invalid) => {
                all_valid = false;
                note(format_args!("{}\n", invalid.diagnostics.join("\n\n")));
            }
        }
    }
    let groups = harness.domains.iter().filter_map(|AnyDomain { name, .. }| {
        let mut own = found.iter().filter(|(_, scenario)| scenario.domain() == *name).peekable();
        own.peek()?;
        let mut out = format!("{}\n", palette.strong.on(format!("scenarios of {name}")));
        for (file, scenario) in own {
            let _ = writeln!(out, "  {file}");
            out += &wrapped(scenario.about(), 6);
        }
        Some(out)
    });
    (groups.collect::<Vec<_>>().join("\n"), all_valid)
}

/// What any domain gets, and what each has of its own.
fn properties(harness: &Harness, palette: &Palette) -> String {
    let mut out = String::new();
    let mut group = |title: &str, properties: &[Property]| {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", palette.strong.on(title));
        for Property { id, when, says } in properties {
            let when = match when {
                When::Always => "always",
                When::AtRest => "at rest",
                When::AlwaysAndAtRest => "always, and at rest",
            };
            let _ = writeln!(out, "  {id}  {}", palette.faint.on(when));
            out += &wrapped(says, 6);
        }
    };
    if let Some(domain) = harness.domains.first() {
        group("properties of any domain", domain.general);
    }
    for domain in &harness.domains {
        group(&format!("properties of {}", domain.name), domain.properties);
    }
    out
}

/// What can befall any platform, and what only happens in one domain.
fn faults(harness: &Harness, palette: &Palette) -> String {
    let mut out = String::new();
    let mut group = |title: &str, faults: Vec<&'static Fault>| {
        let mut title = Some(palette.strong.on(title));
        for fault in faults {
            if let Some(title) = title.take() {
                if !out.is_empty() {
                    out.push('\n');
                }
                let _ = writeln!(out, "{title}");
            }
            let mut facts = vec![fault.family.to_owned(), place(fault).to_owned(), sizes(fault)];
            facts.retain(|fact| !fact.is_empty());
            let facts = facts.join(" · ");
            let _ = writeln!(out, "  {}  {}", fault.name, palette.faint.on(facts));
            out += &wrapped(fault.says, 6);
            out += &wrapped(&format!("such as: {}", fault.stands_for), 6);
        }
    };
    let possible =
        |fault: &_| harness.domains.iter().any(|domain| (domain.faults)().contains(fault));
    group("faults of any domain", common_faults().filter(possible).collect());
    for domain in &harness.domains {
        let mut own = (domain.faults)();
        own.retain(|fault| !common_faults().any(|common| common == *fault));
        group(&format!("faults of {}", domain.name), own);
    }
    let _ = writeln!(out, "\n{}", palette.strong.on("messages that faults can be tied to"));
    out + &wrapped(&MESSAGES[1..].join(", "), 2)
}

fn events(harness: &Harness, palette: &Palette) -> String {
    let groups = harness.domains.iter().map(|domain| {
        let title = palette.strong.on(format!("events of {}", domain.name));
        format!("{title}\n{}", wrapped(&domain.events.join(", "), 2))
    });
    groups.collect::<Vec<_>>().join("\n")
}

/// A text in lines that fit, each indented; nothing if it is empty.
fn wrapped(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length <= WIDTH {
            out.push(' ');
            width += 1 + length;
        } else {
            if width > 0 {
                out.push('\n');
            }
            out.push_str(&" ".repeat(indent));
            width = indent + length;
        }
        out.push_str(word);
    }
    if width > 0 {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_page_and_no_word_is_lost() {
        let text = "seat ".repeat(100);
        let lines = wrapped(&text, 6);
        assert!(lines.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(lines.lines().all(|line| line.starts_with("      seat")));
        assert_eq!(lines.matches("seat").count(), 100);
        assert_eq!(wrapped("", 6), "");
    }
}

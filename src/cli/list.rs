//! `jetlag list`: scenarios, properties, faults and event types.

use std::fmt::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::exit::Exit;
use super::load::load;
use super::output::{Color, note, result};
use super::paths::scenario_files;
use super::trouble::Trouble;
use crate::check::{General, Oracle, Property, When};
use crate::domains::{Tour, tour};
use crate::kernel::Fault;
use crate::platform::{FAULTS, MESSAGES, faults_of, place, sizes};
use crate::report::Palette;
use crate::scenario::ScenarioDomain;

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
    pub(super) fn run(self, color: Color) -> Result<Exit, Trouble> {
        let palette = color.palette();
        let wanted = |what| self.what.is_none_or(|only| only == what);
        let mut sections = Vec::new();
        let mut exit = Exit::Held;
        if wanted(What::Scenarios) {
            match scenario_files(&self.paths) {
                Ok(files) => {
                    let (listed, all_valid) = scenarios(&files, &palette);
                    sections.push(listed);
                    exit = if all_valid { Exit::Held } else { Exit::Usage };
                }
                // Properties can be listed wherever one stands.
                Err(trouble) if self.what.is_none() => note(format_args!("note: {trouble}")),
                Err(trouble) => return Err(trouble),
            }
        }
        if wanted(What::Properties) {
            sections.push(properties(&palette));
        }
        if wanted(What::Faults) {
            sections.push(faults(&palette));
        }
        if wanted(What::Events) {
            sections.push(events(&palette));
        }
        result(sections.join("\n"))?;
        Ok(exit)
    }
}

/// The scenarios by domain, and whether all files were.
fn scenarios(files: &[PathBuf], palette: &Palette) -> (String, bool) {
    let mut found = Vec::new();
    let mut all_valid = true;
    for file in files {
        match load(file) {
            Ok(scenario) => found.push((scenario.domain(), file.display().to_string(), scenario)),
            Err(invalid) => {
                all_valid = false;
                note(format_args!("{}\n", invalid.diagnostics.join("\n\n")));
            }
        }
    }
    found.sort_by_key(|(domain, ..)| *domain);
    let mut out = String::new();
    for group in found.chunk_by(|(one, ..), (other, ..)| one == other) {
        if let Some((domain, ..)) = group.first() {
            let _ = writeln!(out, "{}", palette.strong.on(format!("scenarios of {domain}")));
        }
        for (_, file, scenario) in group {
            let _ = writeln!(out, "  {file}");
            out += &wrapped(scenario.about(), 6);
        }
    }
    (out, all_valid)
}

fn properties(palette: &Palette) -> String {
    let mut listed = Properties { palette, out: String::new() };
    tour(&mut listed);
    listed.out
}

struct Properties<'a> {
    palette: &'a Palette,
    out: String,
}

impl Properties<'_> {
    fn group(&mut self, title: &str, properties: &[Property]) {
        let _ = writeln!(self.out, "{}", self.palette.strong.on(title));
        for Property { id, when, says } in properties {
            let when = match when {
                When::Always => "always",
                When::AtRest => "at rest",
                When::AlwaysAndAtRest => "always, and at rest",
            };
            let _ = writeln!(self.out, "  {id}  {}", self.palette.faint.on(when));
            self.out += &wrapped(says, 6);
        }
    }
}

impl Tour for Properties<'_> {
    fn visit<D: ScenarioDomain>(&mut self) {
        // What any domain gets is the same for each: it is listed once.
        if self.out.is_empty() {
            self.group("properties of any domain", General::<D>::PROPERTIES);
        }
        self.out.push('\n');
        self.group(&format!("properties of {}", D::NAME), D::Oracle::PROPERTIES);
    }
}

fn faults(palette: &Palette) -> String {
    let mut listed = Faults { palette, out: String::new() };
    tour(&mut listed);
    let _ = writeln!(listed.out, "\n{}", palette.strong.on("messages that faults can be tied to"));
    listed.out + &wrapped(&MESSAGES[1..].join(", "), 2)
}

struct Faults<'a> {
    palette: &'a Palette,
    out: String,
}

impl Faults<'_> {
    fn group(&mut self, title: &str, faults: impl Iterator<Item = &'static Fault>) {
        let mut title = Some(self.palette.strong.on(title));
        for fault in faults {
            if let Some(title) = title.take() {
                let _ = writeln!(self.out, "{title}");
            }
            let mut facts = vec![fault.family.to_owned(), place(fault).to_owned(), sizes(fault)];
            facts.retain(|fact| !fact.is_empty());
            let facts = facts.join(" · ");
            let _ = writeln!(self.out, "  {}  {}", fault.name, self.palette.faint.on(facts));
            self.out += &wrapped(fault.says, 6);
            self.out += &wrapped(&format!("such as: {}", fault.stands_for), 6);
        }
    }
}

impl Tour for Faults<'_> {
    fn visit<D: ScenarioDomain>(&mut self) {
        let is_common = |fault: &&Fault| FAULTS.contains(fault);
        // What can befall any platform is listed once.
        if self.out.is_empty() {
            self.group("faults of any domain", faults_of::<D>().filter(is_common));
        }
        let own = faults_of::<D>().filter(|fault| !is_common(fault));
        let title = format!("\nfaults of {}", D::NAME);
        self.group(&title, own);
    }
}

fn events(palette: &Palette) -> String {
    let mut listed = Events { palette, out: String::new() };
    tour(&mut listed);
    listed.out
}

struct Events<'a> {
    palette: &'a Palette,
    out: String,
}

impl Tour for Events<'_> {
    fn visit<D: ScenarioDomain>(&mut self) {
        let title = self.palette.strong.on(format!("events of {}", D::NAME));
        let _ = writeln!(self.out, "{title}");
        self.out += &wrapped(&D::EVENTS.join(", "), 2);
    }
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

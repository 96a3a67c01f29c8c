//! `jetlag merge`: one summary of the shards of a campaign or an enumeration.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::exit::Exit;
use super::format::Format;
use super::output::{Color, note, result};
use super::{enumerate, kept};
use crate::enumerate as enumeration;
use crate::explore::{Merge, Shard};
use crate::harness::{Folder, Harness, Trouble, unusable};
use crate::report::{Entry, Report, enumerated};
use crate::session::Verdict;

/// Which results, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Results of shards, or folders with such results
    ///
    /// A folder is searched for the folders shard-I-of-N, which `fuzz --shard I/N` and `enumerate --shard I/N` make in
    /// the folder of findings, and for their results.
    #[arg(default_value = "findings", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder for the findings of the whole, and for the state of a campaign
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let paths = results(&self.paths)?;
        let (enumerations, campaigns): (Vec<PathBuf>, Vec<PathBuf>) =
            paths.into_iter().partition(|path| path.ends_with(enumerate::STATE));
        match (&enumerations[..], &campaigns[..]) {
            ([], []) => Err(Trouble::new("there are no results of shards").hint(
                "`fuzz --shard I/N` and `enumerate --shard I/N` write one to FINDINGS/shard-I-of-N",
            )),
            ([], _) => self.campaign(&campaigns, harness, color),
            (_, []) => self.enumeration(&enumerations, harness, color),
            ([one, ..], [other, ..]) => {
                let (one, other) = (kept::shown(one), kept::shown(other));
                let message = format!("{one} is of an enumeration, {other} of a campaign");
                Err(Trouble::new(message).hint(SEPARATELY))
            }
        }
    }

    fn campaign(
        &self,
        paths: &[PathBuf],
        harness: &Harness,
        color: Color,
    ) -> Result<Exit, Trouble> {
        let mut merge = Merge::default();
        add_all(paths, |name, state| merge.add(name, state))?;
        let mut merged = merge.end().expect("there is a result");
        let copies: Vec<Shard> = merged.copies.iter().map(|(shard, _)| *shard).collect();
        note_gaps(&merged.missing, &merged.unfinished, &copies);
        let folder = Folder::at(&self.findings)?;
        kept::follow(&folder, &mut merged.state)?;
        let mut campaign = merged.campaign(harness.command());
        for finding in campaign.tally.findings.values() {
            folder.keep(finding, harness.command())?;
        }
        campaign.folder = Some(kept::shown(&self.findings));
        // Unlike a shard, a merge is the end of a campaign: what was found counts more than what is missing.
        let verdict = match campaign.found() {
            Verdict::Held => campaign.verdict(),
            found => found,
        };
        self.format.start()?;
        let report = Report::of(Entry::Campaign(Box::new(campaign)));
        self.format.entry(&report.entries[0])?;
        self.format.end(&report, &color.palette())?;
        Ok(verdict.into())
    }

    fn enumeration(
        &self,
        paths: &[PathBuf],
        harness: &Harness,
        color: Color,
    ) -> Result<Exit, Trouble> {
        if self.format != Format::Human {
            return Err(Trouble::new(
                "the summary of an enumeration has no other format than human",
            ));
        }
        let mut merge = enumeration::Merge::default();
        add_all(paths, |name, state| merge.add(name, state))?;
        let merged = merge.end().expect("there is a result");
        note_gaps(&merged.missing, &merged.unfinished, &merged.copies);
        for found in &merged.all.state.found {
            Folder::at(&self.findings)?.keep(&found.finding, harness.command())?;
        }
        let place = (harness.command(), &*kept::shown(&self.findings));
        result(enumerated(&merged.all, place, &color.palette()))?;
        let verdict = match merged.all.found() {
            Verdict::Held => merged.all.verdict(),
            found => found,
        };
        Ok(verdict.into())
    }
}

const SEPARATELY: &str =
    "merge the results of one campaign or enumeration, and one result of each shard";

/// Adds the results at these paths.
fn add_all<S: DeserializeOwned, E: Display>(
    paths: &[PathBuf],
    mut add: impl FnMut(&str, S) -> Result<(), E>,
) -> Result<(), Trouble> {
    for path in paths {
        add(&kept::shown(path), state(path)?)
            .map_err(|error| Trouble::new(error.to_string()).hint(SEPARATELY))?;
    }
    Ok(())
}

/// Reads the result of a shard.
fn state<S: DeserializeOwned>(path: &Path) -> Result<S, Trouble> {
    let text = std::fs::read(path).map_err(|error| unusable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let message = format!("{} is not the result of a shard: {error}", kept::shown(path));
        let names = format!("{} or {}", kept::STATE, enumerate::STATE);
        Trouble::new(message).hint(format!("results are in FINDINGS/shard-I-of-N/{names}"))
    })
}

/// The most shards that a note names.
const NAMED_MAX: usize = 8;

/// Says which shards are missing or there more than once.
fn note_gaps(missing: &[Shard], unfinished: &[Shard], copies: &[Shard]) {
    let say = |what: &str, shards: &[Shard]| {
        if shards.is_empty() {
            return;
        }
        let named = shards.iter().take(NAMED_MAX).map(Shard::to_string).collect::<Vec<_>>();
        let more = match shards.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        note(format_args!("note: {what}: {}{more}", named.join(", ")));
    };
    say("no result of shard", missing);
    say("not all runs of shard", unfinished);
    say("more than one result, counted once, of shard", copies);
}

/// The results at these paths, in order of their names.
fn results(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for path in paths {
        let kind = std::fs::metadata(path).map_err(|error| unusable(path, &error))?;
        if kind.is_dir() { walk(path, &mut found)? } else { found.push(path.clone()) }
    }
    Ok(found)
}

/// Collects the results in a folder. Links are not followed.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let trouble = |error: std::io::Error| Trouble::io("read", folder, &error);
    let entries = std::fs::read_dir(folder).map_err(trouble)?;
    let entries: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut entries = entries.map_err(trouble)?;
    entries.sort_unstable();
    for path in entries {
        if path.is_symlink() || !path.is_dir() {
            continue;
        }
        let states = [kept::STATE, enumerate::STATE].map(|name| path.join(name));
        let states = states.into_iter().filter(|state| state.is_file());
        match kept::is_of_shard(&path).then(|| states.collect::<Vec<_>>()) {
            Some(states) if !states.is_empty() => found.extend(states),
            _ => walk(&path, found)?,
        }
    }
    Ok(())
}

//! `jetlag merge`: one summary of the shards of a campaign.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::format::Format;
use super::kept;
use super::output::{Color, note};
use crate::explore::{Merge, Merged, Shard, State};
use crate::harness::{Folder, Harness, Trouble, unusable};
use crate::report::{Entry, Report};
use crate::session::Verdict;

/// Which results, and in which format.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Results of shards, or folders with such results
    ///
    /// A folder is searched for the folders shard-I-of-N, which `fuzz --shard I/N` makes in the folder of
    /// findings, and for their results.
    #[arg(default_value = "findings", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder for the findings of the whole campaign and for its state
    #[arg(long, value_name = "FOLDER", default_value = "findings")]
    findings: PathBuf,
    /// The output format
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

impl Args {
    pub(super) fn run(self, harness: &Harness, color: Color) -> Result<Exit, Trouble> {
        let mut merge = Merge::default();
        for path in results(&self.paths)? {
            merge.add(&kept::shown(&path), state(&path)?).map_err(|error| {
                Trouble::new(error.to_string())
                    .hint("merge the results of one campaign, and one result of each shard")
            })?;
        }
        let Some(mut merged) = merge.end() else {
            return Err(Trouble::new("there are no results of shards")
                .hint("`fuzz --shard I/N` writes one to FINDINGS/shard-I-of-N"));
        };
        note_gaps(&merged);
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
}

/// Reads the result of a shard.
fn state(path: &Path) -> Result<State, Trouble> {
    let text = std::fs::read(path).map_err(|error| unusable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let message = format!("{} is not the result of a shard: {error}", kept::shown(path));
        Trouble::new(message).hint("results are in FINDINGS/shard-I-of-N/campaign.json")
    })
}

/// The most shards that a note names.
const NAMED_MAX: usize = 8;

/// Says which shards are missing or there more than once.
fn note_gaps(merged: &Merged) {
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
    say("no result of shard", &merged.missing);
    say("not all runs of shard", &merged.unfinished);
    let copies: Vec<Shard> = merged.copies.iter().map(|(shard, _)| *shard).collect();
    say("more than one result, counted once, of shard", &copies);
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
        let result = path.join(kept::STATE);
        if kept::is_of_shard(&path) && result.is_file() {
            found.push(result);
        } else {
            walk(&path, found)?;
        }
    }
    Ok(())
}

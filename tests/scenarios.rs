//! Every scenario file is a test. Nothing is registered: the folder is walked.
//!
//! A scenario must hold, meet its expectations, come to the same end twice, and tell the story that its
//! snapshot in `snapshots/` has: what `jetlag replay --brief FILE` prints, without its first line and
//! its digest. The digests and counts of all scenarios stand in `snapshots/digests.snap`, so that a
//! change of the engine that changes no story changes one file. A file without a snapshot fails, and so
//! does a snapshot without a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use jetlag::domains;
use jetlag::harness::AnyScenario;
use jetlag::internals::trace::Detail;
use jetlag::report::{Entry, Excerpt, Palette, Report, replay, text};
use jetlag::session::{Repeat, RunOutcome, RunRequest, Verdict};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A panic message on standard error is all that insta has to say, so it is worth its place.
    arguments.nocapture = true;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = domains::harness().files(&[root.join("scenarios")]);
    let files = files.unwrap_or_else(|trouble| panic!("{trouble}"));
    let digests = Digests::default();
    let mut trials: Vec<Trial> = files
        .iter()
        .map(|file| {
            let (file, name) = (file.clone(), name_of(file, root).replace("__", "/"));
            let digests = digests.clone();
            Trial::test(name, move || run(&file, &digests))
        })
        .collect();
    let names: BTreeSet<String> = files.iter().map(|file| name_of(file, root)).collect();
    let known: BTreeSet<String> = names.iter().map(|name| name.replace("__", "/")).collect();
    trials.push(Trial::test("every_snapshot_has_a_scenario", move || orphans(&names)));
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() || !digests.differ(&known) {
        return conclusion.exit_code();
    }
    ExitCode::FAILURE
}

/// The digests and counts of the scenarios that were run, by name.
#[derive(Clone, Default)]
struct Digests(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl Digests {
    fn note(&self, name: String, run: &RunOutcome) {
        let row = vec![
            run.request.seed.to_string(),
            format!("{:016x}", run.digest),
            run.occurrences.to_string(),
            run.events.to_string(),
            run.checks().to_string(),
            format!("{} at {}", run.stop, run.ended_at),
        ];
        self.0.lock().expect("no test panics here").insert(name, row);
    }

    /// Whether they differ from the snapshot. Scenarios that were not run stand for what it says.
    fn differ(&self, known: &BTreeSet<String>) -> bool {
        let run = self.0.lock().expect("no test panics here").clone();
        if run.is_empty() {
            return false;
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/digests.snap");
        let snapshot = std::fs::read_to_string(file).unwrap_or_default();
        let cells = |line: &str| -> Vec<String> {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let mut rows: BTreeMap<String, Vec<String>> = snapshot
            .lines()
            .map(cells)
            .filter(|cells| cells.len() > 1 && known.contains(&cells[0]))
            .map(|mut cells| (cells.remove(0), cells))
            .collect();
        rows.extend(run);
        let titles =
            ["seed", "digest", "occurrences", "events", "checks", "end"].map(str::to_owned);
        let titles = ("scenario".to_owned(), titles.to_vec());
        let table: Vec<_> = std::iter::once(titles).chain(rows).collect();
        let name_width = table.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let width = |nth: usize| table.iter().map(|(_, row)| row[nth].len()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..6).map(width).collect();
        let line = |(name, row): &(String, Vec<String>)| {
            let row: String =
                row.iter().zip(&widths).map(|(cell, width)| format!("  {cell:width$}")).collect();
            format!("{name:name_width$}{row}").trim_end().to_owned() + "\n"
        };
        let table: String = table.iter().map(line).collect();
        settings().bind(|| {
            std::panic::catch_unwind(|| insta::assert_snapshot!("digests", table)).is_err()
        })
    }
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// Runs one file and looks at everything that it says must be so.
fn run(file: &Path, digests: &Digests) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
    let scenario =
        domains::harness().load(&shown, &std::fs::read(file)?).map_err(|diagnostics| {
            diagnostics.iter().map(|wrong| format!("{wrong}\n\n")).collect::<String>()
        })?;
    let (run, story) = story(&*scenario)?;
    let name = name_of(file, root);
    digests.note(name.replace("__", "/"), &run);
    settings().bind(|| {
        std::panic::catch_unwind(|| insta::assert_snapshot!(name.as_str(), story))
            .map_err(|_| Failed::from(format!("the story of {shown} is not its snapshot")))
    })
}

/// Checks what must be so of every scenario; gives its run and its story.
fn story(scenario: &dyn AnyScenario) -> Result<(RunOutcome, String), Failed> {
    let request = RunRequest { repeat: true, detail: Some(Detail::Story), ..scenario.request() };
    let mut outcome = scenario.run(&request);
    let repeats = outcome.repeat == Some(Repeat::Same);
    if outcome.verdict() != Verdict::Held || !repeats {
        let report = Report::of(Entry::Run(Box::new(outcome)));
        return Err(text(&report, &Palette::default()).into());
    }
    // That a capsule is another run by now is no news; that a fault of it is gone is.
    let unused = outcome.reproduction.take().into_iter().flat_map(|found| found.unused);
    let brief = Excerpt { brief: true, ..Excerpt::default() };
    let story = replay(&outcome, brief)?.text(&Palette::default());
    let lines = story.lines().skip(2).filter(|line| !line.starts_with("  digest "));
    let lines = lines.map(str::to_owned).chain(unused);
    let story = lines.map(|line| line + "\n").collect();
    Ok((outcome, story))
}

/// Fails for every snapshot of a scenario that is gone.
fn orphans(names: &BTreeSet<String>) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders: BTreeSet<&str> = domains_of(names).collect();
    let mut orphans = Vec::new();
    for entry in std::fs::read_dir(root.join("snapshots"))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let Some(name) = file.strip_suffix(".snap") else { continue };
        let Some((folder, _)) = name.split_once("__") else { continue };
        if folders.contains(folder) && !names.contains(name) {
            orphans.push(file);
        }
    }
    if orphans.is_empty() {
        Ok(())
    } else {
        orphans.sort();
        Err(format!("there is no scenario for these snapshots: {}", orphans.join(", ")).into())
    }
}

fn domains_of(names: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    names.iter().filter_map(|name| name.split_once("__")).map(|(folder, _)| folder)
}

/// `flights__hold_seat` for `scenarios/flights/hold_seat.ron`.
fn name_of(file: &Path, root: &Path) -> String {
    let within = file.strip_prefix(root.join("scenarios")).unwrap_or(file).with_extension("");
    let parts: Vec<String> =
        within.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("__")
}

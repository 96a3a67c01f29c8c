//! Every scenario file is a test. Nothing is registered: the folder is walked.
//!
//! A scenario must hold, meet its expectations, come to the same end twice, and tell the story that
//! its snapshot in `snapshots/` has: the same text that `jetlag replay --brief FILE` prints. A file
//! without a snapshot fails, and so does a snapshot without a file.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use jetlag::domains;
use jetlag::harness::AnyScenario;
use jetlag::report::{Entry, Excerpt, Palette, Report, replay, text};
use jetlag::session::{Repeat, RunOutcome, RunRequest, Verdict};
use jetlag::trace::Detail;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A panic message on standard error is all that insta has to say, so it is worth its place.
    arguments.nocapture = true;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = domains::harness().files(&[root.join("scenarios")]);
    let files = files.unwrap_or_else(|trouble| panic!("{trouble}"));
    let mut trials: Vec<Trial> = files
        .iter()
        .map(|file| {
            let (file, name) = (file.clone(), name_of(file, root).replace("__", "/"));
            Trial::test(name, move || run(&file))
        })
        .collect();
    let names: BTreeSet<String> = files.iter().map(|file| name_of(file, root)).collect();
    trials.push(Trial::test("every_snapshot_has_a_scenario", move || orphans(&names)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Runs one file and looks at everything that it says must be so.
fn run(file: &Path) -> Result<(), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shown = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
    let scenario =
        domains::harness().load(&shown, &std::fs::read(file)?).map_err(|diagnostics| {
            diagnostics.iter().map(|wrong| format!("{wrong}\n\n")).collect::<String>()
        })?;
    let story = story(&*scenario)?;
    let name = name_of(file, root);
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        std::panic::catch_unwind(|| insta::assert_snapshot!(name.as_str(), story))
            .map_err(|_| Failed::from(format!("the story of {shown} is not its snapshot")))
    })
}

/// What must be so of every scenario; gives its story.
fn story(scenario: &dyn AnyScenario) -> Result<String, Failed> {
    let request = RunRequest { repeat: true, detail: Some(Detail::Story), ..scenario.request() };
    let outcome = scenario.run(&request);
    let repeats = outcome.repeat == Some(Repeat::Same);
    if outcome.verdict() != Verdict::Held || !repeats {
        let report = Report::of(Entry::Run(Box::new(outcome)));
        return Err(text(&report, &Palette::default()).into());
    }
    // The digest line of a story does not say that the run was repeated.
    let outcome = RunOutcome { repeat: None, ..outcome };
    let excerpt = Excerpt { brief: true, ..Excerpt::default() };
    Ok(replay(&outcome, excerpt, &Palette::default())?)
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

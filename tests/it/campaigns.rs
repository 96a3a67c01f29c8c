//! Campaigns from end to end, on the built binary: what they print, keep and continue.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Two customers and one seat, with whatever else is put in for `EXTRA`.
const RACE: &str = r#"(
    name: "race",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "10.00 EUR")])],
    ),
    script: [
        (at: "0s", who: "ana", does: Hold(flight: "IB1")),
        (at: "0s", who: "ben", does: Hold(flight: "IB1")),
    ],
    fuzz: (faults: [Delay, Reorder, Pause], budget: 3),
    EXTRA
)
"#;

/// A hold lasts for 15 minutes: no run is at rest after five seconds.
const RESTLESS: &str = "budget: (until: \"5s\"),";

/// A folder of its own for a test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn with(test: &str, files: &[(&str, &str)]) -> Self {
        let folder =
            std::env::temp_dir().join(format!("jetlag-campaigns-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        for (name, extra) in files {
            let text = RACE.replace("EXTRA", extra);
            std::fs::write(folder.join(name), text).expect("a temporary file");
        }
        Self(folder)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jetlag"));
        command.arg("fuzz").args(words).current_dir(&self.0);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("COLUMNS");
        command
    }

    /// The status and the standard output of a campaign.
    fn fuzz(&self, words: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } = self.command(words).output().expect("it was built");
        let text = |bytes| String::from_utf8(bytes).expect("output is text");
        let (stdout, stderr) = (text(stdout), text(stderr));
        (status.code().unwrap_or_else(|| panic!("killed: {stderr}")), stdout)
    }

    /// The names of the files in a folder, in order.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(folder)).expect("a folder");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort_unstable();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Compares with `snapshots/campaigns__NAME.snap`.
fn compare(name: &str, seen: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("campaigns__{name}"), seen));
}

#[test]
fn a_campaign_prints_the_same_bytes_on_any_number_of_threads() {
    let folder = Folder::with("same", &[("race.ron", ""), ("slow.ron", "seed: 3,")]);
    let run = |findings: &str, jobs: &str| {
        let words = [".", "--runs", "100", "--block", "32", "--findings", findings, "--jobs", jobs];
        folder.fuzz(&[&words[..], &["--files"]].concat())
    };
    let one = run("one", "1");
    compare("held", &one.1);
    assert_eq!(one.0, 0);
    let printed = |findings: &str, jobs| {
        let (status, text) = run(findings, jobs);
        (status, text.replace(findings, "one"))
    };
    assert_eq!(printed("two", "2"), one);
    assert_eq!(printed("five", "5"), one);
    // The same campaign over the same folder has nothing left to do.
    assert_eq!(run("one", "2"), one);
    let words = [".", "--runs", "100", "--findings", "one"];
    let json = folder.fuzz(&[&words[..], &["--format", "json"]].concat()).1;
    assert!(json.contains("\"kind\": \"campaign\""), "{json}");
    let other = folder.fuzz(&[&words[..], &["--seed", "13"]].concat());
    assert_ne!(other.1, one.1);
}

#[test]
fn a_campaign_goes_on_after_a_failure_and_keeps_the_first_of_each_kind() {
    let folder = Folder::with("restless", &[("race.ron", ""), ("restless.ron", RESTLESS)]);
    let words = [".", "--runs", "40"];
    let (status, text) = folder.fuzz(&words);
    compare("no_verdict", &text);
    assert_eq!(status, 3, "runs have no verdict, and nothing else is wrong");
    let names = folder.names("findings");
    let (state, capsules) = names.split_first().expect("the state");
    assert_eq!(state, "campaign.json");
    assert!(!capsules.is_empty());
    for name in capsules {
        // Temporary files are gone, and each capsule is in the report.
        assert!(
            name.ends_with(".ron") && text.contains(&format!("findings/{name}")),
            "{name} {text}"
        );
    }
    let next = text.lines().last().and_then(|line| line.split_once("jetlag "));
    let (_, command) = next.expect("a command that can be pasted");
    let mut replay = Command::new(env!("CARGO_BIN_EXE_jetlag"));
    let replayed = replay.args(command.split(' ')).current_dir(&folder.0).output();
    let replayed = replayed.expect("it was built");
    let shown = String::from_utf8_lossy(&replayed.stdout);
    assert!(shown.contains("NO VERDICT"), "{shown}{}", String::from_utf8_lossy(&replayed.stderr));
}

#[test]
fn a_changed_file_begins_a_new_campaign_that_is_compared_with_the_old_one() {
    let folder = Folder::with("changed", &[("race.ron", RESTLESS)]);
    let standing = |runs: &str| {
        let (status, text) = folder.fuzz(&["race.ron", "--runs", runs]);
        let line = text.lines().find(|line| line.contains("no-verdict")).unwrap_or_default();
        (status, line.split_whitespace().take(4).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(standing("20"), (3, "OPEN no-verdict new first".to_owned()));
    let write = |extra: &str| {
        std::fs::write(folder.0.join("race.ron"), RACE.replace("EXTRA", extra)).expect("a file");
    };
    write("seed: 9, budget: (until: \"5s\"),");
    assert_eq!(standing("20"), (3, "OPEN no-verdict still there".to_owned()));
    write("");
    assert_eq!(standing("10"), (0, "BEFORE no-verdict not found".to_owned()));
    assert_eq!(
        standing("20").1.split(' ').take(3).collect::<Vec<_>>(),
        ["GONE", "no-verdict", "gone"]
    );
}

#[test]
fn a_state_that_cannot_be_read_is_a_diagnostic() {
    let folder = Folder::with("garbled", &[("race.ron", "")]);
    std::fs::create_dir_all(folder.0.join("findings")).expect("a folder");
    std::fs::write(folder.0.join("findings/campaign.json"), "{\"format\":").expect("a file");
    let Output { status, stderr, .. } =
        folder.command(&["race.ron", "--runs", "4"]).output().expect("it was built");
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(2));
    assert!(stderr.contains("findings/campaign.json is not the state of a campaign"), "{stderr}");
    assert!(stderr.contains("--findings"), "{stderr}");
}

#[test]
fn a_campaign_for_a_time_ends_with_a_result() {
    let folder = Folder::with("time", &[("race.ron", "")]);
    let (status, text) = folder.fuzz(&["race.ron", "--for", "1s", "--block", "16"]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("  held  ") && text.contains(" runs · digest "), "{text}");
    assert_eq!(folder.fuzz(&["race.ron", "--for", "1s", "--runs", "3"]).0, 2);
}

/// A kill loses no more than the blocks that were under way.
#[test]
#[cfg(unix)]
fn a_campaign_that_was_killed_continues_and_prints_the_same() {
    let folder = Folder::with("killed", &[("race.ron", ""), ("restless.ron", RESTLESS)]);
    let words = |findings| [".", "--runs", "600", "--block", "32", "--findings", findings];
    let quiet = |mut command: Command| {
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it was built")
    };
    let whole = folder.fuzz(&words("whole"));
    for _ in 0..3 {
        let mut child = quiet(folder.command(&words("killed")));
        let begun = || folder.0.join("killed/campaign.json").exists();
        for _ in 0..600 {
            #[expect(clippy::disallowed_methods, reason = "another process takes its time")]
            std::thread::sleep(Duration::from_millis(100));
            if begun() {
                break;
            }
        }
        child.kill().expect("it runs, or has just ended");
        child.wait().expect("it ends");
        for name in folder.names("killed").iter().filter(|name| name.ends_with(".ron")) {
            let found = std::fs::read(folder.0.join("killed").join(name)).expect("a capsule");
            let same = std::fs::read(folder.0.join("whole").join(name)).expect("found again");
            // It may be that of a later run, if the first one had not come yet; but it is whole.
            assert_eq!(found.last(), same.last());
        }
    }
    let (status, text) = folder.fuzz(&words("killed"));
    assert_eq!((status, text.replace("killed/", "whole/")), whole);
    let capsules = |folder: &Folder, findings: &str| -> Vec<String> {
        let names = folder.names(findings).into_iter();
        names.filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "ron")).collect()
    };
    for name in capsules(&folder, "whole") {
        let read = |findings: &str| {
            let path = folder.0.join(findings).join(&name);
            let text = std::fs::read_to_string(path).expect("a capsule");
            let command = format!("// jetlag replay {findings}/{name}\n");
            text.strip_prefix(&command).expect("its command").to_owned()
        };
        assert_eq!(read("killed"), read("whole"), "{name}");
    }
}

//! Campaigns from end to end, on the built binary: what they print, keep and continue.

#![cfg(unix)]

use std::time::Duration;

use crate::shell::Shell;
use crate::snapshot::compare;

/// Two customers and one seat, with whatever else is put in for `EXTRA`.
pub(crate) const RACE: &str = r#"(
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
pub(crate) const RESTLESS: &str = "budget: (until: \"5s\"),";

/// A folder with these files, each of which is the race with something more.
fn folder(test: &str, files: &[(&str, &str)]) -> Shell {
    let files: Vec<_> =
        files.iter().map(|(name, extra)| (*name, RACE.replace("EXTRA", extra))).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Shell::with(&format!("campaigns-{test}"), &files)
}

/// The status and the standard output of a campaign.
fn fuzz(folder: &Shell, words: &str) -> (i32, String) {
    let seen = folder.types(&format!("jetlag fuzz {words}"));
    (seen.status, seen.stdout)
}

#[test]
fn a_campaign_prints_the_same_bytes_on_any_number_of_threads() {
    let folder = folder("same", &[("race.ron", ""), ("slow.ron", "seed: 3,")]);
    let run = |findings: &str, jobs: &str| {
        let options = format!("--block 32 --findings {findings} --jobs {jobs} --files");
        fuzz(&folder, &format!(". --runs 100 {options}"))
    };
    let one = run("one", "1");
    compare("campaigns", "held", &one.1);
    assert_eq!(one.0, 0);
    let printed = |findings: &str, jobs| {
        let (status, text) = run(findings, jobs);
        (status, text.replace(findings, "one"))
    };
    assert_eq!(printed("two", "2"), one);
    assert_eq!(printed("five", "5"), one);
    // The same campaign over the same folder has nothing left to do.
    assert_eq!(run("one", "2"), one);
    let other = fuzz(&folder, ". --runs 100 --findings one --seed 13");
    assert_ne!(other.1, one.1);
}

#[test]
fn a_campaign_goes_on_after_a_failure_and_keeps_the_first_of_each_kind() {
    let folder = folder("restless", &[("race.ron", ""), ("restless.ron", RESTLESS)]);
    let seen = folder.types("jetlag fuzz . --runs 40");
    compare("campaigns", "no_verdict", &seen.stdout);
    assert_eq!(seen.status, 3, "runs have no verdict, and nothing else is wrong");
    let capsules = folder.capsules("findings");
    assert!(!capsules.is_empty());
    for capsule in &capsules {
        assert!(seen.stdout.contains(capsule), "{capsule} is not in {}", seen.stdout);
    }
    let files = std::fs::read_dir(folder.path("findings")).expect("a folder").count();
    assert_eq!(files, capsules.len() + 1, "temporary files are gone, and the state is there");
    let replayed = folder.types(seen.command_after("next"));
    assert!(replayed.stdout.contains("NO VERDICT"), "{}{}", replayed.stdout, replayed.stderr);
}

#[test]
fn a_changed_file_begins_a_new_campaign_that_is_compared_with_the_old_one() {
    let folder = folder("changed", &[("race.ron", RESTLESS)]);
    let standing = |runs: &str| {
        let (status, text) = fuzz(&folder, &format!("race.ron --runs {runs}"));
        let line = text.lines().find(|line| line.contains("no-verdict")).unwrap_or_default();
        (status, line.split_whitespace().take(4).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(standing("20"), (3, "OPEN no-verdict new first".to_owned()));
    let write = |extra: &str| folder.write("race.ron", &RACE.replace("EXTRA", extra));
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
    let folder = folder("garbled", &[("race.ron", "")]);
    folder.write("findings/campaign.json", "{\"format\":");
    let seen = folder.types("jetlag fuzz race.ron --runs 4");
    assert_eq!(seen.status, 2);
    let says = "findings/campaign.json is not the state of a campaign";
    assert!(seen.stderr.contains(says), "{}", seen.stderr);
    assert!(seen.stderr.contains("--findings"), "{}", seen.stderr);
}

#[test]
fn a_campaign_for_a_time_ends_with_a_result() {
    let folder = folder("time", &[("race.ron", "")]);
    let (status, text) = fuzz(&folder, "race.ron --for 1s --block 16");
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("  held  ") && text.contains(" runs · digest "), "{text}");
    assert_eq!(fuzz(&folder, "race.ron --for 1s --runs 3").0, 2);
}

/// A kill loses no more than the blocks that were under way.
#[test]
fn a_campaign_that_was_killed_continues_and_prints_the_same() {
    let folder = folder("killed", &[("race.ron", ""), ("restless.ron", RESTLESS)]);
    let words =
        |findings| format!("race.ron restless.ron --runs 600 --block 32 --findings {findings}");
    let whole = fuzz(&folder, &words("whole"));
    for _ in 0..3 {
        let mut child = folder.begins(&format!("jetlag fuzz {}", words("killed")));
        for _ in 0..600 {
            #[expect(clippy::disallowed_methods, reason = "another process takes its time")]
            std::thread::sleep(Duration::from_millis(100));
            if folder.path("killed/campaign.json").exists() {
                break;
            }
        }
        child.kill().expect("it runs, or has just ended");
        child.wait().expect("it ends");
        for capsule in folder.capsules("killed") {
            let same = folder.read(&capsule.replace("killed/", "whole/"));
            // It may be that of a later run, if the first one had not come yet; but it is whole.
            assert_eq!(folder.read(&capsule).chars().last(), same.chars().last());
        }
    }
    let (status, text) = fuzz(&folder, &words("killed"));
    assert_eq!((status, text.replace("killed/", "whole/")), whole);
    let capsules = folder.capsules("whole");
    assert!(!capsules.is_empty());
    for capsule in capsules {
        let again = folder.read(&capsule.replace("whole/", "killed/"));
        // The first line has the folder.
        let again = again.replace("killed/", "whole/");
        assert_eq!(again, folder.read(&capsule), "{capsule}");
    }
}

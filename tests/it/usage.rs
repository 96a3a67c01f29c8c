//! Options and paths that make no sense together are errors with status 2 that say what to do instead.
#![cfg(unix)]

use crate::shell::Shell;

/// A customer and a seat; seeds draw faults.
const HOLD: &str = r#"(
    name: "hold",
    domain: Flights(
        vendors: [(id: V1, gds: Ndc, flights: [(id: "IB1", seats: 1, fare: "10.00 EUR")])],
    ),
    script: [(who: "ana", does: Hold(flight: "IB1"))],
    fuzz: (faults: [Delay, Reorder], budget: 2),
)
"#;

/// A folder with a scenario and a capsule of it.
fn shell(test: &str) -> Shell {
    let shell = Shell::with(test, &[("own/hold.ron", HOLD), ("own/capsules/notes.txt", "")]);
    let seen = shell.types("jetlag run own/hold.ron --record own/capsules/held.ron");
    assert_eq!(seen.status, 0, "{}", seen.stderr);
    shell
}

/// Nothing is printed but an error that says this.
fn assert_usage(shell: &Shell, line: &str, says: &[&str]) {
    let seen = shell.types(line);
    assert_eq!((seen.status, seen.stdout.as_str()), (2, ""), "{line}: {}", seen.stderr);
    for part in says {
        assert!(seen.stderr.contains(part), "{line}: no `{part}` in\n{}", seen.stderr);
    }
}

#[test]
fn another_run_of_a_capsule_is_an_error() {
    let shell = shell("capsule");
    let is_capsule = "own/capsules/held.ron is a capsule, which fixes its run";
    let instead = "or name its scenario, own/hold.ron";
    for options in ["--seeds 0..5", "--seed 3", "--fuzz", "--policy pos", "--inject 'Drop'"] {
        let line = format!("jetlag run own/capsules/held.ron {options}");
        let hint = "omit --seed, --seeds, --fuzz, --policy and --inject, ";
        assert_usage(&shell, &line, &[is_capsule, hint, instead]);
    }
    for options in ["--seed 3", "--fuzz", "--policy pos", "--inject 'Drop'"] {
        let line = format!("jetlag replay own/capsules/held.ron {options}");
        assert_usage(&shell, &line, &[is_capsule, "omit --seed, --fuzz, --policy", instead]);
    }
    let other = "`fuzz` makes other runs: name its scenario, own/hold.ron";
    assert_usage(&shell, "jetlag fuzz own/capsules/held.ron", &[is_capsule, other]);
    let all = "all files are capsules, which fix their runs";
    assert_usage(&shell, "jetlag run own/capsules --seed 3", &[all, "or name scenarios"]);
    assert_eq!(shell.types("jetlag run own/capsules/held.ron --twice").status, 0);
}

#[test]
fn capsules_in_a_folder_are_skipped_where_other_runs_are_asked_for() {
    let shell = shell("skipped");
    let note = "note: skipped 1 capsule: own/capsules/held.ron\n";
    for line in [
        "jetlag run own --seed 3",
        "jetlag run own --seeds 0..5",
        "jetlag run own --fuzz",
        "jetlag fuzz own --runs 5",
    ] {
        let seen = shell.types(line);
        assert_eq!((seen.status, seen.stderr.as_str()), (0, note), "{line}: {}", seen.stdout);
    }
    assert_eq!(shell.types("jetlag run own").stderr, "", "it runs as it is");
}

#[test]
fn a_run_is_recorded_to_nothing_but_a_capsule() {
    let shell = shell("record");
    shell.write("other.ron", HOLD);
    let run = "jetlag run own/hold.ron --record";
    let exists = ["own/hold.ron exists and is not a capsule", "name another file"];
    assert_usage(&shell, &format!("{run} own/hold.ron"), &exists);
    assert_eq!(shell.read("own/hold.ron"), HOLD);
    assert_usage(&shell, &format!("{run} /dev/null"), &["/dev/null exists and is not a capsule"]);
    assert_usage(&shell, &format!("{run} own"), &["own is a folder", "own/run.ron"]);
    assert_usage(&shell, &format!("{run} none/x.ron"), &["there is no folder none"]);
    let one = "--record is for one run";
    assert_usage(&shell, "jetlag run own --record x.ron", &[one, "name one file"]);
    assert_usage(&shell, &format!("{run} x.ron --seeds 0..5"), &[one, "omit --seeds"]);
    let whole = ["--record is for a whole run", "omit --until"];
    assert_usage(&shell, "jetlag replay own/hold.ron --until 1s --record x.ron", &whole);
    // A capsule is replaced, and so is an empty file, as `mktemp` makes it.
    shell.write("empty.ron", "");
    for file in ["own/capsules/held.ron", "empty.ron"] {
        assert_eq!(shell.types(&format!("{run} {file} --seed 9")).status, 0);
        assert!(shell.read(file).contains("\n    seed: 9,\n"), "{}", shell.read(file));
    }
}

#[test]
fn a_campaign_without_an_extent_is_an_error() {
    let shell = shell("extent");
    let zero = "0 is not in 1..";
    assert_usage(&shell, "jetlag fuzz own --jobs 0", &["--jobs", zero]);
    assert_usage(&shell, "jetlag fuzz own --jobs 5000", &["5000 is not in 1..=1024"]);
    assert_usage(&shell, "jetlag fuzz own --block 0", &["--block", zero]);
    assert_usage(&shell, "jetlag fuzz own --runs 0", &["--runs", zero]);
    assert_usage(&shell, "jetlag fuzz own --for 0s", &["--for", "a campaign lasts longer than 0s"]);
    assert_usage(&shell, "jetlag fuzz own --for 5", &["--for", "unit"]);
    assert_usage(&shell, "jetlag run own --shard 0/2", &["--shard"]);
}

#[test]
fn a_folder_of_findings_that_cannot_be_used_is_an_error() {
    let shell = shell("findings");
    let fuzz = "jetlag fuzz own/hold.ron --runs 5 --findings";
    let own = ["own, the folder of findings, contains own/hold.ron", "a folder of its own"];
    assert_usage(&shell, &format!("{fuzz} own"), &own);
    assert_usage(&shell, &format!("{fuzz} ."), &["contains own/hold.ron"]);
    shell.write("notes.txt", "");
    assert_usage(&shell, &format!("{fuzz} notes.txt"), &["notes.txt", "is a file"]);
    assert_usage(&shell, &format!("{fuzz} notes.txt/x"), &["cannot make the folder notes.txt/x"]);
    // No user may write there.
    assert_usage(&shell, &format!("{fuzz} /proc/here"), &["cannot make the folder /proc/here"]);
    shell.write("theirs/campaign.json", "{\"name\": \"of another tool\"}");
    let theirs = ["theirs/campaign.json is not the state of a campaign", "another folder"];
    assert_usage(&shell, &format!("{fuzz} theirs"), &theirs);
    assert_eq!(shell.types(&format!("{fuzz} a/new/one")).status, 0, "folders are made");
    assert!(shell.path("a/new/one/campaign.json").is_file());
}

#[test]
fn a_file_that_is_named_twice_is_run_once() {
    let shell = shell("twice");
    let seen = shell.types("jetlag fuzz own/hold.ron own ./own/hold.ron --runs 5 --files");
    assert!(seen.stdout.contains("   1 scenario   "), "{}", seen.stdout);
}

//! Every command that a report prints can be pasted where the report was made, and shows the same failure.
#![cfg(unix)]

use crate::shell::Shell;

/// Fails in each of its runs.
const CAPTURED_TWICE: &str = include_str!("../../examples/captured_twice.ron");
const FAILS: &str = "single-capture";

/// The failing file under a name that a shell would split, which also lets seeds draw faults.
fn shell(test: &str) -> Shell {
    let fuzz = "    fuzz: (faults: [Delay, Reorder], budget: 2),\n    faults: [";
    let text = CAPTURED_TWICE.replacen("    faults: [", fuzz, 1);
    Shell::with(test, &[("it's twice.ron", &text)])
}

const FILE: &str = r"'it'\''s twice.ron'";

/// Pastes a command and expects the failure.
fn assert_fails(shell: &Shell, command: &str) {
    let seen = shell.types(command);
    assert_eq!(seen.status, 1, "{command}\n{}{}", seen.stdout, seen.stderr);
    assert!(seen.stdout.contains(&format!("VIOLATED  {FAILS}")), "{command}\n{}", seen.stdout);
}

/// Pastes the first line of each capsule in a folder.
fn assert_capsules_fail(shell: &Shell, folder: &str) {
    let capsules = shell.capsules(folder);
    assert!(!capsules.is_empty(), "nothing was found");
    for capsule in capsules {
        let text = shell.read(&capsule);
        let command = text.lines().next().and_then(|line| line.strip_prefix("// "));
        assert_fails(shell, command.unwrap_or_else(|| panic!("{capsule} begins otherwise")));
    }
}

#[test]
fn a_run_that_fails_ends_with_the_command_that_replays_it() {
    let shell = shell("run");
    for words in [
        "run",
        "run --seed 0x7",
        "run --policy pos",
        "run --inject 'Delay, node: \"store\", times: 1, by: \"30ms\"'",
        "run --fuzz --seed 5 --policy pct-2",
        "run --seeds 3..9",
        "run --twice",
        "replay",
        "replay --fuzz --seed 6",
    ] {
        let (command, options) = words.split_once(' ').unwrap_or((words, ""));
        let seen = shell.types(&format!("jetlag {command} {FILE} {options}"));
        assert_eq!(seen.status, 1, "{words}: {}", seen.stderr);
        let next = seen.command_after("replay");
        assert_fails(&shell, next);
        // Without the excerpt it is the same run, by its digest.
        let (whole, _) = next.split_once(" --around ").expect("it shows where");
        let digest = |text: &str| text.split("digest ").nth(1).map(|rest| rest[..16].to_owned());
        let replayed = shell.types(whole);
        if !words.contains("--seeds") {
            assert_eq!(digest(&replayed.stdout), digest(&seen.stdout), "{words}");
        }
    }
}

#[test]
fn a_recorded_run_names_the_command_that_replays_it() {
    let shell = shell("record");
    shell.write("of ana/notes.txt", "");
    let seen = shell.types(&format!("jetlag run {FILE} --record 'of ana/x.ron'"));
    assert_eq!((seen.status, seen.stderr.as_str()), (1, ""));
    assert_capsules_fail(&shell, "of ana");
    // The run of a capsule is replayed from the capsule.
    let replayed = shell.types("jetlag run 'of ana/x.ron'");
    assert!(replayed.stdout.contains("REPRODUCED  expected: "), "{}", replayed.stdout);
    let next = replayed.command_after("replay");
    assert!(next.starts_with("jetlag replay 'of ana/x.ron' --around "), "{next}");
    assert_fails(&shell, next);
}

#[test]
fn a_campaign_ends_with_the_command_that_replays_what_it_found() {
    let shell = shell("fuzz");
    let campaign = format!("jetlag fuzz {FILE} --runs 12 --findings 'found here'");
    let seen = shell.types(&campaign);
    assert_eq!(seen.status, 1, "{}", seen.stderr);
    assert_fails(&shell, seen.command_after("next"));
    assert_capsules_fail(&shell, "found here");

    let json = shell.types(&format!("{campaign} --format json")).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let finding = &json["entries"][0]["findings"][0];
    assert_fails(&shell, finding["replay"].as_str().expect("a command"));
    assert_eq!(shell.capsules("found here"), [finding["capsule"].as_str().expect("a path")]);

    let github = shell.types(&format!("{campaign} --format github")).stdout;
    let (_, command) = github
        .lines()
        .next()
        .and_then(|line| line.split_once("%0Areplay: "))
        .expect("an error ends with the command");
    assert_fails(&shell, command);
}

#[test]
fn a_merge_ends_with_the_command_that_replays_what_the_shards_found() {
    let shell = shell("merge");
    for shard in 0..2 {
        let options = format!("--runs 16 --block 8 --findings 'found here' --shard {shard}/2");
        assert_eq!(shell.types(&format!("jetlag fuzz {FILE} {options}")).status, 0);
        assert_capsules_fail(&shell, &format!("found here/shard-{shard}-of-2"));
    }
    let seen = shell.types("jetlag merge 'found here' --findings all/of/it");
    assert_eq!(seen.status, 1, "{}", seen.stderr);
    assert_fails(&shell, seen.command_after("next"));
    assert_capsules_fail(&shell, "all/of/it");
}

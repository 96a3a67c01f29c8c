//! Campaigns in several processes, and their summary.

#![cfg(unix)]

use crate::shell::Shell;

/// Fails in each of its runs.
const CAPTURED_TWICE: &str = include_str!("../../examples/captured_twice.ron");

/// A folder with two files, one of which fails.
fn folder(test: &str) -> Shell {
    let fuzz = "    fuzz: (faults: [Delay, Reorder], budget: 2),\n    faults: [";
    let fails = CAPTURED_TWICE.replacen("    faults: [", fuzz, 1);
    let calm = include_str!("../../scenarios/flights/hold_seat.ron");
    Shell::with(
        &format!("shards-{test}"),
        &[("captured_twice.ron", &fails), ("hold_seat.ron", calm)],
    )
}

/// The exit status, standard output and standard error of `jetlag`, with variables of the environment.
fn jetlag(folder: &Shell, words: &str, variables: &[(&str, &str)]) -> (i32, String, String) {
    let variables = variables.iter().map(|(name, value)| format!("{name}={value} "));
    let seen = folder.types(&format!("env {}jetlag {words}", variables.collect::<String>()));
    (seen.status, seen.stdout, seen.stderr)
}

const FUZZ: &str = "fuzz captured_twice.ron hold_seat.ron --runs 44 --block 8 --seed 3";

#[test]
fn merged_shards_print_what_one_process_prints() {
    let one = folder("one");
    let (status, whole, _) = jetlag(&one, FUZZ, &[]);
    assert_eq!(status, 1, "{whole}");
    assert!(whole.contains("FOUND  single-capture"), "{whole}");

    let four = folder("four");
    for shard in ["2", "0", "3"] {
        let words = format!("{FUZZ} --shard {shard}/4");
        let (status, stdout, stderr) = jetlag(&four, &words, &[]);
        assert_eq!((status, stderr.as_str()), (0, ""), "a shard ends with 0, whatever it found");
        assert!(stdout.starts_with(&format!("fuzz   shard {shard}/4   seed 3 ")), "{stdout}");
    }
    let (status, partly, stderr) = jetlag(&four, "merge findings --findings partly", &[]);
    assert_eq!((status, stderr.as_str()), (1, "note: no result of shard: 1/4\n"));
    assert!(partly.contains("  interrupted  "), "{partly}");

    // The last one is told by its job scheduler which shard it is.
    let slurm = ["ID", "COUNT", "MIN", "MAX"].map(|name| format!("SLURM_ARRAY_TASK_{name}"));
    let slurm: Vec<(&str, &str)> =
        slurm.iter().map(String::as_str).zip(["1", "4", "0", "3"]).collect();
    let (status, _, stderr) = jetlag(&four, FUZZ, &slurm);
    let note = "note: this is shard 1/4, because SLURM_ARRAY_TASK_ID is set\n";
    assert_eq!((status, stderr.as_str()), (0, note));

    assert_eq!(jetlag(&four, "merge", &[]), (1, whole.clone(), String::new()));
    let results = [3, 1, 0, 2].map(|n| format!("findings/shard-{n}-of-4/campaign.json")).join(" ");
    assert_eq!(jetlag(&four, &format!("merge {results}"), &[]), (1, whole.clone(), String::new()));
    let (status, twice, stderr) = jetlag(&four, &format!("merge findings {results}"), &[]);
    assert_eq!((status, twice), (1, whole));
    let note = "note: more than one result, counted once, of shard: 0/4, 1/4, 2/4, 3/4\n";
    assert_eq!(stderr, note);

    let capsules = |folder: &Shell| {
        let names = folder.capsules("findings");
        names.iter().map(|name| folder.read(name)).collect::<Vec<_>>()
    };
    assert!(!capsules(&one).is_empty());
    assert_eq!(capsules(&one), capsules(&four), "each finding has the capsule of its first run");
}

#[test]
fn a_shard_that_is_started_again_continues() {
    let folder = folder("again");
    let words = format!("{FUZZ} --shard 1/2");
    let first = jetlag(&folder, &words, &[]);
    let result = folder.read("findings/shard-1-of-2/campaign.json");
    assert_eq!(jetlag(&folder, &words, &[]), first);
    assert_eq!(folder.read("findings/shard-1-of-2/campaign.json"), result);
}

#[test]
fn bad_usage_is_status_2() {
    let folder = folder("usage");
    let is_usage = |words: &str, variables: &[(&str, &str)], says: &str| {
        let (status, stdout, stderr) = jetlag(&folder, words, variables);
        assert_eq!((status, stdout.as_str()), (2, ""), "{words}: {stderr}");
        assert!(stderr.contains(says), "{words}: {stderr}");
    };
    is_usage(
        &format!("{FUZZ} --shard 2/2"),
        &[],
        "shards are counted from 0: the last of 2 is 1/2",
    );
    is_usage(&format!("{FUZZ} --shards 2"), &[], "`--shards 2` does not say which shard this is");
    let index = [("JOB_COMPLETION_INDEX", "5")];
    is_usage(FUZZ, &index, "JOB_COMPLETION_INDEX is 5, but the number of shards is not known");
    is_usage(&format!("{FUZZ} --shards 4"), &index, "there are 4 shards from 0 on");
    is_usage("merge findings", &[], "findings");
    assert_eq!(jetlag(&folder, &format!("{FUZZ} --shard 0/2"), &[]).0, 0);
    let other = FUZZ.replace("--seed 3", "--seed 4");
    assert_eq!(jetlag(&folder, &format!("{other} --shard 1/2"), &[]).0, 0);
    let says = "are not of the same campaign: seed 4, and seed 3\n  hint: ";
    is_usage("merge findings", &[], says);
    folder.write("findings/shard-1-of-2/campaign.json", "{}");
    is_usage("merge findings", &[], "campaign.json is not the result of a shard: missing field");
}

//! The progress line: a person at a terminal sees it, and a program that reads standard error does not.
#![cfg(target_os = "linux")]

use crate::shell::Shell;

/// Rounds of two runs, after which the rest of the line is told.
const FUZZ: &str = "jetlag fuzz hold.ron --runs 100 --block 32 --jobs 1";

fn shell(test: &str) -> Shell {
    let text = include_str!("../../scenarios/flights/hold_seat.ron");
    Shell::with(test, &[("hold.ron", text)])
}

#[test]
fn a_campaign_shows_on_a_terminal_how_far_it_is() {
    // `script` gives the command a terminal and prints what it shows.
    let line = format!("env TERM=xterm COLUMNS=120 script -qec '{FUZZ} > report.txt' /dev/null");
    let shell = shell("progress");
    let seen = shell.types(&line);
    assert_eq!(seen.status, 0, "{}", seen.stdout);
    for part in ["fuzz  [", "/100  ", " runs/s  ", " left  ", "0 findings   coverage ", " features"]
    {
        assert!(seen.stdout.contains(part), "no `{part}` in {:?}", seen.stdout);
    }
    assert!(!shell.read("report.txt").contains("runs/s"), "the report goes to standard output");
    // The line is gone in the end.
    let last = seen.stdout.rsplit('\r').next().unwrap_or_default();
    assert!(!last.contains("runs/s"), "{last:?}");
}

#[test]
fn without_a_terminal_there_is_no_progress_line() {
    let shell = shell("no-progress");
    for line in [FUZZ, "env CLICOLOR_FORCE=1 TERM=xterm jetlag fuzz hold.ron --runs 20"] {
        let seen = shell.types(line);
        assert_eq!((seen.status, seen.stderr.as_str()), (0, ""));
    }
    let run = "jetlag run hold.ron --seeds 0..20";
    assert_eq!(shell.types(run).stderr, "");
}

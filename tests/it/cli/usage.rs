//! Help, and how bad usage is answered.

use super::jetlag;
use crate::snapshot::compare;

#[test]
fn help_says_what_everything_is_for() {
    compare("cli", "help", &jetlag(&["--help"]).seen());
    let commands = [
        "run",
        "replay",
        "fuzz",
        "merge",
        "enumerate",
        "shrink",
        "explain",
        "report",
        "serve",
        "list",
        "show",
        "new",
        "completions",
    ];
    for command in commands {
        compare("cli", &format!("help_{command}"), &jetlag(&[command, "--help"]).seen());
    }
}

#[test]
fn bad_usage_is_status_2_and_goes_to_stderr() {
    compare("cli", "usage_unknown_flag", &jetlag(&["run", "--sed", "7"]).seen());
    compare("cli", "usage_bad_seeds", &jetlag(&["run", "--seeds", "9..3"]).seen());
    compare(
        "cli",
        "usage_unknown_path",
        &jetlag(&["run", "scenarios/flights/hold_seet.ron"]).seen(),
    );
    assert_eq!(jetlag(&[]).status(), 2);
    assert_eq!(jetlag(&["run", "--seed", "1", "--seeds", "0..2"]).status(), 2);
    assert_eq!(jetlag(&["replay", "scenarios/flights/boot.ron", "--until", "5"]).status(), 2);
}

//! Tests in a process of their own, for what a process has only one of: its exit status, its standard output,
//! its environment.

use std::process::{Command, Output};

/// Runs an ignored test of this binary, by its whole name, with these variables in the environment.
pub(crate) fn in_a_process(test: &str, variables: &[(&str, &str)]) -> Output {
    let binary = std::env::current_exe().expect("tests are a program");
    let mut command = Command::new(binary);
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    command.envs(variables.iter().copied()).env_remove("NO_COLOR");
    command.output().expect("it has just been started")
}

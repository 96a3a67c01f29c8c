//! `jetlag check` over a history.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What the command says.
#[derive(Debug)]
pub struct Judgement {
    /// Its exit status: 0 if all that can be observed holds, 1 if something is violated.
    pub status: i32,
    /// What it prints.
    pub text: String,
}

/// The `jetlag` command: that of the environment, or the one that was built beside this crate.
pub fn command() -> PathBuf {
    std::env::var_os("JETLAG_COMMAND").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug/jetlag")),
        PathBuf::from,
    )
}

/// Judges a history.
pub fn check(command: &Path, file: &Path) -> Judgement {
    let output = Command::new(command).arg("check").arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", command.display()));
    let text = [output.stdout, output.stderr].concat();
    Judgement {
        status: output.status.code().unwrap_or(-1),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}

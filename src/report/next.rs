//! The command that reproduces a failure.

use crate::session::{Faults, RunOutcome, Verdict};

/// A command that reproduces the failure of a run, quoted for a shell.
pub(super) fn next_command(run: &RunOutcome) -> String {
    let (file, command, seed) = (quoted(&run.subject.file), run.subject.command, run.request.seed);
    let fuzz = match run.request.faults {
        Faults::Scripted => "",
        Faults::Fuzzed => " --fuzz",
    };
    let injected = run.subject.injected.iter().map(|fault| format!(" --inject {}", quoted(fault)));
    let options = format!("--seed {seed}{fuzz}{}", injected.collect::<String>());
    if run.verdict() == Verdict::Unrepeatable {
        return format!("{command} run {file} {options} --twice");
    }
    match run.violations.first() {
        Some(violated) => {
            format!("{command} replay {file} {options} --around {}", violated.step)
        }
        None => format!("{command} replay {file} {options}"),
    }
}

/// A word quoted for a POSIX shell.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        let word = if word.starts_with('-') { format!("./{word}") } else { word.to_owned() };
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

//! The command that reproduces a failure.

use std::fmt::Write;

use crate::kernel::Schedule;
use crate::model::is_unprintable;
use crate::session::{Faults, RunOutcome, Verdict};

/// A command that reproduces the failure of a run, quoted for a shell.
pub(super) fn next_command(run: &RunOutcome) -> String {
    let (file, command, seed) = (quoted(&run.subject.file), run.subject.command, run.request.seed);
    let fuzz = match run.request.faults {
        Faults::Scripted => "",
        Faults::Fuzzed => " --fuzz",
    };
    let schedule = run.request.schedule;
    let policy = match schedule == run.request.faults.usual_schedule() {
        true => String::new(),
        false => format!(" --policy {schedule}"),
    };
    let injected = run.subject.injected.iter().map(|fault| format!(" --inject {}", quoted(fault)));
    // A capsule fixes everything that these options would.
    if schedule == Schedule::Benign {
        let around = run.violations.first().map(|violated| format!(" --around {}", violated.step));
        return format!("{command} replay {file}{}", around.unwrap_or_default());
    }
    let options = format!("--seed {seed}{fuzz}{policy}{}", injected.collect::<String>());
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
    if word.contains(is_unprintable) {
        return quoted_with_escapes(word);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        let word = if word.starts_with('-') { format!("./{word}") } else { word.to_owned() };
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The same for a word that must not be printed as it is: bytes are written as escapes, which every common
/// shell reads between `$'` and `'`.
fn quoted_with_escapes(word: &str) -> String {
    let mut quoted = "$'".to_owned();
    if word.starts_with('-') {
        quoted.push_str("./");
    }
    for c in word.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if is_unprintable(c) => {
                for byte in c.to_string().bytes() {
                    let _ = write!(quoted, "\\x{byte:02x}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_if_a_shell_would_change_it() {
        for (word, shown) in [
            ("a/b-1.ron", "a/b-1.ron"),
            ("last seat", "'last seat'"),
            ("it's", r"'it'\''s'"),
            ("-x", "'./-x'"),
            ("", "''"),
            ("\u{1b}[31mit's\n", r"$'\x1b[31mit\'s\x0a'"),
            ("\u{202e}", r"$'\xe2\x80\xae'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}

//! The exit status of the command.

use std::process::ExitCode;

use crate::session::Verdict;

/// Every exit status; [`Exit::HELP`] explains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Exit {
    Held = 0,
    Failed = 1,
    Usage = 2,
    NoVerdict = 3,
    Bug = 70,
    Interrupted = 75,
}

impl Exit {
    /// The end of the help text.
    pub(super) const HELP: &'static str = "\
Exit status:
   0  everything held
   1  a property was violated, an expectation was not met, a scripted fault never fired, or a domain
      panicked or hung
   2  invalid usage, an invalid scenario, or a history that cannot be read to its end
   3  no verdict: a budget ran out, the run was stuck or not at rest in time, a capsule was not
      reproduced, or nothing of a history could be judged
  70  a bug in jetlag itself
  75  interrupted; what is printed is the result until then";
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Held => Self::Held,
            Verdict::Failed => Self::Failed,
            Verdict::Open => Self::NoVerdict,
            Verdict::Invalid => Self::Usage,
            Verdict::Unrepeatable | Verdict::Bug => Self::Bug,
            Verdict::Interrupted => Self::Interrupted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_status() {
        for exit in
            [Exit::Held, Exit::Failed, Exit::Usage, Exit::NoVerdict, Exit::Bug, Exit::Interrupted]
        {
            let line = format!("\n{:>4}  ", exit as u8);
            assert!(Exit::HELP.contains(&line), "{exit:?} is missing");
        }
    }
}

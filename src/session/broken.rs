//! Runs that broke off: a panic, a handler that does not return, no memory left, or an interruption.

use std::fmt;

use super::panics::{Panic, Whose};
use super::{Left, RunOutcome, RunRequest, Subject, Verdict};
use crate::kernel::{Digest, Instant, Kernel, Payload, Step, Stop, Unused};
use crate::platform::{Map, message_name};

/// Why a run broke off, and in which occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The cause.
    pub cause: Cause,
    /// What was being handled; `None` outside of an occurrence.
    pub handled: Option<Handled>,
}

/// Why a run broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its code panicked.
    Panicked(Panic),
    /// Handling one occurrence took longer than this number of seconds.
    Hung {
        /// The number of seconds.
        secs: u64,
    },
    /// The process was about to use more memory than there is.
    OutOfMemory {
        /// What it used, in MiB.
        mib: u64,
    },
    /// Somebody interrupted the command.
    Interrupted,
}

/// An occurrence in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled {
    /// Its number.
    pub step: Step,
    /// Its time.
    pub at: Instant,
    /// The node that handled it.
    pub node: String,
    /// The kind of message or timer.
    pub what: &'static str,
    /// The sender of a message.
    pub from: Option<String>,
}

impl Handled {
    /// The next occurrence of a run, if it has the number `step`.
    pub(super) fn next<P: Payload>(kernel: &mut Kernel<P>, map: &Map, step: Step) -> Option<Self> {
        let delivery = kernel.next().filter(|delivery| delivery.step == step)?;
        let from = (delivery.from != delivery.to).then(|| map.name(delivery.from).to_owned());
        let node = map.name(delivery.to).to_owned();
        let what = message_name(delivery.payload.kind());
        Some(Self { step, at: kernel.now(), node, what, from })
    }
}

impl Broken {
    /// The verdict on a run that broke off; `command` is that of its domain.
    pub(super) fn verdict(&self, command: &str) -> Verdict {
        match &self.cause {
            Cause::Panicked(Panic { whose: Whose::Jetlag | Whose::Shipped, .. }) => Verdict::Bug,
            // Whose handler it is nobody can say, but all that `jetlag` runs is in this crate.
            Cause::Hung { .. } if command == "jetlag" => Verdict::Bug,
            Cause::Panicked(_) | Cause::Hung { .. } => Verdict::Failed,
            Cause::OutOfMemory { .. } => Verdict::Open,
            Cause::Interrupted => Verdict::Interrupted,
        }
    }

    /// Whether a campaign can go on with its next run.
    pub(super) fn is_of_this_run_only(&self) -> bool {
        match self.cause {
            Cause::Panicked(_) | Cause::Hung { .. } => true,
            Cause::OutOfMemory { .. } | Cause::Interrupted => false,
        }
    }
}

impl RunOutcome {
    /// The outcome of a run of which nothing is known except why it broke off.
    pub fn broken_off(subject: Subject, request: &RunRequest, broken: Broken) -> Self {
        let (occurrences, ended_at) = match &broken.handled {
            Some(Handled { step, at, .. }) => (step.0, *at),
            None => (0, Instant::ZERO),
        };
        Self {
            subject,
            request: request.clone(),
            digest: Digest::default().value(),
            stop: Stop::Halted,
            occurrences,
            events: 0,
            ended_at,
            left: Left::default(),
            checks: Vec::new(),
            violations: Vec::new(),
            missed: Vec::new(),
            scripted: Vec::new(),
            fired: Vec::new(),
            views: Vec::new(),
            nodes: Vec::new(),
            kinds: Vec::new(),
            fails: None,
            decisions: None,
            deliveries: Vec::new(),
            unused: Unused::default(),
            reproduction: None,
            story: None,
            picture: None,
            history: None,
            described: Vec::new(),
            unrest: None,
            reached: Vec::new(),
            met: Vec::new(),
            order: 0,
            state: 0,
            broken: Some(broken),
            repeat: None,
            took: None,
        }
    }

    /// Whether the command was interrupted in this run.
    pub fn is_interrupted(&self) -> bool {
        self.broken.as_ref().is_some_and(|broken| broken.cause == Cause::Interrupted)
    }

    /// Whether it broke off for a reason that other runs would have too.
    pub fn ends_the_command(&self) -> bool {
        self.broken.as_ref().is_some_and(|broken| !broken.is_of_this_run_only())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => write!(f, "panicked: {}", panic.message),
            Self::Hung { secs } => write!(f, "hung: a handler did not return within {secs} s"),
            Self::OutOfMemory { mib } => {
                write!(f, "stopped at {mib} MiB of memory, before the machine has none left")
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain => "in the code of the domain, or of a library that it uses",
            Self::Shipped => "in the code of a domain that ships with Jetlag",
            Self::Jetlag => "in the code of Jetlag",
        })
    }
}

impl fmt::Display for Handled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, at, node, what, from } = self;
        write!(f, "step {step} at {at}: {node} handled {what}")?;
        from.as_ref().map_or(Ok(()), |from| write!(f, " from {from}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use crate::session::{AnyScenario, sweep};
    use crate::testing::{Counting, PANICS};
    use crate::trace::Detail;

    /// Two additions; the second one is of this amount.
    fn scenario(amount: i64) -> Scenario<Counting> {
        let text = format!(
            "(name: \"two\", domain: Counting, fuzz: (faults: [Delay], budget: 1), script: [
                (who: \"ana\", does: Add(counter: 0, amount: 1)),
                (at: \"5s\", who: \"ben\", does: Add(counter: 0, amount: {amount})),
            ])"
        );
        Scenario::load("two.ron", text.as_bytes()).expect("it is valid")
    }

    #[test]
    fn a_panic_in_a_domain_fails_its_run_and_says_where() {
        let scenario = scenario(PANICS);
        let detail = Some(Detail::Story);
        let outcome = scenario.run(&RunRequest { repeat: true, detail, ..scenario.request() });
        assert_eq!(outcome.verdict(), Verdict::Failed);
        let broken = outcome.broken.expect("it broke off");
        let Cause::Panicked(Panic { message, place, whose }) = broken.cause else { panic!() };
        assert_eq!((message.as_str(), whose), ("the abacus is broken", Whose::Domain));
        assert!(place.contains("counting.rs:"), "{place}");
        let handled = broken.handled.expect("it was in a handler");
        assert_eq!(handled.step.0, outcome.occurrences);
        assert!(handled.to_string().contains(": api-2 handled Loaded from store"), "{handled}");
        // What happened before is known.
        assert!(outcome.events > 0);
        assert!(outcome.story.is_some_and(|story| story.lines().len() > 5));
    }

    #[test]
    fn a_step_without_a_panic_is_described_too_and_one_after_the_end_is_not() {
        let scenario = scenario(2);
        let steps = scenario.run(&scenario.request()).occurrences;
        let handled = |step| scenario.handled(&scenario.request(), Step(step));
        assert_eq!(handled(1).map(|handled| handled.step), Some(Step(1)));
        assert_eq!(handled(0), None);
        assert_eq!(handled(steps + 1_000_000), None);
    }

    #[test]
    fn a_sweep_goes_on_after_a_panic_and_ends_after_three() {
        let broken = scenario(PANICS);
        let found = sweep(&broken, &RunRequest::of_seed(1), 2, &mut || ());
        assert_eq!((found.runs, found.broken.len()), (2, 2));
        assert_eq!((found.verdict(), found.failure.is_some()), (Verdict::Failed, false));
        let found = sweep(&broken, &RunRequest::of_seed(1), 20, &mut || ());
        assert_eq!((found.runs, found.failures().count()), (3, 3));
    }

    #[test]
    fn whose_bug_it_is_decides_on_the_verdict() {
        let of = |cause, command| Broken { cause, handled: None }.verdict(command);
        let panicked =
            |whose| Cause::Panicked(Panic { message: String::new(), place: String::new(), whose });
        assert_eq!(of(panicked(Whose::Jetlag), "tables"), Verdict::Bug);
        assert_eq!(of(panicked(Whose::Shipped), "jetlag"), Verdict::Bug);
        assert_eq!(of(panicked(Whose::Domain), "tables"), Verdict::Failed);
        assert_eq!(of(Cause::Hung { secs: 10 }, "tables"), Verdict::Failed);
        assert_eq!(of(Cause::Hung { secs: 10 }, "jetlag"), Verdict::Bug);
        assert_eq!(of(Cause::OutOfMemory { mib: 9 }, "jetlag"), Verdict::Open);
        assert_eq!(of(Cause::Interrupted, "jetlag"), Verdict::Interrupted);
    }
}

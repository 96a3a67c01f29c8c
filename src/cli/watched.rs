//! Runs scenarios on other threads and watches them.
//!
//! A run gives a sign of life before each occurrence. A run that handles one occurrence for too long, or that
//! makes the process use nearly all memory, is given up: its thread is left behind, because a thread cannot be
//! ended, and the command goes on. So it is when somebody interrupts the command. The thread of a run that ends
//! makes the next one: a new thread, with new memory, takes a fifth of the time of a short run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::memory;
use super::worker::Worker;
use crate::kernel::{Fault, Step, Stop};
use crate::scenario::{Claim, Diagnostic};
use crate::session::{
    AnyScenario, Broken, Cause, Faults, Feature, Handled, Lexicon, Pulse, RunOutcome, RunRequest,
    StopAt, Subject,
};

/// How often a run is looked at.
const TICK: Duration = Duration::from_millis(100);
/// The number of looks that see the same occurrence before a run is given up. Looks are counted and not
/// time, so that a process that was suspended is not taken for one that hangs.
const LOOKS_MAX: u64 = 100;

/// The threads without a run. The one that ended its run last is the next to get one.
static IDLE: Mutex<Vec<Worker>> = Mutex::new(Vec::new());

/// A scenario whose runs are watched.
#[derive(Debug)]
pub(super) struct Watched {
    scenario: Arc<dyn AnyScenario>,
    /// The number of looks that see the same occurrence before a run is given up.
    looks_max: u64,
}

impl Watched {
    pub(super) fn new(scenario: Box<dyn AnyScenario>) -> Self {
        Self { scenario: scenario.into(), looks_max: LOOKS_MAX }
    }

    /// The outcome of a run that was given up, with what happened before that if it hung: the run is repeated
    /// up to there.
    fn given_up(&self, request: &RunRequest, cause: Cause, step: Option<u64>) -> RunOutcome {
        let is_hung = matches!(cause, Cause::Hung { .. });
        let step = step.filter(|_| is_hung).map(Step);
        let before = step.and_then(|step| {
            let scenario = Arc::clone(&self.scenario);
            let last = Some(Step(step.0 - 1));
            let stop_at = StopAt { step: last, ..request.stop_at };
            let again = RunRequest { stop_at, repeat: false, ..request.clone() };
            let work = move || (scenario.run(&again), scenario.handled(&again, step));
            // These occurrences did not hang.
            self.on_a_thread(&Pulse::default(), work).ok()
        });
        match before {
            Some((outcome, handled)) => {
                let broken = Some(Broken { cause, handled });
                let (request, stop) = (request.clone(), Stop::Halted);
                RunOutcome { request, stop, broken, ..outcome }
            }
            None => {
                let broken = Broken { cause, handled: None };
                RunOutcome::broken_off(self.subject(), request, broken)
            }
        }
    }

    /// The result of `work` for a run of this scenario, or why it was given up.
    fn on_a_thread<T: Send + 'static>(
        &self,
        pulse: &Pulse,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Cause> {
        WATCHING.store(true, Ordering::Relaxed);
        if is_interrupted() {
            return Err(Cause::Interrupted);
        }
        let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = idle().pop();
        let worker = worker.unwrap_or_else(Worker::new);
        let (done, result) = sync_channel(1);
        worker.begin(move || {
            // Nobody listens any more if the run was given up.
            let _ = done.send(work());
        });
        let (mut looks, mut seen) = (0, None);
        loop {
            match result.recv_timeout(TICK) {
                Ok(done) => {
                    idle().push(worker);
                    return Ok(done);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("a panic in a run was not caught"),
            }
            if is_interrupted() {
                return Err(Cause::Interrupted);
            }
            if let Some(mib) = memory::short_of() {
                return Err(Cause::OutOfMemory { mib });
            }
            let step = pulse.handling();
            looks = if step.is_some() && step == seen { looks + 1 } else { 0 };
            seen = step;
            if looks >= self.looks_max {
                return Err(Cause::Hung { secs: self.looks_max * TICK.as_millis() as u64 / 1000 });
            }
        }
    }
}

impl AnyScenario for Watched {
    fn name(&self) -> &str {
        self.scenario.name()
    }

    fn about(&self) -> &str {
        self.scenario.about()
    }

    fn domain(&self) -> &'static str {
        self.scenario.domain()
    }

    fn path(&self) -> &str {
        self.scenario.path()
    }

    fn subject(&self) -> Subject {
        self.scenario.subject()
    }

    fn show(&self) -> String {
        self.scenario.show()
    }

    fn text(&self) -> &str {
        self.scenario.text()
    }

    fn lexicon(&self) -> &dyn Lexicon {
        self.scenario.lexicon()
    }

    fn recorded(&self) -> Option<&dyn AnyScenario> {
        self.scenario.recorded()
    }

    fn allows_faults(&self) -> bool {
        self.scenario.allows_faults()
    }

    fn inject(&mut self, fault: &str) -> Result<(), Vec<Diagnostic>> {
        let scenario =
            Arc::get_mut(&mut self.scenario).expect("no run is under way before the first");
        scenario.inject(fault)
    }

    fn faults(&self, faults: Faults) -> Vec<&'static Fault> {
        self.scenario.faults(faults)
    }

    fn reachable(&self) -> Vec<Feature> {
        self.scenario.reachable()
    }

    fn claims(&self) -> Vec<Claim> {
        self.scenario.claims()
    }

    fn request(&self) -> RunRequest {
        self.scenario.request()
    }

    fn run(&self, request: &RunRequest) -> RunOutcome {
        let pulse = Pulse::watched();
        let (scenario, watched) =
            (Arc::clone(&self.scenario), RunRequest { pulse: pulse.clone(), ..request.clone() });
        self.on_a_thread(&pulse, move || scenario.run(&watched))
            .unwrap_or_else(|cause| self.given_up(request, cause, pulse.handling()))
    }

    fn handled(&self, request: &RunRequest, step: Step) -> Option<Handled> {
        self.scenario.handled(request, step)
    }
}

/// Set when the command is interrupted while runs are watched.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Whether runs are watched, so that somebody will see that the command was interrupted.
static WATCHING: AtomicBool = AtomicBool::new(false);

/// Prepares for an interruption: the first one ends the runs, and what they found is printed; the second one,
/// or one before any run, ends the process.
pub(super) fn on_interrupt() {
    // Without a handler an interruption ends the process, as it would without this line.
    let _ = ctrlc::set_handler(|| {
        let is_seen = WATCHING.load(Ordering::Relaxed);
        if !is_seen || INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED_STATUS);
        }
    });
}

/// The exit status that shells report for a command that was ended by Ctrl-C.
const INTERRUPTED_STATUS: i32 = 130;

/// Whether the command was interrupted.
pub(super) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::Harness;
    use crate::session::Verdict;
    use crate::testing::{Counting, HANGS, PANICS};

    fn watched(amount: i64) -> Watched {
        let text = format!(
            "(name: \"one\", domain: Counting, \
             script: [(at: \"3s\", who: \"ana\", does: Add(counter: 0, amount: {amount}))])"
        );
        let scenario = Harness::of::<Counting>("scenarios").load("one.ron", text.as_bytes());
        Watched { looks_max: 3, ..Watched::new(scenario.expect("it is valid")) }
    }

    #[test]
    fn a_watched_run_is_the_same_run() {
        let watched = watched(1);
        let (request, plain) = (watched.request(), watched.scenario.run(&watched.request()));
        assert_eq!(watched.run(&request).digest, plain.digest);
        assert_eq!(watched.run(&request).verdict(), Verdict::Held);
    }

    #[test]
    fn a_run_that_hangs_is_given_up_with_what_it_was_handling() {
        let watched = watched(HANGS);
        let outcome = watched.run(&watched.request());
        assert_eq!(outcome.verdict(), Verdict::Bug);
        // What happened before is known.
        assert!(outcome.occurrences > 5 && outcome.request == watched.request());
        let broken = outcome.broken.expect("it was given up");
        assert_eq!(broken.cause.to_string(), "hung: a handler did not return within 0 s");
        let handled = broken.handled.expect("the step is known").to_string();
        assert!(handled.contains(" handled Loaded from store"), "{handled}");
    }

    #[test]
    fn a_panic_in_a_run_does_not_end_the_thread_that_watches() {
        let watched = watched(PANICS);
        assert_eq!(watched.run(&watched.request()).verdict(), Verdict::Failed);
    }
}

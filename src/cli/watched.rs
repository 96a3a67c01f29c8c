//! Runs scenarios on other threads and watches them.
//!
//! A run gives a sign of life before each occurrence. A run that handles one occurrence for too long, or that
//! makes the process use nearly all memory, is given up: its thread is left behind, because a thread cannot be
//! ended, and the command goes on. So it is when somebody interrupts the command. A thread makes all runs that are
//! asked for at once, and then the next ones: a new thread, with new memory, takes a fifth of the time of a short
//! run, and to wake one a tenth.

use std::mem::take;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::memory;
use super::worker::Worker;
use crate::kernel::{Fault, Step, Stop};
use crate::scenario::{Claim, Diagnostic};
use crate::session::{
    AnyScenario, Broken, Cause, Faults, Feature, Fork, Forked, Handled, Lexicon, Pulse, RunOutcome,
    RunRequest, StopAt, Subject,
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
        Self::with_patience(scenario, LOOKS_MAX)
    }

    /// With another number of looks, ten a second, before a run that handles the same occurrence is given up.
    pub(super) fn with_patience(scenario: Box<dyn AnyScenario>, looks_max: u64) -> Self {
        Self { scenario: scenario.into(), looks_max }
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
            let once = move |each: &mut dyn FnMut(_) -> bool| {
                each(work());
            };
            self.on_a_thread(&Pulse::default(), once).0.pop()
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

    /// What runs of this scenario come to that are made on another thread, one after the other: what each comes to
    /// is passed on, and whether there is to be a next one is returned. With it, if one was given up, why, and what
    /// it was handling.
    fn on_a_thread<T: Send + 'static>(
        &self,
        pulse: &Pulse,
        runs: impl FnOnce(&mut dyn FnMut(T) -> bool) + Send + 'static,
    ) -> (Vec<T>, Option<(Cause, Option<u64>)>) {
        WATCHING.store(true, Ordering::Relaxed);
        if is_interrupted() {
            return (Vec::new(), Some((Cause::Interrupted, None)));
        }
        let worker = lock(&IDLE).pop().unwrap_or_else(Worker::new);
        let ended = Arc::new(Mutex::new(Ended { runs: Vec::new(), is_given_up: false }));
        let (over, is_over) = sync_channel(1);
        worker.begin({
            let ended = Arc::clone(&ended);
            move || {
                runs(&mut |run| lock(&ended).add(run));
                // Unless one was given up, the thread that watches waits until all have ended.
                let _ = over.send(());
            }
        });
        let (mut looks, mut seen) = (0, None);
        loop {
            match is_over.recv_timeout(TICK) {
                Ok(()) => {
                    lock(&IDLE).push(worker);
                    return (take(&mut lock(&ended).runs), None);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("a panic in a run was not caught"),
            }
            let short_of = memory::short_of();
            let mut ended = lock(&ended);
            let handling = pulse.handling();
            let now = handling.map(|step| (ended.runs.len(), step));
            looks = if now.is_some() && now == seen { looks + 1 } else { 0 };
            seen = now;
            let cause = if is_interrupted() {
                Cause::Interrupted
            } else if let Some(mib) = short_of {
                Cause::OutOfMemory { mib }
            } else if looks >= self.looks_max {
                Cause::Hung { secs: self.looks_max * TICK.as_millis() as u64 / 1000 }
            } else {
                continue;
            };
            ended.is_given_up = true;
            return (take(&mut ended.runs), Some((cause, handling)));
        }
    }
}

/// What the runs of a thread have come to, for the thread that watches it.
#[derive(Debug)]
struct Ended<T> {
    runs: Vec<T>,
    /// Whether a run was given up. Nothing reads the results of later runs then.
    is_given_up: bool,
}

impl<T> Ended<T> {
    /// Adds a run. Returns whether the thread should go on to the next one.
    fn add(&mut self, run: T) -> bool {
        if !self.is_given_up {
            self.runs.push(run);
        }
        !self.is_given_up
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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

    fn plant(&mut self, defect: &str) -> Result<(), Vec<Diagnostic>> {
        let scenario =
            Arc::get_mut(&mut self.scenario).expect("no run is under way before the first");
        scenario.plant(defect)
    }

    fn with_broker(&mut self, kind: &str) -> Result<(), Vec<Diagnostic>> {
        let scenario =
            Arc::get_mut(&mut self.scenario).expect("no run is under way before the first");
        scenario.with_broker(kind)
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
        self.run_all(std::slice::from_ref(request)).pop().expect("at least one run is made")
    }

    fn run_all(&self, requests: &[RunRequest]) -> Vec<RunOutcome> {
        let (pulse, scenario) = (Pulse::watched(), Arc::clone(&self.scenario));
        let watched =
            requests.iter().map(|request| RunRequest { pulse: pulse.clone(), ..request.clone() });
        let watched: Vec<RunRequest> = watched.collect();
        let runs = move |each: &mut dyn FnMut(RunOutcome) -> bool| {
            watched.iter().all(|request| each(scenario.run(request)));
        };
        let (mut outcomes, given_up) = self.on_a_thread(&pulse, runs);
        // The last run may have ended at the moment in which it was given up.
        if let (Some(request), Some((cause, step))) = (requests.get(outcomes.len()), given_up) {
            outcomes.push(self.given_up(request, cause, step));
        }
        outcomes
    }

    fn fork(&self, base: &RunRequest, forks: &[Fork], each: &mut dyn FnMut(Forked) -> bool) {
        let (pulse, scenario) = (Pulse::watched(), Arc::clone(&self.scenario));
        let (watched, all) = (RunRequest { pulse: pulse.clone(), ..base.clone() }, forks.to_vec());
        let runs = move |each: &mut dyn FnMut(Forked) -> bool| scenario.fork(&watched, &all, each);
        let (forked, given_up) = self.on_a_thread(&pulse, runs);
        let hung = forks.get(forked.len()).zip(given_up).map(|(fork, (cause, step))| {
            Forked::of(self.given_up(&fork.request(base), cause, step))
        });
        forked.into_iter().chain(hung).all(each);
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
    use crate::explore::{self, Extent, Plan, Settings, State, campaign};
    use crate::harness::Harness;
    use crate::kernel::{Instant, Span};
    use crate::session::Verdict;
    use crate::testing::{Counting, HANGS, PANICS};

    fn watched(amount: i64) -> Watched {
        let line = format!("(at: \"3s\", who: \"ana\", does: Add(counter: 0, amount: {amount}))");
        scenario(&format!("script: [{line}]"))
    }

    fn scenario(does: &str) -> Watched {
        let fuzz = "fuzz: (faults: [Delay], budget: 1)";
        let text = format!("(name: \"one\", domain: Counting, {fuzz}, {does})");
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
    fn of_several_runs_those_before_one_that_hangs_are_made_and_those_after_it_are_not() {
        let watched = watched(HANGS);
        let time = Some(Instant::ZERO + Span::from_secs(1));
        let stop_at = StopAt { time, ..StopAt::default() };
        let early = |seed| RunRequest { stop_at, ..RunRequest::of_seed(seed) };
        let requests = [early(1), early(2), RunRequest::of_seed(3), early(4)];
        let outcomes = watched.run_all(&requests);
        assert_eq!(outcomes.len(), 3);
        for (outcome, request) in outcomes.iter().zip(&requests[..2]) {
            assert_eq!(outcome.request, *request);
            assert_eq!(outcome.digest, watched.scenario.run(request).digest);
        }
        assert_eq!((&outcomes[2].request, outcomes[2].verdict()), (&requests[2], Verdict::Bug));
        assert_eq!(watched.run_all(&requests[3..]).len(), 1, "another thread makes it");
    }

    #[test]
    fn a_campaign_goes_on_after_a_run_that_hangs_and_ends_with_the_third() {
        let mix =
            format!("(999, Add(counter: 0, amount: 1)), (1, Add(counter: 0, amount: {HANGS}))");
        let workload = "customers: 6, rate: \"20/s\", lasts: \"1s\"";
        let watched = scenario(&format!("workload: ({workload}, mix: [{mix}])"));
        let settings = Settings { block: 256, ..Settings::default() };
        let plan = Plan::new(vec![&watched], settings, 1);
        let found = campaign(&plan, State::new(&plan, ""), Extent::of_runs(64), &());
        let times: Vec<u64> = found.tally.findings.values().map(|found| found.times).collect();
        // One is in the first round; the other two are in the second, which does not count.
        assert_eq!((found.tally.runs, times), (16, vec![1]));
        let explore::Ended::Broken(run) = found.ended else { panic!("{:?}", found.ended) };
        assert_eq!(run.verdict(), Verdict::Bug);
    }

    #[test]
    fn a_panic_in_a_run_does_not_end_the_thread_that_watches() {
        let watched = watched(PANICS);
        assert_eq!(watched.run(&watched.request()).verdict(), Verdict::Failed);
    }
}

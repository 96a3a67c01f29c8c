//! Records a run as a capsule.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::attempt::Original;
use super::choices::Lateness;
use super::file::File;
use super::order::{Order, first_difference};
use super::text::{addressed, text};
use crate::kernel::{Hold, OccurrenceKey, Step, Unused};
use crate::session::{AnyScenario, Cause, Identity, RunOutcome, RunRequest, StopAt};

/// How many replays are spent on an encoding with some delays.
const TRIES_MAX: u32 = 6;
/// Nobody would read the holds of a run with more deliveries. If it failed, it is tried whether its beginning is enough.
const DELIVERIES_MAX: usize = 200_000;
/// The beginnings of a long run that are tried. The faults of a livelock are over long before its end, and the delays of
/// all its messages make a capsule of gigabytes.
const BEGINNINGS: [usize; 2] = [20_000, DELIVERIES_MAX];

/// A recorded run.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The capsule.
    pub file: File,
    /// Its encoding.
    pub encoding: Encoding,
    /// Whether its replay was seen to end as the run did. It was not for a run that hangs.
    pub is_verified: bool,
    /// The number of runs that were made for it.
    pub runs: u32,
    name: String,
    command: &'static str,
}

/// How the order of deliveries of a run is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// As holds over the default order.
    Holds,
    /// As holds, and the delays of some messages.
    SomeDelays,
    /// As the delay of every message.
    Exact,
}

impl Recorded {
    /// The text of the capsule, without the command that replays it.
    pub fn text(&self) -> String {
        text(&self.file, &self.name)
    }

    /// The text of the capsule as it goes to a file at `path`.
    pub fn text_at(&self, path: &str) -> String {
        addressed(&self.text(), self.command, path)
    }
}

/// Records a run of a scenario as a capsule, in the first of three encodings that is the same run. For a run
/// that failed, that is one with the same failure; for one that held, one in which every node handles the same
/// deliveries in the same order.
///
/// The run is made again unless its outcome has what was drawn, and usually once more as the capsule's own.
pub fn record(scenario: &dyn AnyScenario, outcome: &RunOutcome) -> Recorded {
    // The run of a capsule is recorded as one of its scenario.
    let scenario = scenario.recorded().unwrap_or(scenario);
    let (logged, runs) = logged(scenario, outcome);
    let original = Original::new(scenario, &logged);
    let subject = scenario.subject();
    let recorded = |file, encoding, is_verified, tries| Recorded {
        file,
        encoding,
        is_verified,
        runs: runs + tries,
        name: subject.name.clone(),
        command: subject.command,
    };
    let is_cut_short =
        outcome.broken.as_ref().is_some_and(|broken| !matches!(broken.cause, Cause::Panicked(_)));
    let own_holds = &outcome.request.holds;
    if is_cut_short {
        // A replay would hang as well.
        let file = original.encoded(&Lateness::Every, own_holds, &Unused::default());
        return recorded(file, Encoding::Exact, false, 0);
    }
    let mut tries = 0;
    let found = match logged.deliveries.len() <= DELIVERIES_MAX {
        true => by_order(&original, own_holds, &mut tries),
        false => by_beginning(original, own_holds, &mut tries),
    };
    if let Some((file, encoding)) = found {
        return recorded(file, encoding, true, tries);
    }
    let (file, replay) =
        original.replayed(original.encoded(&Lateness::Every, own_holds, &Unused::default()));
    recorded(file, Encoding::Exact, replay.digest == logged.digest, tries + 1)
}

/// The capsule of a run all of whose choices are forced, with its decisions: nothing has to be tried.
pub fn of_forced(scenario: &dyn AnyScenario, outcome: &RunOutcome) -> Recorded {
    let original = Original::new(scenario, outcome);
    let file = original.encoded(&Lateness::Every, &outcome.request.holds, &outcome.unused);
    let subject = scenario.subject();
    let encoding = match (file.delays.is_empty(), outcome.request.holds.is_empty()) {
        (true, _) => Encoding::Holds,
        (false, false) => Encoding::SomeDelays,
        (false, true) => Encoding::Exact,
    };
    Recorded {
        file,
        encoding,
        is_verified: true,
        runs: 0,
        name: subject.name.clone(),
        command: subject.command,
    }
}

/// How much of the order of a run is kept.
#[derive(Clone, Copy)]
enum Ease {
    /// Nothing.
    DefaultOrder,
    /// What holds alone can keep.
    Holds,
    /// The order at each node, with the delays that this takes.
    Delays,
}

/// The encoding by holds, with the delays that turn out to matter.
fn by_order(
    original: &Original<'_>,
    own_holds: &[Hold],
    tries: &mut u32,
) -> Option<(File, Encoding)> {
    let logged = original.logged;
    let late = |kept: &BTreeSet<OccurrenceKey>| Lateness::Only(kept.clone());
    let order = Order::of(&logged.deliveries, logged.decisions.as_deref()?);
    let identity = Identity::of(logged);
    let mut kept: BTreeSet<OccurrenceKey> = BTreeSet::new();
    // The same failure may need less than the same order: it is tried in the default order, then without delays.
    let mut ease = if identity.is_some() { Ease::DefaultOrder } else { Ease::Delays };
    while *tries < TRIES_MAX {
        let mut holds = match ease {
            Ease::DefaultOrder => Vec::new(),
            Ease::Holds => order.holds_alone(),
            Ease::Delays => order.holds(&mut kept),
        };
        holds.retain(|hold| own_holds.iter().all(|own| own.delivery != hold.delivery));
        holds.extend_from_slice(own_holds);
        let encoding = if kept.is_empty() { Encoding::Holds } else { Encoding::SomeDelays };
        let none = Unused::default();
        let (file, replay) = original.replayed(original.encoded(&late(&kept), &holds, &none));
        *tries += 1;
        let is_same = |replay: &RunOutcome| {
            let same_end = Identity::of(replay) == identity;
            let difference = || first_difference(&logged.deliveries, &replay.deliveries);
            same_end && (identity.is_some() || difference().is_none())
        };
        if is_same(&replay) {
            if replay.unused == none {
                return Some((file, encoding));
            }
            // What had no effect in the replay says nothing to a reader.
            let shorter = original.encoded(&late(&kept), &holds, &replay.unused);
            let (file, replay) = original.replayed(shorter);
            *tries += 1;
            if is_same(&replay) && replay.unused == none {
                return Some((file, encoding));
            }
        }
        ease = match ease {
            Ease::DefaultOrder => Ease::Holds,
            Ease::Holds => Ease::Delays,
            Ease::Delays => {
                let differs = first_difference(&logged.deliveries, &replay.deliveries)?;
                if !order.keep_path(differs, &mut kept) {
                    return None;
                }
                Ease::Delays
            }
        };
    }
    None
}

/// The encoding of a long run that failed by what was decided at its beginning: without the delays of messages, or with
/// them.
fn by_beginning(
    original: Original<'_>,
    holds: &[Hold],
    tries: &mut u32,
) -> Option<(File, Encoding)> {
    let identity = Some(Identity::of(original.logged)?);
    let punctual = BEGINNINGS.iter().take(1).map(|most| (most, Encoding::Holds));
    let late = BEGINNINGS.iter().map(|most| (most, Encoding::SomeDelays));
    punctual.chain(late).find_map(|(most, encoding)| {
        let lateness = match encoding {
            Encoding::Holds => Lateness::Only(BTreeSet::new()),
            Encoding::SomeDelays | Encoding::Exact => Lateness::Every,
        };
        let begun = original.begun(*most);
        let (file, replay) = begun.replayed(begun.encoded(&lateness, holds, &Unused::default()));
        *tries += 1;
        (Identity::of(&replay) == identity).then_some((file, encoding))
    })
}

/// The run with what was drawn in it, and how many runs that took. Of a run that was given up, the part before.
fn logged<'a>(scenario: &dyn AnyScenario, outcome: &'a RunOutcome) -> (Cow<'a, RunOutcome>, u32) {
    if outcome.decisions.is_some() && outcome.reproduction.is_none() {
        return (Cow::Borrowed(outcome), 0);
    }
    let hung_at = outcome.broken.as_ref().and_then(|broken| match &broken.cause {
        Cause::Panicked(_) => None,
        Cause::Hung { .. } | Cause::OutOfMemory { .. } | Cause::Interrupted => {
            Some(broken.handled.as_ref().map_or(0, |handled| handled.step.0.saturating_sub(1)))
        }
    });
    let step = hung_at.map(Step);
    let stop_at = StopAt { step: step.or(outcome.request.stop_at.step), ..outcome.request.stop_at };
    let request = RunRequest {
        decisions: true,
        repeat: false,
        detail: None,
        describe: Vec::new(),
        stop_at,
        ..outcome.request.clone()
    };
    let again = scenario.run(&request);
    if hung_at.is_some() {
        let (decisions, deliveries) = (again.decisions, again.deliveries);
        return (Cow::Owned(RunOutcome { decisions, deliveries, ..outcome.clone() }), 1);
    }
    (Cow::Owned(again), 1)
}

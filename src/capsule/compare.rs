//! Compares a run with the capsule that it replays.

use std::collections::BTreeMap;

use super::file::{File, Hex};
use super::names::size_text;
use super::resolve::{Alternatives, Choice, says};
use crate::kernel::{ChoiceKey, Decision, Fault, Space};
use crate::session::{Identity, Lexicon, Reproduced, Reproduction, RunOutcome};

/// What is known of a capsule before it is run.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What has changed since it was recorded.
    pub(super) changed: Vec<String>,
    /// The entries with a name that does not exist any more.
    pub(super) unknown: Vec<String>,
}

/// Compares a run with its capsule.
pub(super) fn compare(
    file: &File,
    choices: &[Choice],
    known: &Known,
    lexicon: &dyn Lexicon,
    outcome: &RunOutcome,
) -> Reproduction {
    let (expected, found) = (file.expect.identity(), Identity::of(outcome));
    let Known { changed, unknown } = known;
    let is_same_digest = Hex(outcome.digest) == file.digest;
    let is_same_run = is_same_digest && changed.is_empty() && unknown.is_empty();
    let result = match (expected == found, &expected) {
        (true, _) if is_same_run => Reproduced::Exactly,
        (true, _) => Reproduced::InEffect,
        (false, None) => Reproduced::Broken,
        (false, Some(_)) => Reproduced::Not,
    };
    let ends = (result == Reproduced::Not)
        .then(|| found.map_or_else(|| "every property held".to_owned(), |found| found.to_string()));
    let mut departs = Vec::new();
    if !is_same_digest {
        departs.extend(parts(file, outcome));
        departs.extend(other_choice(choices, lexicon, outcome));
    }
    Reproduction {
        result,
        expected: file.expect.to_string(),
        changed: changed.clone(),
        ends,
        departs,
        unused: unknown.iter().cloned().chain(unused(choices, lexicon, outcome)).collect(),
    }
}

/// Between which marks the runs part.
fn parts(file: &File, outcome: &RunOutcome) -> Option<String> {
    if outcome.deliveries.is_empty() {
        return None;
    }
    let digest_at = |step: u64| {
        let nth = usize::try_from(step).ok()?.checked_sub(1)?;
        Some(Hex(outcome.deliveries.get(nth)?.digest.value()))
    };
    let mut same = None;
    for (step, digest) in &file.course {
        if digest_at(*step) != Some(*digest) {
            return Some(match same {
                Some(same) => {
                    format!("the runs are the same up to step {same}, and differ by step {step}")
                }
                None => format!("the runs differ by step {step}"),
            });
        }
        same = Some(*step);
    }
    Some(match same {
        Some(step) => format!("the runs are the same up to step {step}, and differ after it"),
        None => format!("the digest was {}", file.digest),
    })
}

/// The first choice at which something else could be drawn when the capsule was recorded.
fn other_choice(choices: &[Choice], lexicon: &dyn Lexicon, outcome: &RunOutcome) -> Option<String> {
    let choices: BTreeMap<ChoiceKey, &Choice> =
        choices.iter().map(|choice| (choice.key, choice)).collect();
    let drawn = outcome.decisions.as_deref().unwrap_or_default();
    let mut others = drawn.iter().filter_map(|Decision { key, space, .. }| {
        let choice = *choices.get(key)?;
        let now = alternatives(*space, &choice.of);
        (now != choice.of).then_some((choice, now))
    });
    let (choice, now) = others.next()?;
    let faults = lexicon.all_faults();
    let fault = faults.into_iter().find(|fault| fault.site == choice.key.site);
    let (was, is) = (listed(&choice.of, fault), listed(&now, fault));
    Some(format!("{}: it could be {was}, and can be {is} now", choice.says))
}

/// What can be drawn now, in the terms in which it was recorded.
fn alternatives(space: Space, recorded: &Alternatives) -> Alternatives {
    match recorded {
        Alternatives::UpTo(_) => Alternatives::UpTo(space.max()),
        Alternatives::Sizes(_) => Alternatives::Sizes(space.sizes().unwrap_or_default().to_vec()),
    }
}

fn listed(of: &Alternatives, fault: Option<&Fault>) -> String {
    match of {
        Alternatives::UpTo(most) => format!("up to {most}"),
        Alternatives::Sizes(sizes) => {
            let text = |size: &u64| match fault {
                Some(fault) => size_text(fault.unit, *size),
                None => size.to_string(),
            };
            sizes.iter().map(text).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The entries that were never needed.
fn unused(
    choices: &[Choice],
    lexicon: &dyn Lexicon,
    outcome: &RunOutcome,
) -> impl Iterator<Item = String> {
    let unused = &outcome.unused;
    let of_key = |key: &ChoiceKey| choices.iter().find(|choice| choice.key == *key);
    let never = unused.choices.iter().filter_map(of_key);
    let never = never.map(|choice| format!("never drawn: {}", choice.says));
    let holds = unused.holds.iter().map(|hold| {
        let (delivery, until) = (says(hold.delivery, lexicon), says(hold.until, lexicon));
        format!("never delivered: {until}, for which {delivery} is to wait")
    });
    never.chain(holds)
}

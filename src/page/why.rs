//! Why a run fails: its parts, the nearest run that holds, and what led to the failure.

use serde::Serialize;

use crate::explain::Explained;
use crate::report::{ExplainedParts, LineDoc, hash, list};
use crate::session::{AnyScenario, Identity};
use crate::trace::Line;

/// Why the run fails.
#[derive(Serialize)]
pub(super) struct WhyDoc<'a> {
    property: String,
    says: String,
    /// The digest of the run that was taken apart.
    digest: String,
    /// Whether that is the run of the page, so that its steps are those of the page.
    is_same_run: bool,
    parts: ExplainedParts,
    sibling: Option<SiblingDoc>,
    pairs: Vec<PairDoc<'a>>,
    /// The steps that led to the failure, in order.
    slice: Vec<u64>,
}

#[derive(Serialize)]
struct SiblingDoc {
    lacks: usize,
    digest: String,
    differs_at: u64,
    differs_at_ns: u64,
}

/// A line of the run that holds beside one of the run that fails.
#[derive(Serialize)]
struct PairDoc<'a> {
    is_same: bool,
    holds: Option<LineDoc<'a>>,
    fails: Option<LineDoc<'a>>,
}

impl<'a> WhyDoc<'a> {
    /// Why the run of a scenario, with this digest, fails.
    pub(super) fn of(why: &'a Explained, scenario: &dyn AnyScenario, digest: u64) -> Self {
        let lexicon = scenario.recorded().unwrap_or(scenario).lexicon();
        let mut slice: Vec<u64> = why.led().iter().map(|line| line.step.0).collect();
        slice.dedup();
        Self {
            property: Identity::of(&why.outcome).map_or_else(String::new, |ends| ends.property),
            says: why.parts.capsule.file.expect.to_string(),
            digest: hash(why.outcome.digest),
            is_same_run: why.outcome.digest == digest,
            parts: ExplainedParts::of(why, lexicon),
            sibling: why.sibling.as_ref().map(|sibling| SiblingDoc {
                lacks: sibling.lacks,
                digest: hash(sibling.outcome.digest),
                differs_at: sibling.differs_at.0.0,
                differs_at_ns: sibling.differs_at.1.as_nanos(),
            }),
            pairs: list(&why.pairs, |pair| PairDoc {
                is_same: pair.holds.as_ref().zip(pair.fails.as_ref()).is_some_and(is_same),
                holds: pair.holds.as_ref().map(LineDoc),
                fails: pair.fails.as_ref().map(LineDoc),
            }),
            slice,
        }
    }
}

fn is_same((one, other): (&Line, &Line)) -> bool {
    one.speaker == other.speaker && one.text == other.text
}

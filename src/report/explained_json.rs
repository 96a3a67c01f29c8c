//! An explanation as a JSON document, described in `docs/explaining.md`.

use serde::Serialize;

use super::object::{document, hash, list, object};
use super::parts::{Said, said};
use super::{LineDoc, ScenarioDoc};
use crate::explain::{Baked, CONTINUATIONS, Explained, Pair};
use crate::session::{Identity, Lexicon};
use crate::shrink::{Without, WithoutIt};

/// The version of the document. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

/// An explanation as JSON, with a line feed at the end.
pub fn explained_json(explained: &Explained, lexicon: &dyn Lexicon) -> String {
    document(&Document(&Told { explained, parts: ExplainedParts::of(explained, lexicon) }))
}

/// An explanation, and what its parts are.
struct Told<'a> {
    explained: &'a Explained,
    parts: ExplainedParts,
}

object!(Document(told: Told<'a>) {
    version: VERSION,
    jetlag: env!("CARGO_PKG_VERSION"),
    scenario: ScenarioDoc(&told.explained.outcome.subject),
    seed: told.explained.outcome.request.seed.to_string(),
    digest: hash(told.explained.outcome.digest),
    occurrences: told.explained.outcome.occurrences,
    failure: Identity::of(&told.explained.outcome).map(|ends| ends.property),
    says: told.explained.parts.capsule.file.expect.to_string(),
    parts: told.parts,
    sibling: sibling(told.explained),
    pairs: list(&told.explained.pairs, PairDoc),
    baked_in: (!told.explained.baked.is_empty()).then(|| BakedDoc(&told.explained.baked)),
});

/// The parts of a failed run, each with how the run ends without it.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct ExplainedParts(Vec<PartDoc>);

#[derive(Serialize)]
struct PartDoc {
    kind: &'static str,
    says: String,
    is_scripted: bool,
    without_it: Option<EndDoc>,
}

/// How a run ends.
#[derive(Serialize)]
struct EndDoc {
    holds: bool,
    failure: Option<String>,
}

impl ExplainedParts {
    /// The parts of an explained run.
    pub(crate) fn of(explained: &Explained, lexicon: &dyn Lexicon) -> Self {
        let parts = &explained.parts;
        let without: Vec<Without> = parts.parts.iter().map(|part| part.without.clone()).collect();
        let said = said(&without, &parts.capsule.file, lexicon);
        let failure = Identity::of(&explained.outcome).map(|ends| ends.property);
        let one = |((kind, says), without): (Said, Without)| {
            let (is_scripted, ends) = match without.ends {
                Some(WithoutIt::Scripted(ends)) => (true, Some(*ends)),
                ends => (false, ends),
            };
            let without_it = ends.map(|ends| EndDoc {
                holds: ends == WithoutIt::Holds,
                failure: match ends {
                    WithoutIt::Holds => None,
                    WithoutIt::Other(other) => Some(other.property),
                    WithoutIt::Same | WithoutIt::Scripted(_) => failure.clone(),
                },
            });
            PartDoc { kind, says, is_scripted, without_it }
        };
        Self(said.into_iter().zip(without).map(one).collect())
    }
}

#[derive(Serialize)]
struct SiblingDoc {
    lacks: usize,
    digest: String,
    differs_at: u64,
    differs_at_ns: u64,
}

fn sibling(explained: &Explained) -> Option<SiblingDoc> {
    explained.sibling.as_ref().map(|sibling| SiblingDoc {
        lacks: sibling.lacks,
        digest: hash(sibling.outcome.digest),
        differs_at: sibling.differs_at.0.0,
        differs_at_ns: sibling.differs_at.1.as_nanos(),
    })
}

object!(PairDoc(pair: Pair) {
    holds: pair.holds.as_ref().map(LineDoc),
    fails: pair.fails.as_ref().map(LineDoc),
});

object!(BakedDoc(baked: [Baked]) {
    runs: CONTINUATIONS,
    steps: list(baked, StepDoc),
});

object!(StepDoc(baked: Baked) {
    step: baked.step.0,
    at_ns: baked.at.as_nanos(),
    failed: baked.failed,
});

//! What a plan has its reader check at the end.

use super::Expect;
use crate::export::Course;
use crate::session::{Awaited, Identity, Standing};

/// What was violated or missed; of a run that held, everything that was judged.
pub(super) fn expected(course: &Course<'_>) -> Vec<Expect> {
    let outcome = course.outcome;
    let violated = outcome.checks.iter().filter_map(|checked| {
        let saw = match outcome.standing(checked) {
            Standing::Violated(violated) => violated.says.clone(),
            Standing::Follows(_, also) => also.says.clone(),
            Standing::NotExercised | Standing::NotDecided(_) | Standing::Held => return None,
        };
        let property = Some(checked.property.to_owned());
        Some(Expect { property, must: checked.says.to_owned(), held: false, saw: Some(saw) })
    });
    let missed = outcome.missed.iter().filter(|missed| missed.what == Awaited::Sight);
    let missed = missed.map(|missed| Expect {
        property: None,
        must: missed.says.clone(),
        held: false,
        saw: None,
    });
    let mut expected: Vec<Expect> = violated.chain(missed).collect();
    if expected.is_empty() {
        expected.extend(ended_early(course));
    }
    if expected.is_empty() {
        let judged = outcome.checks.iter().filter(|checked| checked.checks > 0);
        expected.extend(judged.map(|checked| Expect {
            property: Some(checked.property.to_owned()),
            must: checked.says.to_owned(),
            held: true,
            saw: None,
        }));
    }
    expected
}

/// Why the run ended before it was at rest.
fn ended_early(course: &Course<'_>) -> Option<Expect> {
    let Identity { property, .. } = Identity::of(course.outcome)?;
    let broken = course.outcome.broken.as_ref().map(|broken| broken.cause.to_string());
    let unrest = || course.outcome.unrest.as_ref().map(|unrest| unrest.says.clone());
    Some(Expect {
        property: Some(property),
        must: "the run comes to rest".to_owned(),
        held: false,
        saw: broken.or_else(unrest),
    })
}

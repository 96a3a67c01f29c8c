//! The one property of the toy domain.

use super::{Counting, Event, TOO_MUCH};
use crate::check::{Checker, Checks, FactKinds, Property, When};
use crate::model::{Fact, FactKind, Record};

/// The property.
const MODEST: Property =
    Property { id: "modest", when: When::Always, says: "no addition is too large" };

/// Checks that no stored addition is too large, which decisions do not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Modest;

impl Checker<Counting> for Modest {
    const PROPERTIES: &'static [Property] = &[MODEST];
    const FACTS: FactKinds = FactKinds::of(&[FactKind::Stored]);

    fn observe(&mut self, record: &Record<Counting>, checks: &mut Checks<'_, Counting>) {
        if let Fact::Stored(stored) = &record.fact
            && let Event::Added(amount) = stored.event
        {
            let words = checks.words;
            let says = || {
                let customer = stored.metadata.correlation;
                format!(
                    "{} added {amount} to {}",
                    words.command(customer),
                    words.stream(stored.stream)
                )
            };
            checks.that(&MODEST, amount < TOO_MUCH, [record.cause], |_| says());
        }
    }
}

//! Causes as a person would name them, where those of the machine are only bookkeeping.

use std::collections::BTreeMap;

use super::Causes;
use crate::kernel::{NodeId, Step};
use crate::model::{
    AppendOutcome, CommandId, CustomerId, Domain, EffectId, Fact, Position, Record, StreamId,
};

/// Replaces some causes:
///
/// - A customer who acts without an answer just before begins a story, whichever timer fired.
/// - A view applies an event because it was stored, although its projector took it up after another one.
/// - The cause of the end of a wait is its beginning, although a node has one timer for all its waits.
pub(super) fn as_told<D: Domain>(records: &[Record<D>], causes: &Causes) -> Causes {
    let mut told = causes.clone();
    let mut beginnings = Beginnings::default();
    for in_step in records.chunk_by(|a, b| a.step == b.step) {
        for record in in_step {
            beginnings.note(record);
        }
        if let Some((step, cause)) = beginnings.of_step(in_step) {
            told.note(step, cause);
        }
        if let Some(step) = of_their_own_accord(in_step, records, causes) {
            told.note(step, Step(0));
        }
    }
    told
}

/// The steps in which things began that end later.
#[derive(Debug, Default)]
struct Beginnings {
    stored: BTreeMap<Position, Step>,
    called: BTreeMap<EffectId, Step>,
    timed: BTreeMap<(StreamId, u8), Step>,
    /// By node, too: several may decide the same command.
    decided: BTreeMap<(NodeId, CommandId), Step>,
    /// By queue.
    requeued: BTreeMap<(u8, Position), Step>,
}

impl Beginnings {
    fn note<D: Domain>(&mut self, Record { step, node, fact, .. }: &Record<D>) {
        if let Fact::Stored(event) = fact {
            self.stored.insert(event.position, *step);
        } else if let Fact::Called { effect, .. } = fact {
            self.called.insert(*effect, *step);
        } else if let Fact::TimerSet { saga, timer, .. } = fact {
            self.timed.insert((*saga, *timer), *step);
        } else if let Fact::Decided { command, .. } | Fact::Refused { command, .. } = fact {
            self.decided.insert((*node, *command), *step);
        } else if let Fact::Requeued { queue, position } = fact {
            self.requeued.insert((*queue, *position), *step);
        }
    }

    /// A step, and the earlier step in which the thing began that ends in it.
    fn of_step<D: Domain>(&self, in_step: &[Record<D>]) -> Option<(Step, Step)> {
        let step = in_step.first()?.step;
        // Later records of a step follow from the first; but a view applies its event last.
        let applied = in_step.iter().find(|record| matches!(record.fact, Fact::Applied { .. }));
        let cause = self.of(applied.or(in_step.first())?)?;
        (cause < step).then_some((step, cause))
    }

    /// The step in which the thing began that ends with this record.
    fn of<D: Domain>(&self, Record { node, fact, .. }: &Record<D>) -> Option<Step> {
        let begun = if let Fact::Applied { event, .. } = fact {
            self.stored.get(&event.position)
        } else if let Fact::GaveUp { effect, .. } = fact {
            self.called.get(effect)
        } else if let Fact::TimerFired { saga, timer, .. } = fact {
            self.timed.get(&(*saga, *timer))
        } else if let Fact::Acknowledged { command, outcome: AppendOutcome::Unknown } = fact {
            self.decided.get(&(*node, *command))
        } else if let Fact::Delivered { queue, event, redelivered: true } = fact {
            self.requeued.get(&(*queue, event.position))
        } else {
            None
        };
        begun.copied()
    }
}

/// The step of these records, if a customer acts in it without a cause.
fn of_their_own_accord<D: Domain>(
    in_step: &[Record<D>],
    records: &[Record<D>],
    causes: &Causes,
) -> Option<Step> {
    let step = in_step.first()?.step;
    let customer = in_step.iter().find_map(|record| customer_of(&record.fact))?;
    let told = |record: &Record<D>| matches!(record.fact, Fact::Told { .. });
    let resent = |record: &Record<D>| {
        matches!(
            record.fact,
            Fact::Commanded { resend: true, .. } | Fact::Queried { resend: true, .. }
        )
    };
    if in_step.iter().any(|record| told(record) || resent(record)) {
        return None;
    }
    // The customer may have acted on an earlier answer after a pause.
    let cause = causes.of(step);
    let from = records.partition_point(|earlier| earlier.step < cause);
    let upto = records.partition_point(|earlier| earlier.step <= cause);
    let thought_about =
        |earlier: &Record<D>| told(earlier) && customer_of(&earlier.fact) == Some(customer);
    (!records[from..upto].iter().any(thought_about)).then_some(step)
}

fn customer_of<D: Domain>(fact: &Fact<D>) -> Option<CustomerId> {
    if let Fact::Commanded { request, .. }
    | Fact::Queried { request, .. }
    | Fact::Told { request, .. } = fact
    {
        Some(request.customer)
    } else {
        None
    }
}

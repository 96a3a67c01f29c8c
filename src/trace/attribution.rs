//! Causes as a reader understands them, where the recorded causes are only bookkeeping.

use std::collections::BTreeMap;

use super::Causes;
use crate::kernel::{NodeId, Step};
use crate::model::{
    AppendOutcome, CommandId, CustomerId, Domain, EffectId, Fact, Position, Record, StreamId,
};

/// Replaces some causes:
///
/// - A customer who acts without a recent answer starts a new story, whichever timer fired.
/// - A view applies an event because it was stored, although its projector handles it after another one.
/// - The cause of the end of a wait is its beginning, although a node has one timer for all its waits.
pub(super) fn attributed<D: Domain>(records: &[Record<D>], causes: &Causes) -> Causes {
    let mut attributed = causes.clone();
    let mut begun: BTreeMap<Wait, Step> = BTreeMap::new();
    for in_step in records.chunk_by(|a, b| a.step == b.step) {
        let step = in_step[0].step;
        begun.extend(in_step.iter().filter_map(begins).map(|wait| (wait, step)));
        // Later records of a step follow from the first; but a view applies its event last.
        let applied = in_step.iter().find(|record| matches!(record.fact, Fact::Applied { .. }));
        let ended = ends(applied.unwrap_or(&in_step[0])).and_then(|wait| begun.get(&wait));
        if let Some(cause) = ended.filter(|cause| **cause < step) {
            attributed.note(step, *cause);
        }
        if starts_by_itself(in_step, records, causes) {
            attributed.note(step, Step(0));
        }
    }
    attributed
}

/// Something that begins in one step and ends in a later one.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wait {
    /// An event is stored until a view applies it.
    Event(Position),
    Call(EffectId),
    Timer(StreamId, u8),
    /// The node is part of it, because several nodes may decide the same command.
    Append(NodeId, CommandId),
    /// A message is back in its queue until it is delivered again.
    Requeued(u8, Position),
}

/// What begins with this record.
fn begins<D: Domain>(Record { node, fact, .. }: &Record<D>) -> Option<Wait> {
    if let Fact::Stored(event) = fact {
        Some(Wait::Event(event.position))
    } else if let Fact::Called { effect, .. } = fact {
        Some(Wait::Call(*effect))
    } else if let Fact::TimerSet { saga, timer, .. } = fact {
        Some(Wait::Timer(*saga, *timer))
    } else if let Fact::Decided { command, .. } | Fact::Refused { command, .. } = fact {
        Some(Wait::Append(*node, *command))
    } else if let Fact::Requeued { queue, position } = fact {
        Some(Wait::Requeued(*queue, *position))
    } else {
        None
    }
}

/// What ends with this record.
fn ends<D: Domain>(Record { node, fact, .. }: &Record<D>) -> Option<Wait> {
    if let Fact::Applied { event, .. } = fact {
        Some(Wait::Event(event.position))
    } else if let Fact::GaveUp { effect, .. } = fact {
        Some(Wait::Call(*effect))
    } else if let Fact::TimerFired { saga, timer, .. } = fact {
        Some(Wait::Timer(*saga, *timer))
    } else if let Fact::Acknowledged { command, outcome: AppendOutcome::Unknown } = fact {
        Some(Wait::Append(*node, *command))
    } else if let Fact::Delivered { queue, event, redelivered: true } = fact {
        Some(Wait::Requeued(*queue, event.position))
    } else {
        None
    }
}

/// Whether a customer acts in these records of one step without a cause.
fn starts_by_itself<D: Domain>(
    in_step: &[Record<D>],
    records: &[Record<D>],
    causes: &Causes,
) -> bool {
    let Some(customer) = in_step.iter().find_map(|record| customer_of(&record.fact)) else {
        return false;
    };
    let is_answer = |fact: &Fact<D>| matches!(fact, Fact::Told { .. });
    let follows = |fact: &Fact<D>| {
        let resent = matches!(
            fact,
            Fact::Commanded { resend: true, .. } | Fact::Queried { resend: true, .. }
        );
        resent || is_answer(fact)
    };
    // The customer may act on an earlier answer after a pause.
    let cause = causes.of(in_step[0].step);
    let from = records.partition_point(|earlier| earlier.step < cause);
    let upto = records.partition_point(|earlier| earlier.step <= cause);
    let causal = |fact| is_answer(fact) && customer_of(fact) == Some(customer);
    !in_step.iter().any(|record| follows(&record.fact))
        && !records[from..upto].iter().any(|earlier| causal(&earlier.fact))
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

//! The order of a run's deliveries as holds over the default order.
//!
//! In the replay every message takes the least latency, unless a hold or a kept delay says otherwise. From
//! which occurrence sent which, and after how much time, it follows when each would be delivered. Where that
//! would be before the delivery that preceded it at its node in the run, it has to wait for that one. Timers
//! cannot wait: if one would fire too early, the messages that led to it keep their delays. This is computed,
//! not run; whether the replay is the same run is then seen by running it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::kernel::{
    Actor, Decision, Delivered, Entity, Hold, Instant, LINK_JITTER, NodeId, OccurrenceKey, Span,
};
use crate::session::kind_name;

/// How often the times are computed with more delays before the order is given up.
const ROUNDS_MAX: usize = 16;

/// The deliveries of a run, and how late each message was.
pub(super) struct Order<'a> {
    deliveries: &'a [Delivered],
    sent: Vec<Sent>,
}

/// How a delivery was sent.
#[derive(Clone, Copy)]
struct Sent {
    /// The delivery in which it was sent; `None` at the start.
    by: Option<usize>,
    /// How late it was.
    late: Span,
    /// The place of its delay among all decisions; 0 for timers.
    nth: usize,
}

/// When a delivery would take place in the replay.
#[derive(Clone, Copy)]
struct Planned {
    at: Instant,
    /// Whether it would come too early for the order of the run.
    too_early: bool,
}

impl<'a> Order<'a> {
    pub(super) fn of(deliveries: &'a [Delivered], decisions: &[Decision]) -> Self {
        let drawn = delays(decisions);
        let sent = |delivered: &Delivered| match drawn.get(&delivered.key) {
            Some((late, nth)) => Sent { by: drawn_in(deliveries, *nth), late: *late, nth: *nth },
            None => {
                let cause = usize::try_from(delivered.cause.0).unwrap_or_default();
                Sent { by: cause.checked_sub(1), late: Span::ZERO, nth: 0 }
            }
        };
        Self { deliveries, sent: deliveries.iter().map(sent).collect() }
    }

    /// The holds that give the order of the run, as far as messages can wait.
    pub(super) fn holds_alone(&self) -> Vec<Hold> {
        self.plan(&BTreeSet::new()).1
    }

    /// The holds that give the order of the run at every node if the messages in `kept` keep their delays.
    /// Adds the delays without which timers would fire too early.
    pub(super) fn holds(&self, kept: &mut BTreeSet<OccurrenceKey>) -> Vec<Hold> {
        for _ in 0..ROUNDS_MAX {
            let (planned, holds) = self.plan(kept);
            let before = kept.len();
            for (nth, _) in planned.iter().enumerate().filter(|(_, planned)| planned.too_early) {
                let cause = self.ancestors(nth).find(|at| self.can_be_kept(*at, kept));
                kept.extend(cause.map(|at| self.deliveries[at].key));
            }
            if kept.len() == before {
                return holds;
            }
        }
        self.plan(kept).1
    }

    /// Keeps the delays of all messages that led to a delivery; whether there was one.
    pub(super) fn keep_path(&self, nth: usize, kept: &mut BTreeSet<OccurrenceKey>) -> bool {
        let before = kept.len();
        let path = std::iter::once(nth).chain(self.ancestors(nth));
        let path: Vec<usize> = path.filter(|at| self.can_be_kept(*at, kept)).collect();
        kept.extend(path.into_iter().map(|at| self.deliveries[at].key));
        kept.len() > before
    }

    fn can_be_kept(&self, at: usize, kept: &BTreeSet<OccurrenceKey>) -> bool {
        self.sent[at].late > Span::ZERO && !kept.contains(&self.deliveries[at].key)
    }

    /// What led to a delivery, the latest first.
    fn ancestors(&self, nth: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.sent[nth].by, |at| self.sent[*at].by)
    }

    /// When each delivery would take place, and the holds that are needed for the order.
    fn plan(&self, kept: &BTreeSet<OccurrenceKey>) -> (Vec<Planned>, Vec<Hold>) {
        let mut planned: Vec<Planned> = Vec::with_capacity(self.deliveries.len());
        let mut holds = Vec::new();
        let mut last: BTreeMap<NodeId, usize> = BTreeMap::new();
        let anchors = anchors(self.deliveries);
        for (nth, delivered) in self.deliveries.iter().enumerate() {
            let due = self.due(nth, &planned, kept);
            // Polls may come at any time.
            let node = delivered.key.actor.to;
            let before = if delivered.is_poll { None } else { last.insert(node, nth) };
            let is_early = before.is_some_and(|before| {
                let after = planned[before].at;
                due < after || due == after && self.is_created_before(nth, before, &planned)
            });
            let too_early = is_early && !can_wait(delivered);
            if let Some(before) = before.filter(|_| is_early && !too_early) {
                holds.push(Hold { delivery: delivered.key, until: anchors[before] });
            }
            let at = before.map_or(due, |before| due.max(planned[before].at));
            planned.push(Planned { at, too_early });
        }
        (planned, holds)
    }

    /// When a delivery is due if nothing holds it.
    fn due(&self, nth: usize, planned: &[Planned], kept: &BTreeSet<OccurrenceKey>) -> Instant {
        let delivered = &self.deliveries[nth];
        let cause = self.sent[nth].by;
        let sent = cause.map_or(Instant::ZERO, |at| self.deliveries[at].at);
        let late = self.sent[nth].late;
        let takes = delivered.at.since(sent + late);
        let takes = if kept.contains(&delivered.key) { takes + late } else { takes };
        cause.map_or(Instant::ZERO, |at| planned[at].at) + takes
    }

    /// Whether of two deliveries that are due at the same time the first one was created first.
    fn is_created_before(&self, one: usize, other: usize, planned: &[Planned]) -> bool {
        let created = |nth: usize| {
            let cause = self.sent[nth].by;
            (cause.map_or(Instant::ZERO, |at| planned[at].at), cause)
        };
        let (one_at, other_at) = (created(one), created(other));
        if one_at == other_at {
            return self.sent[one].nth < self.sent[other].nth;
        }
        one_at < other_at
    }
}

/// How late each message was, and the place of that among all decisions.
pub(crate) fn delays(decisions: &[Decision]) -> BTreeMap<OccurrenceKey, (Span, usize)> {
    let drawn = decisions.iter().enumerate().filter(|(_, drawn)| drawn.key.site == LINK_JITTER);
    let late = drawn.map(|(nth, Decision { key, value, .. })| {
        let key = OccurrenceKey { actor: key.actor, entity: key.entity, nth: key.nth };
        (key, (Span::from_micros(*value), nth))
    });
    late.collect()
}

/// The place of the delivery in which a decision was drawn; `None` at the start.
pub(crate) fn drawn_in(deliveries: &[Delivered], decision: usize) -> Option<usize> {
    // Those after it were delivered when this had been drawn.
    deliveries.partition_point(|before| before.drawn <= decision).checked_sub(1)
}

/// The name of each delivery as that of what others wait for: timers are counted as they fire.
pub(crate) fn anchors(deliveries: &[Delivered]) -> Vec<OccurrenceKey> {
    let mut fired: BTreeMap<(Actor, Entity), u32> = BTreeMap::new();
    let named = |delivered: &Delivered| {
        let mut anchor = delivered.key;
        if anchor.actor.is_own() {
            let count = fired.entry((anchor.actor, anchor.entity)).or_default();
            anchor.nth = *count;
            *count += 1;
        }
        anchor
    };
    deliveries.iter().map(named).collect()
}

/// Whether a delivery can be held: a message, and not the notice that a connection is broken.
pub(crate) fn can_wait(delivered: &Delivered) -> bool {
    !delivered.key.actor.is_own() && kind_name(delivered.key.actor.kind) != "Disconnected"
}

/// The first delivery that has no equal at its place among those of its node in another run. Polls are left out,
/// and with them the numbers of messages, which also count messages that had no effect.
pub(super) fn first_difference(one: &[Delivered], other: &[Delivered]) -> Option<usize> {
    let mut others: BTreeMap<NodeId, VecDeque<(Actor, Entity)>> = BTreeMap::new();
    for Delivered { key, .. } in other.iter().filter(|delivered| !delivered.is_poll) {
        others.entry(key.actor.to).or_default().push_back((key.actor, key.entity));
    }
    let work = one.iter().enumerate().filter(|(_, delivered)| !delivered.is_poll);
    for (nth, Delivered { key, .. }) in work {
        let same = others.get_mut(&key.actor.to).and_then(VecDeque::pop_front);
        if same != Some((key.actor, key.entity)) {
            return Some(nth);
        }
    }
    others.values().any(|left| !left.is_empty()).then(|| one.len().saturating_sub(1))
}

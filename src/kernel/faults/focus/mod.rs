//! Concentrates the drawn faults of a run.
//!
//! Random faults spread over a run. Some mistakes show only if several fall on one conversation or on one node, if
//! one follows another before its damage is repaired, if a message arrives in the millisecond of a deadline, or if
//! something fails in the few steps after a webhook, an append or a restart. Many runs are therefore focused on one
//! of these. A focus only steers the draws of faults: opportunities are counted alike with and without it, so that
//! the faults that fired repeat the run.

mod cluster;
mod deadlines;
mod target;
mod turns;

use super::rates::{Frequency, Spread};
use super::{Fault, Fuzz, sites};
use crate::kernel::{
    Actor, CRASH_BEFORE, Choices, DELAY, DUPLICATE, Entity, Instant, Kind, NodeId, REORDER, Ratio,
    Site, Space, Span,
};
use cluster::{Bond, Cluster};
use deadlines::Deadlines;
use target::{AtHand, NthMet};
use turns::Turns;

/// Where the drawn faults of a run are concentrated, if anywhere. Steers only.
const FAULT_FOCUS: Site = Site::new(39, "fault.focus");

/// How many runs are focused.
const FOCUSED: Ratio = Ratio { times: 3, of: 5 };
/// The foci, the frequent ones several times.
const MODES: &[u64] = &[
    CONVERSATION,
    CONVERSATION,
    CONVERSATION,
    DEADLINE,
    DEADLINE,
    TURN,
    TURN,
    NODE,
    NODE,
    CLUSTER,
    CLUSTER,
    CLUSTER,
];
const CONVERSATION: u64 = 1;
const DEADLINE: u64 = 2;
const TURN: u64 = 3;
const NODE: u64 = 4;
const CLUSTER: u64 = 5;
/// How many opportunities pass before the conversation is the one in focus.
const CONVERSATIONS: &[u64] = &[1, 4, 16, 64, 256, 1024];
/// How many kinds of turning points there are at least before the last of them is the only one in focus.
const KINDS: u64 = 8;
/// The same of nodes.
const NODES: u64 = 16;
/// How many occurrences follow a turning point, including itself.
const WINDOWS: &[u64] = &[1, 2, 4, 8, 20];
/// How many occurrences after the first fault of a cluster others happen.
const CLUSTERS: &[u64] = &[4, 16, 64, 256];
/// One message in this many is moved to a deadline.
const MOVES: &[u64] = &[2, 6, 20, 60, 200];
/// The faults that can move a message to a deadline.
const MOVERS: [&Fault; 3] = [&DELAY, &DUPLICATE, &REORDER];

/// Where the drawn faults of a run are concentrated.
#[derive(Clone, Debug)]
pub(in crate::kernel) struct Focus {
    mode: Mode,
    /// The most faults of the run.
    budget: u64,
    /// The sites of the allowed faults that move messages to deadlines.
    pub(super) movers: u128,
}

#[derive(Clone, Debug)]
enum Mode {
    Anywhere,
    /// Only what is about one conversation.
    Conversation(AtHand<u32>),
    /// Besides faults anywhere, messages are moved to deadlines.
    Deadline(Deadlines),
    /// Only the occurrences after a turning point.
    Turn(Turns),
    /// Only what one node does, sends and receives.
    Node(NthMet<NodeId>),
    /// Soon after another fault.
    Cluster(Cluster),
}

impl Focus {
    pub(super) fn draw(fuzz: &Fuzz, choices: &mut Choices) -> Self {
        let mut draw = drawer(choices);
        let mode = if fuzz.faults.is_empty() { 0 } else { draw(0, Space::sized(FOCUSED, MODES)) };
        let one_of = |sizes| Space::sized(Ratio { times: 1, of: 1 }, sizes);
        let mode = match mode {
            CONVERSATION => Mode::Conversation(AtHand::after(draw(1, one_of(CONVERSATIONS)))),
            DEADLINE => Mode::Deadline(Deadlines::new(
                Ratio { times: 1, of: draw(1, one_of(MOVES)) as u32 },
                draw(2, Space::up_to(1)) > 0,
            )),
            TURN => Mode::Turn(Turns {
                kind: (draw(1, Space::up_to(3)) > 0)
                    .then(|| NthMet::new(draw(2, Space::up_to(KINDS - 1)))),
                window: draw(3, one_of(WINDOWS)),
                left: 0,
                same: draw(4, Space::up_to(1)) > 0,
                number: None,
                first_anywhere: draw(5, Space::up_to(1)) > 0,
            }),
            NODE => Mode::Node(NthMet::new(draw(1, Space::up_to(NODES - 1)))),
            CLUSTER => Mode::Cluster(Cluster {
                first: family(fuzz, draw(8, each(fuzz))),
                window: draw(1, one_of(CLUSTERS)),
                left: 0,
                bond: match draw(2, Space::up_to(2)) {
                    0 => Bond::Nothing,
                    1 => Bond::Conversation,
                    _ => Bond::Node,
                },
                last: None,
            }),
            _ => Mode::Anywhere,
        };
        let few = 2 + draw(6, Space::up_to(2));
        let movers = fuzz.faults.iter().filter(|fault| MOVERS.contains(fault));
        let movers = match mode {
            Mode::Deadline(_) => movers.fold(0, |all, fault| all | sites(&[fault])),
            _ => 0,
        };
        Self { mode, budget: few.min(u64::from(fuzz.budget)), movers }
    }

    /// The kinds of fault that can be drawn: often few families, so that a few faults fall together.
    pub(super) fn kinds(&self, fuzz: &Fuzz, choices: &mut Choices) -> Vec<&'static Fault> {
        let mut draw = drawer(choices);
        if matches!(self.mode, Mode::Anywhere) || draw(7, Space::up_to(2)) == 0 {
            return fuzz.faults.clone();
        }
        let mut one = |question| family(fuzz, draw(question, each(fuzz)));
        // Whatever the damage, a crash hits what repairs it; and every node can crash.
        let crashes = CRASH_BEFORE.family;
        let families = match &self.mode {
            Mode::Cluster(cluster) => [crashes, cluster.first],
            Mode::Node(_) => [crashes, one(8)],
            _ => [one(8), one(9)],
        };
        fuzz.faults.iter().copied().filter(|fault| families.contains(&fault.family)).collect()
    }

    /// How far the faults of this run are spread.
    pub(super) const fn spread(&self) -> Spread {
        match self.mode {
            Mode::Anywhere => Spread::Wide,
            Mode::Node(_) => Spread::OneNode,
            _ => Spread::Narrow,
        }
    }

    /// The most faults of a focused run: a few, so that they do not hide what a few can do.
    pub(super) const fn budget(&self) -> Option<u64> {
        match self.mode {
            Mode::Anywhere => None,
            _ => Some(self.budget),
        }
    }

    /// How often `fault` happens now.
    #[inline]
    pub(super) fn often(&mut self, fault: &Fault, actor: Actor, entity: Entity) -> Frequency {
        let only = |is_meant| if is_meant { Frequency::Often } else { Frequency::Never };
        match &mut self.mode {
            Mode::Anywhere | Mode::Deadline(_) => Frequency::Seldom,
            Mode::Conversation(target) => {
                only(entity.number().is_some_and(|number| target.is(number)))
            }
            Mode::Turn(turns) => turns.often(entity),
            Mode::Node(target) => {
                target.meet(actor.to);
                only(fault.nodes(actor).iter().any(|node| target.is(*node)))
            }
            Mode::Cluster(cluster) => cluster.often(fault, actor, entity),
        }
    }

    /// A drawn fault has fired.
    pub(super) fn fired(&mut self, actor: Actor, entity: Entity) {
        match &mut self.mode {
            Mode::Turn(turns) => turns.first_anywhere = false,
            Mode::Cluster(cluster) => cluster.fired(actor, entity),
            _ => {}
        }
    }

    /// Notes a timer that a node sets.
    #[inline]
    pub(in crate::kernel) fn note_timer(&mut self, node: NodeId, now: Instant, delay: Span) {
        if let Mode::Deadline(deadlines) = &mut self.mode {
            deadlines.note(node, now, delay);
        }
    }

    /// By how many microseconds `fault` moves a message to a deadline, if it does.
    pub(super) fn aimed_at_deadline(
        &self,
        fault: &Fault,
        actor: Actor,
        entity: Entity,
        due: Instant,
        choices: &mut Choices,
    ) -> Option<u64> {
        let Mode::Deadline(deadlines) = &self.mode else { return None };
        deadlines.delay(FAULT_FOCUS, fault, (actor, entity), due, choices)
    }

    /// Whether it matters in this run what is delivered.
    #[inline]
    pub(in crate::kernel) const fn follows_deliveries(&self) -> bool {
        matches!(self.mode, Mode::Turn(_) | Mode::Cluster(_))
    }

    /// Notes what is delivered.
    pub(in crate::kernel) fn pass(&mut self, kind: Kind, entity: Entity, is_turn: bool) {
        match &mut self.mode {
            Mode::Turn(turns) => turns.pass(kind, entity, is_turn),
            Mode::Cluster(cluster) => cluster.pass(),
            _ => {}
        }
    }
}

/// The numbers of the allowed faults.
fn each(fuzz: &Fuzz) -> Space {
    Space::up_to(fuzz.faults.len().saturating_sub(1) as u64)
}

/// The family of the allowed fault with this number.
fn family(fuzz: &Fuzz, number: u64) -> &'static str {
    fuzz.faults[number as usize].family
}

/// Draws the questions of a focus, by number.
fn drawer(choices: &mut Choices) -> impl FnMut(u64, Space) -> u64 {
    |question, space| choices.steer(FAULT_FOCUS, Actor::node(NodeId(0)), Entity(question), space)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{CRASH_AFTER, DROP, Overrides, Policy};

    fn of(mode: Mode) -> Focus {
        Focus { mode, budget: 3, movers: 0 }
    }

    #[test]
    fn three_runs_in_five_are_focused_and_those_without_faults_never() {
        let focused = |faults: &[&'static Fault]| {
            let fuzz = Fuzz { faults: faults.to_vec(), budget: 8 };
            let of_seed = |seed: &u64| {
                let mut choices = Choices::new(Policy::seeded(*seed), Overrides::default());
                Focus::draw(&fuzz, &mut choices).budget().is_some()
            };
            (0..1_000).filter(of_seed).count()
        };
        assert!((540..660).contains(&focused(&[&DROP])), "{}", focused(&[&DROP]));
        assert_eq!(focused(&[]), 0);
    }

    #[test]
    fn faults_about_one_conversation_concern_its_stream_and_its_saga() {
        let mut focus = of(Mode::Conversation(AtHand::after(1)));
        let mut often = |entity| focus.often(&DROP, Actor::node(NodeId(1)), Entity(entity));
        assert_eq!(often(0), Frequency::Never, "it is about nothing");
        assert_eq!(often(1 << 56 | 9), Frequency::Often);
        assert_eq!(often(1 << 56 | 5 << 32 | 9), Frequency::Often, "its saga");
        assert_eq!(often(1 << 56 | 8), Frequency::Never);
    }

    #[test]
    fn faults_at_one_node_are_its_own_and_those_of_its_messages() {
        let mut focus = of(Mode::Node(NthMet::new(1)));
        let actor = |from, to| Actor { from: NodeId(from), to: NodeId(to), kind: Kind(1) };
        let mut often = |fault, from, to| focus.often(fault, actor(from, to), Entity(0));
        assert_eq!(often(&DROP, 5, 4), Frequency::Never, "the first node");
        assert_eq!(often(&DROP, 4, 7), Frequency::Often);
        assert_eq!(often(&DROP, 7, 4), Frequency::Often);
        assert_eq!(often(&CRASH_AFTER, 4, 7), Frequency::Often);
        assert_eq!(often(&CRASH_AFTER, 7, 4), Frequency::Never, "node 4 would crash");
    }
}

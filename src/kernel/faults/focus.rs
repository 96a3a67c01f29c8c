//! Concentrates the drawn faults of a run.
//!
//! Random faults spread over a run. Some mistakes show only if several fall on one conversation, if a message
//! arrives in the millisecond of a deadline, or if something fails in the few steps after a webhook, an append or
//! a restart. About half of the runs are therefore focused on one of these. A focus only steers the draws of
//! faults: opportunities are counted alike with and without it, so that the faults that fired repeat the run.

use std::collections::BTreeSet;

use super::deadlines::Deadlines;
use super::rates::Frequency;
use super::{Fault, Fuzz, sites};
use crate::kernel::{
    Actor, Choices, DELAY, DUPLICATE, Entity, Instant, Kind, NodeId, REORDER, Ratio, Site, Space,
    Span,
};

/// Where the drawn faults of a run are concentrated, if anywhere. Steers only.
const FAULT_FOCUS: Site = Site::new(39, "fault.focus");

/// The foci, the frequent ones several times.
const MODES: &[u64] = &[CONVERSATION, CONVERSATION, CONVERSATION, DEADLINE, DEADLINE, AFTER, AFTER];
const CONVERSATION: u64 = 1;
const DEADLINE: u64 = 2;
const AFTER: u64 = 3;
const HALF: Ratio = Ratio { times: 1, of: 2 };
/// How many opportunities pass before the conversation is the one in focus.
const CONVERSATIONS: &[u64] = &[1, 4, 16, 64, 256, 1024];
/// How many kinds of turning points there are at least before the last of them is the only one in focus. Appends
/// are frequent and webhooks are rare, so the kinds are counted and not the turning points.
const KINDS: u64 = 6;
/// How many occurrences follow a turning point, including itself.
const WINDOWS: &[u64] = &[1, 2, 4, 8, 20];
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
    Conversation {
        skip: u64,
        number: Option<u32>,
    },
    /// Besides faults anywhere, messages are moved to deadlines.
    Deadline(Deadlines),
    /// Only the occurrences after a turning point.
    After(After),
}

#[derive(Clone, Debug)]
struct After {
    /// The kind in focus is the one that is met as the nth; `None` if all kinds count.
    nth: Option<usize>,
    /// The kinds that were met, in order.
    met: Vec<Kind>,
    /// How many occurrences follow a turning point.
    window: u64,
    /// How many of them are left.
    left: u64,
    /// Whether only the conversation of the turning point counts.
    same: bool,
    number: Option<u32>,
    /// Whether one fault may fire anywhere: without a crash there is no restart.
    first_anywhere: bool,
}

impl Focus {
    pub(super) fn draw(fuzz: &Fuzz, choices: &mut Choices) -> Self {
        let mut draw = drawer(choices);
        let mode = if fuzz.faults.is_empty() { 0 } else { draw(0, Space::sized(HALF, MODES)) };
        let one_of = |sizes| Space::sized(Ratio { times: 1, of: 1 }, sizes);
        let mode = match mode {
            CONVERSATION => {
                Mode::Conversation { skip: draw(1, one_of(CONVERSATIONS)), number: None }
            }
            DEADLINE => Mode::Deadline(Deadlines {
                rate: Ratio { times: 1, of: draw(1, one_of(MOVES)) as u32 },
                of_any_node: draw(2, Space::up_to(1)) > 0,
                timers: BTreeSet::new(),
            }),
            AFTER => Mode::After(After {
                nth: (draw(1, Space::up_to(3)) > 0)
                    .then(|| draw(2, Space::up_to(KINDS - 1)) as usize),
                met: Vec::new(),
                window: draw(3, one_of(WINDOWS)),
                left: 0,
                same: draw(4, Space::up_to(1)) > 0,
                number: None,
                first_anywhere: draw(5, Space::up_to(1)) > 0,
            }),
            _ => Mode::Anywhere,
        };
        let few = 2 + draw(6, Space::up_to(2));
        let movers = fuzz.faults.iter().filter(|fault| MOVERS.contains(fault));
        let movers = match mode {
            Mode::Deadline(_) => movers.fold(0, |all, fault| all | sites(&[fault])),
            Mode::Anywhere | Mode::Conversation { .. } | Mode::After(_) => 0,
        };
        Self { mode, budget: few.min(u64::from(fuzz.budget)), movers }
    }

    /// The kinds of fault that can be drawn: those of one family in half of the focused runs, so that a few of
    /// them fall together.
    pub(super) fn kinds(&self, fuzz: &Fuzz, choices: &mut Choices) -> Vec<&'static Fault> {
        let mut draw = drawer(choices);
        if !self.is_set() || draw(7, Space::up_to(1)) == 0 {
            return fuzz.faults.clone();
        }
        let one = draw(8, Space::up_to(fuzz.faults.len() as u64 - 1));
        let family = fuzz.faults[one as usize].family;
        fuzz.faults.iter().copied().filter(|fault| fault.family == family).collect()
    }

    /// Whether the faults of this run are concentrated.
    pub(super) const fn is_set(&self) -> bool {
        !matches!(self.mode, Mode::Anywhere)
    }

    /// The most faults of a focused run: a few, so that they do not hide what a few can do.
    pub(super) fn budget(&self) -> Option<u64> {
        self.is_set().then_some(self.budget)
    }

    /// How often faults about `entity` happen now.
    #[inline]
    pub(super) fn often(&mut self, entity: Entity) -> Frequency {
        match &mut self.mode {
            Mode::Anywhere | Mode::Deadline(_) => Frequency::Seldom,
            Mode::Conversation { skip, number } => {
                let Some(about) = entity.number() else { return Frequency::Never };
                if number.is_none() {
                    *skip -= 1;
                    *number = (*skip == 0).then_some(about);
                }
                if *number == Some(about) { Frequency::Often } else { Frequency::Never }
            }
            Mode::After(after) => {
                let meant = after.left > 0 && (!after.same || after.number == entity.number());
                match (meant, after.first_anywhere) {
                    (true, _) => Frequency::Often,
                    (false, true) => Frequency::Seldom,
                    (false, false) => Frequency::Never,
                }
            }
        }
    }

    /// A drawn fault has fired.
    pub(super) fn fired(&mut self) {
        if let Mode::After(after) = &mut self.mode {
            after.first_anywhere = false;
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

    /// Whether turning points matter in this run.
    #[inline]
    pub(in crate::kernel) const fn awaits_turns(&self) -> bool {
        matches!(self.mode, Mode::After(_))
    }

    /// Notes what is delivered.
    pub(in crate::kernel) fn pass(&mut self, kind: Kind, entity: Entity, is_turn: bool) {
        let Mode::After(after) = &mut self.mode else { return };
        after.left = after.left.saturating_sub(1);
        if !is_turn {
            return;
        }
        if !after.met.contains(&kind) {
            after.met.push(kind);
        }
        let is_meant = after.nth.is_none_or(|nth| after.met.get(nth) == Some(&kind));
        if is_meant {
            after.left = after.window;
            after.number = entity.number();
        }
    }
}

/// Draws the questions of a focus, by number.
fn drawer(choices: &mut Choices) -> impl FnMut(u64, Space) -> u64 {
    |question, space| choices.steer(FAULT_FOCUS, Actor::node(NodeId(0)), Entity(question), space)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{DROP, Overrides, Policy};

    const WEBHOOK: Kind = Kind(1);
    const RESTART: Kind = Kind(2);

    fn of(mode: Mode) -> Focus {
        Focus { mode, budget: 3, movers: 0 }
    }

    /// How often faults happen about a stream with this number.
    fn often(focus: &mut Focus, number: u64) -> Frequency {
        focus.often(Entity(1 << 56 | number))
    }

    #[test]
    fn half_of_the_runs_are_focused_and_those_without_faults_never() {
        let focused = |faults: &[&'static Fault]| {
            let fuzz = Fuzz { faults: faults.to_vec(), budget: 8 };
            let of_seed = |seed: &u64| {
                let mut choices = Choices::new(Policy::seeded(*seed), Overrides::default());
                Focus::draw(&fuzz, &mut choices).is_set()
            };
            (0..1_000).filter(of_seed).count()
        };
        assert!((440..560).contains(&focused(&[&DROP])), "{}", focused(&[&DROP]));
        assert_eq!(focused(&[]), 0);
    }

    #[test]
    fn the_conversation_in_focus_is_the_one_at_hand_when_enough_opportunities_have_passed() {
        let mut focus = of(Mode::Conversation { skip: 3, number: None });
        assert_eq!(focus.often(Entity(0)), Frequency::Never, "it is about nothing");
        assert_eq!([7, 8, 9, 8, 9].map(|number| often(&mut focus, number)), {
            use super::Frequency::{Never, Often};
            [Never, Never, Often, Never, Often]
        });
        assert_eq!(focus.often(Entity(1 << 56 | 5 << 32 | 9)), Frequency::Often, "its saga");
    }

    fn after(nth: Option<usize>, same: bool, first_anywhere: bool) -> Focus {
        let (met, left, number) = (Vec::new(), 0, None);
        of(Mode::After(After { nth, met, window: 2, left, same, number, first_anywhere }))
    }

    #[test]
    fn faults_happen_in_the_occurrences_after_a_turning_point() {
        let mut focus = after(None, false, false);
        assert_eq!(often(&mut focus, 1), Frequency::Never);
        focus.pass(WEBHOOK, Entity(1), true);
        assert_eq!(often(&mut focus, 1), Frequency::Often);
        focus.pass(Kind(9), Entity(1), false);
        assert_eq!(often(&mut focus, 2), Frequency::Often);
        focus.pass(Kind(9), Entity(1), false);
        assert_eq!(often(&mut focus, 1), Frequency::Never);
    }

    #[test]
    fn one_kind_of_turning_point_and_one_conversation_can_be_in_focus() {
        let mut focus = after(Some(1), true, false);
        focus.pass(WEBHOOK, Entity(1), true);
        assert_eq!(often(&mut focus, 1), Frequency::Never);
        focus.pass(RESTART, Entity(1), true);
        assert_eq!(
            (often(&mut focus, 1), often(&mut focus, 2)),
            (Frequency::Often, Frequency::Never)
        );
        focus.pass(Kind(9), Entity(1), false);
        focus.pass(WEBHOOK, Entity(2), true);
        assert_eq!(often(&mut focus, 2), Frequency::Never, "a webhook is not the kind in focus");
    }

    #[test]
    fn the_first_fault_can_fire_anywhere_so_that_there_is_a_restart() {
        let mut focus = after(None, false, true);
        assert_eq!(often(&mut focus, 1), Frequency::Seldom);
        focus.fired();
        assert_eq!(often(&mut focus, 1), Frequency::Never);
    }
}

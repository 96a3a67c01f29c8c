//! Faults in the few occurrences after a turning point: a webhook, an append, a restart.

use super::super::rates::Frequency;
use super::target::NthMet;
use crate::kernel::{Entity, Kind};

/// Where faults happen in a run in which they follow turning points.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    /// The kind of turning point in focus; `None` if all count.
    pub(super) kind: Option<NthMet<Kind>>,
    /// How many occurrences follow a turning point, including itself.
    pub(super) window: u64,
    /// How many of them are left.
    pub(super) left: u64,
    /// Whether only the conversation of the turning point counts.
    pub(super) same: bool,
    pub(super) number: Option<u32>,
    /// Whether one fault may fire anywhere: without a crash there is no restart.
    pub(super) first_anywhere: bool,
}

impl Turns {
    pub(super) fn often(&self, entity: Entity) -> Frequency {
        let meant = self.left > 0 && (!self.same || self.number == entity.number());
        match (meant, self.first_anywhere) {
            (true, _) => Frequency::Often,
            (false, true) => Frequency::Seldom,
            (false, false) => Frequency::Never,
        }
    }

    /// Notes what is delivered.
    pub(super) fn pass(&mut self, kind: Kind, entity: Entity, is_turn: bool) {
        self.left = self.left.saturating_sub(1);
        if !is_turn {
            return;
        }
        let is_meant = self.kind.as_mut().is_none_or(|meant| {
            meant.meet(kind);
            meant.is(kind)
        });
        if is_meant {
            self.left = self.window;
            self.number = entity.number();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: Kind = Kind(1);
    const RESTART: Kind = Kind(2);

    fn turns(kind: Option<u64>, same: bool, first_anywhere: bool) -> Turns {
        let kind = kind.map(NthMet::new);
        Turns { kind, window: 2, left: 0, same, number: None, first_anywhere }
    }

    /// How often faults happen about a stream with this number.
    fn often(turns: &Turns, number: u64) -> Frequency {
        turns.often(Entity(1 << 56 | number))
    }

    #[test]
    fn faults_happen_in_the_occurrences_after_a_turning_point() {
        let mut turns = turns(None, false, false);
        assert_eq!(often(&turns, 1), Frequency::Never);
        turns.pass(WEBHOOK, Entity(1), true);
        assert_eq!(often(&turns, 1), Frequency::Often);
        turns.pass(Kind(9), Entity(1), false);
        assert_eq!(often(&turns, 2), Frequency::Often);
        turns.pass(Kind(9), Entity(1), false);
        assert_eq!(often(&turns, 1), Frequency::Never);
    }

    #[test]
    fn one_kind_of_turning_point_and_one_conversation_can_be_in_focus() {
        let mut turns = turns(Some(1), true, false);
        turns.pass(WEBHOOK, Entity(1), true);
        assert_eq!(often(&turns, 1), Frequency::Never);
        turns.pass(RESTART, Entity(1), true);
        assert_eq!([1, 2].map(|number| often(&turns, number)), {
            use super::Frequency::{Never, Often};
            [Often, Never]
        });
        turns.pass(Kind(9), Entity(1), false);
        turns.pass(WEBHOOK, Entity(2), true);
        assert_eq!(often(&turns, 2), Frequency::Never, "a webhook is not the kind in focus");
    }
}

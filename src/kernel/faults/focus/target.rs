//! The thing in focus, chosen among those that a run meets.

/// The thing at hand when enough opportunities have passed: of frequent things one that is met late.
#[derive(Clone, Debug)]
pub(super) struct AtHand<T> {
    /// How many opportunities pass until then, at least one.
    skip: u64,
    chosen: Option<T>,
}

impl<T: Copy + PartialEq> AtHand<T> {
    pub(super) const fn after(skip: u64) -> Self {
        Self { skip, chosen: None }
    }

    /// Whether it is this one, which is at hand.
    pub(super) fn is(&mut self, at_hand: T) -> bool {
        if self.chosen.is_none() {
            self.skip -= 1;
            self.chosen = (self.skip == 0).then_some(at_hand);
        }
        self.chosen == Some(at_hand)
    }
}

/// The thing that is met as the nth, counted from 0. Some things are frequent and others are rare, so different
/// things are counted and not opportunities.
#[derive(Clone, Debug)]
pub(super) struct NthMet<T> {
    nth: usize,
    /// Those that were met, in order, up to the nth.
    met: Vec<T>,
}

impl<T: Copy + PartialEq> NthMet<T> {
    pub(super) const fn new(nth: u64) -> Self {
        Self { nth: nth as usize, met: Vec::new() }
    }

    /// Notes that a thing is met.
    pub(super) fn meet(&mut self, thing: T) {
        if self.met.len() <= self.nth && !self.met.contains(&thing) {
            self.met.push(thing);
        }
    }

    /// Whether it is this one.
    pub(super) fn is(&self, thing: T) -> bool {
        self.met.get(self.nth) == Some(&thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thing_at_hand_is_chosen_when_enough_opportunities_have_passed() {
        let mut target = AtHand::after(3);
        assert_eq!([7, 8, 9, 8, 9].map(|it| target.is(it)), [false, false, true, false, true]);
    }

    #[test]
    fn different_things_are_counted() {
        let mut target = NthMet::new(1);
        let mut is = |thing| {
            target.meet(thing);
            target.is(thing)
        };
        assert_eq!([7, 7, 8, 9, 7, 8].map(&mut is), [false, false, true, false, false, true]);
    }
}

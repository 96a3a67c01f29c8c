//! The phase of a life cycle: a register that is written with compare-and-set, and only upwards.

use std::fmt;

use super::{Said, said};
use crate::linearizability::{Effect, Model};

/// A set of phases. There are up to 16, numbered from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Phases(u16);

impl Phases {
    /// These phases.
    ///
    /// # Panics
    ///
    /// If one of them is 16 or more; at compile time, if used in a constant.
    pub const fn of(phases: &[u8]) -> Self {
        let (mut set, mut rest) = (0, phases);
        while let [phase, others @ ..] = rest {
            assert!(*phase < 16, "a life cycle has up to 16 phases");
            set |= 1_u16 << *phase;
            rest = others;
        }
        Self(set)
    }

    /// Whether a phase is one of them.
    pub const fn contains(self, phase: u8) -> bool {
        phase < 16 && self.0 >> phase & 1 == 1
    }
}

/// What is done to a life cycle, or said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// It goes from one of some phases to a later one.
    Move {
        /// The phases from which it can.
        from: Phases,
        /// The phase that it goes to.
        to: u8,
        /// Whether an answer as done means that it went there; it may have stayed otherwise.
        certain: bool,
    },
    /// It is in one of these phases.
    Is(Phases),
}

/// A life cycle, in one of its phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status {
    phase: u8,
    names: &'static [&'static str],
}

impl Status {
    /// A life cycle in its first phase, with the names of all of them.
    pub const fn first(names: &'static [&'static str]) -> Self {
        Self { phase: 0, names }
    }

    /// The names of all phases.
    pub const fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// The name of the phase that it is in, if phases have names.
    pub fn name(&self) -> Option<&'static str> {
        self.names.get(usize::from(self.phase)).copied()
    }
}

impl Model for Status {
    type Input = Phase;
    type Output = Said<Phase>;

    // A phase is only left for a later one: the last of the phases that were reached is the greatest.
    const CONFLUENT: bool = true;

    fn effect(&self, input: &Phase, output: Option<&Said<Phase>>) -> Effect {
        match said(input, output) {
            Phase::Move { from, to, .. } if from.contains(self.phase) && *to > self.phase => {
                Effect::Writes
            }
            Phase::Is(phases) if phases.contains(self.phase) => Effect::Reads,
            Phase::Move { .. } | Phase::Is(_) => Effect::Impossible,
        }
    }

    fn apply(&mut self, input: &Phase) {
        match input {
            Phase::Move { to, .. } => self.phase = *to,
            Phase::Is(_) => {}
        }
    }

    fn is_spent(&self, input: &Phase) -> bool {
        match input {
            Phase::Move { to, .. } => *to <= self.phase,
            Phase::Is(_) => true,
        }
    }

    fn words(&self) -> String {
        match self.name() {
            Some(name) => format!("it is {name}"),
            None => format!("it is in phase {}", self.phase),
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Move { to, .. } => write!(f, "moves it to phase {to}"),
            Self::Is(phases) => {
                let phases = (0..16).filter(|phase| phases.contains(*phase));
                let phases: Vec<String> = phases.map(|phase: u8| phase.to_string()).collect();
                write!(f, "it is in phase {}", phases.join(" or "))
            }
        }
    }
}

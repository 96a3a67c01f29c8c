//! An object of one of the kinds that domains name.

use std::fmt;

use super::models::{Balance, Money, Phase, Place, Places, Said, Status, said};
use super::{Effect, Likeness, Model};

/// An object, in a state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// Places that are taken and given back.
    Places(Places),
    /// Money that comes and goes.
    Balance(Balance),
    /// The phase of a life cycle.
    Status(Status),
}

/// What is done to an object, or what is said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Of places.
    Place(Place),
    /// Of a balance.
    Money(Money),
    /// Of a life cycle.
    Phase(Phase),
}

impl Act {
    /// Whether it is not known to have happened even if it was answered as done.
    pub const fn is_uncertain(&self) -> bool {
        matches!(
            self,
            Self::Place(Place::MayGiveBack { .. })
                | Self::Phase(Phase::Move { certain: false, .. })
        )
    }
}

impl Model for Object {
    type Input = Act;
    type Output = Said<Act>;

    const CONFLUENT: bool = Places::CONFLUENT && Balance::CONFLUENT && Status::CONFLUENT;

    fn effect(&self, input: &Act, output: Option<&Said<Act>>) -> Effect {
        match (self, said(input, output)) {
            (Self::Places(places), Act::Place(act)) => places.effect(act, None),
            (Self::Balance(balance), Act::Money(act)) => balance.effect(act, None),
            (Self::Status(status), Act::Phase(act)) => status.effect(act, None),
            (Self::Places(_) | Self::Balance(_) | Self::Status(_), _) => Effect::Impossible,
        }
    }

    fn apply(&mut self, input: &Act) {
        match (self, input) {
            (Self::Places(places), Act::Place(act)) => places.apply(act),
            (Self::Balance(balance), Act::Money(act)) => balance.apply(act),
            (Self::Status(status), Act::Phase(act)) => status.apply(act),
            (Self::Places(_) | Self::Balance(_) | Self::Status(_), _) => {}
        }
    }

    fn likeness(&self, input: &Act, output: &Said<Act>) -> Option<Likeness> {
        match (self, input, output) {
            (Self::Places(places), Act::Place(act), Said::Done) => {
                places.likeness(act, &Said::Done)
            }
            (Self::Balance(balance), Act::Money(act), Said::Done) => {
                balance.likeness(act, &Said::Done)
            }
            (Self::Status(status), Act::Phase(act), Said::Done) => {
                status.likeness(act, &Said::Done)
            }
            (Self::Places(_) | Self::Balance(_) | Self::Status(_), _, _) => None,
        }
    }

    fn key(input: &Act) -> Option<u64> {
        match input {
            Act::Place(act) => Places::key(act),
            Act::Money(act) => Balance::key(act),
            Act::Phase(act) => Status::key(act),
        }
    }

    fn can_do_and_undo(&self) -> bool {
        match self {
            Self::Places(places) => places.can_do_and_undo(),
            Self::Balance(balance) => balance.can_do_and_undo(),
            Self::Status(status) => status.can_do_and_undo(),
        }
    }

    fn is_spent(&self, input: &Act) -> bool {
        match (self, input) {
            (Self::Places(places), Act::Place(act)) => places.is_spent(act),
            (Self::Balance(balance), Act::Money(act)) => balance.is_spent(act),
            (Self::Status(status), Act::Phase(act)) => status.is_spent(act),
            (Self::Places(_) | Self::Balance(_) | Self::Status(_), _) => true,
        }
    }

    fn settled(&mut self) {
        match self {
            Self::Places(places) => places.settled(),
            Self::Balance(balance) => balance.settled(),
            Self::Status(status) => status.settled(),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Places(places) => places.words(),
            Self::Balance(balance) => balance.words(),
            Self::Status(status) => status.words(),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(act) => act.fmt(f),
            Self::Money(act) => act.fmt(f),
            Self::Phase(act) => act.fmt(f),
        }
    }
}

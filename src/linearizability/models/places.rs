//! A number of places that are taken and given back.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Said, said};
use crate::collections::{SortedMap, Table};
use crate::linearizability::{Effect, Likeness, Model};

/// What is done to places, or said of them. An owner has at most one place, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The places are offered.
    Offer {
        /// How many.
        places: u32,
    },
    /// Takes a place.
    Take {
        /// Who has it then.
        owner: u32,
    },
    /// Takes a place, unless the owner has had one.
    TakeOnce {
        /// Who has it then.
        owner: u32,
    },
    /// Gives a place back.
    GiveBack {
        /// Who has it.
        owner: u32,
    },
    /// Gives a place back, unless the owner has done so before.
    GiveBackOnce {
        /// Who had it.
        owner: u32,
    },
    /// Gives a place back, or does not: the answer does not tell.
    MayGiveBack {
        /// Who has it.
        owner: u32,
    },
    /// So many places are left.
    Left(u32),
    /// No place is left.
    Full,
    /// A place is left, or the owner has one.
    RoomFor {
        /// The owner.
        owner: u32,
    },
    /// The places are offered.
    Offered,
    /// The places are not offered.
    NotOffered,
}

/// What an owner has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Had {
    /// A place, now.
    Taken,
    /// A place that was given back.
    Returned,
}

/// Places, and who has them.
///
/// A state is copied often while an order is searched for. What the owners have had before is therefore shared by
/// all copies, and only what has changed since is copied.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `None` if they are not offered.
    total: Option<u32>,
    taken: u32,
    /// What owners have had, unless `changed` says otherwise. The same for all states of one search.
    before: Arc<Table<u32, Had>>,
    changed: SortedMap<u32, Had>,
}

impl Places {
    /// So many places, none of them taken.
    pub fn of(places: u32) -> Self {
        Self { total: Some(places), ..Self::default() }
    }

    /// Places that are not offered yet.
    pub fn not_offered() -> Self {
        Self::default()
    }

    /// How many are offered; none if they are not offered yet.
    pub fn offered(&self) -> u32 {
        self.total.unwrap_or_default()
    }

    fn had(&self, owner: u32) -> Option<Had> {
        self.changed.get(&owner).or_else(|| self.before.get(&owner)).copied()
    }

    fn is_left(&self) -> bool {
        self.total.is_some_and(|total| self.taken < total)
    }

    /// What the act does, or whether it is so.
    fn effect_of(&self, act: &Place) -> Effect {
        let reads = |is_so: bool| if is_so { Effect::Reads } else { Effect::Impossible };
        let writes = |is_possible: bool| {
            if is_possible { Effect::Writes } else { Effect::Impossible }
        };
        match *act {
            Place::Offer { .. } | Place::NotOffered if self.total.is_none() => match act {
                Place::Offer { .. } => Effect::Writes,
                _ => Effect::Reads,
            },
            Place::Offer { .. } | Place::NotOffered => Effect::Impossible,
            Place::Take { owner } => writes(self.is_left() && self.had(owner).is_none()),
            Place::TakeOnce { owner } => writes(self.is_left() || self.had(owner).is_some()),
            Place::GiveBack { owner } | Place::MayGiveBack { owner } => {
                writes(self.had(owner) == Some(Had::Taken))
            }
            Place::GiveBackOnce { owner } => writes(self.had(owner).is_some()),
            Place::Left(left) => reads(self.total == Some(self.taken.saturating_add(left))),
            Place::Full => reads(self.total.is_some() && !self.is_left()),
            Place::RoomFor { owner } => {
                reads(self.is_left() || self.had(owner) == Some(Had::Taken))
            }
            Place::Offered => reads(self.total.is_some()),
        }
    }
}

impl Model for Places {
    type Input = Place;
    type Output = Said<Place>;

    // An owner has a place once at most: what they have had follows from the set of their operations.
    const CONFLUENT: bool = true;

    fn effect(&self, input: &Place, output: Option<&Said<Place>>) -> Effect {
        self.effect_of(said(input, output))
    }

    fn apply(&mut self, input: &Place) {
        match *input {
            Place::Offer { places } => self.total = Some(places),
            Place::Take { owner } | Place::TakeOnce { owner } if self.had(owner).is_none() => {
                self.changed.insert(owner, Had::Taken);
                self.taken += 1;
            }
            Place::GiveBack { owner }
            | Place::GiveBackOnce { owner }
            | Place::MayGiveBack { owner }
                if self.had(owner) == Some(Had::Taken) =>
            {
                self.changed.insert(owner, Had::Returned);
                self.taken -= 1;
            }
            Place::Take { .. }
            | Place::TakeOnce { .. }
            | Place::GiveBack { .. }
            | Place::GiveBackOnce { .. }
            | Place::MayGiveBack { .. }
            | Place::Left(_)
            | Place::Full
            | Place::RoomFor { .. }
            | Place::Offered
            | Place::NotOffered => {}
        }
    }

    fn likeness(&self, input: &Place, output: &Said<Place>) -> Option<Likeness> {
        match (input, output) {
            (Place::Take { .. } | Place::TakeOnce { .. }, Said::Done) => Some((0, 0)),
            (Place::GiveBack { .. } | Place::GiveBackOnce { .. }, Said::Done) => Some((1, 0)),
            (_, Said::Done | Said::Refused(_)) => None,
        }
    }

    fn key(input: &Place) -> Option<u64> {
        match input {
            Place::Take { owner }
            | Place::TakeOnce { owner }
            | Place::GiveBack { owner }
            | Place::GiveBackOnce { owner }
            | Place::MayGiveBack { owner }
            | Place::RoomFor { owner } => Some(u64::from(*owner)),
            Place::Offer { .. }
            | Place::Left(_)
            | Place::Full
            | Place::Offered
            | Place::NotOffered => None,
        }
    }

    fn can_do_and_undo(&self) -> bool {
        self.is_left()
    }

    fn is_spent(&self, input: &Place) -> bool {
        match *input {
            Place::Take { owner } | Place::TakeOnce { owner } => self.had(owner).is_some(),
            Place::GiveBack { owner }
            | Place::GiveBackOnce { owner }
            | Place::MayGiveBack { owner } => self.had(owner) == Some(Had::Returned),
            Place::Offer { .. } => self.total.is_some(),
            Place::Left(_)
            | Place::Full
            | Place::RoomFor { .. }
            | Place::Offered
            | Place::NotOffered => true,
        }
    }

    fn settled(&mut self) {
        if self.changed.is_empty() {
            return;
        }
        let before = Arc::make_mut(&mut self.before);
        std::mem::take(&mut self.changed)
            .into_iter()
            .for_each(|(owner, had)| before.insert(owner, had));
    }

    fn words(&self) -> String {
        let Some(total) = self.total else { return "the places are not offered".to_owned() };
        let are = if self.taken == 1 { "is" } else { "are" };
        format!("{} of {total} places {are} taken", self.taken)
    }
}

impl PartialEq for Places {
    fn eq(&self, other: &Self) -> bool {
        let Self { total, taken, before: _, changed } = self;
        (*total, *taken) == (other.total, other.taken) && *changed == other.changed
    }
}

impl Eq for Places {}

impl Hash for Places {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { total, taken, before: _, changed } = self;
        (total, taken, changed).hash(state);
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offer { places } => write!(f, "offers {places} places"),
            Self::Take { owner } | Self::TakeOnce { owner } => {
                write!(f, "takes a place for {owner}")
            }
            Self::GiveBack { owner }
            | Self::GiveBackOnce { owner }
            | Self::MayGiveBack { owner } => {
                write!(f, "gives the place of {owner} back")
            }
            Self::Left(1) => f.write_str("1 place is left"),
            Self::Left(left) => write!(f, "{left} places are left"),
            Self::Full => f.write_str("no place is left"),
            Self::RoomFor { owner } => write!(f, "there is a place for {owner}"),
            Self::Offered => f.write_str("the places are offered"),
            Self::NotOffered => f.write_str("the places are not offered"),
        }
    }
}

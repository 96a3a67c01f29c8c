//! How choices are drawn that nothing forces.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{ChoiceKey, Schedule, Site, Space};
use crate::kernel::digest::folded_multiply;

/// How choices are drawn that nothing forces.
#[derive(Clone, Debug, Default)]
pub enum Policy {
    /// Every choice is benign: the default run.
    #[default]
    Benign,
    /// Every choice is a function of the seed and the choice's key.
    Seeded(Box<Seeded>),
}

/// A seed, expanded.
#[derive(Clone, Debug)]
pub struct Seeded {
    /// One word for each site.
    keys: [u64; Site::COUNT],
    /// A word for the schedule, which draws much that is no choice of its own.
    secret: u64,
    /// How the order of deliveries is drawn.
    schedule: Schedule,
    /// The same as it was requested: a mixture draws it anew for each seed.
    requested: Schedule,
}

impl Policy {
    /// The policy of a schedule and a seed.
    pub fn of(schedule: Schedule, seed: u64) -> Self {
        if schedule == Schedule::Benign {
            return Self::Benign;
        }
        let mut expander = ChaCha8Rng::seed_from_u64(seed);
        let keys = std::array::from_fn(|_| expander.next_u64());
        let secret = if schedule == Schedule::Latency { 0 } else { expander.next_u64() };
        let (requested, schedule) = (schedule, schedule.drawn(secret));
        Self::Seeded(Box::new(Seeded { keys, secret, schedule, requested }))
    }

    /// The policy of a seed. ChaCha expands it once. A draw then mixes words and has no state, so it
    /// affects no other draw, and a copy of a world needs no generator.
    pub fn seeded(seed: u64) -> Self {
        Self::of(Schedule::Latency, seed)
    }

    /// The policy of the same schedule and another seed.
    pub(super) fn reseeded(&self, seed: u64) -> Self {
        match self {
            Self::Benign => Self::Benign,
            Self::Seeded(seeded) => Self::of(seeded.requested, seed),
        }
    }

    /// How the order of deliveries is drawn, and the word for it.
    pub(super) const fn schedule(&self) -> (Schedule, u64) {
        match self {
            Self::Benign => (Schedule::Benign, 0),
            Self::Seeded(seeded) => (seeded.schedule, seeded.secret),
        }
    }

    /// The random bits from which a choice is made.
    pub(super) fn bits(&self, key: &ChoiceKey) -> u64 {
        match self {
            Self::Benign => 0,
            Self::Seeded(seeded) => seeded.bits(key),
        }
    }

    #[inline]
    pub(super) fn pick(&self, key: &ChoiceKey, space: Space) -> u64 {
        match self {
            Self::Benign => 0,
            Self::Seeded(_) if space.is_never() => 0,
            Self::Seeded(seeded) => space.sample(seeded.bits(key)),
        }
    }
}

impl Seeded {
    /// Three rounds of multiply-and-fold over (site key, actor, entity, nth).
    #[inline]
    fn bits(&self, key: &ChoiceKey) -> u64 {
        let secret = self.keys[usize::from(key.site.index())];
        let about =
            folded_multiply(key.actor.bits() ^ secret, key.entity.0 ^ 0xA076_1D64_78BD_642F);
        let which = folded_multiply(about ^ u64::from(key.nth), secret | 1);
        folded_multiply(which ^ about.rotate_left(32), 0xE703_7ED1_A0B4_28DB)
    }
}

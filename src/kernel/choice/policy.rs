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
    Seeded(Box<SiteKeys>),
}

/// One word for each site, expanded from the seed.
#[derive(Clone, Debug)]
pub struct SiteKeys([u64; Site::COUNT]);

impl Policy {
    /// The policy of a schedule and a seed.
    pub fn of(schedule: Schedule, seed: u64) -> Self {
        match schedule {
            Schedule::Benign => Self::Benign,
            _ => Self::seeded(seed),
        }
    }

    /// The policy of a seed. ChaCha expands it once. A draw then mixes words and has no state, so it
    /// affects no other draw, and a copy of a world needs no generator.
    pub fn seeded(seed: u64) -> Self {
        let mut expander = ChaCha8Rng::seed_from_u64(seed);
        let keys = std::array::from_fn(|_| expander.next_u64());
        Self::Seeded(Box::new(SiteKeys(keys)))
    }

    #[inline]
    pub(super) fn pick(&self, key: &ChoiceKey, space: Space) -> u64 {
        match self {
            Self::Benign => 0,
            Self::Seeded(keys) => space.sample(keys.bits(key)),
        }
    }
}

impl SiteKeys {
    /// Three rounds of multiply-and-fold over (site key, actor, entity, nth).
    #[inline]
    fn bits(&self, key: &ChoiceKey) -> u64 {
        let secret = self.0[usize::from(key.site.index())];
        let about =
            folded_multiply(key.actor.bits() ^ secret, key.entity.0 ^ 0xA076_1D64_78BD_642F);
        let which = folded_multiply(about ^ u64::from(key.nth), secret | 1);
        folded_multiply(which ^ about.rotate_left(32), 0xE703_7ED1_A0B4_28DB)
    }
}

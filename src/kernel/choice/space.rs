//! What a choice can be.

/// A probability as a fraction of two integers: exact, and the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    /// How many times out of `of`.
    pub times: u32,
    /// Out of how many; never 0.
    pub of: u32,
}

impl Ratio {
    /// It always happens.
    pub const ALWAYS: Self = Self { times: 1, of: 1 };
    /// It never happens.
    pub const NEVER: Self = Self { times: 0, of: 1 };
}

/// The values a choice can take: 0, the benign one, or with some probability one of `1..=max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Space {
    max: u64,
    /// How often the benign value is left; `None` draws uniformly from `0..=max`.
    chance: Option<Ratio>,
    /// The values that are drawn, if they are not all of `1..=max`.
    sizes: Option<&'static [u64]>,
}

impl Space {
    /// Any of `0..=max`, each as likely as the next.
    pub const fn up_to(max: u64) -> Self {
        Self { max, chance: None, sizes: None }
    }

    /// 0, except that with probability `chance` it is any of `1..=max`.
    pub const fn seldom(chance: Ratio, max: u64) -> Self {
        Self { max, chance: Some(chance), sizes: None }
    }

    /// 0, except that with probability `chance` it is any of `sizes`. Whoever forces a value may choose
    /// another size.
    pub const fn sized(chance: Ratio, sizes: &'static [u64]) -> Self {
        Self { max: u64::MAX, chance: Some(chance), sizes: Some(sizes) }
    }

    /// The largest value.
    pub const fn max(self) -> u64 {
        self.max
    }

    pub(super) const fn is_benign_only(self) -> bool {
        self.max == 0
    }

    pub(super) const fn clamp(self, value: u64) -> u64 {
        if value < self.max { value } else { self.max }
    }

    /// Turns 64 well-mixed bits into a value.
    #[inline]
    pub(super) fn sample(self, bits: u64) -> u64 {
        match self.chance {
            None => scale(bits, self.max.saturating_add(1)),
            Some(chance) => {
                // The upper half decides whether, the lower half which.
                let whether = ((bits >> 32) * u64::from(chance.of)) >> 32;
                if whether >= u64::from(chance.times) {
                    return 0;
                }
                let which = bits.rotate_left(32);
                match self.sizes {
                    None => 1 + scale(which, self.max),
                    Some(sizes) => sizes[scale(which, sizes.len() as u64) as usize],
                }
            }
        }
    }
}

/// Maps 64 bits onto `0..n` by multiplication; the bias is below n / 2^64.
fn scale(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uniform_space_reaches_both_ends() {
        let space = Space::up_to(9);
        assert_eq!(space.sample(0), 0);
        assert_eq!(space.sample(u64::MAX), 9);
    }

    #[test]
    fn a_seldom_space_leaves_zero_as_often_as_it_says() {
        let space = Space::seldom(Ratio { times: 1, of: 4 }, 3);
        let mut digest = crate::kernel::Digest::default();
        let mut counts = [0_u32; 4];
        for n in 0..40_000 {
            digest.word(n);
            counts[space.sample(digest.value()) as usize] += 1;
        }
        assert!((29_500..30_500).contains(&counts[0]), "{counts:?}");
        for value in 1..4 {
            assert!((3_000..3_700).contains(&counts[value]), "{counts:?}");
        }
        assert_eq!(Space::seldom(Ratio::NEVER, 3).sample(u64::MAX), 0);
        assert_ne!(Space::seldom(Ratio::ALWAYS, 3).sample(u64::MAX), 0);
    }
}

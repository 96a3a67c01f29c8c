//! The values that a choice can take.

/// A probability as a fraction of two integers: exact, and the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    /// The numerator.
    pub times: u32,
    /// The denominator; never 0.
    pub of: u32,
}

impl Ratio {
    /// Never.
    pub const NEVER: Self = Self { times: 0, of: 1 };
}

/// The values that a choice can take; 0 is the benign one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Space {
    max: u64,
    /// The sizes that are drawn, and how often; `None` draws uniformly from `0..=max`.
    sizes: Option<(Ratio, &'static [u64])>,
}

impl Space {
    /// Any of `0..=max`, all equally likely.
    pub const fn up_to(max: u64) -> Self {
        Self { max, sizes: None }
    }

    /// 0, or with probability `chance` any of `sizes`. A forced value may be another size.
    pub const fn sized(chance: Ratio, sizes: &'static [u64]) -> Self {
        Self { max: u64::MAX, sizes: Some((chance, sizes)) }
    }

    /// 0, unless a value up to `max` is forced: what no seed draws.
    pub const fn forced(max: u64) -> Self {
        Self { max, sizes: Some((Ratio::NEVER, &[1])) }
    }

    /// The sizes that are drawn besides 0; `None` if they are all of `1..=max`.
    pub const fn sizes(self) -> Option<&'static [u64]> {
        match self.sizes {
            Some((_, sizes)) => Some(sizes),
            None => None,
        }
    }

    /// The largest value.
    pub const fn max(self) -> u64 {
        self.max
    }

    /// Whether no seed draws anything but 0.
    #[inline]
    pub(super) const fn is_never(self) -> bool {
        matches!(self.sizes, Some((Ratio { times: 0, .. }, _)))
    }

    /// Turns 64 well-mixed bits into a value.
    #[inline]
    pub(in crate::kernel) fn sample(self, bits: u64) -> u64 {
        let Some((chance, sizes)) = self.sizes else {
            return scale(bits, self.max.saturating_add(1));
        };
        // The upper half decides whether, the lower half which size.
        let whether = ((bits >> 32) * u64::from(chance.of)) >> 32;
        if whether >= u64::from(chance.times) {
            return 0;
        }
        sizes[scale(bits.rotate_left(32), sizes.len() as u64) as usize]
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
    fn a_sized_space_draws_zero_as_often_as_it_says_and_all_sizes_equally_often() {
        const SIZES: &[u64] = &[1, 2, 3];
        let space = Space::sized(Ratio { times: 1, of: 4 }, SIZES);
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
        assert_eq!(Space::sized(Ratio::NEVER, SIZES).sample(u64::MAX), 0);
        assert_ne!(Space::sized(Ratio { times: 1, of: 1 }, SIZES).sample(u64::MAX), 0);
    }
}

//! Seeds and steps as they are typed.

/// Seeds from `from` up to, but not including, `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seeds {
    pub(super) from: u64,
    pub(super) until: u64,
}

/// Reads a seed: decimal, or hexadecimal after `0x`.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "a seed is a number from 0 to 18446744073709551615, or 0x…".to_owned())
}

/// Reads the number of a step, as it stands at the beginning of a told line.
pub(super) fn step(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a step is a whole number, as it stands before each line".to_owned())
}

/// Reads a range of seeds: `0..100`.
pub(super) fn seeds(text: &str) -> Result<Seeds, String> {
    let (from, until) = text.split_once("..").ok_or("write two seeds, like 0..100")?;
    let seeds = Seeds { from: seed(from)?, until: seed(until)? };
    if seeds.from < seeds.until {
        Ok(seeds)
    } else {
        Err(format!("there is no seed in {text}: the end is not included"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_in_both_notations() {
        assert_eq!(seed("0x5b3"), Ok(0x5b3));
        assert_eq!(seed("7"), Ok(7));
        assert!(seed("-1").is_err());
        assert_eq!(seeds("0..0x10"), Ok(Seeds { from: 0, until: 16 }));
        assert!(seeds("3..3").is_err());
        assert!(seeds("3").is_err());
        assert_eq!(step("12"), Ok(12));
        assert!(step("3s").is_err());
    }
}

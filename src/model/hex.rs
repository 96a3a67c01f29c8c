//! Bytes as hexadecimal digits.

use std::fmt;

/// Prints bytes as hexadecimal digits, in whichever format: the search for personal data recognises a text in
/// them. Eight bytes at a time, because the search prints every hash in the log.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (words, rest) = self.0.as_chunks();
        words.iter().try_for_each(|word| write!(f, "{:016x}", u64::from_be_bytes(*word)))?;
        rest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_two_digits() {
        let bytes: Vec<u8> = (0..=18).map(|byte| byte * 13).collect();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(format!("{:+?}", Hex(&bytes)), digits);
        assert_eq!(format!("{:?}", Hex(&[])), "");
    }
}

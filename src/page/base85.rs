//! Bytes as text: five letters for four bytes, where base64 needs more than five.
//!
//! The digits are the printable letters of ASCII but for nine: none of them ends an element of HTML, begins a reference
//! or a comment, or needs an escape in a string.

/// The digits, from 0 to 84.
const DIGITS: &[u8; 85] =
    b"!#$%()*+-.0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~";

/// The bytes as text. A group of fewer than four bytes at the end has one letter more than bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(4) * 5);
    for group in bytes.chunks(4) {
        let mut word = [0; 4];
        word[..group.len()].copy_from_slice(group);
        let mut rest = u32::from_be_bytes(word);
        let mut letters = [0; 5];
        for letter in letters.iter_mut().rev() {
            *letter = DIGITS[(rest % 85) as usize];
            rest /= 85;
        }
        text.extend(letters[..=group.len()].iter().map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the page reads it: the letters that are missing at the end are the last digit.
    fn decoded(text: &str) -> Vec<u8> {
        let digit = |letter: &u8| DIGITS.iter().position(|it| it == letter).expect("a digit");
        let mut bytes = Vec::new();
        for group in text.as_bytes().chunks(5) {
            let digits = (0..5).map(|nth| group.get(nth).map_or(84, digit) as u64);
            let word = digits.fold(0, |word, digit| word * 85 + digit) as u32;
            bytes.extend(&word.to_be_bytes()[..group.len() - 1]);
        }
        bytes
    }

    #[test]
    fn bytes_come_back() {
        let bytes: Vec<u8> = (0..=255).rev().chain([0, 0, 0, 0, 255, 255, 255, 255, 7]).collect();
        for length in 0..bytes.len() {
            let text = encode(&bytes[..length]);
            assert_eq!(text.len(), length / 4 * 5 + [0, 2, 3, 4][length % 4]);
            assert_eq!(decoded(&text), &bytes[..length]);
        }
    }

    #[test]
    fn no_digit_means_anything_to_a_page() {
        let mut digits = DIGITS.to_vec();
        digits.dedup();
        assert!(digits.is_sorted() && digits.len() == 85, "each is there once");
        assert!(digits.iter().all(u8::is_ascii_graphic));
        assert!(!digits.iter().any(|digit| b"\"&',/<>\\`".contains(digit)));
    }
}

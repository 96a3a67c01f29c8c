//! "Did you mean": the known word that is most similar to an unknown one.

use super::absent;

/// The longest list of known words that is worth printing in full.
const LISTED_MAX: usize = 24;
/// The most words that are suggested.
const CANDIDATES_MAX: usize = 3;
/// Words that share fewer letters at their beginnings or ends, or less than half of the word, are not similar.
const SHARED_MIN: usize = 4;
/// Longer words than this are not compared.
const WORD_MAX: usize = 64;

/// The hint for a word `found` where only the words in `known` are allowed.
pub(crate) fn hint(found: &str, known: &[&str]) -> Option<String> {
    if let Some(absent) = absent::hint(found) {
        return Some(absent);
    }
    if let Some(word) = nearest(found, known) {
        return Some(format!("did you mean `{word}`?"));
    }
    let listed = known.iter().take(LISTED_MAX).map(|word| format!("`{word}`"));
    let listed = listed.collect::<Vec<_>>().join(", ");
    match known.len() {
        0 => None,
        1 => Some(format!("the only one is {listed}")),
        2..=LISTED_MAX => Some(format!("known are {listed}")),
        more => Some(format!("known are {listed} and {} more", more - LISTED_MAX)),
    }
}

/// The known words that a word of a long list may be meant to be, at most three: those that begin or end like
/// it, or contain it.
pub(crate) fn candidates<'a>(found: &str, known: &[&'a str]) -> Vec<&'a str> {
    if let Some(word) = nearest(found, known) {
        return vec![word];
    }
    let found = found.to_lowercase();
    let shared = |word: &str| {
        let word = word.to_lowercase();
        let begin = word.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
        let end = word.chars().rev().zip(found.chars().rev()).take_while(|(a, b)| a == b).count();
        let whole = if word.contains(&found) { found.chars().count() } else { 0 };
        begin.max(end).max(whole)
    };
    let mut near: Vec<(usize, &str)> = known.iter().map(|word| (shared(word), *word)).collect();
    near.retain(|(shared, _)| *shared >= SHARED_MIN && shared * 2 >= found.chars().count());
    // The order of the list stays where words share the same number of letters.
    near.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    near.into_iter().map(|(_, word)| word).take(CANDIDATES_MAX).collect()
}

/// The known word that differs least, if it is similar enough.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found: Vec<char> = found.chars().take(WORD_MAX + 1).flat_map(char::to_lowercase).collect();
    if found.is_empty() || found.len() > WORD_MAX {
        return None;
    }
    // Too many words differ by one letter from a word of two.
    let near_enough = if found.len() < 3 { 0 } else { (found.len() / 3).max(1) };
    known
        .iter()
        .map(|word| {
            let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
            (distance(&found, &letters), *word)
        })
        .filter(|(distance, _)| *distance <= near_enough)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The number of letters to add, remove, replace or swap with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["SeatHeld", "SoldOut", "network"];
        assert_eq!(nearest("SeatHled", &known), Some("SeatHeld"));
        assert_eq!(nearest("soldout", &known), Some("SoldOut"));
        assert_eq!(nearest("netwrok", &known), Some("network"));
    }

    #[test]
    fn of_a_long_list_only_similar_words_are_suggested() {
        let known = ["Drop", "CrashBefore", "CrashBetween", "CrashAfter", "SlowCommit", "Pause"];
        assert_eq!(candidates("Crash", &known), ["CrashBefore", "CrashBetween", "CrashAfter"]);
        assert_eq!(candidates("Comit", &known), Vec::<&str>::new());
        assert_eq!(candidates("LateCommit", &known), ["SlowCommit"]);
        assert_eq!(candidates("TimeoutAfter", &known), Vec::<&str>::new());
        assert_eq!(candidates("Puase", &known), ["Pause"]);
        assert_eq!(candidates("DiskFull", &known), Vec::<&str>::new());
    }

    #[test]
    fn something_else_entirely_is_answered_with_the_list() {
        assert_eq!(hint("banana", &["V1", "V2"]).unwrap(), "known are `V1`, `V2`");
        assert_eq!(hint("V9", &["V1"]).unwrap(), "the only one is `V1`");
        assert_eq!(hint("v1", &["V1"]).unwrap(), "did you mean `V1`?");
        assert_eq!(hint("x", &[]), None);
    }

    #[test]
    fn the_distance_counts_edits() {
        let of = |a: &str, b: &str| {
            distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
        };
        assert_eq!(of("", "abc"), 3);
        assert_eq!(of("abc", "abc"), 0);
        assert_eq!(of("abcd", "acbd"), 1);
        assert_eq!(of("kitten", "sitting"), 3);
    }
}

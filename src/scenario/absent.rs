//! Words for what this version does not have, and where that is documented.
//!
//! Whoever writes one of them has not mistyped another word: they are told what is missing instead of which
//! word is similar.

/// Words, what is missing, and the section of `docs/limits.md` that says so.
const ABSENT: &[(&[&str], &str, &str)] = &[
    (&["authorisation_life"], "authorisations expire only in flights and orders", "money"),
    (&["exchange_rate", "Chargeback"], "currencies and disputes are in flights only", "money"),
    (
        &["capacity", "service_time", "concurrency", "queue_limit", "max_connections", "Overload"],
        "handling a message takes no time, so nothing is slowed by load",
        "capacity",
    ),
    (&["bandwidth", "message_size"], "the network has latency and no bandwidth", "network"),
    (&["Corrupt", "Corruption", "DiskFull", "DiskLoss", "Byzantine"], "no such fault", "faults"),
];

/// The hint for a word that stands for something that is missing.
pub(super) fn hint(word: &str) -> Option<String> {
    let (_, says, section) = ABSENT.iter().find(|(words, ..)| words.contains(&word))?;
    Some(format!("{says} in this version: docs/limits.md#{section}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_is_one_of_the_document_and_no_word_stands_twice() {
        let document = include_str!("../../docs/limits.md");
        let mut seen = std::collections::BTreeSet::new();
        for (words, _, section) in ABSENT {
            let title = format!("\n## {section}\n");
            assert!(document.to_lowercase().contains(&title), "there is no section {section}");
            assert!(words.iter().all(|word| seen.insert(word)), "{words:?}");
        }
    }

    #[test]
    fn only_a_whole_word_is_one_of_them() {
        let says = "authorisations expire only in flights and orders in this version: docs/limits.md#money";
        assert_eq!(hint("authorisation_life").as_deref(), Some(says));
        assert_eq!(hint("authorisation"), None);
    }
}

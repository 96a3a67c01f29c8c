//! What a violation says, with names replaced by roles: two runs that break a property in the same way say
//! the same then, whoever was concerned.

use crate::model::{Domain, Vocabulary};
use crate::platform::Role;

/// The number of words that tell two failures of a property apart: what follows is detail.
const WORDS_MAX: usize = 24;

/// The text with the names of customers, nodes and streams replaced by what they are, and other words that
/// have digits by `#`. A list of several of one role is one of them: how many there are is not the failure.
pub(super) fn roles<D: Domain>(
    says: &str,
    words: Vocabulary<'_, D>,
    (nodes, roles): (&[String], &[Role]),
) -> String {
    let role = |word: &str| -> Option<String> {
        if words.names.customers.iter().any(|name| name == word) {
            return Some("customer".to_owned());
        }
        if let Some(index) = nodes.iter().position(|name| name == word) {
            return Some(roles[index].kind().to_owned());
        }
        if let Some(stream) = words.domain.stream_named(word) {
            let category = D::CATEGORIES.get(usize::from(stream.category.0));
            return category.map(|category| (*category).to_owned());
        }
        word.contains(|c: char| c.is_ascii_digit()).then(|| "#".to_owned())
    };
    let mut said: Vec<String> = Vec::new();
    for word in says.split(' ').take(WORDS_MAX) {
        let bare = word.trim_matches(is_around);
        let replaced = match role(bare) {
            Some(role) => word.replacen(bare, &role, 1),
            None => word.to_owned(),
        };
        let same = |last: &String| {
            replaced.trim_matches(is_around) == last.trim_matches(is_around) && replaced != *bare
        };
        match said.last_mut() {
            Some(last) if last.ends_with(',') && same(last) => *last = replaced,
            _ => said.push(replaced),
        }
    }
    said.join(" ")
}

/// Punctuation around a word. A sign before a number goes with its digits.
fn is_around(c: char) -> bool {
    !c.is_alphanumeric() && c != '#'
}

//! What a violation says, with names replaced by roles: two runs that break a property in the same way say
//! the same then, whatever the names involved.

use crate::model::{Domain, Vocabulary, number_in};
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
        let is_named = words.names.customers.iter().any(|name| name == word);
        // Customers of a workload have numbers.
        if is_named || number_in(word, "c-").is_some() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Names;
    use crate::testing::counting;

    fn of(says: &str) -> String {
        let (domain, names) =
            (counting(), Names { customers: vec!["ana".to_owned(), "ben".to_owned()] });
        let words = Vocabulary { domain: &domain, names: &names };
        let nodes = ["store", "api-1", "api-2"].map(str::to_owned);
        let kinds = [Role::EventStore, Role::CommandApi(0), Role::CommandApi(1)];
        roles(says, words, (&nodes, &kinds))
    }

    #[test]
    fn names_are_replaced_by_what_they_name() {
        assert_eq!(of("ana added 600 to counter-0 at api-2"), "customer added # to counter at api");
        assert_eq!(of("c-40 added 7 to counter-12 at api-1"), "customer added # to counter at api");
        assert_eq!(of("Totals shows (k-0) at @3, v2; ana's"), "Totals shows (#) at #; ana's");
    }

    #[test]
    fn how_many_are_named_makes_no_difference() {
        assert_eq!(of("ana, ben and saga-1, saga-2, saga-3 wait"), "customer and saga wait");
        assert_eq!(of("12, 13, 14 are missing"), of("7 are missing"));
        assert_eq!(of("red, red wine"), "red, red wine", "other words are left alone");
    }
}

//! The claims about real products: each has a name of its own, and the faults that stand for them exist.

use std::collections::BTreeSet;

use super::page;

/// The cells of the rows that begin with an id.
fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn claims_have_names_of_their_own_and_faults_that_exist() {
    let (claims, faults) = (page("docs/semantics.md"), page("docs/faults.md"));
    let rows = rows(&claims);
    assert!(rows.len() > 60, "only {} claims were found", rows.len());
    let mut ids = BTreeSet::new();
    for row in rows {
        let [id, _, _, fault, tested, source] = &row[..] else { panic!("not six cells: {row:?}") };
        assert!(ids.insert(id.clone()), "{id} is there twice");
        for name in quoted(fault) {
            assert!(faults.contains(&format!("| `{name}` |")), "{id}: there is no fault {name}");
        }
        let states = ["both", "server", "model", "–"];
        assert!(states.iter().any(|state| tested.starts_with(state)), "{id}: tested {tested}");
        assert!(source.contains("](https://"), "{id} has no source");
    }
}

//! `docs/semantics.md` and the suite have the same rows.

use std::collections::BTreeSet;
use std::fs;

use libtest_mimic::Trial;

use crate::ROWS;

/// The ids of the page whose column `tested` begins with a word.
fn tested(page: &str, word: &str) -> BTreeSet<String> {
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect());
    cells
        .filter(|row: &Vec<&str>| row[4].starts_with(word))
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect()
}

/// The page says where each row is run, and it is run there.
pub fn trials() -> [Trial; 1] {
    [Trial::test("the_page_has_the_rows_of_the_suite", || {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/semantics.md");
        let page = fs::read_to_string(path).expect("the page exists");
        for (word, rows) in ROWS {
            let run: BTreeSet<String> = rows().into_iter().map(str::to_owned).collect();
            assert_eq!(tested(&page, word), run, "rows with `{word}` in docs/semantics.md");
        }
        Ok(())
    })]
}

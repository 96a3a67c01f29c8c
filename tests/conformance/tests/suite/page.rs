//! The pages say what is tested: `docs/semantics.md` has the rows of the suite, `docs/sql.md` the mistakes.

use std::collections::BTreeSet;
use std::fs;

use jetlag_conformance::protocol::MISTAKES;
use libtest_mimic::Trial;

use crate::ROWS;

/// The rows of a page that begin with a name in backticks.
fn rows(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(path).expect("the page exists");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| {
        let cells = row.trim_matches('|').split(" | ");
        cells.map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    rows.map(cells).collect()
}

/// The pages and what is run are the same.
pub fn trials() -> [Trial; 2] {
    [
        Trial::test("the_page_has_the_rows_of_the_suite", || {
            let page = rows("semantics.md");
            for (word, ids) in ROWS {
                let tested = page.iter().filter(|row| row[4].starts_with(word));
                let tested: BTreeSet<_> = tested.map(|row| row[0].as_str()).collect();
                let run: BTreeSet<_> = ids().into_iter().collect();
                assert_eq!(tested, run, "rows with `{word}` in docs/semantics.md");
            }
            Ok(())
        }),
        Trial::test("the_page_has_the_mistakes_of_the_load", || {
            let page = rows("sql.md");
            let page: Vec<_> = page.iter().map(|row| (row[0].as_str(), row[2].as_str())).collect();
            let made: Vec<_> = MISTAKES.iter().map(|(_, name, finds)| (*name, *finds)).collect();
            assert_eq!(page, made, "the mistakes in docs/sql.md");
            Ok(())
        }),
    ]
}

//! The pages about histories, compared with the vocabulary and the clauses.

use std::fmt::Write;

use jetlag::history::{Clause, Field, Kind, PROPERTIES, clauses_of, kinds_in};

use crate::docs::root;

/// Compares a table of a page, or writes it with `UPDATE_DOCS=1`.
fn compare(path: &str, name: &str, table: &str) {
    let file = root().join(path);
    let page = std::fs::read_to_string(&file).expect("the page");
    let begin = format!("<!-- table: {name} -->\n");
    let start = page.find(&begin).expect("the table begins") + begin.len();
    let end = start + page[start..].find("<!-- end -->").expect("the table ends");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let page = format!("{}{table}{}", &page[..start], &page[end..]);
        std::fs::write(file, page).expect("the page is written");
    } else {
        assert_eq!(&page[start..end], table, "{path}: run the tests with UPDATE_DOCS=1");
    }
}

fn named(fields: &[Field], mark: &str) -> impl Iterator<Item = String> {
    fields
        .iter()
        .map(move |field| format!("{mark}`{}`{mark}", field.word()))
        .collect::<Vec<_>>()
        .into_iter()
}

#[test]
fn the_page_has_all_kinds_and_fields() {
    let mut table = "| `kind` | says | fields |\n|---|---|---|\n".to_owned();
    for kind in Kind::ALL {
        let fields = named(kind.required(), "**").chain(named(kind.optional(), ""));
        let fields: Vec<_> = fields.collect();
        let _ = writeln!(table, "| `{}` | {} | {} |", kind.word(), kind.about(), fields.join(", "));
    }
    compare("docs/history.md", "kinds", &table);
    let mut table = "| field | value | meaning |\n|---|---|---|\n".to_owned();
    for field in Field::ALL {
        let (word, says) = (field.word(), field.of_type().says());
        let _ = writeln!(table, "| `{word}` | {says} | {} |", field.about());
    }
    compare("docs/history.md", "fields", &table);
}

#[test]
fn the_page_has_all_properties() {
    let mut table = "| property | what must hold | needs |\n|---|---|---|\n".to_owned();
    for property in PROPERTIES {
        for clause in clauses_of(property) {
            let end = if clause.is_at_rest() && !clause.says().starts_with("at the end") {
                "at the end "
            } else {
                ""
            };
            let _ =
                writeln!(table, "| `{property}` | {end}{} | {} |", clause.says(), clause.needs());
        }
    }
    compare("docs/check.md", "clauses", &table);
}

#[test]
fn every_clause_names_the_kinds_that_it_needs() {
    for clause in Clause::ALL {
        assert!(kinds_in(clause.needs()).next().is_some(), "{clause:?} needs {}", clause.needs());
    }
}

#[test]
fn every_field_belongs_to_a_kind() {
    for field in Field::ALL {
        assert!(Kind::ALL.iter().any(|kind| kind.has(*field)), "{}", field.word());
        assert_eq!(Field::of(field.word()), Some(*field));
    }
}

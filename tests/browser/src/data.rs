//! The data of a page, read without the code of the page.

use serde_json::Value;

use crate::command::output;

/// The document of a run.
pub struct Data(pub Value);

/// A record, by its place.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    data: &'a Data,
    nth: usize,
    /// Its place among the records of its kind.
    row: usize,
}

impl Data {
    /// That of a scenario or capsule.
    pub fn of(file: &str) -> Self {
        let data = output(&["export", file, "--as", "page"]);
        let mut document: Value = serde_json::from_str(&data).expect("JSON");
        document["strings"] = texts(&document["strings"]).into();
        Self(document)
    }

    /// The values of a column with this many rows.
    pub fn column(column: &Value, rows: usize) -> Vec<i64> {
        if let Some(constant) = column["c"].as_i64() {
            return vec![constant; rows];
        }
        let values = column["v"].as_array().expect("values");
        let values = values.iter().map(|value| value.as_i64().expect("a number"));
        if column["d"] != 1 {
            return values.collect();
        }
        values
            .scan(0, |last, difference| {
                *last += difference;
                Some(*last)
            })
            .collect()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.0["records"]["n"].as_u64().expect("a number") as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn of_records(&self, name: &str) -> Vec<i64> {
        Self::column(&self.0["records"][name], self.len())
    }

    /// The steps of all records.
    pub fn steps(&self) -> Vec<i64> {
        self.of_records("step")
    }

    /// The records of a kind, in order.
    pub fn records(&self, kind: &str) -> Vec<Record<'_>> {
        let kinds = self.0["records"]["kinds"].as_array().expect("kinds");
        let Some(number) = kinds.iter().position(|known| known == kind) else { return vec![] };
        let of_kind = self.of_records("kind").into_iter().enumerate();
        let of_kind = of_kind.filter(|(_, kind)| *kind == number as i64).enumerate();
        of_kind.map(|(row, (nth, _))| Record { data: self, nth, row }).collect()
    }

    fn string(&self, number: i64) -> &str {
        self.0["strings"][number as usize].as_str().expect("a text")
    }
}

impl<'a> Record<'a> {
    /// Its kind.
    fn kind(&self) -> &'a str {
        let kind = self.data.of_records("kind")[self.nth] as usize;
        self.data.0["records"]["kinds"][kind].as_str().expect("a kind")
    }

    /// Its step.
    pub fn step(&self) -> i64 {
        self.data.steps()[self.nth]
    }

    /// A field that is a number.
    pub fn number(&self, name: &str) -> i64 {
        let kind = self.kind();
        let column = &self.data.0["records"]["fields"][kind][name];
        Data::column(column, self.data.records(kind).len())[self.row]
    }

    /// A field that is a text.
    pub fn text(&self, name: &str) -> &'a str {
        self.data.string(self.number(name))
    }
}

/// All texts. An array is a text with the lines of an earlier one, but for some.
fn texts(table: &Value) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in table.as_array().expect("texts") {
        let Some(parts) = text.as_array() else {
            texts.push(text.as_str().expect("a text").to_owned());
            continue;
        };
        let back = parts[0].as_u64().expect("a distance") as usize;
        let mut lines: Vec<&str> = texts[texts.len() - back].split('\n').collect();
        for part in parts[1..].chunks(2) {
            lines[part[0].as_u64().expect("a number") as usize] = part[1].as_str().expect("a line");
        }
        let text = lines.join("\n");
        texts.push(text);
    }
    texts
}

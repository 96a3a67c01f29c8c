//! What was found in a history, as a JSON document.

use super::object::{document, list, object};
use crate::history::{Breach, Checked, Clause, Conclusion, Judged, Known, Place};

/// The version of the document. It is raised when a field changes its meaning or is removed.
const VERSION: u32 = 1;

/// What was found in a history, as JSON.
pub fn checked_json(checked: &Checked) -> String {
    document(&Document(checked))
}

object!(Document(checked: Checked) {
    format: "jetlag.check",
    version: VERSION,
    jetlag: env!("CARGO_PKG_VERSION"),
    verdict: match checked.conclusion() {
        Conclusion::Held => "held",
        Conclusion::Violated => "violated",
        Conclusion::NotJudged => "none",
    },
    at_rest: checked.history.is_at_rest,
    ordered: checked.history.is_ordered,
    inputs: list(&checked.history.inputs, InputObject),
    properties: checked
        .history
        .findings
        .properties
        .iter()
        .map(|judged| PropertyObject { checked, judged })
        .collect::<Vec<_>>(),
    violations: checked
        .history
        .findings
        .breaches
        .iter()
        .filter(|breach| !checked.excepted.contains(&breach.clause.property()))
        .map(|breach| BreachObject { checked, breach })
        .collect::<Vec<_>>(),
});

object!(InputObject(input: (String, u64)) {
    file: input.0,
    lines: input.1,
});

/// A property.
struct PropertyObject<'a> {
    checked: &'a Checked,
    judged: &'a Judged,
}

impl serde::Serialize for PropertyObject<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let Self { checked, judged } = self;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("id", judged.property)?;
        let result = match checked.known(judged) {
            Known::Held => "held",
            Known::Violated => "violated",
            Known::NotDecided => "not_decided",
            Known::NotObservable => "not_observable",
            Known::Excepted => "excepted",
        };
        object.serialize_entry("result", result)?;
        object.serialize_entry("required", &checked.required.contains(&judged.property))?;
        object.serialize_entry("facts", &judged.facts())?;
        object.serialize_entry("violations", &judged.broken())?;
        object.serialize_entry("undecided", &judged.undecided)?;
        object.serialize_entry("clauses", &list(&judged.clauses, ClauseObject))?;
        object.end()
    }
}

object!(ClauseObject(of: (Clause, u64, u64)) {
    says: of.0.says(),
    needs: of.0.needs(),
    facts: of.1,
    violations: of.2,
});

/// Something that does not hold.
struct BreachObject<'a> {
    checked: &'a Checked,
    breach: &'a Breach,
}

impl serde::Serialize for BreachObject<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let Self { checked, breach } = self;
        let place = |place: &Place| PlaceObject {
            file: &checked.history.inputs[place.input()].0,
            line: place.line(),
        };
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("property", breach.clause.property())?;
        object.serialize_entry("must", breach.clause.says())?;
        object.serialize_entry("says", &breach.says)?;
        object.serialize_entry("lines", &breach.lines.iter().map(place).collect::<Vec<_>>())?;
        object.end()
    }
}

/// A line of an input.
#[derive(serde::Serialize)]
struct PlaceObject<'a> {
    file: &'a str,
    line: u64,
}

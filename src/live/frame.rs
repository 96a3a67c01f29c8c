//! What a page of a session is sent: the whole document, or what has been added to it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Session;
use super::knobs::knobs;
use crate::page::{LiveRunDoc, Told, live_document, live_part};
use crate::report::line;

/// What is the same for all readers of a session, besides the records.
fn live(session: &Session, of_server: &Value) -> Value {
    let cases: Vec<Value> =
        session.cases.iter().map(|case| json!({ "name": case.name, "about": case.says })).collect();
    let case = &session.cases[session.case];
    let mut live = json!({
        "name": case.name,
        "about": case.says,
        "case": session.case,
        "cases": cases,
        "scenario": session.text(),
        "pressed": session.pressed(),
        "knobs": knobs(&session.run.picture().layout),
        "note": session.says(),
        "over": session.is_over(),
    });
    add(&mut live, of_server);
    live
}

/// The whole document up to the position, as a frame.
pub(super) fn open(session: &Session, of_server: &Value) -> (String, Told) {
    let mut told = Told::default();
    let page = session.run.page();
    let run = LiveRunDoc::of(&page, session.step(), session.is_over());
    let document = live_document(&page, &mut told, session.records(), run);
    let frame = Frame { r#type: "open", document: Some(&document), live: live(session, of_server) };
    (line(&frame).trim_end().to_owned(), told)
}

/// What has come since, as a frame.
pub(super) fn more(session: &Session, told: &mut Told, of_server: &Value) -> String {
    let page = session.run.page();
    let run = LiveRunDoc::of(&page, session.step(), session.is_over());
    let mut frame = live_part(&page, told, session.records(), run);
    add(
        &mut frame,
        &json!({ "type": "more", "live": { "over": session.is_over(), "note": session.says() } }),
    );
    if let Some(live) = frame.get_mut("live") {
        add(live, of_server);
    }
    line(&frame).trim_end().to_owned()
}

#[derive(Serialize)]
struct Frame<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a Value>,
    live: Value,
}

/// Adds the members of an object to another one.
fn add(object: &mut Value, members: &Value) {
    let none = Map::new();
    let members = members.as_object().unwrap_or(&none);
    if let Some(object) = object.as_object_mut() {
        object.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

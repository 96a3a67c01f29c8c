//! Maps of other people's columns.

use jetlag::history::{Clause, Map, Unjudged};

use super::{facts, first_breach, violated, with_map};

fn map(text: &str) -> Map {
    Map::load("map.ron", text.as_bytes()).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

#[test]
fn columns_become_fields() {
    let map = map(r#"Map(
            first_version: 0,
            tables: [(
                kind: "event",
                columns: {"aggregate": "stream", "seq": "version", "meta.cause": "cause", "meta.trace.id": "correlation"},
                constants: {"category": "order"},
                ignore: ["created_by"],
            )],
        )"#);
    let lines = r#"{"aggregate": 7, "seq": 0, "id": "e-1", "created_by": {"x": 1}, "meta": {"trace": {"id": "t", "x": 1}}}
{"aggregate": "7", "seq": "1", "id": "e-2", "meta": {"cause": "e-1", "other": [1], "trace": {"id": "u"}}}
{"aggregate": 7, "seq": 3, "id": "e-3", "meta": null}
"#;
    let history = with_map(lines, &map).expect("it is read");
    assert_eq!(violated(&history), ["dense-versions", "correlated"]);
    assert_eq!(first_breach(&history, "dense-versions"), "2 and 3: 7 v3 follows v1: v2 is missing");
    assert_eq!(facts(&history, Clause::CauseFirst), 1);
}

#[test]
fn a_column_can_tell_the_kind() {
    let map = map(r#"Map(tables: [(
            kind_column: "type",
            kinds: {"SeatHeld": "hold", "SeatReleased": "release"},
            columns: {"show": "item", "booking": "holder", "seat": "unit"},
            ignore_others: true,
        )])"#);
    let lines = r#"{"type": "SeatHeld", "show": "s-1", "booking": "b-1", "seat": "1A", "price": 3.5}
{"type": "SeatHeld", "show": "s-1", "booking": "b-2", "seat": "1A"}
{"type": "SeatReleased", "show": "s-1", "booking": "b-1", "seat": "1A"}
"#;
    let history = with_map(lines, &map).expect("it is read");
    assert_eq!(violated(&history), ["no-double-sale"]);
    let twice = "1 and 2: 1A of s-1 is given to b-2, but b-1 has it";
    assert_eq!(first_breach(&history, "no-double-sale"), twice);
    let Err(Unjudged::Line(wrong)) = with_map(r#"{"type": "SeatHeId"}"#, &map) else {
        panic!("it is read")
    };
    assert_eq!(wrong.hint.as_deref(), Some("did you mean `SeatHeld`?"));
}

#[test]
fn a_part_of_a_history_may_begin_anywhere() {
    let lines = r#"{"kind":"event","stream":"a","version":7,"id":"e","cause":"older"}
{"kind":"event","stream":"a","version":8}
{"kind":"apply","consumer":"c","stream":"b","version":3}
"#;
    let history = with_map(lines, &map("Map(whole: false)")).expect("it is read");
    assert_eq!(violated(&history), [""; 0]);
    let history = with_map(lines, &Map::default()).expect("it is read");
    assert_eq!(violated(&history), ["dense-versions", "causes-before-effects"]);
}

#[test]
fn times_of_other_units_are_read() {
    let lines = r#"{"kind":"hold","item":"s","holder":"h","until":1777636800,"at":1777636000}
{"kind":"stock","item":"s","capacity":9,"at":"2026-05-01T12:00:01Z"}
"#;
    let history = with_map(lines, &map("Map(times: Seconds)")).expect("it is read");
    assert_eq!(violated(&history), ["no-late-release"]);
}

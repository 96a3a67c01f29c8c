//! What readers were shown.

use serde_json::json;

use super::Mutation;
use super::change::{Line, is};
use super::places::{read_before, shows};

pub(super) const ALL: &[Mutation] = &[
    (
        "a row shows an older version than before",
        |lines| {
            let at = lines.middle(|at, line| is(line, "read") && read_before(lines, at))?;
            let older: Line =
                shows(lines.get(at)).keys().map(|stream| (stream.clone(), json!(0))).collect();
            lines.set(at, "shows", older);
            Some(())
        },
        "monotonic-reads",
    ),
    (
        "a row is gone",
        |lines| {
            let at = lines.middle(|at, line| is(line, "read") && read_before(lines, at))?;
            lines.set(at, "shows", json!({}));
            Some(())
        },
        "monotonic-reads",
    ),
    (
        "a row does not show the reader's write",
        |lines| {
            let at = lines.middle(|_, line| is(line, "read") && line["after"] != json!({}))?;
            lines.set(at, "shows", json!({}));
            Some(())
        },
        "read-your-writes",
    ),
    (
        "a row shows what is not stored",
        |lines| {
            let at = lines.middle(|_, line| is(line, "read") && !shows(line).is_empty())?;
            let newer: Line =
                shows(lines.get(at)).keys().map(|stream| (stream.clone(), json!(1_000))).collect();
            lines.set(at, "shows", newer);
            Some(())
        },
        "projection-convergence",
    ),
];

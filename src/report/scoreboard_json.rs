//! A scoreboard as a JSON document.

use super::object::{document, list, object};
use crate::measure::{Board, Row, Summary};

/// A scoreboard as JSON. The seconds are the only figures that another run of the same trials changes.
pub fn scoreboard_json(board: &Board) -> String {
    document(&Document(&(board.rows(), board.summary())))
}

object!(Document(of: (Vec<Row>, Summary)) {
    format: 1,
    jetlag: env!("CARGO_PKG_VERSION"),
    rows: list(&of.0, RowObject),
    summary: SummaryObject(&of.1),
});

object!(RowObject(row: Row) {
    defect: row.defect,
    strategy: row.strategy.to_string(),
    campaigns: row.campaigns.0,
    found: row.campaigns.1,
    first_named: row.named,
    seconds: row.seconds,
} {
    median: row.runs.median,
    low: row.runs.low,
    high: row.runs.high,
    property: row.property.as_ref(),
    deviations: row.deviations.map(|(before, _)| before),
    shrunk: row.deviations.map(|(_, after)| after),
    replays: row.replays,
});

object!(SummaryObject(summary: Summary) {
    defects: summary.defects,
    within: &summary.within,
    failures: summary.named.0,
    first_named: summary.named.1,
    shrunk_failures: summary.forms.0,
    of_frequent_form: summary.forms.1,
} {
    enumerated: summary.enumerated,
    shrunk: summary.shrunk,
    replays: summary.replays,
    worst: summary.worst,
});

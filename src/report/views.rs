//! A table of views and how they were read, to compare their strategies.

use super::palette::{Paint, Palette};
use super::table::{Side, Table};
use crate::kernel::Span;
use crate::model::grouped;
use crate::session::{RunOutcome, Times};

/// Writes the table of all views, if there are views of different strategies and any was read.
pub(super) fn views(run: &RunOutcome, palette: &Palette, out: &mut String) {
    use Side::{Left, Right};
    let mut strategies: Vec<_> = run.views.iter().map(|view| view.strategy).collect();
    strategies.sort_unstable();
    strategies.dedup();
    if strategies.len() < 2 || run.views.iter().all(|view| view.reads == 0) {
        return;
    }
    let sides = [Left, Left, Left, Right, Right, Right, Right, Right, Right, Right, Right];
    let mut table = Table::new(&sides);
    let (plain, faint) = (Paint::default(), &palette.faint);
    let titles = ["", "", "kept", "reads", "not yet", "waited p50", "p99", "max"];
    let titles = titles.into_iter().chain(["stale p50", "p99", "max"]);
    table.row(titles.map(|title| (title.to_owned(), faint)).collect());
    for view in &run.views {
        let mut row = vec![
            "view".to_owned(),
            view.view.to_owned(),
            view.strategy.to_owned(),
            grouped(view.reads),
            grouped(view.not_yet),
        ];
        row.extend(cells(view.waits.as_ref()));
        row.extend(cells(view.staleness.as_ref()));
        table.row(row.into_iter().map(|cell| (cell, &plain)).collect());
    }
    table.write(2, out);
}

fn cells(times: Option<&Times>) -> [String; 3] {
    match times {
        None => ["-"; 3].map(str::to_owned),
        // A percentile is the upper bound of a bucket: its nanoseconds carry no information.
        Some(Times { p50, p99, max }) => [p50, p99, max].map(|span| {
            let micros = span.as_nanos().div_ceil(1_000);
            Span::from_micros(micros).to_string()
        }),
    }
}

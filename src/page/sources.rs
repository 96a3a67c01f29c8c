//! The sources of the page, which are plain files in `src/report/page`, put together.
//!
//! The modules become one script: what imports and exports between files is taken out, and all are in one strict
//! block. Comments and indentation are left out, too: the file is read by a browser, and its sources are here.

/// The frame of the page.
pub(super) const FRAME: &str = include_str!("../report/page/page.html");
/// The script that unpacks the style and the program, which are a third of their size when they are compressed.
const BOOT: &str = include_str!("../report/page/boot.js");
/// Its style.
const STYLE: &str = include_str!("../report/page/style.css");

/// Files in a folder, each with its text.
macro_rules! modules {
    ($($name:literal,)+) => {
        &[$(($name, include_str!(concat!("../report/page/", $name)))),+]
    };
}

/// The modules in an order in which each comes after those that it needs when it is loaded. The same list is in
/// `modules.txt`, for tools that read no Rust.
const MODULES: &[(&str, &str)] = modules![
    "parts/dom.js",
    "parts/numbers.js",
    "parts/search.js",
    "parts/marks.js",
    "parts/scroll.js",
    "parts/table.js",
    "data/columns.js",
    "data/messages.js",
    "data/records.js",
    "data/document.js",
    "data/payload.js",
    "state/change.js",
    "state/capacity.js",
    "state/trouble.js",
    "state/writes.js",
    "state/delivery.js",
    "state/reads.js",
    "state/process.js",
    "state/brief.js",
    "state/course.js",
    "state/state.js",
    "state/timeline.js",
    "state/spans.js",
    "state/inventory.js",
    "state/latest.js",
    "frame/axis.js",
    "frame/lanes.js",
    "frame/dock.js",
    "views/chosen.js",
    "views/filter.js",
    "views/log.js",
    "views/unanswered.js",
    "views/saga.js",
    "views/fold.js",
    "views/command.js",
    "views/events.js",
    "views/pinned.js",
    "views/sparkline.js",
    "views/subscriptions.js",
    "views/delays.js",
    "views/system/layout.js",
    "views/system/wires.js",
    "views/system/glyphs.js",
    "views/system/load.js",
    "views/system/words.js",
    "views/system/instant.js",
    "views/system/view.js",
    "views/queries.js",
    "views/saga_chart.js",
    "views/vendors.js",
    "views/slice.js",
    "views/why.js",
    "frame/url.js",
    "frame/keys.js",
    "frame/tips.js",
    "frame/dialogs.js",
    "frame/live.js",
    "frame/top.js",
    "frame/side.js",
    "frame/actions.js",
    "frame/app.js",
    "main.js",
];

/// The script that starts the page.
pub(super) fn boot() -> String {
    let mut script = "'use strict';\n".to_owned();
    join(BOOT, &mut script);
    script
}

/// The program: all modules as one script.
pub(super) fn program() -> String {
    let mut script = "'use strict';{\n".to_owned();
    for (_, text) in MODULES {
        join(text, &mut script);
    }
    script + "}\n"
}

/// Adds a module to a script, without what only modules have, comments and indentation.
fn join(module: &str, script: &mut String) {
    for line in module.lines().map(str::trim_start) {
        let is_left_out = line.is_empty() || line.starts_with("//") || line.starts_with("import ");
        if !is_left_out {
            script.push_str(line.strip_prefix("export ").unwrap_or(line));
            script.push('\n');
        }
    }
}

/// The whole style sheet.
pub(super) fn style() -> String {
    let lines = STYLE.lines().map(str::trim_start);
    let is_comment = |line: &&str| line.starts_with("/*") && line.ends_with("*/");
    let lines = lines.filter(|line| !line.is_empty() && !is_comment(line));
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_modules_is_that_of_the_folder() {
        let listed = include_str!("../report/page/modules.txt").lines();
        assert!(MODULES.iter().map(|(name, _)| *name).eq(listed));
    }

    #[test]
    fn modules_can_be_put_together_line_by_line() {
        for (name, text) in MODULES.iter().chain(&[("boot.js", BOOT)]) {
            for line in text.lines().map(str::trim_start) {
                let is_import = line.starts_with("import ");
                assert!(
                    !is_import || line.ends_with("';"),
                    "an import takes one line, in {name}: {line}"
                );
                assert!(!line.starts_with("/*"), "a comment starts with `//`, in {name}: {line}");
                assert!(
                    !line.starts_with("export default"),
                    "exports have names, in {name}: {line}"
                );
            }
            assert!(!text.to_lowercase().contains("</script"), "{name} would end the script");
        }
        assert!(!STYLE.to_lowercase().contains("</style"));
    }
}

//! Comparison with the reviewed output in `snapshots/`.

/// Compares with `snapshots/GROUP__NAME.snap`.
pub(crate) fn compare(group: &str, name: &str, seen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("{group}__{name}"), seen));
}

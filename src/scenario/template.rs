//! The name of a scenario that `jetlag new` writes.

/// A template with `name` filled in.
pub(crate) fn named(template: &str, name: &str) -> String {
    // Without what would need an escape.
    let name: String = name.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect();
    let name = if name.trim().is_empty() { "unnamed".to_owned() } else { name };
    template.replacen("{name}", &name, 1)
}

//! Names for the scenarios that `jetlag new` writes, to start from.

/// A template, called `name`.
pub(crate) fn named(template: &str, name: &str) -> String {
    // What `{:?}` writes for a text is also how RON writes it, but for escapes that no name needs.
    let name: String = name.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect();
    let name = if name.trim().is_empty() { "unnamed".to_owned() } else { name };
    template.replacen("{name}", &name, 1)
}

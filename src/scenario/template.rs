//! The scenario that `jetlag new` writes, to start from.

/// A commented scenario, called `name`.
pub fn template(name: &str) -> String {
    // What `{:?}` writes for a text is also how RON writes it, but for escapes that no name needs.
    let name: String = name.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect();
    let name = if name.trim().is_empty() { "unnamed".to_owned() } else { name };
    TEMPLATE.replacen("{name}", &name, 1)
}

const TEMPLATE: &str = include_str!("template.ron");

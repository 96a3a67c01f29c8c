//! What pages show: scenarios, commands with their output, options.

use std::collections::BTreeMap;

use super::{Block, Output, blocks, folder, jetlag, page, pages, root};

const COMMANDS: &[&str] = &[
    "run",
    "replay",
    "fuzz",
    "merge",
    "enumerate",
    "shrink",
    "explain",
    "check",
    "export",
    "report",
    "serve",
    "defects",
    "list",
    "show",
    "new",
    "completions",
];

#[test]
fn every_scenario_in_the_documentation_holds() {
    let mut count = 0;
    for (path, text) in pages() {
        for Block { language, name, body } in blocks(&text) {
            match name {
                _ if language != "ron" => continue,
                Some(file) if root().join(&file).exists() => {
                    assert!(
                        page(&file).contains(&body),
                        "{path} shows lines that {file} does not have:\n{body}"
                    );
                }
                // The page also shows the output for this file.
                Some(_) => continue,
                None => {
                    let folder = folder("scenarios", &[("shown.ron", &body)]);
                    let Output { text, status } = jetlag(&folder, &["run", "shown.ron"]);
                    assert_eq!(status, 0, "{path}\n{text}");
                }
            }
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} scenarios were found");
}

#[test]
fn every_command_prints_what_the_documentation_shows() {
    let mut count = 0;
    for (path, text) in pages() {
        let blocks = blocks(&text);
        let files: Vec<_> = blocks
            .iter()
            .filter_map(|block| Some((block.name.as_deref()?, block.body.as_str())))
            .filter(|(name, _)| !root().join(name).exists())
            .collect();
        for Block { body, .. } in &blocks {
            let Some(rest) = body.strip_prefix("$ jetlag ") else { continue };
            let (words, shown) = rest.split_once('\n').expect("a command is a line");
            let words: Vec<&str> = words.split(' ').collect();
            let is_own = |word: &&str| files.iter().any(|(name, _)| name == word);
            let folder =
                if words.iter().any(is_own) { folder("shown", &files) } else { root().into() };
            let printed = jetlag(&folder, &words).text;
            if let Err(block) = compare(shown, &printed) {
                let words = words.join(" ");
                panic!("{path}: `jetlag {words}` does not print\n{block}\nbut\n{printed}");
            }
            count += 1;
        }
    }
    assert!(count >= 5, "only {count} commands were found");
}

/// Compares shown with printed lines, ignoring differences of spaces; returns the first block between
/// gaps that is not printed as a whole, or not in this order.
fn compare(shown: &str, printed: &str) -> Result<(), String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = |text: &str| text.trim_end().lines().map(words).collect::<Vec<_>>();
    let (shown, printed) = (lines(shown), lines(printed));
    let blocks: Vec<_> = shown.split(|line| matches!(line.as_str(), "⋮" | "…")).collect();
    let mut rest = printed.as_slice();
    for (nth, block) in blocks.iter().enumerate() {
        let is_here = |at: &usize| {
            let is_end = *at + block.len() == rest.len();
            rest[*at..].starts_with(block) && (is_end || nth + 1 < blocks.len())
        };
        let mut places = if nth == 0 { 0..1 } else { 0..rest.len() + 1 };
        let at = places.find(is_here).ok_or_else(|| block.join("\n"))?;
        rest = &rest[at + block.len()..];
    }
    Ok(())
}

#[test]
fn the_run_that_the_readme_shows_fails() {
    let readme = page("README.md");
    let command = readme.lines().find_map(|line| line.strip_prefix("$ jetlag run "));
    let output = jetlag(root(), &["run", command.expect("the README shows a run")]);
    assert_eq!(output.status, 1, "{}", output.text);
    assert!(output.text.contains("VIOLATED"), "{}", output.text);
}

#[test]
fn every_option_in_the_documentation_exists() {
    let help = COMMANDS.iter().map(|command| (*command, jetlag(root(), &[command, "--help"]).text));
    let help: BTreeMap<&str, String> = help.collect();
    let mut count = 0;
    for (path, text) in pages() {
        for span in text.split(['`', '\n']) {
            let mut words = span.trim_start_matches("$ ").split_whitespace();
            let (Some("jetlag"), Some(command)) = (words.next(), words.next()) else { continue };
            let Some(help) = help.get(command) else { continue };
            for option in words.filter(|word| word.starts_with("--")) {
                let exists = help.split([' ', '\n', ',']).any(|word| word == option);
                assert!(exists, "{path}: `jetlag {command}` has no option {option}");
                count += 1;
            }
        }
    }
    assert!(count >= 20, "only {count} options were found");
}

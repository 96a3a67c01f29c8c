//! The pages themselves: length, links, index.

use std::fs;

use super::{page, pages, prose, root};

const README_BYTES_MAX: usize = 10 * 1024;

#[test]
fn the_readme_is_short() {
    let length = page("README.md").len();
    assert!(length <= README_BYTES_MAX, "the README has {length} bytes: move details to docs/");
}

/// The anchor of a title on GitHub.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

#[test]
fn every_relative_link_has_a_target() {
    let mut count = 0;
    for (path, text) in pages() {
        let from = root().join(&path);
        for rest in prose(&text).split("](").skip(1) {
            let target = rest.split(')').next().expect("a split has a part");
            if target.contains("://") {
                continue;
            }
            let (file, title) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() {
                from.clone()
            } else {
                from.parent().expect("a page is in a folder").join(file)
            };
            assert!(to.exists(), "{path} links to {target}, which does not exist");
            if !title.is_empty() {
                let page = fs::read_to_string(&to).expect("a link with # leads to a page");
                let page = prose(&page);
                let titles = page.lines().filter(|line| line.starts_with('#'));
                let mut anchors = titles.map(|line| anchor(line.trim_start_matches('#')));
                assert!(
                    anchors.any(|known| known == title),
                    "{path} links to {target}: no such title"
                );
            }
            count += 1;
        }
    }
    assert!(count > 40, "only {count} links were found");
}

#[test]
fn the_index_lists_every_page() {
    let index = page("docs/README.md");
    for (path, _) in pages() {
        let Some(name) = path.strip_prefix("docs/") else { continue };
        let is_listed = name == "README.md" || index.contains(&format!("]({name})"));
        assert!(is_listed, "docs/README.md does not list {name}");
    }
}

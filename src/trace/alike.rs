//! Repetitions in a story: lines in a row that differ only in who acts or what they are about.

use super::page::{Page, Row};
use super::{Line, Story};

/// How many such lines in a row are needed for them to be counted instead of shown.
const ALIKE_MIN: usize = 5;
/// How many of them are shown before the count.
const ALIKE_SHOWN: usize = 2;

impl Story {
    /// The story with repetitions counted: two hundred customers who wait for the same load are two lines and
    /// a number.
    pub fn without_repetition(&self) -> Page<'_> {
        let mut rows = Vec::new();
        let lines: Vec<(&Line, String)> =
            self.lines().iter().map(|line| (line, pattern(line))).collect();
        let is_alike = |(a, of_a): &(&Line, String), (b, of_b): &(&Line, String)| {
            a.kind == b.kind && a.speaker.role == b.speaker.role && of_a == of_b
        };
        for group in lines.chunk_by(is_alike) {
            let shown = if group.len() < ALIKE_MIN { group.len() } else { ALIKE_SHOWN };
            let (shown, counted) = group.split_at(shown);
            rows.extend(shown.iter().map(|(line, _)| Row::Line(line)));
            if let [(first, _), .., (last, _)] = counted {
                rows.push(Row::Alike(counted.len() as u64, first.step, last.step));
            }
        }
        Page::new(rows)
    }
}

/// The text of a line without the names of who acts and what the line is about.
fn pattern(line: &Line) -> String {
    let mut names: Vec<&str> = line.about.iter().map(|entity| entity.name.as_str()).collect();
    names.push(&line.speaker.name);
    // A name can be a part of a longer one.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter().fold(line.text.clone(), |text, name| replaced(&text, name))
}

/// The text with each mention of a name replaced.
fn replaced(text: &str, name: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_name(rest, name) {
        out.push_str(&rest[..at]);
        out.push('·');
        rest = &rest[at + name.len()..];
    }
    out + rest
}

/// Where a text mentions a name: not as a part of a longer name.
pub(crate) fn find_name(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(name).map(|(at, _)| at).find(|at| {
        let (before, after) = (&text[..*at], &text[at + name.len()..]);
        !name.is_empty() && !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_a_whole_only() {
        assert_eq!(find_name("holds b-12 and b-1", "b-1"), Some(15));
        assert_eq!(find_name("key b-1-capture", "b-1"), None);
        assert_eq!(find_name("b-1, v2", "b-1"), Some(0));
        assert_eq!(find_name("anything", ""), None);
        assert_eq!(replaced("b-1 waits for b-1", "b-1"), "· waits for ·");
    }
}

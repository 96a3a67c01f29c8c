//! Text in lines of limited width.

/// A text in lines of at most `width` columns, each indented; nothing if it is empty. A longer word has a
/// line of its own.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(format!("{:indent$}{word}", "")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_page_and_no_word_is_lost() {
        let text = "seat ".repeat(100);
        let lines = wrapped(&text, 6, 80);
        assert!(lines.lines().all(|line| line.chars().count() <= 80));
        assert!(lines.lines().all(|line| line.starts_with("      seat")));
        assert_eq!(lines.matches("seat").count(), 100);
        assert_eq!(wrapped("", 6, 80), "");
    }
}

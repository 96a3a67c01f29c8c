//! Text from outside, as it may be printed.
//!
//! File names, arguments and what a file says can contain characters that control a terminal, or that show
//! the rest of a line in another order. They are printed as escapes, like `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does something to a terminal or to a line, instead of being seen.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Line and paragraph separators, marks of direction, and invisible operators.
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // Invisible copies of ASCII.
            | '\u{e0000}'..='\u{e007f}')
}

/// The text with escapes for what must not be printed.
///
/// ```
/// use jetlag::model::printable;
/// assert_eq!(printable("IB6251"), "IB6251");
/// assert_eq!(printable("\u{1b}[31mred\n"), "\\u{1b}[31mred\\u{a}");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_unprintable)
}

/// The same for a text of several lines.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_unprintable(c))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut shown = String::new();
    for c in text.chars() {
        if is_escaped(c) {
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_printed_as_it_is() {
        for text in ["naïve café", "日本語", "Ελληνικά", "👩‍👩‍👧", "نص", ""]
        {
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn what_controls_a_terminal_or_a_line_is_escaped() {
        assert_eq!(printable("\u{9b}2J\u{7f}\r"), "\\u{9b}2J\\u{7f}\\u{d}");
        assert_eq!(printable("a\u{202e}b\u{2066}"), "a\\u{202e}b\\u{2066}");
        assert_eq!(printable_lines("a\nb\tc"), "a\nb\\u{9}c");
        assert!(!printable(&('\0'..='\u{10ffff}').collect::<String>()).contains(is_unprintable));
    }
}

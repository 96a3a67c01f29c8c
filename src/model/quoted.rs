//! Words of a command, as they can be pasted into a shell.

use std::fmt::Write;

use super::is_unprintable;

/// A word quoted for a POSIX shell.
pub fn quoted(word: &str) -> String {
    if word.contains(is_unprintable) {
        return quoted_with_escapes(word);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        let word = if word.starts_with('-') { format!("./{word}") } else { word.to_owned() };
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The same for a word that must not be printed as it is: bytes are written as escapes, which every common
/// shell reads between `$'` and `'`.
fn quoted_with_escapes(word: &str) -> String {
    let mut quoted = "$'".to_owned();
    if word.starts_with('-') {
        quoted.push_str("./");
    }
    for c in word.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if is_unprintable(c) => {
                for byte in c.to_string().bytes() {
                    let _ = write!(quoted, "\\x{byte:02x}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_if_a_shell_would_change_it() {
        for (word, shown) in [
            ("a/b-1.ron", "a/b-1.ron"),
            ("last seat", "'last seat'"),
            ("it's", r"'it'\''s'"),
            ("$HOME/x", "'$HOME/x'"),
            ("-x", "'./-x'"),
            ("", "''"),
            ("\u{1b}[31mit's\n", r"$'\x1b[31mit\'s\x0a'"),
            ("\u{202e}", r"$'\xe2\x80\xae'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}

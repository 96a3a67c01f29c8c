//! What quoted texts and whole numbers say.

use super::parser::raw_text_quotes;

/// What a quoted text says, or which of its escapes does not exist.
pub(super) fn text(quoted: &str) -> Result<String, String> {
    if let Some((skip, close)) = raw_text_quotes(quoted) {
        return Ok(quoted[skip..quoted.len() - close.len()].to_owned());
    }
    let mut said = String::with_capacity(quoted.len());
    let mut rest = &quoted[1..quoted.len() - 1];
    while let Some(at) = rest.find('\\') {
        said.push_str(&rest[..at]);
        let (c, behind) = escape(&rest[at + 1..]).ok_or_else(|| {
            let shown: String = rest[at..].chars().take(2).collect();
            format!("`{shown}` is not a valid escape; write a backslash as `\\\\`")
        })?;
        said.extend(c);
        rest = behind;
    }
    said.push_str(rest);
    Ok(said)
}

/// The character of an escape, if it has one, and the text behind it.
fn escape(text: &str) -> Option<(Option<char>, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    let hexadecimal = |digits: &str| char::from_u32(u32::from_str_radix(digits, 16).ok()?);
    let c = match first {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        '\'' | '"' | '\\' => first,
        'x' => return Some((Some(hexadecimal(rest.get(..2)?)?), &rest[2..])),
        'u' => {
            let (digits, rest) = rest.strip_prefix('{')?.split_once('}')?;
            return Some((Some(hexadecimal(digits)?), rest));
        }
        // A line break that is escaped is not there, nor is the indentation of the next line.
        '\n' | '\r' => return Some((None, rest.trim_start())),
        _ => return None,
    };
    Some((Some(c), rest))
}

/// A whole number; the error is `true` if it is one that is out of range.
pub(super) fn integer(written: &str) -> Result<i128, bool> {
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", written.strip_prefix('+').unwrap_or(written)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(_) | None => (10, digits),
    };
    let digits = digits.replace('_', "");
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(false);
    }
    i128::from_str_radix(&format!("{sign}{digits}"), radix).map_err(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_with_their_escapes() {
        let said = |quoted: &str| text(quoted).unwrap();
        assert_eq!(said(r#""a\n\t\\\"\'\x41\u{e9}\0""#), "a\n\t\\\"'Aé\0");
        assert_eq!(said("\"one \\\n    line\""), "one line");
        assert_eq!(said(r###"r#"raw "\n" text"#"###), r#"raw "\n" text"#);
        for wrong in [r#""\q""#, r#""\x4""#, r#""\u{d800}""#, r#""\u41""#, r#""\xé1""#] {
            assert!(text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn whole_numbers_have_signs_and_radixes() {
        for (written, number) in
            [("0", 0), ("+7", 7), ("-1", -1), ("1_000", 1000), ("0xFf", 255), ("0b101", 5)]
        {
            assert_eq!(integer(written), Ok(number));
        }
        for wrong in ["1.5", "1e9", "--1", "-", "0x", "1u8"] {
            assert_eq!(integer(wrong), Err(false), "{wrong}");
        }
        assert_eq!(integer(&"9".repeat(40)), Err(true));
    }
}

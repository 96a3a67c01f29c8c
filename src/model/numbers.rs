//! Numbers as people read them.

/// A number with a comma after every three digits: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 check`, `2 checks`, `3 queries`, `4 ways`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    let count = if count == 1 { return format!("1 {noun}") } else { grouped(count) };
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        Some(_) | None => format!("{count} {noun}s"),
    }
}

/// Like [`counted`], with `no` for zero: `no checks`.
pub(crate) fn counted_or_no(count: u64, noun: &str) -> String {
    let text = counted(count, noun);
    if count == 0 { text.replacen('0', "no", 1) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn only_one_thing_is_singular() {
        let counts = [counted(0, "check"), counted(1, "query"), counted(2000, "query")];
        assert_eq!(counts, ["0 checks", "1 query", "2,000 queries"]);
        assert_eq!([1, 2].map(|count| counted(count, "way")), ["1 way", "2 ways"]);
        assert_eq!([0, 1].map(|count| counted_or_no(count, "query")), ["no queries", "1 query"]);
    }
}

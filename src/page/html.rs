//! The page as one file that needs nothing else and may load nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use miniz_oxide::deflate::compress_to_vec;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::base85::encode;
use super::document::Page;
use super::sources::{FRAME, boot, program, style};
use crate::report::line;

/// How hard the payload is compressed, from 0 to 10.
const LEVEL: u8 = 9;

/// The most records of a page.
const RECORDS_MAX: usize = 200_000;
/// The most bytes of the payload, as it is in the file.
const PAYLOAD_MAX: usize = 2_900_000;
/// A page has this many records, however long they are.
const RECORDS_MIN: usize = 1_000;

/// The page of a run as an HTML file. Of a long run it has only as many records as fit into three megabytes.
pub fn html(page: &Page<'_>) -> String {
    let mut most = RECORDS_MAX;
    let (page, payload) = loop {
        let page = page.with_at_most(most);
        let payload = packed(line(&page.body()).as_bytes());
        if payload.len() <= PAYLOAD_MAX || most <= RECORDS_MIN {
            break (page, payload);
        }
        // A little less than in proportion: what condenses the records before them counts as well.
        let fits = page.records() * (PAYLOAD_MAX / 100) / (payload.len() / 100) * 9 / 10;
        most = fits.max(RECORDS_MIN);
    };
    let title = format!("{} · jetlag", page.name());
    file(&title, &data_block(&page.head()), &payload, "")
}

/// The page of a simulation that is running: the server sends its data.
#[cfg(feature = "serve")]
pub fn live(title: &str) -> String {
    file(title, "", "", "; connect-src 'self'")
}

/// As text of compressed bytes.
fn packed(bytes: &[u8]) -> String {
    encode(&compress_to_vec(bytes, LEVEL))
}

fn file(title: &str, head: &str, payload: &str, connects: &str) -> String {
    let (program, style, boot) = (program(), style(), boot());
    let policy = format!(
        "default-src 'none'; script-src '{}' '{}'; style-src '{}'; img-src data:{connects}; base-uri 'none'; form-action 'none'",
        hash(&boot),
        hash(&program),
        hash(&style),
    );
    let parts = [
        ("@csp@", policy.as_str()),
        ("@title@", &escaped(title)),
        ("@style@", &packed(style.as_bytes())),
        ("@script@", &packed(program.as_bytes())),
        ("@head@", head),
        ("@payload@", payload),
        ("@boot@", &boot),
    ];
    filled(FRAME, &parts)
}

/// A frame with its marks, which come in this order, replaced. Nothing is looked for in what is filled in.
fn filled(frame: &str, parts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = frame;
    for (mark, text) in parts {
        let (before, after) = rest.split_once(mark).expect("the frame has each mark once");
        out.push_str(before);
        out.push_str(text);
        rest = after;
    }
    out + rest
}

/// The source of a script or style, as a policy names it.
fn hash(source: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(source.as_bytes())))
}

/// A document as the content of a `script` element, which no text in it can end.
fn data_block(document: &impl Serialize) -> String {
    line(document).trim_end().replace('<', "\\u003c")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_filled_and_not_what_is_filled_in() {
        let parts = [("@a@", "@b@"), ("@b@", "2")];
        assert_eq!(filled("<@a@|@b@>", &parts), "<@b@|2>");
    }

    #[test]
    fn no_text_ends_the_element_that_it_is_in() {
        assert_eq!(data_block(&"</script><!--"), r#""\u003c/script>\u003c!--""#);
        assert_eq!(escaped("</title>&lt;"), "&lt;/title>&amp;lt;");
        let page = file("</title><script>", "", "", "");
        assert_eq!(page.matches("<script").count(), FRAME.matches("<script").count());
        assert!(page.contains("<title>&lt;/title>&lt;script></title>"));
    }

    #[test]
    fn the_policy_names_the_script_and_the_style_of_the_file() {
        let page = file("a run", "", "", "");
        let inside = |from: &str, to: &str| {
            let start = page.rfind(from).expect("it is there") + from.len();
            let end = start + page[start..].find(to).expect("it ends");
            hash(&page[start..end])
        };
        let policy = format!(
            "default-src 'none'; script-src '{}' '{}'; style-src '{}'; ",
            inside("<script>", "</script>"),
            hash(&program()),
            hash(&style()),
        );
        assert!(page.contains(&policy), "{policy}");
        assert!(
            !page.contains("style=\"") && !page.contains(" onclick"),
            "nothing else would be allowed"
        );
    }
}

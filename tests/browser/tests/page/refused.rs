//! Who is refused by a server, and who does it no harm.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use jetlag_browser_tests::browser::Browser;
use jetlag_browser_tests::command::Served;

use crate::shown::DOMAINS;

/// Sends a request as it is, and returns the status.
fn ask(served: &Served, request: &str) -> u16 {
    let mut connection = TcpStream::connect(served.host()).expect("the server listens");
    connection.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout can be set");
    connection.write_all(request.as_bytes()).expect("a request can be sent");
    let mut head = [0; 12];
    connection.read_exact(&mut head).expect("the server answers");
    String::from_utf8_lossy(&head[9..]).parse().expect("a status")
}

fn get(served: &Served, path: &str, host: &str) -> u16 {
    ask(served, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
}

fn post(served: &Served, host: &str, headers: &str) -> u16 {
    let body = r#"{"do":"run"}"#;
    ask(
        served,
        &format!(
            "POST /do HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
    )
}

pub fn strangers() {
    let served = Served::start(Some(DOMAINS[0]));
    let (host, token) = (served.host().to_owned(), served.token().to_owned());
    assert_eq!(get(&served, &format!("/?token={token}"), &host), 200);
    assert_eq!(get(&served, &format!("/?token={token}"), "evil.example"), 421);
    assert_eq!(get(&served, "/", &host), 403);
    assert_eq!(get(&served, "/?token=0", &host), 403);
    assert_eq!(get(&served, "/events?token=0", &host), 403);
    assert_eq!(get(&served, "/etc/passwd", &host), 404);
    assert_eq!(post(&served, &host, ""), 403, "the header is missing");
    assert_eq!(post(&served, &host, "X-Jetlag: 0\r\n"), 403, "the token is wrong");
    let header = format!("X-Jetlag: {token}\r\n");
    assert_eq!(post(&served, "evil.example", &header), 421);
    assert_eq!(post(&served, &host, &format!("{header}Origin: http://evil.example\r\n")), 403);
    assert_eq!(post(&served, &host, &header), 409, "no browser that has the controls");
    // Nothing listens beyond this machine.
    let port = host.split(':').nth(1).expect("a port");
    let listens = std::fs::read_to_string("/proc/net/tcp").expect("the table of sockets");
    let port = format!(":{:04X}", port.parse::<u16>().expect("a number"));
    let own: Vec<&str> = listens
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .filter(|address| address.ends_with(&port))
        .collect();
    assert!(own.iter().all(|address| address.starts_with("0100007F")), "{own:?}");
}

pub fn second_browser() {
    let served = Served::start(Some(DOMAINS[0]));
    let (first, second) = (Browser::start(), Browser::start());
    let press = format!(
        "fetch('do', {{ method: 'POST', headers: {{ 'X-Jetlag': '{}' }}, body: '{{\"do\":\"step\",\"count\":1}}' }}).then(answer => done(answer.status))",
        served.token(),
    );
    first.go(&served.address);
    second.go(&served.address);
    assert_eq!(first.js_async(&press), 200);
    assert_eq!(second.js_async(&press), 409);
    // Both see what the first one does.
    let step = first.text("document.querySelector('.pos b').innerText");
    second.wait(
        "the other one sees it",
        &format!("return document.querySelector('.pos b').innerText === '{step}'"),
    );
}

pub fn bad_clients() {
    let mut served = Served::start(Some(DOMAINS[0]));
    let browser = Browser::start();
    browser.go(&served.address);
    let token = served.token().to_owned();
    let listen = format!("GET /events?token={token} HTTP/1.1\r\nHost: {}\r\n\r\n", served.host());
    // Some connect and never read, some vanish at once, some send half a request or nonsense.
    let mut stalled = Vec::new();
    for _ in 0..8 {
        let mut connection = TcpStream::connect(served.host()).expect("the server listens");
        connection.write_all(listen.as_bytes()).expect("it can be asked");
        stalled.push(connection);
    }
    for _ in 0..50 {
        let mut connection = TcpStream::connect(served.host()).expect("the server listens");
        let _ = connection.write_all(listen.as_bytes());
        drop(connection);
        let mut connection = TcpStream::connect(served.host()).expect("the server listens");
        let _ = connection.write_all(b"GET / HT");
        drop(connection);
        let mut connection = TcpStream::connect(served.host()).expect("the server listens");
        let _ = connection.write_all(&[0xFF; 4096]);
        drop(connection);
    }
    let before = served.memory();
    // A flood of orders, the whole run over and over.
    for _ in 0..20 {
        for order in [r#"{"do":"reset"}"#, r#"{"do":"step","count":1000}"#] {
            let status = browser.js_async(&format!(
                "fetch('do', {{ method: 'POST', headers: {{ 'X-Jetlag': '{token}' }}, body: '{order}' }}).then(answer => done(answer.status), () => done(0))",
            ));
            assert_eq!(status, 200, "{order}");
        }
    }
    assert!(served.is_running());
    let after = served.memory();
    assert!(after < before + (64 << 20), "{before} bytes before, {after} after");
    browser.wait(
        "the page still follows",
        "return document.querySelector('.top .tag').innerText.includes('held')",
    );
    drop(stalled);
}

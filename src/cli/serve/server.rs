//! The server: takes requests, moves the session, sends frames.

use std::io::{Cursor, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response};

use super::clients::Clients;
use super::guard::{COOKIE, Credentials, Denied, Guard};
use super::pace::Pace;
use crate::cli::watched::is_interrupted;
use crate::harness::Trouble;
use crate::kernel::Step;
use crate::live::{Press, Refused, Session};
use crate::page::{Told, live};

/// How often the session goes on and frames are sent.
const TICK: Duration = Duration::from_millis(40);
/// The longest request that is read.
const BODY_MAX: u64 = 4 << 10;

/// A server with its session.
pub(super) struct Server {
    http: tiny_http::Server,
    guard: Guard,
    session: Session,
    pace: Pace,
    clients: Clients,
    /// What all pages have been told.
    told: Told,
}

/// What a page asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Order {
    Run,
    Pause,
    Reset,
    Step { count: usize },
    Speed { value: u32 },
    Knob(Press),
    Case { number: usize },
    Fork { step: u64 },
    Save,
}

/// A socket on this machine only, and its port.
///
/// # Errors
///
/// When the port is taken.
pub(super) fn listener(port: u16) -> Result<(TcpListener, u16), Trouble> {
    let trouble = |error: std::io::Error| {
        Trouble::new(format!("cannot listen on port {port} of 127.0.0.1: {error}"))
            .hint("name another port with --port, or none")
    };
    let listener =
        TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(trouble)?;
    let port = listener.local_addr().map_err(trouble)?.port();
    Ok((listener, port))
}

impl Server {
    pub(super) fn new(listener: TcpListener, guard: Guard, session: Session) -> Self {
        let http = tiny_http::Server::from_listener(listener, None);
        let http = http.expect("a listener that is bound can be listened to");
        let (pace, clients, told) = (Pace::new(), Clients::default(), Told::default());
        Self { http, guard, session, pace, clients, told }
    }

    /// Serves until the command is interrupted.
    pub(super) fn run(mut self) {
        while !is_interrupted() {
            match self.http.recv_timeout(TICK) {
                Ok(Some(request)) => self.answer(request),
                Ok(None) => {}
                Err(_) => return,
            }
            let steps = self.pace.due();
            if steps > 0 {
                self.advance(steps);
            }
        }
    }

    fn answer(&mut self, request: Request) {
        let who = Credentials::of(&request);
        let path = request.url().split('?').next().unwrap_or_default().to_owned();
        match (request.method(), &*path) {
            (Method::Get, "/") => self.page(request, &who),
            (Method::Get, "/events") => self.events(request, &who),
            (Method::Post, "/do") => self.order(request, &who),
            _ => refuse(request, Denied(404, "there is no such page")),
        }
    }

    fn page(&mut self, request: Request, who: &Credentials) {
        if let Err(denied) = self.guard.may_see(who) {
            return refuse(request, denied);
        }
        if self.clients.are_none() && who.cookie.is_none() {
            self.guard.release();
        }
        let cookie = self.guard.admit(who).ok().flatten();
        let mut response = text(200, "text/html; charset=utf-8", live("jetlag"));
        if let Some(cookie) = cookie {
            let cookie = format!("{COOKIE}={cookie}; HttpOnly; SameSite=Strict; Path=/");
            response.add_header(header("Set-Cookie", &cookie));
        }
        // The page may have left before it is answered.
        let _ = request.respond(response);
    }

    fn events(&mut self, request: Request, who: &Credentials) {
        if let Err(denied) = self.guard.may_see(who) {
            return refuse(request, denied);
        }
        if !self.clients.has_room() {
            return refuse(request, Denied(503, "too many pages show this simulation"));
        }
        let (frame, told) = self.session.open(&self.state());
        self.told = told;
        self.clients.connect(request, &frame);
    }

    fn order(&mut self, mut request: Request, who: &Credentials) {
        if let Err(denied) = self.guard.may_change(who) {
            return refuse(request, denied);
        }
        let mut body = String::new();
        let read = request.as_reader().take(BODY_MAX).read_to_string(&mut body);
        let order = read.ok().and_then(|_| serde_json::from_str::<Order>(&body).ok());
        let Some(order) = order else {
            return refuse(request, Denied(400, "this is no order that the simulation knows"));
        };
        let response = match self.carry_out(order) {
            Ok(Some(saved)) => text(200, "text/plain; charset=utf-8", saved),
            Ok(None) => text(200, "application/json", json!({ "ok": true }).to_string()),
            Err(Refused(why)) => text(422, "application/json", json!({ "error": why }).to_string()),
        };
        let _ = request.respond(response);
    }

    /// Does what was asked for; the scenario, if it is to be saved.
    fn carry_out(&mut self, order: Order) -> Result<Option<String>, Refused> {
        let changes_the_past = changes_the_past(&order);
        match order {
            Order::Run => self.pace.run(),
            Order::Pause => self.pace.pause(),
            Order::Speed { value } => self.pace.set_speed(value),
            Order::Step { count } => {
                self.pace.pause();
                self.advance(count.min(1_000));
                return Ok(None);
            }
            Order::Save => return Ok(Some(self.session.save())),
            Order::Reset => self.session.reset()?,
            Order::Case { number } => self.session.choose(number)?,
            Order::Knob(press) => self.session.press(&press)?,
            Order::Fork { step } => self.session.fork(Step(step))?,
        }
        match changes_the_past {
            true => self.open(),
            false => {
                self.clients.send(&json!({ "type": "live", "live": self.state() }).to_string())
            }
        }
        Ok(None)
    }

    /// Goes on by some steps, and tells the pages.
    fn advance(&mut self, steps: usize) {
        if self.session.is_over() {
            self.pace.pause();
        }
        self.session.advance(steps);
        if self.session.is_over() {
            self.pace.pause();
        }
        let state = self.state();
        let frame = self.session.more(&mut self.told, &state);
        self.clients.send(&frame);
    }

    /// Tells all pages everything.
    fn open(&mut self) {
        let (frame, told) = self.session.open(&self.state());
        self.told = told;
        self.clients.send(&frame);
    }

    fn state(&self) -> Value {
        json!({ "running": self.pace.is_running, "speed": self.pace.speed })
    }
}

/// Whether the pages have to be told everything again.
const fn changes_the_past(order: &Order) -> bool {
    match order {
        Order::Reset | Order::Knob(_) | Order::Case { .. } | Order::Fork { .. } => true,
        Order::Run | Order::Pause | Order::Step { .. } | Order::Speed { .. } | Order::Save => false,
    }
}

fn refuse(request: Request, Denied(status, why): Denied) {
    let body = json!({ "error": why }).to_string();
    let _ = request.respond(text(status, "application/json", body));
}

/// An answer that a browser takes for nothing else, keeps nowhere and shows in no frame.
fn text(status: u16, kind: &str, body: String) -> Response<Cursor<Vec<u8>>> {
    let mut response = Response::from_string(body).with_status_code(status);
    for (name, value) in [
        ("Content-Type", kind),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ] {
        response.add_header(header(name, value));
    }
    response
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values of headers are plain text")
}

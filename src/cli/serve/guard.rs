//! Who may see the simulation, and who may change it.
//!
//! A page of another site could ask a browser to send requests to this machine. It cannot read the answers, but a
//! request that changes something would have happened. So every request must name this server as its host, which a
//! name that was rebound to this machine does not; a request that changes something must have a header that no site can
//! set for another, with a token that only the printed address has; and only one browser may change anything.

use std::io::Read;

use tiny_http::{Header, Request};

use crate::harness::Trouble;

/// The header that a request must have to change something.
pub(super) const HEADER: &str = "X-Jetlag";
/// The cookie of the browser that may change something.
pub(super) const COOKIE: &str = "jetlag_writer";

/// The checks of one server.
#[derive(Debug)]
pub(super) struct Guard {
    hosts: [String; 2],
    token: String,
    /// Of the browser that may change something, once there is one.
    writer: Option<String>,
}

/// Why a request is refused: the status, and a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Denied(pub(super) u16, pub(super) &'static str);

/// What a request says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) host: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) header: Option<String>,
    pub(super) cookie: Option<String>,
    pub(super) query: Option<String>,
}

impl Credentials {
    pub(super) fn of(request: &Request) -> Self {
        let header = |name: &str| {
            let is_it =
                |header: &&Header| header.field.as_str().as_str().eq_ignore_ascii_case(name);
            let found = request.headers().iter().find(is_it);
            found.map(|header| header.value.as_str().to_owned())
        };
        let cookies = header("Cookie").unwrap_or_default();
        let cookie = cookies.split(';').find_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == COOKIE).then(|| value.to_owned())
        });
        let query = request
            .url()
            .split_once("token=")
            .map(|(_, token)| token.split('&').next().unwrap_or_default().to_owned());
        Self {
            host: header("Host"),
            origin: header("Origin"),
            header: header(HEADER),
            cookie,
            query,
        }
    }
}

impl Guard {
    /// For a server on this port.
    ///
    /// # Errors
    ///
    /// When the system gives no random bytes.
    pub(super) fn new(port: u16) -> Result<Self, Trouble> {
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        Ok(Self { hosts, token: secret()?, writer: None })
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Whether a request may see something.
    pub(super) fn may_see(&self, who: &Credentials) -> Result<(), Denied> {
        let is_ours = |name: &String| self.hosts.contains(name);
        if !who.host.as_ref().is_some_and(is_ours) {
            return Err(Denied(421, "this server answers for 127.0.0.1 and localhost only"));
        }
        if who.query.as_ref() != Some(&self.token) {
            return Err(Denied(
                403,
                "the address has no token, or another one: use the address that was printed",
            ));
        }
        Ok(())
    }

    /// Whether a request may change something.
    pub(super) fn may_change(&self, who: &Credentials) -> Result<(), Denied> {
        let is_ours = |name: &String| self.hosts.contains(name);
        if !who.host.as_ref().is_some_and(is_ours) {
            return Err(Denied(421, "this server answers for 127.0.0.1 and localhost only"));
        }
        let is_own = |origin: &String| {
            origin.strip_prefix("http://").is_some_and(|host| is_ours(&host.to_owned()))
        };
        if who.origin.as_ref().is_some_and(|origin| !is_own(origin)) {
            return Err(Denied(403, "the request comes from another site"));
        }
        if who.header.is_none() {
            return Err(Denied(403, "the header X-Jetlag is missing"));
        }
        if who.header.as_ref() != Some(&self.token) {
            return Err(Denied(403, "the token is another one: use the address that was printed"));
        }
        if who.cookie.is_none() || who.cookie != self.writer {
            return Err(Denied(409, "another browser has the controls"));
        }
        Ok(())
    }

    /// Gives the controls to the first browser that opens the page; its cookie, if it is this one.
    ///
    /// # Errors
    ///
    /// When the system gives no random bytes.
    pub(super) fn admit(&mut self, who: &Credentials) -> Result<Option<String>, Trouble> {
        if self.writer.is_none() {
            let cookie = secret()?;
            self.writer = Some(cookie.clone());
            return Ok(Some(cookie));
        }
        Ok(who.cookie.clone().filter(|cookie| Some(cookie) == self.writer.as_ref()))
    }

    /// Takes the controls back, once no page shows the simulation any more.
    pub(super) fn release(&mut self) {
        self.writer = None;
    }
}

/// A text that nobody can guess.
fn secret() -> Result<String, Trouble> {
    let mut bytes = [0; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| Trouble::io("read", std::path::Path::new("/dev/urandom"), &error))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(guard: &Guard) -> Credentials {
        Credentials {
            host: Some("127.0.0.1:7".to_owned()),
            origin: Some("http://127.0.0.1:7".to_owned()),
            header: Some(guard.token.clone()),
            cookie: guard.writer.clone(),
            query: Some(guard.token.clone()),
        }
    }

    #[test]
    fn who_may_see_and_change() {
        let mut guard = Guard::new(7).expect("the system has random bytes");
        guard.admit(&Credentials::default()).expect("the first browser is admitted");
        let good = credentials(&guard);
        assert_eq!((guard.may_see(&good), guard.may_change(&good)), (Ok(()), Ok(())));
        let other = || Some("evil.example".to_owned());
        let of = |result: Result<(), Denied>| result.map_err(|denied| denied.0);
        let host = Credentials { host: other(), ..good.clone() };
        assert_eq!((of(guard.may_see(&host)), of(guard.may_change(&host))), (Err(421), Err(421)));
        let none = Credentials { host: None, ..good.clone() };
        assert_eq!(of(guard.may_see(&none)), Err(421));
        let token = Credentials { query: other(), ..good.clone() };
        assert_eq!(of(guard.may_see(&token)), Err(403));
        for changed in [
            Credentials { origin: Some("http://evil.example".to_owned()), ..good.clone() },
            Credentials { header: None, ..good.clone() },
            Credentials { header: other(), ..good.clone() },
        ] {
            assert_eq!(of(guard.may_change(&changed)), Err(403));
        }
        for cookie in [None, other()] {
            let second = Credentials { cookie, ..good.clone() };
            assert_eq!(of(guard.may_change(&second)), Err(409));
        }
    }

    #[test]
    fn the_first_browser_has_the_controls_until_it_has_left() {
        let mut guard = Guard::new(7).expect("the system has random bytes");
        let first =
            guard.admit(&Credentials::default()).expect("it works").expect("it is the first");
        let again = Credentials { cookie: Some(first.clone()), ..Credentials::default() };
        assert_eq!(guard.admit(&again).expect("it works"), Some(first.clone()));
        assert_eq!(guard.admit(&Credentials::default()).expect("it works"), None);
        guard.release();
        let next = guard.admit(&again).expect("it works").expect("it is the first again");
        assert_ne!(next, first);
    }
}

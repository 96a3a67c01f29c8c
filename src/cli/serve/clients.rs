//! The pages that show the simulation. Each has a queue of frames with an end: a page that does not read them is
//! dropped, and when it connects again it gets the whole document.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tiny_http::Request;

/// The most frames that wait for a page.
const FRAMES_MAX: usize = 32;
/// The most pages, and the most threads that write to one. A thread whose page does not read is stuck until the
/// connection ends.
const CLIENTS_MAX: usize = 16;
/// How often a page that gets no frame gets a comment, by which a page that has left is noticed.
const PULSE: Duration = Duration::from_secs(2);

/// All pages that are connected.
#[derive(Debug, Default)]
pub(super) struct Clients {
    clients: Vec<SyncSender<Arc<str>>>,
    threads: Arc<AtomicUsize>,
}

impl Clients {
    /// Whether one more can be connected.
    pub(super) fn has_room(&self) -> bool {
        self.clients.len() < CLIENTS_MAX && self.threads.load(Ordering::Relaxed) < CLIENTS_MAX
    }

    pub(super) fn are_none(&self) -> bool {
        self.threads.load(Ordering::Relaxed) == 0
    }

    /// Connects a page, and sends it a first frame.
    #[expect(
        clippy::disallowed_methods,
        reason = "the simulation runs on one thread; a page that does not read must not hold it up"
    )]
    pub(super) fn connect(&mut self, request: Request, first: &str) {
        let (sender, frames) = sync_channel(FRAMES_MAX);
        let threads = Arc::clone(&self.threads);
        threads.fetch_add(1, Ordering::Relaxed);
        let _ = sender.try_send(framed(first));
        self.clients.push(sender);
        std::thread::spawn(move || {
            // An error says that the page has left.
            let _ = write(request, &frames);
            drop(frames);
            threads.fetch_sub(1, Ordering::Relaxed);
        });
    }

    /// Sends a frame to all pages. Those that have left, or whose queue is full, are dropped.
    pub(super) fn send(&mut self, frame: &str) {
        let frame = framed(frame);
        self.clients.retain(|client| match client.try_send(Arc::clone(&frame)) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        });
    }
}

/// A frame as an event. A document has no line feed but at its end.
fn framed(frame: &str) -> Arc<str> {
    format!("data: {frame}\n\n").into()
}

/// Writes frames to a page until it leaves or is dropped.
fn write(request: Request, frames: &Receiver<Arc<str>>) -> std::io::Result<()> {
    let mut out = request.into_writer();
    out.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
          X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
    )?;
    loop {
        match frames.recv_timeout(PULSE) {
            Ok(frame) => out.write_all(frame.as_bytes())?,
            Err(RecvTimeoutError::Timeout) => out.write_all(b": still here\n\n")?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        out.flush()?;
    }
}

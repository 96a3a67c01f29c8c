//! A proxy that passes bytes on, and can be told to lose connections.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// A proxy on a port of its own, in front of one server.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Both ends of each connection.
    connections: Mutex<Vec<[TcpStream; 2]>>,
    /// What the server says is dropped.
    is_deaf: AtomicBool,
    /// New connections are closed at once.
    is_shut: AtomicBool,
    /// The proxy is no more.
    is_over: AtomicBool,
}

impl Shared {
    fn connections(&self) -> MutexGuard<'_, Vec<[TcpStream; 2]>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Proxy {
    /// A proxy in front of this server.
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, server, &own));
        Self { address, shared }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on drops what the server says.
    pub fn deafen(&self) {
        self.shared.is_deaf.store(true, Ordering::SeqCst);
    }

    /// Closes all connections.
    pub fn cut(&self) {
        for [client, server] in self.shared.connections().drain(..) {
            // One that has closed is not connected any more.
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    }

    /// Closes all connections, and takes no others.
    pub fn shut(&self) {
        self.shared.is_shut.store(true, Ordering::SeqCst);
        self.cut();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.shut();
        // The listener wakes up, and sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, server: SocketAddr, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.is_over.load(Ordering::SeqCst) {
            return;
        }
        let (Ok(client), false) = (client, shared.is_shut.load(Ordering::SeqCst)) else { continue };
        let Ok(server) = TcpStream::connect(server) else { continue };
        let (Ok(from_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else {
            continue;
        };
        for stream in [&client, &server] {
            let _ = stream.set_nodelay(true);
        }
        let pair = client.try_clone().and_then(|client| Ok([client, server.try_clone()?]));
        shared.connections().extend(pair);
        thread::spawn(move || pass(from_client, server, || false));
        let own = Arc::clone(shared);
        thread::spawn(move || pass(from_server, client, || own.is_deaf.load(Ordering::SeqCst)));
    }
}

/// Passes bytes on until one side closes.
fn pass(mut from: TcpStream, mut to: TcpStream, is_dropped: impl Fn() -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !is_dropped() && to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

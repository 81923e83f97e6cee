//! A minimal HTTP/1.1 server for the Runtime API and DynamoDB's endpoint: one thread per connection, bodies with a length,
//! persistent connections.

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    /// The header with this lower-case name.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// A response.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

pub(crate) type Handler = Arc<dyn Fn(Request) -> Response + Send + Sync>;

/// A running server. Stops with the process.
pub(crate) struct Server {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Listens on a free port, with TLS if configured.
    pub(crate) fn start(tls: Option<Arc<ServerConfig>>, handler: Handler) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (port, connections) = (listener.local_addr()?.port(), Arc::new(AtomicUsize::new(0)));
        let opened = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                opened.fetch_add(1, Ordering::SeqCst);
                let (tls, handler) = (tls.clone(), Arc::clone(&handler));
                // A peer that disconnects is a process that was stopped after its response.
                thread::spawn(move || drop(serve(stream, tls, &handler)));
            }
        });
        Ok(Self { port, connections })
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A self-signed certificate for `localhost` as PEM, and the server configuration with it.
pub(crate) fn certificate() -> Result<(String, Arc<ServerConfig>), Box<dyn std::error::Error>> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok((made.cert.pem(), Arc::new(config)))
}

fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, handler: &Handler) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => converse(stream, handler),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
            converse(StreamOwned::new(connection, stream), handler)
        }
    }
}

fn converse(stream: impl Read + Write, handler: &Handler) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream)? {
        let response = handler(request);
        let mut text = format!("HTTP/1.1 {} Answer\r\ncontent-length: {}\r\n", response.status, response.body.len());
        for (name, value) in &response.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&response.body);
        stream.get_mut().write_all(text.as_bytes())?;
        stream.get_mut().flush()?;
    }
    Ok(())
}

fn read(stream: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let method = line.split(' ').next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, headers, body: String::new() };
    if request.header("transfer-encoding") == "chunked" {
        request.body = read_chunks(stream)?;
    } else {
        let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
        stream.read_exact(&mut body)?;
        request.body = String::from_utf8_lossy(&body).into_owned();
    }
    Ok(Some(request))
}

fn read_chunks(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let bytes = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        let mut chunk = vec![0; bytes];
        stream.read_exact(&mut chunk)?;
        stream.read_line(&mut String::new())?;
        if bytes == 0 {
            return Ok(String::from_utf8_lossy(&body).into_owned());
        }
        body.extend(chunk);
    }
}

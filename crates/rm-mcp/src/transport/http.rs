//! Any number of clients, over streamable HTTP on this machine.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::signals::Signals;
use super::{Ended, drain, run};
use crate::handler::Handler;
use crate::{Error, Result};

/// Where the server is, below its address.
pub const PATH: &str = "/mcp";

/// Pages that may ask: those of this machine. Others could be anybody's whose page the user looks at.
const ORIGINS: [&str; 6] = [
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "https://localhost:*",
    "https://127.0.0.1:*",
    "https://[::1]:*",
];

/// How long nobody is let in after the system would let nobody in: it has no more files to open, say.
const PAUSE: Duration = Duration::from_millis(100);

/// How long answers that are there may take to be written out at the end; connections on which nothing is asked wait in vain.
const FAREWELL: Duration = Duration::from_millis(500);

type Service = StreamableHttpService<Handler, NeverSessionManager>;

/// Serves all who come, until a signal.
pub(crate) fn serve(
    handler: Handler,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
) -> Result<Ended> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback { address });
    }
    run(async move {
        let mut signals = Signals::listen()?;
        let listen = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        listening(listener.local_addr().map_err(listen)?);
        let calls = handler.calls();
        let stop = CancellationToken::new();
        let service = service(handler, &stop);
        let connections = GracefulShutdown::new();
        let signal = loop {
            tokio::select! {
                signal = signals.next() => break signal,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => connect(&service, TokioIo::new(stream), &connections),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
            }
        };
        drop(listener);
        drain(&calls).await;
        let _ = tokio::time::timeout(FAREWELL, connections.shutdown()).await;
        stop.cancel();
        Ok(Ended::Signal(signal))
    })
}

/// Is the SDK's service without sessions: nothing has to be kept between two requests.
///
/// It answers 403 to a `Host` that is not this machine, by which a page could have its own name lead here, and to an `Origin` that
/// is not.
fn service(handler: Handler, stop: &CancellationToken) -> Service {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_origins(ORIGINS)
        .with_cancellation_token(stop.clone());
    let sessions = Arc::new(NeverSessionManager::default());
    StreamableHttpService::new(move || Ok(handler.clone()), sessions, config)
}

/// Answers the requests of one connection on a task of its own.
fn connect(
    service: &Service,
    stream: TokioIo<tokio::net::TcpStream>,
    connections: &GracefulShutdown,
) {
    let service = service.clone();
    let answer = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(answer(&service, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(stream, answer);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        // A client that goes away in the middle is no concern of anybody else's.
        let _ = connection.await;
    });
}

async fn answer(
    service: &Service,
    request: Request<Incoming>,
) -> Response<BoxBody<Bytes, Infallible>> {
    if request.uri().path() == PATH {
        return service.handle(request).await;
    }
    let told = Full::from(format!("there is nothing here; the server is at {PATH}\n"));
    let mut response = Response::new(told.boxed());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

//! One client, over standard input and output.

use std::pin::pin;
use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;

use super::signals::Signals;
use super::{Ended, drain, run};
use crate::handler::Handler;
use crate::{Error, Result};

/// How long answers that are there may take to be written out after a signal.
const FAREWELL: Duration = Duration::from_millis(100);

/// Serves the client that has started this program.
pub(crate) fn serve(handler: Handler) -> Result<Ended> {
    run(async move {
        let mut signals = Signals::listen()?;
        let calls = handler.calls();
        let mut talking = pin!(talk(handler));
        let signal = tokio::select! {
            ended = &mut talking => return ended,
            signal = signals.next() => signal,
        };
        let answered = async {
            drain(&calls).await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            // Whatever it says now, the signal came first.
            _ = talking => {}
            () = answered => {}
        }
        Ok(Ended::Signal(signal))
    })
}

/// Answers what the client asks until it closes its side.
async fn talk(handler: Handler) -> Result<Ended> {
    match handler.serve(stdio_pipes()).await {
        Ok(running) => {
            // However the conversation was ended, there is nothing more to answer.
            let _ = running.waiting().await;
            Ok(Ended::InputClosed)
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(Ended::InputClosed),
        Err(error) => Err(Error::Handshake {
            what: match error {
                ServerInitializeError::ExpectedInitializeRequest(_) => {
                    "expected a request, initialize or one with its revision in _meta".to_owned()
                }
                other => other.to_string(),
            },
        }),
    }
}

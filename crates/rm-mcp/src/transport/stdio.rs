//! One client, over standard input and output.

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;

use super::signals::Signals;
use super::{Ended, drain, run};
use crate::handler::Handler;
use crate::{Error, Result};

/// Serves the client that has started this program.
pub(crate) fn serve(handler: Handler) -> Result<Ended> {
    run(async move {
        let mut signals = Signals::listen()?;
        let calls = handler.calls();
        let ended = tokio::select! {
            ended = talk(handler) => ended?,
            signal = signals.next() => Ended::Signal(signal),
        };
        drain(&calls).await;
        Ok(ended)
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

//! The experiments, one file each.

mod a1;
mod a2;
mod a3;
mod a4;
mod a5;
mod a6;
mod at_sizes;
mod chart;
mod h1;
mod h2;
mod h3;
mod h4;
mod h5;
mod h6;
mod h7;
pub(crate) mod latency;
mod memory_file;
mod methods;
pub(crate) mod opened;
mod probing;
mod reach;
mod recall;
mod resident;
mod sized;
mod targeted;
mod tokens;

pub use a1::MsMarcoPassages;
pub use a2::LocomoConversations;
pub use a3::Enriched;
pub use a4::MillionScale;
pub use a5::ParetoFrontier;
pub use a6::BucketImbalance;
pub use h1::CodebookFundamentals;
pub use h2::RetrievalQuality;
pub use h3::ScoreFiltering;
pub use h4::AdaptiveK;
pub use h5::DriftDetection;
pub use h6::EncoderRobustness;
pub use h7::StorageAndLatency;
#[cfg(test)]
pub(crate) use opened::COMMAND as RESIDENT_COMMAND;
pub(crate) use opened::open_here;

use crate::suite::Experiment;

/// Returns every experiment that is built.
#[must_use]
pub fn built() -> Vec<Box<dyn Experiment>> {
    vec![
        Box::new(CodebookFundamentals),
        Box::new(RetrievalQuality),
        Box::new(ScoreFiltering),
        Box::new(AdaptiveK),
        Box::new(Enriched),
        Box::new(StorageAndLatency),
        Box::new(MsMarcoPassages),
        Box::new(LocomoConversations),
        Box::new(EncoderRobustness),
        Box::new(DriftDetection),
        Box::new(MillionScale),
        Box::new(ParetoFrontier),
        Box::new(BucketImbalance),
    ]
}

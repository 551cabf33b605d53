//! What a store promises, one behaviour a file.

mod atomicity;
mod bit_flips;
mod concurrency;
mod contract;
mod durability;
mod files;
mod format;
mod import;
mod import_refusal;
mod limits;
mod migration;
mod model;
mod model_move;
mod refusal;
mod samples;
mod snapshot_to;
mod view;

//! Forgetting: what a policy would remove, and why.

mod plan;
mod policy;
mod report;

pub use plan::RetentionItem;
pub use policy::RetentionPolicy;
pub use report::{ForgetReason, Forgotten, RetentionReport};

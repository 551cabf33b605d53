//! An inverted index of the metadata of one memory's items: which items pass a filter.

mod facet_index;
mod field_values;
mod passing;
mod postings;
mod resolve;
mod time_index;
mod value_key;
mod value_table;

pub use facet_index::Facets;
pub use passing::Passing;

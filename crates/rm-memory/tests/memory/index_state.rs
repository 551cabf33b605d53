//! All that decides the answers of a memory, to be compared.

use rm_core::{ItemId, Usage};
use rm_memory::RoutingMemory;

/// Holds an index as plain data: two memories with equal states answer every query alike.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IndexState {
    centroid_bits: Vec<u32>,
    /// The items of each list, in the order of their keys, each with the bits of its vector.
    lists: Vec<Vec<(ItemId, Vec<u32>)>>,
    usage: Vec<Usage>,
}

impl IndexState {
    /// Reads the state; `None` before the first item.
    pub(crate) fn of(memory: &RoutingMemory) -> Option<Self> {
        let index = memory.index()?;
        let lists = index.lists().map(|(_, list)| {
            let vector = |item| index.vector(item).expect("a stored vector");
            let rows = list.ids().iter().map(|item| (*item, bits(&vector(*item))));
            let mut items: Vec<_> = rows.collect();
            items.sort_unstable_by_key(|(item, _)| *item);
            items
        });
        Some(Self {
            centroid_bits: bits(index.codebook().as_slice()),
            lists: lists.collect(),
            usage: index.usage().collect(),
        })
    }
}

impl IndexState {
    /// Leaves out what is written only when a memory is saved.
    pub(crate) fn without_usage(self) -> Self {
        Self {
            usage: Vec::new(),
            ..self
        }
    }
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

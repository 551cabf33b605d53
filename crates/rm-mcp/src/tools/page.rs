//! Some of the memories, as many as an answer has room for.

use rm_memory::{Cursor, Filter, RoutingMemory};

use crate::answer::{Item, Room, fit};
use crate::refusal::Refusal;

/// Returns up to `limit` memories, cut to fit the room, and where the next page begins, if there is one.
pub(crate) fn page(
    memory: &RoutingMemory,
    filter: Option<&Filter>,
    from: Option<Cursor>,
    limit: usize,
    room: Room,
) -> Result<(Vec<Item>, Option<Cursor>), Refusal> {
    let mut limit = limit;
    loop {
        let page = memory.list(filter, from, limit)?;
        let n_read = page.items.len();
        let mut items: Vec<Item> = page.items.into_iter().map(Item::from).collect();
        let left_out = fit(&mut items, room);
        if left_out > 0 && items.is_empty() {
            return Err(Refusal::new(
                "the next memory has an id that is too long for any answer; a filter passes it by",
            ));
        }
        if left_out > 0 {
            // A place is known only at the end of a page: that of the page which ends with the last that has room.
            limit = n_read - left_out;
            continue;
        }
        // A page that is full says where the next would begin, whether or not there is more.
        let next = match page.next {
            Some(_) if memory.list(filter, page.next, 1)?.items.is_empty() => None,
            next => next,
        };
        return Ok((items, next));
    }
}

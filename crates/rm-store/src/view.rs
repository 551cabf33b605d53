//! One state of a store, whatever others write meanwhile.

use crate::store::{VisitItem, VisitVector};
use crate::{Result, RoutingState, Store};

/// Looks at one state of all namespaces of a store; see [`Store::view`]. A namespace that is not there is empty.
///
/// # Errors
/// As the methods of the same name of a [`Store`].
pub trait View {
    /// Returns the name of every namespace that has items, with their number, ordered by name.
    fn namespaces(&self) -> Result<Vec<(String, u64)>>;

    /// Returns a setting of a namespace, or one that all share.
    fn setting(&self, namespace: &str, key: &str) -> Result<Option<String>>;

    /// Returns the revision of a namespace.
    fn revision(&self, namespace: &str) -> Result<u64>;

    /// Returns the codebook of a namespace.
    fn routing(&self, namespace: &str) -> Result<Option<RoutingState>>;

    /// Visits the items of a namespace in insertion order, until `visit` breaks.
    fn for_each_item(&self, namespace: &str, visit: &mut VisitItem<'_>) -> Result<()>;

    /// Does as [`for_each_item`](View::for_each_item) without vectors and assignments.
    fn for_each_text(&self, namespace: &str, visit: &mut VisitItem<'_>) -> Result<()>;

    /// Visits key, centroid and vector of the items of a namespace in insertion order, until `visit` breaks.
    fn for_each_vector(&self, namespace: &str, visit: &mut VisitVector<'_>) -> Result<()>;
}

/// Looks at one state of a store, which `read` is handed.
pub type ReadView<'v> = dyn FnMut(&dyn View) -> Result<()> + 'v;

/// Is a store that nobody writes to while this is used.
pub(crate) struct Unmoved<'s, S: ?Sized>(pub(crate) &'s S);

impl<S: Store + ?Sized> View for Unmoved<'_, S> {
    fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        self.0.namespaces()
    }

    fn setting(&self, namespace: &str, key: &str) -> Result<Option<String>> {
        self.0.in_namespace(namespace)?.setting(key)
    }

    fn revision(&self, namespace: &str) -> Result<u64> {
        self.0.in_namespace(namespace)?.revision()
    }

    fn routing(&self, namespace: &str) -> Result<Option<RoutingState>> {
        self.0.in_namespace(namespace)?.routing()
    }

    fn for_each_item(&self, namespace: &str, visit: &mut VisitItem<'_>) -> Result<()> {
        self.0.in_namespace(namespace)?.for_each_item(visit)
    }

    fn for_each_text(&self, namespace: &str, visit: &mut VisitItem<'_>) -> Result<()> {
        self.0.in_namespace(namespace)?.for_each_text(visit)
    }

    fn for_each_vector(&self, namespace: &str, visit: &mut VisitVector<'_>) -> Result<()> {
        self.0.in_namespace(namespace)?.for_each_vector(visit)
    }
}

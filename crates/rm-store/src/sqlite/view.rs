//! One state of a file, read over one connection in one transaction.

use super::Database;
use super::namespace_rows::StoredNamespace;
use super::reader::Reader;
use crate::namespace::NamespaceId;
use crate::store::{VisitItem, VisitVector};
use crate::{Result, RoutingState, View};

/// Reads all namespaces over a connection on which a transaction is under way.
pub(super) struct SqliteView<'d>(pub(super) &'d Database);

impl<'d> SqliteView<'d> {
    fn reader(&self, namespace: &str) -> Result<Reader<'d>> {
        let number = match StoredNamespace::named(self.0, namespace)? {
            Some(row) => row.number,
            None if namespace.is_empty() => NamespaceId::DEFAULT,
            None => NamespaceId::EMPTY,
        };
        Ok(Reader::new(self.0, number))
    }
}

impl View for SqliteView<'_> {
    fn namespaces(&self) -> Result<Vec<(String, u64)>> {
        Reader::new(self.0, NamespaceId::DEFAULT).namespaces()
    }

    fn setting(&self, namespace: &str, key: &str) -> Result<Option<String>> {
        self.reader(namespace)?.setting(key)
    }

    fn revision(&self, namespace: &str) -> Result<u64> {
        self.reader(namespace)?.revision()
    }

    fn routing(&self, namespace: &str) -> Result<Option<RoutingState>> {
        self.reader(namespace)?.routing()
    }

    fn for_each_item(&self, namespace: &str, visit: &mut VisitItem<'_>) -> Result<()> {
        self.reader(namespace)?.for_each_item(visit)
    }

    fn for_each_text(&self, namespace: &str, visit: &mut VisitItem<'_>) -> Result<()> {
        self.reader(namespace)?.for_each_text(visit)
    }

    fn for_each_vector(&self, namespace: &str, visit: &mut VisitVector<'_>) -> Result<()> {
        self.reader(namespace)?.for_each_vector(visit)
    }
}

//! Durable storage of Routing Memory in one SQLite file.

//! Colours, which are left out where output is no terminal or `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};

/// Of the word `error`.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Of scores.
pub(crate) const SCORE: Style = AnsiColor::Green.on_default().bold();

/// Of ids, and what else stands back.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Of a check that went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();

/// Of what is worth a look.
pub(crate) const NOTE: Style = AnsiColor::Yellow.on_default();

/// Of a check that failed.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

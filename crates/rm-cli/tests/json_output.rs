//! What is printed with `--json` is what JSON.md says, field by field.

mod rmem;

use std::collections::{BTreeMap, BTreeSet};

use rmem::{Outcome, Rmem};
use serde_json::Value;

/// The description of all output.
const DESCRIPTION: &str = include_str!("../JSON.md");

/// Holds the fields of everything that is described, with their types.
struct Description(BTreeMap<String, BTreeMap<String, String>>);

impl Description {
    /// Reads headings, tables, and which sections begin with the fields of another one (``Is an `item` ``).
    fn read() -> Self {
        let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let mut like = BTreeMap::new();
        let mut name = String::new();
        for line in DESCRIPTION.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                name = heading.to_owned();
                sections.entry(name.clone()).or_default();
            } else if line.starts_with("Is ") {
                let other = line.split('`').nth(1).unwrap_or_default();
                like.insert(name.clone(), other.to_owned());
            } else if let Some(row) = line.strip_prefix("| ") {
                let cells: Vec<&str> = row.split('|').map(str::trim).collect();
                if cells[0] != "field" && !name.is_empty() {
                    let fields = sections.entry(name.clone()).or_default();
                    fields.insert(cells[0].to_owned(), cells[1].to_owned());
                }
            }
        }
        for (name, other) in like {
            let inherited = sections[&other].clone();
            sections.entry(name).or_default().extend(inherited);
        }
        Self(sections)
    }

    /// Says what differs from the section of this name, at the place `at`.
    fn check(&self, value: &Value, name: &str, at: &str) -> Result<(), String> {
        let fields = self.0.get(name);
        let fields = fields.ok_or_else(|| format!("{at}: nothing describes {name}"))?;
        let object = value.as_object();
        let object = object.ok_or_else(|| format!("{at}: expected an object, got {value}"))?;
        if let Some(key) = object.keys().find(|key| !fields.contains_key(*key)) {
            return Err(format!("{at}.{key} is not described"));
        }
        for (key, kind) in fields {
            let at = format!("{at}.{key}");
            let value = object.get(key);
            let value = value.ok_or_else(|| format!("{at} is described and not there"))?;
            self.check_kind(value, kind, &at)?;
        }
        Ok(())
    }

    fn check_kind(&self, value: &Value, kind: &str, at: &str) -> Result<(), String> {
        if let Some(kind) = kind.strip_suffix(" or null") {
            return match value {
                Value::Null => Ok(()),
                value => self.check_kind(value, kind, at),
            };
        }
        if let Some(kind) = kind
            .strip_prefix('[')
            .and_then(|kind| kind.strip_suffix(']'))
        {
            let elements = value.as_array();
            let elements =
                elements.ok_or_else(|| format!("{at}: expected an array, got {value}"))?;
            return elements
                .iter()
                .try_for_each(|element| self.check_kind(element, kind, at));
        }
        let fits = match kind {
            "text" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            part => return self.check(value, part, at),
        };
        fits.then_some(())
            .ok_or_else(|| format!("{at}: expected {kind}, got {value}"))
    }
}

#[test]
fn every_command_prints_what_is_described() -> Outcome {
    let description = Description::read();
    let rmem = Rmem::with_texts()?;
    let mut described = BTreeSet::new();
    for (name, words) in [
        (
            "add",
            &["add", "tea", "--id", "d", "--meta", "n=1", "--ttl", "1d"][..],
        ),
        ("search", &["search", "morning tea"]),
        ("search", &["search", "nothing", "--namespace", "empty"]),
        (
            "search",
            &[
                "search",
                "tea",
                "--half-life",
                "1d",
                "--importance-weight",
                "0.1",
                "--mmr",
                "0.5",
                "--neighbours",
                "1",
            ],
        ),
        ("context", &["context", "morning tea", "--max-tokens", "12"]),
        ("get", &["get", "d"]),
        ("update", &["update", "d", "--pin"]),
        ("list", &["list", "--limit", "1"]),
        ("list", &["list"]),
        ("list --count", &["list", "--count"]),
        ("stats", &["stats"]),
        ("codebook", &["codebook", "--buckets"]),
        ("codebook", &["codebook"]),
        ("drift", &["drift"]),
        ("adapt", &["adapt"]),
        ("adapt", &["adapt", "--train"]),
        ("doctor", &["doctor"]),
        ("export", &["export", "out.jsonl"]),
        ("import", &["import", "out.jsonl", "--on-conflict", "skip"]),
        ("snapshot", &["snapshot", "copy.db"]),
        ("reembed", &["reembed"]),
        ("completions", &["completions", "zsh"]),
        ("delete", &["delete", "d"]),
        ("forget", &["forget", "--max-items", "2"]),
    ] {
        let printed = rmem.json(words)?;
        description.check(&printed, name, name)?;
        described.insert(name);
    }
    let commands = DESCRIPTION.split("# Parts").next().unwrap_or_default();
    let commands = commands.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(commands.collect::<BTreeSet<_>>(), described);
    Ok(())
}

#[test]
fn drift_and_adaptation_are_printed_as_described() -> Outcome {
    let description = Description::read();
    let rmem = Rmem::new()?;
    let texts: String = (0..40).map(|n| format!("cup {n} of green tea\n")).collect();
    rmem.done_with(&["add", "-"], texts.as_bytes())?;
    // Questions about tea are the baseline of 50; then they are about something else, until the alarm.
    let mut alarmed = false;
    for n in 0..90 {
        let question = match n {
            ..50 => format!("green tea {n}"),
            _ => format!("stock prices of company {n}"),
        };
        let answer = rmem.json(&["search", &question])?;
        description.check(&answer, "search", "search")?;
        if answer["drift"]["event"] == "alarm" {
            assert!(answer["adaptation"].is_object(), "{answer}");
            alarmed = true;
            break;
        }
    }
    assert!(alarmed, "no alarm was raised");
    Ok(())
}

#[test]
fn the_check_finds_what_differs() -> Outcome {
    let description = Description::read();
    let whole = serde_json::json!({"added": 1, "skipped": 0, "replaced": 0, "ids": ["a"]});
    assert_eq!(description.check(&whole, "add", "add"), Ok(()));
    for (key, value) in [
        ("more", 1.into()),
        ("added", "1".into()),
        ("ids", Value::Null),
    ] {
        let mut other = whole.clone();
        other[key] = value;
        assert!(description.check(&other, "add", "add").is_err(), "{other}");
    }
    let less = serde_json::json!({"added": 1, "skipped": 0, "replaced": 0});
    assert!(description.check(&less, "add", "add").is_err());
    Ok(())
}

//! The original's assignments: a JSON object from centroid to the ids of its items.

use std::collections::HashMap;

use rm_core::CentroidId;
use serde_json::{Map, Value};

use crate::Item;

/// Which centroids each id is listed under, each centroid once.
#[derive(Debug)]
pub(super) struct Assignments(HashMap<String, Vec<CentroidId>>);

/// What does not fit.
#[derive(Debug, PartialEq)]
pub(super) struct Misfit {
    pub(super) expected: String,
    pub(super) got: String,
}

impl Assignments {
    /// Reads assignments to `k` centroids.
    pub(super) fn parse(json: &str, k: usize) -> Result<Self, Misfit> {
        let lists: Map<String, Value> = serde_json::from_str(json).map_err(|error| Misfit {
            expected: "a JSON object as assignments".into(),
            got: error.to_string(),
        })?;
        let mut assigned: HashMap<String, Vec<CentroidId>> = HashMap::new();
        for (name, ids) in &lists {
            let centroid = name
                .parse::<u32>()
                .map(CentroidId)
                .ok()
                .filter(|centroid| centroid.index() < k);
            let centroid = centroid.ok_or_else(|| Misfit {
                expected: format!("assignments to the centroids 0 to {}", k.saturating_sub(1)),
                got: format!("centroid {name:?}"),
            })?;
            let ids = ids.as_array().ok_or_else(|| Misfit {
                expected: format!("a list of ids for centroid {name}"),
                got: ids.to_string(),
            })?;
            for id in ids {
                let centroids = assigned.entry(id_text(id)?).or_default();
                if !centroids.contains(&centroid) {
                    centroids.push(centroid);
                }
            }
        }
        Ok(Self(assigned))
    }

    /// Gives each item the centroid that it alone is listed under, notes what does not fit, and returns how many items got one.
    pub(super) fn give_to(
        mut self,
        items: &mut [(Item, Option<CentroidId>)],
        repairs: &mut Vec<String>,
    ) -> u64 {
        let mut given = 0;
        for (item, centroid) in items {
            match self.0.remove(&item.id).as_deref() {
                Some(&[only]) => {
                    *centroid = Some(only);
                    given += 1;
                }
                Some(several) => repairs.push(format!(
                    "item {:?} was assigned to {} centroids, left without one",
                    item.id,
                    several.len()
                )),
                None => repairs.push(format!(
                    "item {:?} was assigned to no centroid, left without one",
                    item.id
                )),
            }
        }
        let mut gone: Vec<String> = self.0.into_keys().collect();
        gone.sort_unstable();
        repairs.extend(
            gone.into_iter()
                .map(|id| format!("item {id:?} was assigned but is not there, left out")),
        );
        given
    }
}

/// Reads an id. Python's `sqlite3` turns a number given as an id into text, but its JSON keeps the number.
fn id_text(id: &Value) -> Result<String, Misfit> {
    match id {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(Misfit {
            expected: "texts as ids in the assignments".into(),
            got: other.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str) -> (Item, Option<CentroidId>) {
        let item = Item {
            id: id.into(),
            vector: vec![1.0],
            ..Item::default()
        };
        (item, None)
    }

    #[test]
    fn only_a_single_centroid_is_taken_over() {
        let json = r#"{"0": ["a", "b", "a", 7], "1": ["b", "gone"]}"#;
        let mut items = [item("a"), item("b"), item("7"), item("new")];
        let mut repairs = Vec::new();
        let given = Assignments::parse(json, 2)
            .expect("fits")
            .give_to(&mut items, &mut repairs);
        assert_eq!(given, 2);
        assert_eq!(
            items.map(|(_, centroid)| centroid),
            [Some(CentroidId(0)), None, Some(CentroidId(0)), None]
        );
        assert_eq!(
            repairs,
            [
                r#"item "b" was assigned to 2 centroids, left without one"#,
                r#"item "new" was assigned to no centroid, left without one"#,
                r#"item "gone" was assigned but is not there, left out"#,
            ]
        );
    }

    #[test]
    fn what_is_no_assignment_is_named() {
        let got = |json| Assignments::parse(json, 2).expect_err("does not fit").got;
        assert_eq!(got(r#"{"2": []}"#), r#"centroid "2""#);
        assert_eq!(got(r#"{"-1": []}"#), r#"centroid "-1""#);
        assert_eq!(got(r#"{"0": "a"}"#), r#""a""#);
        assert_eq!(got(r#"{"0": [null]}"#), "null");
        assert!(got("[]").contains("invalid type"));
    }
}

//! The JSON schemas of arguments and answers.

use std::sync::Arc;

use rmcp::model::JsonObject;
use rmcp::schemars::JsonSchema;
use rmcp::schemars::generate::SchemaSettings;
use serde_json::Value;

/// Keywords that say nothing to a model, and that some hosts refuse.
const NOISE: [&str; 3] = ["$schema", "format", "title"];

/// Returns the schema of what a tool takes.
pub(crate) fn of_arguments<T: JsonSchema>() -> Arc<JsonObject> {
    of::<T>(SchemaSettings::draft2020_12())
}

/// Returns the schema of what a tool answers.
pub(crate) fn of_answer<T: JsonSchema>() -> Arc<JsonObject> {
    of::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// Makes a schema that refers to nothing: not every host follows references.
fn of<T: JsonSchema>(settings: SchemaSettings) -> Arc<JsonObject> {
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = schema.to_value();
    quiet(&mut schema);
    match schema {
        Value::Object(mut object) => {
            object.remove("description");
            // A tool without arguments takes an object all the same.
            object
                .entry("properties")
                .or_insert_with(|| Value::Object(JsonObject::new()));
            Arc::new(object)
        }
        _ => Arc::new(JsonObject::new()),
    }
}

/// Takes the noise out of a schema and all within it.
fn quiet(schema: &mut Value) {
    let Value::Object(object) = schema else {
        if let Value::Array(schemas) = schema {
            schemas.iter_mut().for_each(quiet);
        }
        return;
    };
    // What stands under `properties` are names, which may be those of keywords.
    for keyword in NOISE {
        object.remove(keyword);
    }
    for (keyword, within) in object.iter_mut() {
        match (keyword.as_str(), within) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(quiet),
            ("enum" | "const" | "default" | "examples", _) => {}
            (_, within) => quiet(within),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(JsonSchema)]
    #[schemars(crate = "rmcp::schemars")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Outer {
        title: String,
        count: Option<u32>,
        inner: Vec<Inner>,
    }

    #[derive(JsonSchema)]
    #[schemars(crate = "rmcp::schemars")]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Inner {
        format: f32,
    }

    #[test]
    fn names_stay_and_noise_goes() {
        let schema = Value::Object(of_arguments::<Outer>().as_ref().clone());
        let text = schema.to_string();
        assert!(
            !text.contains("$ref") && !text.contains("$schema"),
            "{text}"
        );
        assert!(
            !text.contains("uint32") && !text.contains("float"),
            "{text}"
        );
        assert_eq!(schema["properties"]["title"]["type"], "string");
        let inner = &schema["properties"]["inner"]["items"];
        assert_eq!(inner["properties"]["format"]["type"], "number");
    }
}

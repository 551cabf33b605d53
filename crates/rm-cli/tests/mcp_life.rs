//! What an agent does with a memory over time: every tool does what it says.

mod rmem;

use rmem::mcp::Client;
use rmem::{Outcome, Rmem, ids};
use serde_json::{Value, json};

#[test]
fn what_is_added_is_found_changed_and_forgotten() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::connect(&rmem, &[])?;
    let tea = json!({"text": "Green tea is what the user drinks", "id": "tea", "metadata": {"topic": "food"}});
    assert_eq!(
        client.call("add_memory", tea)?,
        json!({"id": "tea", "added": true})
    );
    let found = client.call(
        "search_memories",
        json!({"query": "what does she like to drink?"}),
    )?;
    assert_eq!(ids(&found["results"]), ["tea"]);
    assert_eq!(found["results"][0]["metadata"], json!({"topic": "food"}));
    assert!(found["signals"]["confidence"].is_number(), "{found}");

    let change = json!({"id": "tea", "text": "The user drinks coffee now", "metadata": {"topic": null, "cups": 2}});
    let changed = client.call("update_memory", change)?;
    assert_eq!(changed["metadata"], json!({"cups": 2}));
    let read = client.call("get_memory", json!({"id": "tea"}))?;
    assert_eq!(read, changed);
    assert_eq!(read["text"], "The user drinks coffee now");

    assert_eq!(
        client.call("delete_memory", json!({"id": "tea"}))?,
        json!({"deleted": "tea"})
    );
    let found = client.call("search_memories", json!({"query": "coffee"}))?;
    assert_eq!(found["results"], json!([]));
    assert_eq!(client.end()?.code, Some(0));
    Ok(())
}

#[test]
fn many_are_added_and_listed_page_by_page() -> Outcome {
    let rmem = Rmem::new()?;
    let mut client = Client::connect(&rmem, &[])?;
    let new: Vec<Value> = (0..5)
        .map(|n| json!({"text": format!("fact number {n}"), "id": format!("f{n}"), "metadata": {"even": n % 2 == 0}}))
        .collect();
    let added = client.call("add_memories", json!({"memories": new}))?;
    assert_eq!((&added["added"], &added["skipped"]), (&json!(5), &json!(0)));
    assert_eq!(ids(&added["results"]), ["f0", "f1", "f2", "f3", "f4"]);

    let page = client.call("get_memories", json!({"limit": 3}))?;
    assert_eq!(ids(&page["memories"]), ["f0", "f1", "f2"]);
    let page = client.call(
        "get_memories",
        json!({"limit": 3, "cursor": page["next_cursor"]}),
    )?;
    assert_eq!(ids(&page["memories"]), ["f3", "f4"]);
    assert_eq!(page["next_cursor"], Value::Null);
    let even = client.call("get_memories", json!({"filter": {"even": true}}))?;
    assert_eq!(ids(&even["memories"]), ["f0", "f2", "f4"]);

    let stats = client.call("memory_stats", json!({}))?;
    assert_eq!((&stats["items"], &stats["dim"]), (&json!(5), &json!(384)));
    let drift = client.call("drift_status", json!({}))?;
    assert_eq!(drift["in_drift"], false);
    let deleted = client.call(
        "delete_all_memories",
        json!({"confirm": true, "filter": {"even": true}}),
    )?;
    assert_eq!(deleted, json!({"deleted": 3}));
    assert_eq!(
        client.call("delete_all_memories", json!({"confirm": true}))?,
        json!({"deleted": 2})
    );
    assert_eq!(rmem.done(&["list", "--count"])?, "0\n");
    Ok(())
}

#[test]
fn what_is_known_is_named_and_can_be_skipped() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut client = Client::connect(&rmem, &[])?;
    let same = json!({"text": "The user prefers dark mode.", "on_duplicate": "skip"});
    let skipped = client.call("add_memory", same.clone())?;
    assert_eq!(
        (&skipped["id"], &skipped["added"]),
        (&json!("a"), &json!(false))
    );
    let kept = client.call("add_memory", json!({"text": "The user prefers dark mode."}))?;
    assert_eq!(
        (&kept["near"]["id"], &kept["added"]),
        (&json!("a"), &json!(true))
    );
    let many = json!({"memories": [{"text": "The user prefers dark mode"}, {"text": "Rain"}], "on_duplicate": "skip"});
    let many = client.call("add_memories", many)?;
    assert_eq!((&many["added"], &many["skipped"]), (&json!(1), &json!(1)));
    Ok(())
}

#[test]
fn a_context_keeps_within_its_tokens() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut client = Client::connect(&rmem, &[])?;
    let asked = json!({"query": "what does the user prefer?", "max_tokens": 30, "min_score": -1});
    let context = client.call("build_context", asked)?;
    assert!(
        context["tokens"]
            .as_u64()
            .is_some_and(|tokens| tokens <= 30),
        "{context}"
    );
    assert!(
        context["text"]
            .as_str()
            .is_some_and(|text| text.contains("dark mode")),
        "{context}"
    );
    assert!(
        context["left_out"].as_u64().is_some_and(|left| left > 0),
        "{context}"
    );
    Ok(())
}

#[test]
fn search_and_fetch_have_the_form_that_deep_research_wants() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut client = Client::connect(&rmem, &[])?;
    let found = client.call("search", json!({"query": "what does she drink?"}))?;
    let first = &found["results"][0];
    let title = "Green tea is what the user drinks in the morning";
    assert_eq!(
        *first,
        json!({"id": "c", "title": title, "url": "rmem://memory/c"})
    );
    let fetched = client.call("fetch", json!({"id": "c"}))?;
    assert_eq!(
        (&fetched["text"], &fetched["url"]),
        (&json!(title), &first["url"])
    );
    assert!(fetched["metadata"]["created_at"].is_string(), "{fetched}");
    Ok(())
}

#[test]
fn a_namespace_is_the_command_s_or_that_of_the_call() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let mut client = Client::connect(&rmem, &["--namespace", "acme"])?;
    client.call(
        "add_memory",
        json!({"text": "Invoices go out on the first", "id": "i"}),
    )?;
    let own = client.call("get_memories", json!({}))?;
    assert_eq!(ids(&own["memories"]), ["i"]);
    let other = client.call("get_memories", json!({"namespace": ""}))?;
    assert_eq!(ids(&other["memories"]), ["a", "b", "c"]);
    assert_eq!(
        rmem.done(&["list", "--count", "--namespace", "acme"])?,
        "1\n"
    );
    Ok(())
}

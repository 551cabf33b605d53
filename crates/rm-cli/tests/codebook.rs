//! The codebook and the drift monitor can be looked at, and made to adapt.

mod rmem;

use rmem::{Outcome, Rmem};

#[test]
fn buckets_hold_all_items() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let codebook = rmem.json(&["codebook", "--buckets"])?;
    let buckets = codebook["buckets"].as_array().ok_or("no buckets")?;
    let sizes = buckets.iter().filter_map(|bucket| bucket["size"].as_u64());
    assert_eq!(sizes.sum::<u64>(), 3);
    assert_eq!(codebook["k"].as_u64(), Some(buckets.len() as u64));
    assert!(rmem.json(&["codebook"])?["buckets"].is_null());
    assert!(rmem.done(&["codebook"])?.contains("Gini coefficient"));
    Ok(())
}

#[test]
fn adapting_forgets_nothing() -> Outcome {
    let rmem = Rmem::with_texts()?;
    assert!(rmem.done(&["adapt"])?.starts_with("adapted: "));
    let trained = rmem.json(&["adapt", "--train"])?;
    assert_eq!(trained["trained"], true);
    assert!(trained["adaptation"].is_null());
    let said = rmem.refused(&["adapt", "--split", "99"], 1)?;
    assert!(said.contains("99"), "{said}");
    assert_eq!(rmem.done(&["list", "--count"])?, "3\n");
    Ok(())
}

#[test]
fn the_monitor_counts_questions_over_many_runs() -> Outcome {
    let rmem = Rmem::with_texts()?;
    let said = rmem.refused(&["drift", "--reset"], 1)?;
    assert!(said.contains("too few questions"), "{said}");
    for _ in 0..20 {
        rmem.done(&["search", "morning tea"])?;
    }
    let drift = rmem.json(&["drift"])?;
    assert_eq!(drift["episodes"], 20);
    assert!(drift["baseline_qerr"].is_null());
    assert!(!rmem.json(&["drift", "--reset"])?["baseline_qerr"].is_null());
    assert!(rmem.done(&["drift"])?.contains("as it was"));
    Ok(())
}

//! The revision of the code that is running.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// Digits of a revision that are shown.
const SHORT: usize = 12;

/// Returns the revision of the working copy at `folder`: twelve digits, with `-dirty` behind them
/// when a tracked file outside `results/` differs from it.
///
/// What a run writes to `results/` does not count, or the second of two runs would always be dirty.
/// Where the git command cannot be used the revision is read from the repository's files and ends
/// in `-unchecked`; without a repository it is `unknown`.
#[must_use]
pub fn revision(folder: &Path) -> String {
    asked_of_git(folder)
        .or_else(|| read_from_files(folder).map(|revision| format!("{revision}-unchecked")))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn asked_of_git(folder: &Path) -> Option<String> {
    let revision = git(folder, &["rev-parse", "--verify", "HEAD"])?;
    let status = [
        "status",
        "--porcelain",
        "--untracked-files=no",
        "--",
        ":/",
        ":(top,exclude)results",
    ];
    let mark = if git(folder, &status)?.is_empty() {
        ""
    } else {
        "-dirty"
    };
    Some(format!("{}{mark}", shortened(&revision)?))
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .ok()?;
    output.status.success().then_some(())?;
    String::from_utf8(output.stdout)
        .ok()
        .map(|text| text.trim().to_owned())
}

fn read_from_files(folder: &Path) -> Option<String> {
    let git = folder
        .ancestors()
        .map(|ancestor| ancestor.join(".git"))
        .find(|path| path.exists())?;
    let own = git_folder(&git).ok()?;
    let shared = fs::read_to_string(own.join("commondir"))
        .map_or_else(|_| own.clone(), |common| own.join(common.trim()));
    let head = fs::read_to_string(own.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else {
        return shortened(head.trim());
    };
    let loose = fs::read_to_string(shared.join(name)).ok();
    let packed = || {
        let refs = fs::read_to_string(shared.join("packed-refs")).ok()?;
        let line = refs
            .lines()
            .find(|line| line.split_whitespace().nth(1) == Some(name))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    shortened(loose.or_else(packed)?.trim())
}

/// Follows the one-line file that stands for the folder in linked working copies.
fn git_folder(path: &Path) -> io::Result<PathBuf> {
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    let text = fs::read_to_string(path)?;
    let target = text.trim().strip_prefix("gitdir: ").unwrap_or(text.trim());
    Ok(path
        .parent()
        .map_or_else(|| target.into(), |parent| parent.join(target)))
}

fn shortened(revision: &str) -> Option<String> {
    let digits = revision.get(..SHORT)?;
    digits
        .chars()
        .all(|c| c.is_ascii_hexdigit())
        .then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_branch_is_followed_loose_or_packed() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let git = folder.path().join(".git");
        fs::create_dir_all(git.join("refs/heads"))?;
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n")?;
        assert_eq!(read_from_files(folder.path()), None);
        fs::write(
            git.join("packed-refs"),
            format!("# pack-refs\n{HASH} refs/heads/main\n"),
        )?;
        assert_eq!(
            read_from_files(folder.path()).as_deref(),
            Some("0123456789ab")
        );
        fs::write(git.join("refs/heads/main"), HASH.replace("0123", "ffff"))?;
        assert_eq!(
            read_from_files(folder.path()).as_deref(),
            Some("ffff456789ab")
        );
        Ok(())
    }

    #[test]
    fn a_linked_working_copy_finds_the_shared_refs() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let shared = folder.path().join("main/.git");
        fs::create_dir_all(shared.join("worktrees/one"))?;
        fs::create_dir_all(folder.path().join("one/crates"))?;
        fs::write(
            folder.path().join("one/.git"),
            "gitdir: ../main/.git/worktrees/one\n",
        )?;
        fs::write(shared.join("worktrees/one/commondir"), "../..\n")?;
        fs::write(shared.join("worktrees/one/HEAD"), "ref: refs/heads/one\n")?;
        fs::write(
            shared.join("packed-refs"),
            format!("{HASH} refs/heads/one\n"),
        )?;
        let found = read_from_files(&folder.path().join("one/crates"));
        assert_eq!(found.as_deref(), Some("0123456789ab"));
        Ok(())
    }

    #[test]
    fn a_folder_outside_any_repository_is_unknown() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert_eq!(revision(folder.path()), "unknown");
        Ok(())
    }
}

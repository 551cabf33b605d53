# Sourced by what needs packages from pip, such as the comparisons with other programs: a virtual environment for them.

# Prints the target folder of the workspace that is the current folder.
target_folder() {
    cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# Makes the virtual environment in the folder $1 hold the packages that follow, by name or as NAME==VERSION; installs
# them all where one is missing or of another version.
python_env() {
    local venv=$1
    shift
    if "$venv/bin/python" -c 'import sys; from importlib.metadata import version
for package, _, wanted in (argument.partition("==") for argument in sys.argv[1:]):
    if wanted not in ("", version(package)): sys.exit(1)' "$@" 2>/dev/null; then
        return
    fi
    echo "installing $* into $venv"
    if ! python3 -m venv "$venv"; then
        echo "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
        return 1
    fi
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; then
        echo "pip could not install what is needed: $*; it says above why" >&2
        return 1
    fi
}

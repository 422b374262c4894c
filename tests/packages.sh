# packages.sh - read in by scripts that need packages of npm: packages_of FOLDER installs what tests/FOLDER/package-lock.json names
# into build/FOLDER, never into the tree; once, whoever asks at the same time waits.
packages_of() {
    mkdir -p "build/$1" || return 1
    (
        flock 9
        cmp -s "tests/$1/package-lock.json" "build/$1/package-lock.json" && [ -d "build/$1/node_modules" ] && exit 0
        cp "tests/$1/package.json" "tests/$1/package-lock.json" "build/$1" || exit 1
        npm install --prefix "build/$1" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error ||
            { rm -f "build/$1/package-lock.json"; exit 1; }
    ) 9>"build/$1.lock"
}

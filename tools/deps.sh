#!/bin/sh
# deps.sh PACKAGE... - installs the Debian packages that are missing, or says how.
# A program that is there by another way than its package (npm, chromium, clang) counts as installed.
missing=
for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed && continue
    command -v "$package" >/dev/null 2>&1 && continue
    missing="$missing $package"
done
[ -z "$missing" ] && exit 0
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then sudo=
elif sudo -n true 2>/dev/null; then sudo="sudo "
else echo "Missing packages.  Please run:  sudo $install" >&2; exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo $install >/dev/null 2>&1 || { $sudo apt-get update -qq && $sudo $install >/dev/null; } || {
    echo "Could not install.  Please run:  sudo apt-get update && sudo $install" >&2; exit 1; }

#!/bin/sh
# bare.sh [FOLDER] - proves that the Makefile names all that is needed: makes a bare Debian 12 in FOLDER (build/bare),
# puts git, make and a compiler into it, as README.md asks for, and a copy of what is committed, and runs there what
# BARE says (make demo && make test).  Needs root, debootstrap and the network; takes as long as the tests do.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/bare}
run=${BARE:-make -j2 demo && make -j2 test}
command -v debootstrap >/dev/null || tools/deps.sh debootstrap
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ -x "$folder/usr/bin/apt-get" ] || debootstrap --variant=minbase bookworm "$folder" >"$folder.log"
rm -rf "$folder/holdfast"
git clone -q . "$folder/holdfast"
cp /etc/resolv.conf "$folder/etc/resolv.conf"
mkdir -p "$folder/usr/local/share/ca-certificates"      # whom this machine trusts beside what Debian does
for certificate in /usr/local/share/ca-certificates/*.crt; do
    [ ! -e "$certificate" ] || cp "$certificate" "$folder/usr/local/share/ca-certificates"
done
for place in proc sys dev; do mkdir -p "$folder/$place"; done
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
mount --make-rslave "$folder/dev"
trap 'umount -R "$folder/dev"; umount "$folder/proc"' EXIT
chroot "$folder" /bin/sh -ec "
    export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive HOME=/root
    ${NODE_EXTRA_CA_CERTS:+export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt}
    ! command -v update-ca-certificates >/dev/null || update-ca-certificates >/dev/null
    apt-get update -qq && apt-get install -qq -y --no-install-recommends git make gcc libc6-dev >/dev/null
    git config --global --add safe.directory /holdfast
    cd /holdfast && $run"
echo "bare: a bare Debian 12 has all that it needs"

#!/usr/bin/env bash
# role_test.sh - who may: every route that the OpenAPI document names, asked by nobody, with both kinds of key and with a
# token of every role, over a running server.  tests/role.mjs asks.
cd "$(dirname "$0")/.." || exit 1
scratch=$PWD/build/scratch/role.$$
mkdir -p "$scratch" || exit 1
trap 'rm -rf "$scratch"' EXIT
holdfast=$PWD/$BUILD/holdfast root=$PWD
cd "$scratch" && node "$root/tests/role.mjs" "$holdfast"

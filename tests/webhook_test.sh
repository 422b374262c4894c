#!/usr/bin/env bash
# webhook_test.sh - what Stripe and Shopify tell by themselves adds up to the shop's truth: webhook_truth.mjs.
set -u
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d "$PWD/$BUILD/webhooks.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
node tests/webhook_truth.mjs "$PWD/$BUILD/holdfast" "$folder"

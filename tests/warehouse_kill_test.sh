#!/usr/bin/env bash
# warehouse_kill_test.sh - the program and its two servers are killed three times while events are shipped: each is there once.
cd "$(dirname "$0")/.." || exit 1
tools/warehouse_kill.sh 3 50000 plain

#!/usr/bin/env bash
# warehouse_kill_test.sh - the program, its two servers and ZooKeeper are killed three times while events are shipped: each is
# there once, in plain tables and in replicated ones.
cd "$(dirname "$0")/.." || exit 1
tools/warehouse_kill.sh 3 50000 plain && tools/warehouse_kill.sh 3 50000 replicated

#!/usr/bin/env bash
# warehouse_cut_test.sh - answers break off at random bytes, of replicated tables: what is made of them is whole or not at all.
cd "$(dirname "$0")/.." || exit 1
tools/warehouse_cut.sh 1 replicated

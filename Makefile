# make            build/holdfast           make test            all tests, with sanitizers
# make demo       a made-up shop, a report make test T=log      only tests whose "file/name" contains "log"
# make bench      ours beside the peers    make fuzz T=csv      search for crashes (clang)
# make golden     rewrite golden files     make debug T=log     tests under gdb
# make tidy       layers and lint          make install PREFIX=/usr/local
# VARIANT=release (-O2) builds the program, debug (-O1, sanitizers) the tests, thread (-fsanitize=thread).

VARIANT ?= release
BUILD   := build/$(VARIANT)
PREFIX  ?= /usr/local
PACKAGES := openblas sqlite3 gsl jansson yaml-0.1 libzstd zlib libxxhash libmicrohttpd gnutls libsodium icu-uc icu-i18n \
            libcurl libidn2 libcrypto
NEEDS    := pkg-config libsqlite3-dev libgsl-dev libjansson-dev libyaml-dev libzstd-dev zlib1g-dev \
            libxxhash-dev libmicrohttpd-dev libgnutls28-dev libsodium-dev libicu-dev liblinear-dev tzdata npm \
            libminizip-dev libopenblas-dev ca-certificates libcurl4-openssl-dev libidn2-dev libssl-dev
NEEDS_TEST := libcriterion-dev libxgboost-dev chromium curl openssl procps sqlite3 python3-dkim python3-nacl \
              ruby ruby-liquid clickhouse-server clickhouse-client zookeeper
NEEDS_BENCH := python3-sklearn xlsx2csv

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
            -Wcast-qual -Wpointer-arith -Wvla -Wformat=2 -Wundef -Wdouble-promotion -Wswitch-enum -Werror
BANNED    = -include base/banned.h
CFLAGS    = -std=c17 -g -ffp-contract=off -fno-common -fstack-protector-strong $(WARNINGS) \
            -D_GNU_SOURCE -Isrc -Ibuild/generated -Itests -Ibench $(BANNED) $(FLAGS_$(VARIANT)) $(PACKAGE_CFLAGS)
LDLIBS    = $(LINK_$(VARIANT)) $(shell pkg-config --libs $(PACKAGES)) -lminizip -llinear -lpthread -lm
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))

# Where gdb finds a variable that was optimised is a sixth of what compiling costs.
QUICK    := $(if $(findstring clang,$(CC)),,-fno-var-tracking-assignments)
SANITIZE := -fno-omit-frame-pointer -fno-sanitize-recover=all
# The sanitizers' tables are 400,000 addresses, which each start would relocate: a quarter of what starting costs.
LINK_debug := -no-pie
FLAGS_release := -O2 -D_FORTIFY_SOURCE=2
FLAGS_debug   := -O1 $(QUICK) -DCRASH_POINTS -DARENA_SEPARATE $(SANITIZE) -fsanitize=address,undefined
FLAGS_thread  := -O1 -DCRASH_POINTS $(SANITIZE) -fsanitize=thread

SOURCES := $(wildcard src/*/*.c)
TESTS   := $(wildcard tests/*.c tests/*/*_test.c tests/*/*_support.c)
FUZZERS := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
BENCHES := $(patsubst bench/%_bench.c,%,$(wildcard bench/*_bench.c))
BENCH_PARTS := $(filter-out %_bench.c,$(wildcard bench/*.c))
WEB     := $(wildcard web/*.json web/*.ts web/*.html web/src/*.* web/src/*/*.* web/src/*/*/*.*)
PAGES   := $(if $(wildcard web/package.json),build/web/report.html)
ASSETS  := $(sort $(wildcard src/store/*.sql src/store/migration/*.sql) $(wildcard src/server/page/*.*)) $(PAGES)
SQL     := $(wildcard src/store/migration/*.sql src/store/sql/*.sql)

OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/sql.o $(BUILD)/assets.o
PARTS   := $(filter-out $(BUILD)/src/command/main.o,$(OBJECTS))

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: FORCE all demo test golden debug bench fuzz tidy install clean

all: build/holdfast

build/holdfast: build/release/holdfast
	@cp $< $@
$(BUILD)/holdfast: $(OBJECTS)
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/run_tests: $(PARTS) $(TESTS:%.c=$(BUILD)/%.o)
	@$(CC) $(CFLAGS) -o $@ $^ -lcriterion -lxgboost $(LDLIBS)
# Of an archive only what a program uses is linked.
$(BUILD)/parts.a: $(PARTS)
	@rm -f $@
	@ar rcsT $@ $^
$(BUILD)/replay_%: $(BUILD)/tests/fuzz/%_fuzz.o $(BUILD)/tests/fuzz/fuzz_replay.o $(BUILD)/parts.a
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/bench_%: $(PARTS) $(BUILD)/bench/%_bench.o $(BENCH_PARTS:%.c=$(BUILD)/%.o) $(BUILD)/tests/xgboost_trees.o
	@$(CC) $(CFLAGS) -o $@ $^ -lxgboost $(LDLIBS)

$(BUILD)/stress_%: $(PARTS) $(BUILD)/tests/stress/%_stress.o
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/serve_driver: $(PARTS) $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/load/*.c) $(BENCH_PARTS))
	@$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

build/deps: Makefile tools/deps.sh
	@mkdir -p $(@D)
	@tools/deps.sh $(NEEDS)
	@touch $@
build/deps-test: build/deps
	@mkdir -p $(@D)
	@tools/deps.sh $(NEEDS_TEST)
	@touch $@

build/deps-bench: build/deps-test
	@tools/deps.sh $(NEEDS_BENCH)
	@touch $@

$(BUILD)/%.o: %.c Makefile | build/deps build/generated/store/sql.h
	@mkdir -p $(@D)
	@echo "  cc $<"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(TESTS:%.c=$(BUILD)/%.o): | build/deps-test
# What tests train costs a fifth less by it, as watched over as before.
build/debug/src/model/grow.o: CFLAGS += -O2
# OpenSSL's headers call a parameter what we ban.
%/src/channel/signing.o: BANNED =
# What files hold and which there are decides, not their times: one that was moved or fetched may be older than what was
# made without it.
FORCE:
build/assets.sum: $(ASSETS) FORCE | build/deps
	@cksum $(ASSETS) $$(find build/web/board -name '*.gz' 2>/dev/null | sort) >$@.new
	@cmp -s $@.new $@ || cp $@.new $@
build/sql.sum: $(SQL) FORCE | build/deps
	@cksum $(SQL) >$@.new
	@cmp -s $@.new $@ || cp $@.new $@
# SQL is checked when the program is built, and becomes functions.
build/statements: tools/statements.c Makefile | build/deps
	@$(CC) -std=c17 -O1 $(WARNINGS) -D_GNU_SOURCE -include src/base/banned.h -o $@ $< -lsqlite3
build/generated/store/sql.c: build/statements build/sql.sum
	@mkdir -p $(@D)
	@build/statements build/generated
build/generated/store/sql.h: build/generated/store/sql.c
	@cmp -s $@.new $@ || cp $@.new $@
$(BUILD)/sql.o: build/generated/store/sql.c build/generated/store/sql.h
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
# The server's page is carried chunk by chunk; their names change with what is in them.
$(BUILD)/assets.c: tools/embed.sh build/assets.sum
	@mkdir -p $(@D)
	@tools/embed.sh $(ASSETS) $$(find build/web/board -name '*.gz' 2>/dev/null | sort) > $@
$(BUILD)/assets.o: $(BUILD)/assets.c | build/deps
	@$(CC) $(CFLAGS) -c -o $@ $<
build/web/report.html: $(WEB) | build/deps
	@tools/web.sh

demo: build/holdfast
	@build/holdfast simulate --customers 4000 --out build/demo
	@build/holdfast run build/demo/events.csv --db build/demo/shop.holdfast --out build/demo/report.html

ifneq ($(filter $(VARIANT),debug thread),)
test: build/deps-test $(BUILD)/run_tests $(BUILD)/holdfast $(BUILD)/serve_driver $(FUZZERS:%=$(BUILD)/replay_%)
	@BUILD=$(BUILD) tools/test.sh $(if $(T),'$(T)')
golden: build/deps-test $(BUILD)/run_tests $(BUILD)/holdfast
	@REWRITE_GOLDEN=1 BUILD=$(BUILD) tools/test.sh $(if $(T),'$(T)')
debug: build/deps-test $(BUILD)/run_tests
	gdb -ex 'set follow-fork-mode child' --args $(BUILD)/run_tests --debug=idle --filter '*$(T)*'
else
test golden debug:
	@$(MAKE) --no-print-directory VARIANT=debug $@
endif

bench: build/deps-bench build/holdfast $(BENCHES:%=$(BUILD)/bench_%)
	@tools/bench.sh $(T)

fuzz: BANNED =
fuzz: $(BUILD)/assets.c build/generated/store/sql.h | build/deps
	@mkdir -p build/fuzz tests/corpus/$(T)
	clang $(filter-out -Werror -O2 -D_FORTIFY_SOURCE=2 $(BANNED),$(CFLAGS)) -O1 -DARENA_SEPARATE -fsanitize=fuzzer,address,undefined \
	    -o build/fuzz/$(T) $(filter-out src/command/main.c,$(SOURCES)) $(BUILD)/assets.c build/generated/store/sql.c tests/fuzz/$(T)_fuzz.c $(LDLIBS)
	build/fuzz/$(T) -max_total_time=60 tests/corpus/$(T)

tidy: build/generated/store/sql.h
	@tools/layers.sh
	@clang-tidy --quiet $(SOURCES) -- $(CFLAGS)

install: build/holdfast
	install -D build/holdfast $(DESTDIR)$(PREFIX)/bin/holdfast
	@case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo "$(PREFIX)/bin is not on your PATH: add  export PATH=\"$(PREFIX)/bin:\$$PATH\"  to ~/.profile, and type it here once" ;; esac

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)

# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# make            build/iopftrace
# make demo       see it work: a workload in a VM, with nothing to set up by hand
# make test       unit tests here, live tests in VMs
# make help       the rest

VERSION := 0.1.0
VERSION_DATE := November 22, 2026

O ?= build
DESTDIR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/iopftrace
BASHCOMPDIR ?= $(DATADIR)/bash-completion/completions
ZSHCOMPDIR ?= $(DATADIR)/zsh/site-functions
FISHCOMPDIR ?= $(DATADIR)/fish/vendor_completions.d

CC ?= gcc
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
BPFTOOL ?= $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool)
# BTF to make vmlinux.h from; empty: what vmlinux.h.gen finds
VMLINUX_BTF ?=

CFLAGS ?= -O2 -g
# make fuzz: seconds for each fuzzer, and how many of them at one time
FUZZ_TIME ?= 3600
JOBS ?= 1
WARNINGS := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wundef
CPPFLAGS_ALL := -Iinclude -Isrc -Ibpf -I$(O)/bpf -D_GNU_SOURCE -DIOPFTRACE_VERSION='"$(VERSION)"'
CFLAGS_ALL := -std=gnu11 $(WARNINGS) $(CPPFLAGS_ALL) -MMD -MP $(CPPFLAGS) $(CFLAGS)
XML_CFLAGS := $(shell pkg-config --cflags libxml-2.0 2>/dev/null)
XML_LIBS := $(shell pkg-config --libs libxml-2.0 2>/dev/null)
# what the parts need that know nothing of libbpf; the unit tests are made of these
PURE_LIBS := -lz -linih $(XML_LIBS) -ljansson -lm
LIBS := -lbpf -lelf $(PURE_LIBS)

BPF_ARCH := $(shell uname -m | sed -e 's/x86_64/x86/' -e 's/aarch64/arm64/' -e 's/ppc64le/powerpc/')
# BTF names the sources: where they were built is not to be seen in the program
BPF_ANYWHERE := -ffile-compilation-dir=. -ffile-prefix-map=$(abspath $(O))=build
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra \
	-Wno-unused-parameter -Iinclude -Ibpf -I$(O)/bpf -MMD -MP $(BPF_ANYWHERE)
# clang -target bpf does not look where the libc's kernel headers are
BPF_INCLUDES = $(shell $(CLANG) -v -E - </dev/null 2>&1 | \
	sed -n '/<...> search starts here:/,/End of search list/s| \(/.*\)|-idirafter \1|p')

objects = $(patsubst %.c,$(O)/obj/%.o,$(wildcard $(addsuffix /*.c,$(1))))

# verbs that trace live know src/live, and so the skeleton
LIVE_CMDS := $(patsubst %,$(O)/obj/src/cmd/%.o,live run record check trace)
PURE := $(call objects,src/core src/output src/trace) $(filter-out $(O)/obj/src/cmd/main.o $(LIVE_CMDS), \
	$(call objects,src/cmd)) $(patsubst %,$(O)/obj/src/live/%.o,privilege child process words)
LIVE := $(filter-out $(PURE),$(call objects,src/live)) $(LIVE_CMDS)
MAIN := $(O)/obj/src/cmd/main.o

UNIT := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/*_test.c))
LOAD := $(call objects,tests/load)

# What a target needs that has looked for packages first, on all processors unless told otherwise
SUBMAKE = $(MAKE) --no-print-directory -s $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all man tools demo test test-all test-unit test-vm bugs differential mutants soak sanitize fuzz fuzzers bench scale lint format lab-shell module install uninstall deb test-fresh clean help deps deps-lab

all: $(O)/iopftrace man

$(O)/iopftrace: $(MAIN) $(LIVE) $(PURE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/obj/%.o: %.c | $(O)/.looked
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

# What is missing is named before the compilers complain, one header after the other. It is their word
# that counts: what they need may be elsewhere.
$(O)/.looked:
	@mkdir -p $(@D)
	@! tests/lab/deps.sh --check build || touch $@

# The BPF programs: object, stripped of DWARF, embedded in a header
$(O)/bpf/vmlinux.h: vmlinux.h.gen bpf/vmlinux_fallback.h $(VMLINUX_BTF) | $(O)/.looked
	@mkdir -p $(@D)
	./vmlinux.h.gen -o $@ $(VMLINUX_BTF)

$(O)/bpf/iopftrace.bpf.o: bpf/iopftrace.bpf.c $(O)/bpf/vmlinux.h
	$(CLANG) $(BPF_CFLAGS) $(BPF_INCLUDES) -c -o $@ $<
	$(LLVM_STRIP) -g $@

$(O)/bpf/iopftrace.skel.h: $(O)/bpf/iopftrace.bpf.o
	@[ -n "$(BPFTOOL)" ] || { echo "bpftool not found: apt install bpftool" >&2; exit 1; }
	$(BPFTOOL) gen skeleton $< name iopftrace_bpf >$@

$(LIVE): | $(O)/bpf/iopftrace.skel.h
$(O)/obj/src/live/live.o: $(O)/bpf/iopftrace.skel.h

READ_XML := junit_test html_test html_series_test
$(O)/obj/src/output/junit.o $(READ_XML:%=$(O)/obj/tests/unit/%.o): CFLAGS_ALL += $(XML_CFLAGS)

# Manual pages and completions, from the program's own tables and the documents
DOC_TEXTS := README.md $(wildcard docs/*.md docs/*.ini docs/man/*.md)

$(O)/docgen: $(call objects,src/doc) $(PURE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PURE_LIBS)

man: $(O)/man/.made

$(O)/man/.made: $(O)/docgen $(DOC_TEXTS) Makefile
	@rm -rf $(O)/man $(O)/completions
	$(O)/docgen . '$(VERSION_DATE)' $(O)
	@touch $@

# Tests
$(O)/load: CFLAGS_ALL += -pthread
$(O)/load: $(LOAD)
	$(CC) $(CFLAGS) -pthread $(LDFLAGS) -o $@ $^ -luring

$(O)/unit/%: $(O)/obj/tests/unit/%.o $(PURE)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(PURE_LIBS)

# These ask the program itself
$(O)/unit/recordings_test $(O)/unit/pipe_test $(O)/unit/foreign_test \
	$(O)/unit/process_test: | $(O)/iopftrace

# The engine as a filter, for the reference checker to be held against
$(O)/judge: $(O)/obj/tests/reference/judge.o $(PURE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PURE_LIBS)

# A recording to measure with
$(O)/steady_file: $(O)/obj/tests/bench/steady_file.o $(PURE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PURE_LIBS)

# Fuzzers: all but main(), and libFuzzer's instead. 'make fuzz' makes them in a directory of their own.
FUZZERS := recording report_json policy expression options

$(O)/fuzz_%: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/harness.o $(LIVE) $(PURE)
	$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/seeds: $(O)/obj/tests/fuzz/seeds.o $(PURE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(PURE_LIBS)

$(O)/obj/tests/fuzz/recording.o: CFLAGS_ALL += $(XML_CFLAGS)

# A recording of many groups
$(O)/scale_file: $(O)/obj/tests/bench/scale_file.o $(PURE)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PURE_LIBS)

tools: all $(O)/load $(O)/judge $(UNIT)

# all that make test needs; other targets ask for what they need, before they build anything
deps:
	@tests/lab/deps.sh build unit lab vm

deps-lab:
	@tests/lab/deps.sh build lab

demo: deps-lab
	@tests/demo.sh

test: deps
	@$(SUBMAKE) tools
	@tests/run.sh

test-unit:
	@tests/lab/deps.sh build unit
	@$(SUBMAKE) tools
	@tests/run.sh unit

test-all: deps
	@$(SUBMAKE) tools
	@ALL=1 HISTORIES=20000 tests/run.sh

test-vm: deps
	@$(SUBMAKE) tools
	@tests/run.sh vm

bugs: deps
	@$(SUBMAKE) $(O)/iopftrace $(O)/load
	@tests/bugs.sh

differential:
	@tests/lab/deps.sh build reference
	@$(SUBMAKE) $(O)/judge
	@O=$(O) nice -n 10 tests/reference/differential.py -n 100000

mutants:
	@tests/lab/deps.sh build reference
	@$(SUBMAKE) $(O)/judge
	@O=$(O) nice -n 10 tests/reference/differential.py -n 12000 --mutants --document >$(O)/mutants.md
	@cp $(O)/mutants.md docs/mutants.md

# gcc's undefined behaviour sanitizer lets more pass than clang's. The fuzzers are made of the same objects.
SANITIZE := CC='$(if $(findstring ccache,$(CC)),ccache )$(CLANG)' \
	CFLAGS='-O1 -g -DSANITIZED -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined'

# Memory that was freed is kept apart for a while; where pages are dear, that is half of the time.
ASAN_QUICK := quarantine_size_mb=1:thread_local_quarantine_size_kb=16:malloc_context_size=8

sanitize:
	@tests/lab/deps.sh build unit fuzz
	@$(SUBMAKE) O='$(O)/sanitize' $(SANITIZE) tools
	@O='$(O)/sanitize' HISTORIES=$(or $(HISTORIES),2000) ASAN_OPTIONS=exitcode=99:$(ASAN_QUICK) \
		UBSAN_OPTIONS=exitcode=99:print_stacktrace=1 tests/run.sh programs

fuzz:
	@tests/lab/deps.sh build fuzz
	@$(SUBMAKE) O='$(O)/sanitize' $(SANITIZE) fuzzers
	@O='$(O)/sanitize' FUZZ_TIME='$(FUZZ_TIME)' FUZZ_SEED='$(FUZZ_SEED)' JOBS='$(JOBS)' tests/fuzz.sh

fuzzers: $(O)/iopftrace $(O)/seeds $(FUZZERS:%=$(O)/fuzz_%)

# SECONDS of recordings whose blocks are taken out, doubled, moved, mixed and cut
soak:
	@tests/lab/deps.sh build soak
	@$(SUBMAKE) $(O)/unit/blocks_test
	@nice -n 10 $(O)/unit/blocks_test soak $(or $(SECONDS),3600)

bench:
	@tests/lab/deps.sh build lab bench
	@$(SUBMAKE) $(O)/iopftrace $(O)/load $(O)/steady_file
	@tests/bench/file.sh
	@CPUS='$(CPUS)' tests/bench/bench.sh

# time and memory of each verb, by how many groups are outstanding
scale:
	@tests/lab/deps.sh build scale
	@$(SUBMAKE) $(O)/iopftrace $(O)/scale_file
	@tests/bench/scale.sh

lab-shell: deps-lab
	@tests/lab/vm.sh --tty -- "$${SHELL:-/bin/bash}"

module: deps-lab
	@tests/load/module/build.sh $(or $(K),7)

lint:
	@tests/lab/deps.sh build lint
	@$(SUBMAKE) $(O)/bpf/iopftrace.skel.h
	@tests/lint.sh

format:
	clang-format -i $$(git ls-files '*.[ch]' | grep -v vmlinux_fallback)

# What goes where is listed in packaging/install.sh
DIRECTORIES = O='$(O)' DESTDIR='$(DESTDIR)' BINDIR='$(BINDIR)' DATADIR='$(DATADIR)' \
	MANDIR='$(MANDIR)' DOCDIR='$(DOCDIR)' BASHCOMPDIR='$(BASHCOMPDIR)' \
	ZSHCOMPDIR='$(ZSHCOMPDIR)' FISHCOMPDIR='$(FISHCOMPDIR)'

install: all
	@$(DIRECTORIES) packaging/install.sh install

uninstall: man
	@$(DIRECTORIES) packaging/install.sh uninstall

deb:
	@tests/lab/deps.sh build deb
	@O='$(O)' VERSION='$(VERSION)' packaging/deb.sh

test-fresh:
	@tests/lab/deps.sh fresh
	@O='$(O)' tests/run.sh fresh

clean:
	rm -rf $(O)
	@tests/lab/vm.sh --forget-accel

help:
	@echo 'make                 build $(O)/iopftrace'
	@echo 'make demo            trace a workload in a VM and show the report; results in $(O)/demo'
	@echo 'make test            the tests (test-unit, test-vm: one kind); make test-all: also those that take long'
	@echo 'make test-fresh      all of the build and the package, on a minimal Debian 12 (as root)'
	@echo 'make bugs            a kernel with bugs, and which of them check names; docs/bugs.md'
	@echo 'make differential    the engine against the reference checker, on 100,000 histories'
	@echo 'make mutants         of bugs put into histories, how many the engine names: docs/mutants.md'
	@echo 'make sanitize        the unit tests, with the address and undefined behaviour sanitizers'
	@echo 'make fuzz            the fuzzers, for FUZZ_TIME=$(FUZZ_TIME) seconds each, JOBS=$(JOBS) at one time'
	@echo 'make soak            damaged recordings for an hour, or SECONDS=: tries by exit code'
	@echo 'make bench           what tracing costs beside other tracers, and reading a recording'
	@echo 'make scale           time and memory of each verb, with up to a million groups outstanding'
	@echo 'make lint            clang-format, clang-tidy or cppcheck, shellcheck'
	@echo 'make lab-shell       a shell in the VM; K=6.12 for the older kernel'
	@echo 'make module          the test module of the load generator, for the kernel K=$(or $(K),7)'
	@echo 'make man             manual pages and completions, in $(O)/man and $(O)/completions'
	@echo 'make install         DESTDIR= PREFIX=$(PREFIX), or BINDIR, MANDIR ...; make uninstall'
	@echo 'make deb             a Debian package, in $(O)/deb'
	@echo 'Variables: O=$(O) CC CLANG CFLAGS VMLINUX_BTF=FILE'

-include $(wildcard $(O)/obj/*/*.d $(O)/obj/*/*/*.d $(O)/bpf/*.d)

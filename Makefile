# Two commands do everything on a fresh Debian machine with Swift 6.2 or later: `make demo` and `make test`.
# Three more measure; Benchmarks/README.md tells what: `make bench`, `make bench-scale`, `make bench-micro`.
# `make crash` and `make fuzz` look for what breaks it; Docs/Limits.md tells what must hold.
# `make scale-test` runs the tool on a real Spark and `make scale-bench` measures it there; Docs/Scale.md tells when that is worth it.
# `make dist` makes a tarball and a Debian package, `make dist-test` installs and runs them in fresh Debian systems.
# `make lab` runs real caches on loopback and compares what the tool finds with what their client saw.

SWIFT ?= swift
# What the build links, and what the tests and the demo call.
BUILD_PACKAGES := libzstd-dev libarchive-dev libsqlite3-dev zlib1g-dev libdeflate-dev liblzma-dev libbz2-dev liblz4-dev libxlsxwriter-dev pkg-config
TEST_PACKAGES := sqlite3 openssl zstd gzip xz-utils bzip2 lz4 zip tar gcc libc6-dev
# What opens report.html in the suite. Where it cannot be had, those tests say that they were skipped.
BROWSER_PACKAGES := chromium poppler-utils python3 python3-venv
BENCH_PACKAGES := python3 python3-venv
INSTALL_PACKAGES := python3
DIST_PACKAGES := python3 dpkg-dev gzip tar
DIST_TEST_PACKAGES := debootstrap
SCALE_PACKAGES := python3 python3-venv openjdk-17-jre-headless
LAB_PACKAGES := python3 nginx-light varnish squid haproxy trafficserver trafficserver-experimental-plugins
# Functions of libraries are looked up once, at the start, and then their table is for reading alone (ld(1): -z relro, -z now).
LINKING := $(if $(filter Linux,$(shell uname)),-Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now -Xlinker '-rpath=$$ORIGIN/../lib/strayframe')
SOURCES := Sources Tests Queries Plugins Package.swift Benchmarks/Micro/Benchmarks Benchmarks/Micro/Package.swift \
	Fuzz/Sources Fuzz/Package.swift
RELEASE := .build/release/strayframe
DEMO := .build/demo
SPARK := .build/spark
DIST := .build/dist
PAGE_TOOLS := .build/page-tools
BENCH := .build/bench

# Where `make install` puts things, as in `make install PREFIX=$$HOME/.local`; DESTDIR stands before all of it, for packages.
PREFIX ?= /usr/local
DESTDIR ?=
# How often each contender runs, and the data of `make bench`, as in `make bench ROUNDS=1 DELIVERIES=500000`.
ROUNDS ?= 5
DELIVERIES ?= 5000000
FILLS ?= 1000000
ACCOUNTS ?= 200000
SEED ?= 1
# The lines of `make bench-scale`, and how often each size runs.
SIZES ?= 1000000 3000000 10000000 30000000 100000000
SCALE_ROUNDS ?= 1
# The lines of `make bench-micro`, and which of its benchmarks run: a pattern, as in `make bench-micro FILTER='query.*'`.
MICRO_LINES ?= 100000
FILTER ?= .*
# What else `make scale-test` is told, as in `make scale-test SCALE_OPTIONS='--only xiaomi'`, and the lines of `make scale-bench`.
SCALE_OPTIONS ?= --random 20
SCALE_LINES ?= 3000000 10000000 30000000 100000000
# The Debian releases that `make dist-test` tries, and where their packages come from; Debian's own archive if empty.
DEBIAN_RELEASES ?= bookworm trixie
DEBIAN_MIRROR ?=
# Which of the lab's servers run, as in `make lab SERVERS='nginx squid'`; all if empty.
SERVERS ?=
# The tests of `make test-fast`, a pattern of their targets.
FAST_TESTS ?= ^(Interning|LogBytes|LogRecords|Correlation|Casefile|Distributed|Simulation)Tests\.
# How long each fuzz target runs (15 seconds for `make fuzz-smoke`), and which do, as in `make fuzz FUZZ_SECONDS=3600 FUZZ_TARGETS='zstd json'`; all if empty.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=

.PHONY: page-tools demo build install dist dist-test pictures sbom growth causes test test-fast test-all test-build lab bench bench-scale bench-micro bench-peers bench-tools lint format packages test-packages \
	browser-packages bench-packages lab-packages scale-packages install-packages dist-packages dist-test-packages scale-test scale-bench crash fuzz fuzz-build fuzz-smoke clean

## demo: build the tool, analyze the Xiaomi incident and a dump that a real nginx wrote, show the counts
demo: build
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@echo; echo "== The incident of 26 December 2019: a cache update, one camera model, one integration, poor networks"
	$(RELEASE) analyze Fixtures/xiaomi-2019-12-26/dump --case $(DEMO)/xiaomi.sqlite --reports $(DEMO)/xiaomi
	@echo; echo "== A cache fault in a real nginx: its thin log names no frame and no owner, just account, key and HIT or MISS"
	$(RELEASE) analyze Fixtures/nginx-lab/dump/inferred Fixtures/nginx-lab/dump/origin \
		--profile nginx-thin --directory Fixtures/nginx-lab/dump/directory --case $(DEMO)/nginx.sqlite --reports $(DEMO)/nginx
	@echo; echo "== The first exposure of the incident, proved from the raw lines"
	$(RELEASE) explain --case $(DEMO)/xiaomi.sqlite \
		"$$($(RELEASE) query pairs --format csv --case $(DEMO)/xiaomi.sqlite | sed -n 2p | tr -d '\r' | sed 's/.*,//')"

## build: the release executable, in one file but for the system's libraries
build: packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product strayframe

## sbom: what the executable is made of, as SPDX 2.3 JSON
sbom: packages
	$(SWIFT) package resolve
	@mkdir -p .build && TZ=UTC python3 Packaging/sbom.py >.build/strayframe.spdx.json && echo .build/strayframe.spdx.json

## install: the executable, its completions for bash, zsh and fish, its manual pages, its licence and those of what it links
install: build install-packages
	install -D -s -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/strayframe
	@for shell in bash:share/bash-completion/completions/strayframe zsh:share/zsh/site-functions/_strayframe \
		fish:share/fish/vendor_completions.d/strayframe.fish; do \
		file=$(DESTDIR)$(PREFIX)/$${shell#*:}; echo "$$file"; \
		$(RELEASE) --generate-completion-script $${shell%%:*} >.build/completion && install -D -m 644 .build/completion "$$file" || exit 1; \
	done
	@rm -rf .build/manual && python3 Packaging/manual.py $(RELEASE) .build/manual \
		--date "$$(git log -1 --format=%cs 2>/dev/null || date +%F)"
	@for page in .build/manual/*.1; do \
		install -D -m 644 "$$page" $(DESTDIR)$(PREFIX)/share/man/man1/$$(basename "$$page") || exit 1; \
	done
	@for file in LICENSE NOTICE README.md; do install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/doc/strayframe/$$file || exit 1; done

## dist: a tarball and a Debian package of the stripped executable with its manual, in .build/dist
dist: build dist-packages
	rm -rf $(DIST)/root
	$(MAKE) -o build install DESTDIR=$(CURDIR)/$(DIST)/root PREFIX=/usr
	Packaging/dist.sh $(DIST)

## dist-test: the tarball and the Debian package, installed and run in fresh Debian systems; needs root and Debian's archive
dist-test: dist dist-test-packages
	DEBIAN_MIRROR='$(DEBIAN_MIRROR)' Packaging/dist-test.sh $(DIST) $(DEBIAN_RELEASES)

## pictures: the page's first screen as the README shows it, in Docs/
pictures: build browser-packages
	@mkdir -p $(DEMO)
	$(RELEASE) analyze Fixtures/xiaomi-2019-12-26/dump --case $(DEMO)/pictures.sqlite --reports $(DEMO)/pictures --quiet
	chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
		--window-size=1100,880 --virtual-time-budget=5000 --screenshot=$(CURDIR)/Docs/report.png file://$(CURDIR)/$(DEMO)/pictures/report.html

## test: the whole suite, on a tool that is optimized and still checks itself (see Package.swift)
test: test-build browser-packages page-tools
	$(SWIFT) test --skip-build

## page-tools: what looks at the pages and workbooks in the suite; where it cannot be had, those tests say that they were skipped
page-tools: $(PAGE_TOOLS)/ready
$(PAGE_TOOLS)/ready: Tests/Page/requirements.txt
	@(python3 -m venv $(PAGE_TOOLS) \
		&& $(PAGE_TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Page/requirements.txt \
		&& $(PAGE_TOOLS)/bin/pip install --quiet --disable-pip-version-check --no-deps axe-playwright-python==0.1.8 \
		&& touch $@) || echo "NO TOOLS TO LOOK AT PAGES: the tests with axe-core, Datasette and workbooks will be skipped"

## test-fast: what needs no tool and no case of any size; 20 seconds once it is built
test-fast: test-build
	$(SWIFT) test --skip-build --filter '$(FAST_TESTS)'

## test-all: what `make test` tries and all that takes too long for it; a day
test-all: test
	$(MAKE) crash
	$(MAKE) growth
	$(MAKE) causes
	$(MAKE) fuzz FUZZ_SECONDS=3600
	$(MAKE) scale-test
	@for script in findings/*.sh; do [ ! -e "$$script" ] || { echo "== $$script"; bash "$$script" || exit 1; }; done

test test-fast test-build crash: export STRAYFRAME_OPTIMIZE = 1
# Swift Testing takes a backtrace of every error that is thrown, here mostly of a line that some profile does not fit: 48 s of
# LateLogTests' CPU time instead of 6.
test test-fast crash: export SWT_SWIFT_ERROR_BACKTRACING_ENABLED = 0
test-build: packages test-packages
	$(SWIFT) build --build-tests

## scale-test: a Spark master and two workers on loopback find what one machine finds, also when a worker is killed; half an hour
scale-test: build scale-packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product simulate
	python3 -m venv $(SPARK)
	$(SPARK)/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Scale/requirements.txt
	$(SPARK)/bin/python Tests/Scale/scale.py --tool $(RELEASE) --simulate .build/release/simulate \
		--spark "$$($(SPARK)/bin/python -c 'import pyspark, os; print(os.path.dirname(pyspark.__file__))')" \
		--lab $(patsubst %/dump,%,$(wildcard ../shared/lab/*/dump)) $(SCALE_OPTIONS)

## scale-bench: one machine, Scale/local and Scale/run side by side on ever more lines, as in `make scale-bench SCALE_LINES=3000000`
scale-bench: SCALE_OPTIONS = --measure $(SCALE_LINES)
scale-bench: scale-test

## crash: a fault at every call to the operating system of a run, one at a time; an hour
crash: build test-build
	STRAYFRAME_CRASH=all STRAYFRAME_TOOL='$(CURDIR)/$(RELEASE)' $(SWIFT) test --skip-build --filter CrashTests

## fuzz, fuzz-smoke: every way in for bytes from outside, fed with what libFuzzer makes up, under sanitizers
fuzz-smoke: FUZZ_SECONDS = 15
fuzz fuzz-smoke: fuzz-build
	Fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz-build: packages
	@# Of several -sanitize the Swift compiler heeds the last, and SwiftPM puts them in any order: so one that names both.
	@# Swift traps on what is undefined by itself; C has to be told. The two left out ask for a C++ runtime.
	$(SWIFT) build --package-path Fuzz -c release --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address \
		-Xcc -fsanitize=undefined -Xcc -fno-sanitize=vptr,function -Xcc -fno-sanitize-recover=undefined

## lab: real caches with a planted fault on loopback; fails if the tool finds other exposures than their client saw
lab: build lab-packages
	PATH="$$PATH:/usr/sbin" python3 Tests/Lab/lab.py --tool $(RELEASE) $(SERVERS)

## bench: the tool beside its peers on the same data; fails if they count differently
bench: bench-tools
	python3 Benchmarks/compare.py --rounds $(ROUNDS) --deliveries $(DELIVERIES) --fills $(FILLS) \
		--accounts $(ACCOUNTS) --seed $(SEED)

## bench-scale: the tool alone on ever more lines, with a plot of the cost of a line
bench-scale: bench-tools
	python3 Benchmarks/scale.py --rounds $(SCALE_ROUNDS) --seed $(SEED) $(SIZES)

## growth: doubles lines, names, nodes, rollouts, owners, files, fills, accounts and the nodes of one account, each alone; fails if a step costs more than 2.6 times
growth: build bench-packages
	python3 Benchmarks/growth.py --tool $(RELEASE)

## causes: each planted kind of cause on 20 seeds, and 200 dumps without one; fails if the wrong one is named, or any where there is none
causes: build bench-packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product simulate
	python3 Tests/Causes/causes.py --tool $(RELEASE) --simulate .build/release/simulate

## bench-micro: each stage alone, and every bundled query
bench-micro: bench-tools
	$(RELEASE:strayframe=simulate) traffic --out $(BENCH)/micro --seed $(SEED) --deliveries $$(($(MICRO_LINES) * 5 / 6)) \
		--fills $$(($(MICRO_LINES) / 6)) --accounts $$(($(MICRO_LINES) / 30))
	STRAYFRAME_DUMP='$(CURDIR)/$(BENCH)/micro/dump' $(SWIFT) package --package-path Benchmarks/Micro --disable-sandbox \
		benchmark --no-progress --grouping metric --filter '$(FILTER)'

## bench-peers: the peers, into a folder of their own
bench-peers: bench-packages
	python3 -m venv $(BENCH)/peers
	$(BENCH)/peers/bin/pip install --quiet --upgrade --requirement Benchmarks/peers/requirements.txt

bench-tools: build bench-packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product simulate

## lint: the formatting that every file has, and no circle between targets or between folders of one
lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	python3 Tests/Layers/layers.py

## format: bring every file into that form
format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

packages: PACKAGES = $(BUILD_PACKAGES)
test-packages: PACKAGES = $(TEST_PACKAGES)
browser-packages: PACKAGES = $(BROWSER_PACKAGES)
browser-packages: ELSE = || echo "NO BROWSER TO BE HAD: the tests that open report.html in one will be skipped"
bench-packages: PACKAGES = $(BENCH_PACKAGES)
scale-packages: PACKAGES = $(SCALE_PACKAGES)
lab-packages: PACKAGES = $(LAB_PACKAGES)
install-packages: PACKAGES = $(INSTALL_PACKAGES)
dist-packages: PACKAGES = $(DIST_PACKAGES)
dist-test-packages: PACKAGES = $(DIST_TEST_PACKAGES)
packages test-packages browser-packages bench-packages scale-packages lab-packages install-packages dist-packages dist-test-packages:
	@if command -v dpkg-query >/dev/null; then \
		missing=; \
		for package in $(PACKAGES); do \
			dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
		done; \
		if [ -n "$$missing" ]; then \
			echo "installing$$missing"; \
			sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
			$$sudo apt-get update -q && $$sudo apt-get install -y -q --no-install-recommends $$missing $(ELSE); \
		fi; \
	else \
		command -v pkg-config >/dev/null && pkg-config --exists libzstd libarchive sqlite3 zlib libdeflate liblzma liblz4 xlsxwriter \
			|| echo "needed: zstd, libarchive, sqlite, zlib, libdeflate, liblzma, libbz2, liblz4 and libxlsxwriter with their headers (Homebrew: brew install zstd libarchive sqlite libdeflate xz lz4 libxlsxwriter pkg-config)"; \
	fi

clean:
	rm -rf .build

# On a fresh Debian machine with Swift 6.2 or later, start with `make demo` and `make test`.
# `make bench`, `make bench-scale` and `make bench-micro` measure; see Benchmarks/README.md.
# `make crash` and `make fuzz` inject faults and hostile input; see Docs/Limits.md.
# `make scale-test` and `make scale-bench` run and measure the tool on a real Spark; see Docs/Scale.md.
# `make dist` builds a tarball and a Debian package; `make dist-test` installs and runs them in fresh Debian systems.
# `make lab` runs real caches on loopback and compares the tool's verdicts with what their client saw.

SWIFT ?= swift
# Libraries that the build links, and programs that the tests and the demo call.
BUILD_PACKAGES := libzstd-dev libarchive-dev libsqlite3-dev zlib1g-dev libdeflate-dev liblzma-dev libbz2-dev liblz4-dev libxlsxwriter-dev pkg-config
TEST_PACKAGES := sqlite3 openssl zstd gzip xz-utils bzip2 lz4 zip tar gcc libc6-dev
# The browser that opens report.html in the suite. Without it, those tests report that they were skipped.
BROWSER_PACKAGES := chromium poppler-utils python3 python3-venv
BENCH_PACKAGES := python3 python3-venv
INSTALL_PACKAGES := python3
DIST_PACKAGES := python3 dpkg-dev gzip tar
DIST_TEST_PACKAGES := debootstrap
SCALE_PACKAGES := python3 python3-venv openjdk-17-jre-headless
LAB_PACKAGES := python3 nginx-light varnish squid haproxy trafficserver trafficserver-experimental-plugins
# Library functions are resolved at the start, and their table is then read-only (ld(1): -z relro, -z now).
LINKING := $(if $(filter Linux,$(shell uname)),-Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now -Xlinker '-rpath=$$ORIGIN/../lib/strayframe')
SOURCES := Sources Tests Queries Plugins Package.swift Benchmarks/Micro/Benchmarks Benchmarks/Micro/Package.swift \
	Fuzz/Sources Fuzz/Package.swift
RELEASE := .build/release/strayframe
DEMO := .build/demo
SPARK := .build/spark
DIST := .build/dist
PAGE_TOOLS := .build/page-tools
BENCH := .build/bench

# Where `make install` puts files, as in `make install PREFIX=$$HOME/.local`. DESTDIR precedes every path, for packages.
PREFIX ?= /usr/local
DESTDIR ?=
# The rounds and the data of `make bench`, as in `make bench ROUNDS=1 DELIVERIES=500000`.
ROUNDS ?= 5
DELIVERIES ?= 5000000
FILLS ?= 1000000
ACCOUNTS ?= 200000
SEED ?= 1
# The sizes of `make bench-scale` in lines, and the rounds of each.
SIZES ?= 1000000 3000000 10000000 30000000 100000000
SCALE_ROUNDS ?= 1
# The lines of `make bench-micro`, and a pattern that selects benchmarks, as in `make bench-micro FILTER='query.*'`.
MICRO_LINES ?= 100000
FILTER ?= .*
# Options of `make scale-test`, as in `make scale-test SCALE_OPTIONS='--only xiaomi'`, and the lines of `make scale-bench`.
SCALE_OPTIONS ?= --random 20
SCALE_LINES ?= 3000000 10000000 30000000 100000000
# The Debian releases of `make dist-test`, and the mirror of their packages (empty: Debian's archive).
DEBIAN_RELEASES ?= bookworm trixie
DEBIAN_MIRROR ?=
# The servers of the lab that run, as in `make lab SERVERS='nginx squid'` (empty: all).
SERVERS ?=
# A pattern of the test targets of `make test-fast`.
FAST_TESTS ?= ^(Interning|LogBytes|LogRecords|Correlation|Casefile|Distributed|Simulation)Tests\.
# Seconds per fuzz target (15 in `make fuzz-smoke`), and the targets, as in `make fuzz FUZZ_SECONDS=3600 FUZZ_TARGETS='zstd json'` (empty: all).
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=

.PHONY: page-tools demo build install dist dist-test pictures sbom growth causes test test-fast test-all test-build lab bench bench-scale bench-micro bench-peers bench-tools lint format packages test-packages \
	browser-packages bench-packages lab-packages scale-packages install-packages dist-packages dist-test-packages scale-test scale-bench crash fuzz fuzz-build fuzz-smoke clean

## demo: build the tool, analyze the Xiaomi incident and a dump of a real nginx, show the counts
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

## build: the release executable, one file that depends only on the system's libraries
build: packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product strayframe

## sbom: the components of the executable, as SPDX 2.3 JSON
sbom: packages
	$(SWIFT) package resolve
	@mkdir -p .build && TZ=UTC python3 Packaging/sbom.py >.build/strayframe.spdx.json && echo .build/strayframe.spdx.json

## install: the executable, completions for bash, zsh and fish, manual pages, and the licences of the tool and its libraries
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

## pictures: the screenshot of the README, in Docs/
pictures: build browser-packages
	@mkdir -p $(DEMO)
	$(RELEASE) analyze Fixtures/xiaomi-2019-12-26/dump --case $(DEMO)/pictures.sqlite --reports $(DEMO)/pictures --quiet
	chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
		--window-size=1100,880 --virtual-time-budget=5000 --screenshot=$(CURDIR)/Docs/report.png file://$(CURDIR)/$(DEMO)/pictures/report.html

## test: the whole suite, on an optimized tool with its checks (see Package.swift)
test: test-build browser-packages page-tools
	$(SWIFT) test --skip-build

## page-tools: the tools that check pages and workbooks in the suite; without them, those tests report that they were skipped
page-tools: $(PAGE_TOOLS)/ready
$(PAGE_TOOLS)/ready: Tests/Page/requirements.txt
	@(python3 -m venv $(PAGE_TOOLS) \
		&& $(PAGE_TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Page/requirements.txt \
		&& $(PAGE_TOOLS)/bin/pip install --quiet --disable-pip-version-check --no-deps axe-playwright-python==0.1.8 \
		&& touch $@) || echo "NO PAGE TOOLS: the tests with axe-core, Datasette and workbooks will be skipped"

## test-fast: the tests that need neither the tool nor a large case; 20 seconds after the build
test-fast: test-build
	$(SWIFT) test --skip-build --filter '$(FAST_TESTS)'

## test-all: `make test` and everything that is too slow for it; a day
test-all: test
	$(MAKE) crash
	$(MAKE) growth
	$(MAKE) causes
	$(MAKE) fuzz FUZZ_SECONDS=3600
	$(MAKE) scale-test
	@for script in findings/*.sh; do [ ! -e "$$script" ] || { echo "== $$script"; bash "$$script" || exit 1; }; done

test test-fast test-build crash: export STRAYFRAME_OPTIMIZE = 1
# Swift Testing takes a backtrace of every error that is thrown, here mostly for a line that does not fit a profile: LateLogTests
# takes 48 s of CPU instead of 6.
test test-fast crash: export SWT_SWIFT_ERROR_BACKTRACING_ENABLED = 0
test-build: packages test-packages
	$(SWIFT) build --build-tests

## scale-test: a Spark master and two workers on loopback give the same results as one machine, also when a worker is killed; half an hour
scale-test: build scale-packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product simulate
	python3 -m venv $(SPARK)
	$(SPARK)/bin/pip install --quiet --disable-pip-version-check --requirement Tests/Scale/requirements.txt
	$(SPARK)/bin/python Tests/Scale/scale.py --tool $(RELEASE) --simulate .build/release/simulate \
		--spark "$$($(SPARK)/bin/python -c 'import pyspark, os; print(os.path.dirname(pyspark.__file__))')" \
		--lab $(patsubst %/dump,%,$(wildcard ../shared/lab/*/dump)) $(SCALE_OPTIONS)

## scale-bench: one machine, Scale/local and Scale/run side by side at growing sizes, as in `make scale-bench SCALE_LINES=3000000`
scale-bench: SCALE_OPTIONS = --measure $(SCALE_LINES)
scale-bench: scale-test

## crash: a fault at every call to the operating system of a run, one at a time; an hour
crash: build test-build
	STRAYFRAME_CRASH=all STRAYFRAME_TOOL='$(CURDIR)/$(RELEASE)' $(SWIFT) test --skip-build --filter CrashTests

## fuzz, fuzz-smoke: libFuzzer feeds every kind of outside input, under sanitizers
fuzz-smoke: FUZZ_SECONDS = 15
fuzz fuzz-smoke: fuzz-build
	Fuzz/run.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

fuzz-build: packages
	@# The Swift compiler uses only the last -sanitize, and SwiftPM orders them arbitrarily, so one option names both.
	@# Swift traps on undefined behaviour by itself; C needs the sanitizer. The two that are left out need a C++ runtime.
	$(SWIFT) build --package-path Fuzz -c release --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address \
		-Xcc -fsanitize=undefined -Xcc -fno-sanitize=vptr,function -Xcc -fno-sanitize-recover=undefined

## lab: real caches with a planted fault on loopback; fails if the tool's exposures differ from what the client saw
lab: build lab-packages
	PATH="$$PATH:/usr/sbin" python3 Tests/Lab/lab.py --tool $(RELEASE) $(SERVERS)

## bench: the tool and its peers on the same data; fails if their counts differ
bench: bench-tools
	python3 Benchmarks/compare.py --rounds $(ROUNDS) --deliveries $(DELIVERIES) --fills $(FILLS) \
		--accounts $(ACCOUNTS) --seed $(SEED)

## bench-scale: the tool alone at growing sizes, with a plot of the cost per line
bench-scale: bench-tools
	python3 Benchmarks/scale.py --rounds $(SCALE_ROUNDS) --seed $(SEED) $(SIZES)

## growth: doubles lines, names, nodes, rollouts, owners, files, fills, accounts and the nodes of one account, one at a time; fails if a step takes more than 2.6 times as long
growth: build bench-packages
	python3 Benchmarks/growth.py --tool $(RELEASE)

## causes: each planted kind of cause on 20 seeds, and 200 dumps without a cause; fails if the tool names a wrong one
causes: build bench-packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product simulate
	python3 Tests/Causes/causes.py --tool $(RELEASE) --simulate .build/release/simulate

## bench-micro: each stage by itself, and every bundled query
bench-micro: bench-tools
	$(RELEASE:strayframe=simulate) traffic --out $(BENCH)/micro --seed $(SEED) --deliveries $$(($(MICRO_LINES) * 5 / 6)) \
		--fills $$(($(MICRO_LINES) / 6)) --accounts $$(($(MICRO_LINES) / 30))
	STRAYFRAME_DUMP='$(CURDIR)/$(BENCH)/micro/dump' $(SWIFT) package --package-path Benchmarks/Micro --disable-sandbox \
		benchmark --no-progress --grouping metric --filter '$(FILTER)'

## bench-peers: install the peers into their own folder
bench-peers: bench-packages
	python3 -m venv $(BENCH)/peers
	$(BENCH)/peers/bin/pip install --quiet --upgrade --requirement Benchmarks/peers/requirements.txt

bench-tools: build bench-packages
	$(SWIFT) build -c release --static-swift-stdlib $(LINKING) --product simulate

## lint: check the formatting of every file, and that no target and no folder of one needs another that needs it
lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	python3 Tests/Layers/layers.py

## format: format every file
format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

packages: PACKAGES = $(BUILD_PACKAGES)
test-packages: PACKAGES = $(TEST_PACKAGES)
browser-packages: PACKAGES = $(BROWSER_PACKAGES)
browser-packages: ELSE = || echo "NO BROWSER: the tests that open report.html will be skipped"
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

# Two commands do everything on a fresh Debian machine with Swift 6.2 or later: `make demo` and `make test`.

SWIFT ?= swift
# What the build links, and what the tests and the demo call.
BUILD_PACKAGES := libzstd-dev libarchive-dev libsqlite3-dev zlib1g-dev pkg-config
TEST_PACKAGES := sqlite3 zstd gzip xz-utils bzip2 lz4 zip tar
SOURCES := Sources Tests Queries Package.swift
RELEASE := .build/release/strayframe
DEMO := .build/demo

.PHONY: demo build test lint format packages test-packages clean

## demo: build the tool, analyze the Xiaomi incident and a dump that a real nginx wrote, show the counts
demo: build
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@echo; echo "== The incident of 26 December 2019: a cache update, one camera model, one integration, poor networks"
	$(RELEASE) analyze Fixtures/xiaomi-2019-12-26/dump --case $(DEMO)/xiaomi.sqlite --reports $(DEMO)/xiaomi
	@echo; echo "== A cache fault in a real nginx: its thin log names no frame and no owner, just account, key and HIT or MISS"
	$(RELEASE) analyze Fixtures/nginx-lab/dump/inferred Fixtures/nginx-lab/dump/origin \
		--directory Fixtures/nginx-lab/dump/directory --case $(DEMO)/nginx.sqlite --reports $(DEMO)/nginx
	@echo; echo "== The first exposure of the incident, proved from the raw lines"
	$(RELEASE) explain --case $(DEMO)/xiaomi.sqlite \
		"$$($(RELEASE) query pairs --format csv --case $(DEMO)/xiaomi.sqlite | sed -n 2p | tr -d '\r' | sed 's/.*,//')"

## build: the release executable, in one file but for the system's libraries
build: packages
	$(SWIFT) build -c release --static-swift-stdlib --product strayframe

## test: the whole suite
test: packages test-packages
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

## lint: the formatting that every file has
lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

## format: bring every file into that form
format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

packages test-packages: PACKAGES = $(if $(filter packages,$@),$(BUILD_PACKAGES),$(TEST_PACKAGES))
packages test-packages:
	@if command -v dpkg-query >/dev/null; then \
		missing=; \
		for package in $(PACKAGES); do \
			dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$package"; \
		done; \
		if [ -n "$$missing" ]; then \
			echo "installing$$missing"; \
			sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
			$$sudo apt-get update -q && $$sudo apt-get install -y -q --no-install-recommends $$missing; \
		fi; \
	else \
		command -v pkg-config >/dev/null && pkg-config --exists libzstd libarchive sqlite3 zlib \
			|| echo "needed: zstd, libarchive, sqlite and zlib with their headers (Homebrew: brew install zstd libarchive sqlite pkg-config)"; \
	fi

clean:
	rm -rf .build

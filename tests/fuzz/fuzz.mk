# SPDX-License-Identifier: Apache-2.0
# Builds the fuzz targets; used by tests/fuzz/run, which names TOP (the source tree) and OUT (where all goes).
# Sources are compiled here directly, whatever configure was told: libFuzzer needs its own flags in all of them.
CC = clang
TARGETS = datagram secparams engines refusal trap ring ring_file rules inventory circuits directive hint facts dictionary_file properties import watch

FUZZ_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wvla -Werror
CFLAGS = -std=gnu11 -D_GNU_SOURCE -DTK_DEVEL -DPACKAGE_VERSION='"fuzz"' -DTK_PKGDATADIR='"/nonexistent"' -pthread -I$(TOP)/plugin -I$(TOP)/tests/fuzz -MMD -MP \
	$(shell pkg-config --cflags libxml-2.0) -fno-strict-aliasing $(WARNINGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link
LIBS = -ljansson -lpcre2-8 -lxml2 -lrdkafka -lm -pthread

ROOMS = base config snmp queue dictionary inventory event rules import stages reload refusal reporting delivery watch
SOURCES = $(foreach room,$(ROOMS),$(wildcard $(TOP)/plugin/$(room)/*.c)) $(TOP)/plugin/sink/kafka_check.c \
	$(TOP)/plugin/sink/kafka_conf.c \
	$(TOP)/plugin/usm/engines.c $(TOP)/plugin/usm/secparams.c $(TOP)/plugin/host/inform_answers.c \
	$(TOP)/tests/fuzz/fuzz.c $(TOP)/tests/fuzz/fuzz_world.c
# What configure's build leaves in the source folder is not ours.
EMBEDDED = standard_facts standard_rules
OBJECTS = $(patsubst $(TOP)/%.c,$(OUT)/obj/%.o,$(filter-out %/standard_facts.c %/standard_rules.c,$(SOURCES))) \
	$(EMBEDDED:%=$(OUT)/obj/%.o)
PROGRAMS = $(TARGETS:%=$(OUT)/fuzz_%)

all: $(PROGRAMS)
.PHONY: all
.SECONDARY:

$(PROGRAMS): $(OUT)/fuzz_%: $(OUT)/obj/tests/fuzz/fuzz_%.o $(OUT)/libfuzz.a
	$(CC) $(FUZZ_FLAGS) -fsanitize=fuzzer $(EXTRA_LINK) -o $@ $(filter %.o,$^) $(OUT)/libfuzz.a $(EXTRA_LIBS) $(LIBS)
$(OUT)/fuzz_ring: EXTRA_LINK = -Wl,--wrap=mmap,--wrap=munmap
# Those that run on the real net-snmp; fuzz_netsnmp.c stands in front of two of its functions.
V3 = $(foreach f,fuzz_netsnmp fuzz_v3 fuzz_mutate,$(OUT)/obj/tests/fuzz/$(f).o)
USM = $(filter-out $(OBJECTS),$(patsubst $(TOP)/%.c,$(OUT)/obj/%.o,$(wildcard $(TOP)/plugin/usm/*.c)))
$(OUT)/fuzz_datagram: $(foreach f,arrivals authorize flat_pdu flatten handler inform inform_reply refusals streams,$(OUT)/obj/plugin/host/$(f).o) \
	$(USM) $(V3)
$(OUT)/fuzz_datagram: EXTRA_LINK = -Wl,--wrap=tk_clock_now,--wrap=tk_clock_mono,--export-dynamic
$(OUT)/fuzz_secparams: $(OUT)/obj/tests/fuzz/fuzz_netsnmp.o
$(OUT)/fuzz_secparams: EXTRA_LINK = -Wl,--export-dynamic
$(OUT)/fuzz_datagram $(OUT)/fuzz_secparams: EXTRA_LIBS = -lnetsnmp -ldl

$(OUT)/libfuzz.a: $(OBJECTS)
	rm -f $@ && $(AR) cr $@ $^

$(OUT)/obj/%.o: $(TOP)/%.c $(MAKEFILE_LIST)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(OUT)/obj/%.o: $(OUT)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(OUT)/standard_facts.c: $(TOP)/mibs/standard.facts $(TOP)/mibs/embed.sh
	sh $(TOP)/mibs/embed.sh $< tk_standard_facts >$@
$(OUT)/standard_rules.c: $(TOP)/conf/severity-standard.json $(TOP)/mibs/embed.sh
	sh $(TOP)/mibs/embed.sh $< tk_standard_rules >$@

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)

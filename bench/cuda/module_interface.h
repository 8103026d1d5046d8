/* What gpubench_cuda.so hands to the program: one C table of plain types, so that the two need not share a C++ library,
 * a compiler or a build. The module exports the table as the data symbol below and nothing else; it registers nothing.
 *
 * The first field is the interface version, for ever. The program reads it before it reads or calls anything else. Any
 * change of what stands here takes the next number.
 *
 * Strings belong to the module: those in descriptions live as long as the module (it is never unloaded), others until
 * the next call. The program calls from one thread at a time. No function throws or exits. */
#ifndef GPUBENCH_BENCH_CUDA_MODULE_INTERFACE_H
#define GPUBENCH_BENCH_CUDA_MODULE_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#define GPUBENCH_MODULE_INTERFACE_VERSION 5u
#define GPUBENCH_MODULE_SYMBOL "gpubench_cuda_module"
#define GPUBENCH_MODULE_MAX_PARAMETERS 16u

#ifdef __cplusplus
extern "C" {
#endif

/* What initialize() found. */
enum gpubench_module_state {
  GPUBENCH_MODULE_READY = 0,
  GPUBENCH_MODULE_NO_DRIVER = 1,
  GPUBENCH_MODULE_DRIVER_TOO_OLD = 2,
  GPUBENCH_MODULE_NO_DEVICE = 3,
  GPUBENCH_MODULE_FAILED = 4
};

/* What a call came to; last_error() and last_hint() say more unless it is OK. */
enum gpubench_module_status {
  GPUBENCH_MODULE_OK = 0,
  GPUBENCH_MODULE_DEVICE_ERROR = 1,         /* a device call failed; the device still works */
  GPUBENCH_MODULE_DEVICE_LOST = 2,          /* a device call failed and so will every later one in this process */
  GPUBENCH_MODULE_OUT_OF_DEVICE_MEMORY = 3,
  GPUBENCH_MODULE_INTERNAL_ERROR = 4,       /* a defect, or an argument out of range */
  GPUBENCH_MODULE_UNSUPPORTED = 5,          /* cannot run here, as turned out only in prepare(); no failure */
  GPUBENCH_MODULE_HUNG = 6                  /* device work never ended; every later call on the device would wait for it */
};

enum gpubench_module_suite { GPUBENCH_MODULE_QUICK = 0, GPUBENCH_MODULE_STANDARD = 1, GPUBENCH_MODULE_FULL = 2 };

/* Which peak a result is held against. */
enum gpubench_module_peak {
  GPUBENCH_MODULE_PEAK_NONE = 0,
  GPUBENCH_MODULE_PEAK_DENSE = 1,
  GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH = 2,
  GPUBENCH_MODULE_PEAK_HOST_LINK = 3, /* between host and device, one direction */
  GPUBENCH_MODULE_PEAK_PEER_LINK = 4  /* of one device to its peers, one direction */
};

/* Which devices one case runs on. */
enum gpubench_module_scope {
  GPUBENCH_MODULE_ONE_DEVICE = 0, /* offered on each device */
  GPUBENCH_MODULE_ALL_DEVICES = 1 /* offered once, as on device 0, and runs on all */
};

struct gpubench_module_device {
  const char* name;
  const char* uuid;               /* "GPU-..." as NVML writes it: joins the device to what NVML says of it */
  const char* compute_capability; /* "9.0" */
  double memory_bytes;
  double l2_bytes;
  int32_t multiprocessors;
};

struct gpubench_module_benchmark {
  const char* name;
  const char* description;
  const char* precision; /* as gpubench::models::parse_precision takes it: "fp64", "bf16", ... */
  int32_t peak;          /* gpubench_module_peak */
  int32_t scope;         /* gpubench_module_scope */
  double overhead_seconds; /* rough time of prepare(), verify() and release() together */
};

/* An integer, or a text where `text` is not NULL. */
struct gpubench_module_parameter {
  const char* name;
  const char* text;
  int64_t value;
};

struct gpubench_module_parameters {
  uint32_t count;
  struct gpubench_module_parameter values[GPUBENCH_MODULE_MAX_PARAMETERS];
};

/* A value that is not known has its has_ field 0. */
struct gpubench_module_work {
  int32_t has_flop, has_bytes, has_items, has_bus_bytes;
  double flop, bytes, items;
  double bus_bytes; /* of a collective: bytes that each link must carry, so that bus_bytes / time is busbw */
  const char* item;
};

/* One sample. Device time is what counts; host time is what the CPU took to enqueue the work. */
struct gpubench_module_sample {
  double device_ns;
  int32_t has_host_ns, has_clock_hertz;
  double host_ns;
  double clock_hertz; /* of the multiprocessors, over this sample */
};

/* How a figure came about, for the record: key "cache_state", text "cold". */
struct gpubench_module_note {
  const char* key;
  const char* text;
};

/* Right when error <= tolerance. */
struct gpubench_module_verification {
  const char* compared;
  double error;
  double tolerance;
};

struct gpubench_module_telemetry {
  int32_t has_clock_hertz;
  double clock_hertz;
};

struct gpubench_module_table {
  uint32_t interface_version; /* GPUBENCH_MODULE_INTERFACE_VERSION of the build */
  const char* build;          /* "gpubench 0.1.0, CUDA 13.0" */

  /* Looks for driver and devices; a gpubench_module_state. Called once, before all that follows. */
  int32_t (*initialize)(void);
  const char* (*last_error)(void);
  const char* (*last_hint)(void); /* may be empty */

  uint32_t (*device_count)(void);
  int32_t (*device)(uint32_t device, struct gpubench_module_device* out);
  /* Version of a library in use, one "name version" a call: "cuda runtime 13.0"; NULL past the last. */
  const char* (*library)(uint32_t index);

  /* Pure: need no driver. */
  uint32_t (*benchmark_count)(void);
  int32_t (*benchmark)(uint32_t benchmark, struct gpubench_module_benchmark* out);
  /* 1 for a whole program's work, which has a suite of its own, 0 for one of a program's operations. Its cases are never
   * asked for in the quick suite. */
  int32_t (*is_application)(uint32_t benchmark);
  int32_t (*work)(uint32_t benchmark, const struct gpubench_module_parameters* parameters,
                  struct gpubench_module_work* out);

  /* The parameter sets of a suite on a device, most important first. */
  uint32_t (*case_count)(uint32_t benchmark, uint32_t device, int32_t suite);
  int32_t (*case_parameters)(uint32_t benchmark, uint32_t device, int32_t suite, uint32_t index,
                             struct gpubench_module_parameters* out);
  /* Why this cannot run on the device, or NULL. */
  const char* (*unavailable)(uint32_t benchmark, uint32_t device, const struct gpubench_module_parameters* parameters);
  /* 1 when the case runs on device `other` or reaches its memory, else 0. */
  int32_t (*uses)(uint32_t benchmark, uint32_t device, const struct gpubench_module_parameters* parameters,
                  uint32_t other);
  /* 1 when a call on the device shows that every later one fails too, else 0. Not to be asked of a device that hangs. */
  int32_t (*is_lost)(uint32_t device);

  /* One case, allocated and ready; release() frees it, whatever happened since. */
  int32_t (*prepare)(uint32_t benchmark, uint32_t device, const struct gpubench_module_parameters* parameters,
                     void** out_case);
  int32_t (*sample)(void* prepared, struct gpubench_module_sample* out);
  int32_t (*verify)(void* prepared, struct gpubench_module_verification* out);
  int32_t (*telemetry)(void* prepared, struct gpubench_module_telemetry* out);
  /* One note a call, after verify(); key NULL past the last. */
  int32_t (*note)(void* prepared, uint32_t index, struct gpubench_module_note* out);
  void (*release)(void* prepared);

  /* A new identity by which ranks in several processes find each other, as text: rank 0 asks for it, and every rank
   * passes it as the text parameter "communicator" of a collective. NULL where there is none; last_error() says why. */
  const char* (*communicator_id)(void);
};

#ifdef __cplusplus
}
#endif

#endif

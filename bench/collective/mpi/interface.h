/* What gpubench_mpi.so hands to the program: MPI behind one C table of plain types, so that the program itself needs no
 * MPI library. The module exports the table as the data symbol below and nothing else. Functions return 0 when done and
 * another number otherwise; last_error() then says why. Calls come from one thread. */
#ifndef GPUBENCH_BENCH_COLLECTIVE_MPI_INTERFACE_H
#define GPUBENCH_BENCH_COLLECTIVE_MPI_INTERFACE_H

#include <stdint.h>

#define GPUBENCH_MPI_INTERFACE_VERSION 1u
#define GPUBENCH_MPI_SYMBOL "gpubench_mpi_module"

#ifdef __cplusplus
extern "C" {
#endif

/* One collective on host memory. Values of kind, type and operation are those of kernels/collective.hpp. */
struct gpubench_mpi_collective {
  int32_t kind, type, operation;
  int32_t in_place;
  int32_t partner; /* of a pair exchange; this rank itself where it sits out */
  uint64_t block;  /* elements, as in collective_layout */
  const void* send;
  void* receive;
};

struct gpubench_mpi_table {
  uint32_t interface_version; /* GPUBENCH_MPI_INTERFACE_VERSION of the build */
  const char* build;          /* "gpubench 0.1.0, MPI 3.1" */

  int32_t (*initialize)(void);
  void (*finalize)(void);
  const char* (*last_error)(void);
  const char* (*library)(void); /* as the library names itself; one line */

  int32_t (*rank)(void);
  int32_t (*ranks)(void);
  int32_t (*local_rank)(void); /* among the ranks of this machine */

  int32_t (*barrier)(void);
  int32_t (*broadcast)(void* data, uint64_t bytes); /* from rank 0 */
  /* Every rank's `bytes` bytes to rank 0, in the order of the ranks. Rank 0 waits for at most `limit_seconds`; arrived[r]
   * is 0 for a rank that did not answer in time. Only rank 0 needs `all` and `arrived`. */
  int32_t (*gather)(const void* mine, uint64_t bytes, void* all, double limit_seconds, int32_t* arrived);

  /* Why MPI cannot do this collective, or NULL. */
  const char* (*unavailable)(const struct gpubench_mpi_collective* what);
  int32_t (*run)(const struct gpubench_mpi_collective* what);
};

#ifdef __cplusplus
}
#endif

#endif

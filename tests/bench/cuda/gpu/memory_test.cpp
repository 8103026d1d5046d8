#include "bench/cuda/module/owners.hpp"
#include "bench/cuda/module/stream_shapes.hpp"
#include "kernels/chain.cuh"
#include "kernels/stream.cuh"

#include <algorithm>
#include <vector>

#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class memory_on_device : public on_device {
 protected:
  /// Median of a few samples of a case whose result is right.
  double right_time_ns(const char* name, const results::parameters& values) {
    SCOPED_TRACE(results::full_name(name, values));
    const auto& definition = named(name);
    if (const auto reason = definition.unavailable(values, where)) {
      std::cout << "left out: " << name << ": " << *reason << '\n';
      return 0;
    }
    const auto prepared = definition.prepare(values, where);
    EXPECT_FALSE(prepared->verify().passed()) << "passes although nothing was computed yet";
    std::vector<double> times(5);
    for (double& time_ns : times) time_ns = prepared->sample().count();
    const auto verification = prepared->verify();
    EXPECT_TRUE(verification.passed()) << verification.compared << ": " << verification.error;
    for (const auto& [key, text] : prepared->method()) std::cout << "  " << key << ": " << text << '\n';
    std::sort(times.begin(), times.end());
    return times[2];
  }
};

TEST_F(memory_on_device, dot_products_that_no_tile_divides_are_right) {
  for (const std::int64_t bytes : {16, 4112, 1000016}) right_time_ns("stream_dot", {{"array_bytes", bytes}});
}

TEST_F(memory_on_device, working_sets_that_no_tile_divides_are_right) {
  for (const char* name : {"l2_read", "l2_write"}) {
    for (const std::int64_t bytes : {16, 4112, 1000016}) right_time_ns(name, {{"working_set_bytes", bytes}});
  }
}

TEST_F(memory_on_device, chains_of_any_length_are_walked_to_their_right_end) {
  for (const std::int64_t bytes : {256, 384, 16384, 100'000, 3'000'000}) {
    right_time_ns("memory_latency", {{"working_set_bytes", bytes}});
  }
}

TEST_F(memory_on_device, a_load_takes_longer_from_memory_than_from_the_first_cache) {
  const double first_cache_ns = right_time_ns("memory_latency", {{"working_set_bytes", std::int64_t{16} << 10}});
  const double memory_ns = right_time_ns("memory_latency", {{"working_set_bytes", std::int64_t{1} << 30}});
  const double second_cache_ns = right_time_ns("memory_latency", {{"working_set_bytes", std::int64_t{1} << 20}});
  const double flushed_ns = right_time_ns("memory_latency_flushed", {{"working_set_bytes", std::int64_t{1} << 20}});
  EXPECT_GT(flushed_ns, 1.5 * second_cache_ns) << "what is flushed comes from memory";
  EXPECT_GT(first_cache_ns, 5);
  EXPECT_GT(memory_ns, 3 * first_cache_ns);
  EXPECT_LT(memory_ns, 5000);
}

TEST_F(memory_on_device, atomic_additions_are_counted_exactly) {
  for (const char* name : {"atomic_add_int32", "atomic_add_fp32", "atomic_add_fp64"}) {
    for (const std::int64_t addresses : {1, 3, 33, 1000, 1 << 20}) right_time_ns(name, {{"addresses", addresses}});
  }
}

TEST_F(memory_on_device, every_launch_is_counted) {
  for (const std::int64_t launches : {1, 3, 512}) {
    for (const char* name : {"launch_latency_enqueue", "launch_latency_kernel", "launch_latency_round_trip"}) {
      right_time_ns(name, {{"launches", launches}});
    }
  }
  for (const std::int64_t nodes : {1, 3, 5000}) right_time_ns("launch_latency_graph", {{"nodes", nodes}});
}

TEST_F(memory_on_device, one_wrong_element_among_many_is_found) {
  constexpr std::uint64_t elements = 100'000;
  const auto operation = kernels::stream_operation::copy;
  const auto stream = cuda::make_stream();
  const cuda::device_buffer values(elements * sizeof(double));
  const cuda::device_buffer wrong(sizeof(unsigned long long));
  const auto count_wrong = [&] {
    GPUBENCH_CUDA(cudaMemsetAsync(wrong.data(), 0, wrong.bytes(), stream.get()));
    kernels::launch_stream_check(operation, values.as<double>(), elements, wrong.as<unsigned long long>(),
                                 stream.get());
    GPUBENCH_CUDA(cudaGetLastError());
    GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
    unsigned long long found = 0;
    GPUBENCH_CUDA(cudaMemcpy(&found, wrong.data(), sizeof found, cudaMemcpyDeviceToHost));
    return found;
  };
  kernels::launch_stream_fill(values.as<double>(), elements, 0, stream.get());
  EXPECT_EQ(count_wrong(), 0u);
  constexpr double spoilt = -1;
  GPUBENCH_CUDA(cudaMemcpy(values.as<double>() + 77'777, &spoilt, sizeof spoilt, cudaMemcpyHostToDevice));
  EXPECT_EQ(count_wrong(), 1u);
}

TEST_F(memory_on_device, one_wrong_link_of_a_chain_is_found) {
  constexpr std::uint64_t lines = 1000;
  const auto stream = cuda::make_stream();
  const cuda::device_buffer memory(lines * kernels::chain_line_bytes);
  const cuda::device_buffer result(sizeof(kernels::chase_result));
  const auto end_of_walk = [&] {
    kernels::launch_chase(memory.data(), kernels::chain_line(0, lines), 0, 500, result.as<kernels::chase_result>(),
                          stream.get());
    GPUBENCH_CUDA(cudaGetLastError());
    GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
    kernels::chase_result found;
    GPUBENCH_CUDA(cudaMemcpy(&found, result.data(), sizeof found, cudaMemcpyDeviceToHost));
    return found.end_line;
  };
  kernels::launch_chain_build(memory.data(), lines, stream.get());
  EXPECT_EQ(end_of_walk(), kernels::chain_line(500, lines));
  const auto line = [&](std::uint64_t place) {
    return memory.as<char>() + kernels::chain_line(place, lines) * kernels::chain_line_bytes;
  };
  const auto skipping = reinterpret_cast<std::uint64_t>(line(300));
  GPUBENCH_CUDA(cudaMemcpy(line(200), &skipping, sizeof skipping, cudaMemcpyHostToDevice));
  EXPECT_EQ(end_of_walk(), kernels::chain_line(599, lines));
}

/// All shapes of one operation on an odd size, by the kernels themselves: the tuner measures them and checks only the
/// one that it keeps.
TEST_F(memory_on_device, every_launch_shape_computes_the_same) {
  constexpr std::uint64_t elements = 1'000'002;
  const auto stream = cuda::make_stream();
  const cuda::device_buffer first(elements * sizeof(double));
  const cuda::device_buffer second(elements * sizeof(double));
  const cuda::device_buffer output(elements * sizeof(double));
  const cuda::device_buffer architecture(sizeof(int));
  kernels::launch_stream_fill(first.as<double>(), elements, 0, stream.get());
  kernels::launch_stream_fill(second.as<double>(), elements, 1, stream.get());
  kernels::launch_architecture(architecture.as<int>(), stream.get());
  GPUBENCH_CUDA(cudaGetLastError());
  GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
  int compiled_for = 0;
  GPUBENCH_CUDA(cudaMemcpy(&compiled_for, architecture.data(), sizeof compiled_for, cudaMemcpyDeviceToHost));
  const kernels::stream_arrays arrays{first.as<double>(), second.as<double>(), output.as<double>(), elements};
  std::vector<double> found(elements);
  for (const auto operation :
       {kernels::stream_operation::copy, kernels::stream_operation::scale, kernels::stream_operation::add,
        kernels::stream_operation::triad, kernels::stream_operation::read, kernels::stream_operation::write,
        kernels::stream_operation::dot}) {
    const auto shapes = cuda::stream_shapes(operation, elements, compiled_for >= 900,
                                            [](const kernels::launch_shape&) { return std::uint64_t{200}; });
    for (const auto& shape : shapes) {
      SCOPED_TRACE(std::to_string(static_cast<int>(operation)) + ": " + cuda::shape_text(shape));
      GPUBENCH_CUDA(cudaMemset(output.data(), 0xff, output.bytes()));
      GPUBENCH_CUDA(cudaDeviceSynchronize());
      GPUBENCH_CUDA(kernels::prepare_stream_kernel(operation, shape));
      kernels::launch_stream(operation, arrays, shape, stream.get());
      GPUBENCH_CUDA(cudaGetLastError());
      GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
      GPUBENCH_CUDA(cudaMemcpy(found.data(), output.data(), output.bytes(), cudaMemcpyDeviceToHost));
      if (kernels::leaves_a_sum(operation)) {
        double sum = 0;
        for (std::uint32_t block = 0; block < shape.blocks; ++block) sum += found[block];
        EXPECT_EQ(sum, kernels::stream_expected_sum(operation, elements));
        continue;
      }
      std::uint64_t wrong = 0;
      for (std::uint64_t i = 0; i < elements; ++i) wrong += found[i] == kernels::stream_expected(operation, i) ? 0 : 1;
      EXPECT_EQ(wrong, 0u);
    }
  }
}

}  // namespace
}  // namespace gpubench::bench

#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace gpubench {

/// For std::vector: arrays of 2 MiB and more lie at its multiples and in huge pages where the kernel grants them, so
/// that reads all over them find their addresses in the translation buffer; smaller ones are as by std::allocator.
/// Transparent huge pages of x86-64 and of AArch64 with 4 KiB pages have that size.
template <class T>
struct huge_page_allocator {
  using value_type = T;
  static constexpr std::size_t page_bytes = std::size_t{2} << 20;

  huge_page_allocator() = default;
  template <class U>
  huge_page_allocator(const huge_page_allocator<U>&) {}

  /// @throws std::bad_alloc
  T* allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    const std::size_t bytes = count * sizeof(T);
    void* memory = ::operator new(bytes, alignment_of(bytes));
    // Advice before the first touch; refused, the pages are small.
    if (bytes >= page_bytes) static_cast<void>(::madvise(memory, bytes / page_bytes * page_bytes, MADV_HUGEPAGE));
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) { ::operator delete(memory, alignment_of(count * sizeof(T))); }

  friend bool operator==(const huge_page_allocator&, const huge_page_allocator&) { return true; }

 private:
  static std::align_val_t alignment_of(std::size_t bytes) {
    return std::align_val_t{bytes >= page_bytes ? page_bytes : alignof(T)};
  }
};

}  // namespace gpubench

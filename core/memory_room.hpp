#pragma once

#include <string>
#include <string_view>

namespace gpubench {

/// Whether this process would be given so many bytes more of address space, by its own limits (ulimit -v, ulimit -d)
/// and where the kernel hands out no more than there is. Takes none. A cgroup's limit is none of these: beyond it the
/// kernel kills.
bool has_room_for(double bytes);

/// For libraries that crash or wait for ever where memory is refused to them.
/// @param what  that needs it: "OpenBLAS's buffers"   @throws error: out_of_device_memory
void require_room_for(double bytes, std::string_view what);

/// What to do where memory is refused, with the limit of this process where it has one.
std::string hint_about_memory();

/// Of address space that a new thread takes for its stack.
double thread_stack_bytes();

}  // namespace gpubench

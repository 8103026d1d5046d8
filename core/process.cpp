#include "core/process.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <sstream>

extern char** environ;

namespace gpubench {
namespace {

/// Both ends of a pipe, closed with it and in programs that are started.
class pipe_ends {
 public:
  pipe_ends() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
      throw error(error_kind::environment, std::string("no pipe can be made: ") + std::strerror(errno));
  }
  ~pipe_ends() {
    close_end(0);
    close_end(1);
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() { close_end(1); }

 private:
  void close_end(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

/// Appends what is there.   @return false at the end of the stream
bool read_some(int from, std::string& to) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  to.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

using deadline = std::optional<std::chrono::steady_clock::time_point>;

/// For poll(): -1 for ever, 0 not at all.
int milliseconds_until(const deadline& end) {
  if (!end) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, std::numeric_limits<int>::max()));
}

/// @return false where the deadline came before the end of both
bool read_both(const pipe_ends& output, const pipe_ends& errors, const deadline& end, process_result& into) {
  std::array<pollfd, 2> open{{{output.reader(), POLLIN, 0}, {errors.reader(), POLLIN, 0}}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    const int left = milliseconds_until(end);
    if (left == 0) return false;
    if (::poll(open.data(), open.size(), left) <= 0) continue;  // a signal came, or the time is up
    for (pollfd& one : open) {
      if (one.fd < 0 || one.revents == 0) continue;
      if (!read_some(one.fd, one.fd == output.reader() ? into.output : into.errors)) one.fd = -1;
    }
  }
  return true;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// @return 0, or why it cannot be started
int spawn(const std::vector<std::string>& arguments, const posix_spawn_file_actions_t* actions, pid_t& child,
          const posix_spawnattr_t* attributes = nullptr) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return ::posix_spawnp(&child, argv[0], actions, attributes, argv.data(), environ);
}

void require_started(const std::vector<std::string>& arguments, int failed) {
  if (failed != 0)
    throw error(error_kind::environment, arguments.front() + " cannot be started: " + std::strerror(failed));
}

volatile pid_t signals_go_to = 0;

extern "C" void hand_on_signal(int number) {
  const int code = errno;
  ::kill(signals_go_to, number);
  errno = code;
}

}  // namespace

bool is_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

process_result run_process(const std::vector<std::string>& arguments, std::optional<std::chrono::milliseconds> limit) {
  pipe_ends output, errors;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.writer(), STDERR_FILENO);
  pid_t child = 0;
  const int failed = spawn(arguments, &actions, child);
  posix_spawn_file_actions_destroy(&actions);
  require_started(arguments, failed);
  output.close_writer();
  errors.close_writer();
  process_result result;
  const auto end = limit ? deadline(std::chrono::steady_clock::now() + *limit) : std::nullopt;
  result.timed_out = !read_both(output, errors, end, result);
  if (result.timed_out) ::kill(child, SIGKILL);
  result.exit_code = wait_for(child);
  return result;
}

int run_in_foreground(const std::vector<std::string>& arguments) {
  // Between the start and the note of whom to tell, a signal must not come.
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &before);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failed = spawn(arguments, nullptr, child, &attributes);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    require_started(arguments, failed);
  }
  signals_go_to = child;
  struct sigaction hand_on {
  }, of_int{}, of_term{};
  hand_on.sa_handler = hand_on_signal;
  sigemptyset(&hand_on.sa_mask);
  ::sigaction(SIGINT, &hand_on, &of_int);
  ::sigaction(SIGTERM, &hand_on, &of_term);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  const int exit_code = wait_for(child);
  ::sigaction(SIGINT, &of_int, nullptr);
  ::sigaction(SIGTERM, &of_term, nullptr);
  return exit_code;
}

}  // namespace gpubench

#include "cli/interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace gpubench::cli {
namespace {

volatile std::sig_atomic_t signal_seen = 0;

extern "C" void note_signal(int) {
  signal_seen = 1;
}

void handle(int signal_number, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, nullptr);
}

}  // namespace

interrupt_watch::interrupt_watch() {
  signal_seen = 0;
  for (const int number : {SIGINT, SIGTERM}) handle(number, note_signal, static_cast<int>(SA_RESETHAND | SA_RESTART));
}

interrupt_watch::~interrupt_watch() {
  for (const int number : {SIGINT, SIGTERM}) handle(number, SIG_DFL, 0);
}

bool interrupt_watch::interrupted() {
  return signal_seen != 0;
}

}  // namespace gpubench::cli

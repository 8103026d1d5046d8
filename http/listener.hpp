#pragma once

#include "http/url.hpp"

namespace gpubench::http {

/// A file descriptor that is closed at the end.
class descriptor {
 public:
  explicit descriptor(int number = -1) : number_(number) {}
  ~descriptor();
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept;
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int number() const { return number_; }
  int release();

 private:
  int number_;
};

/// A socket that listens, without blocking; `where` is given the port that was taken.
/// @throws error: environment for an address in use, not of this machine, or that needs rights.
descriptor listen_on(address& where);

}  // namespace gpubench::http

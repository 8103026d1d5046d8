#include "doctor/pci.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cstdlib>

namespace gpubench::doctor {

namespace {

constexpr unsigned nvidia = 0x10de;
constexpr std::size_t header_bytes = 64;  // all that the kernel shows to others than root
constexpr std::size_t extended_begin = 256;

unsigned hexadecimal(const std::optional<std::string>& text) {
  return text ? static_cast<unsigned>(std::strtoul(text->c_str(), nullptr, 16)) : 0U;
}

std::optional<int> lanes(const std::optional<std::string>& text) {
  const auto number = text ? parse_integer(*text) : std::nullopt;
  // A link that is down, or that a hypervisor made up, has 0 or 255 lanes.
  if (!number || *number < 1 || *number > 32) return std::nullopt;
  return static_cast<int>(*number);
}

unsigned bytes_at(const std::string& space, std::size_t offset, std::size_t count) {
  unsigned value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8U | static_cast<unsigned char>(space[offset + i]);
  return value;
}

}  // namespace

bool pci_device::is_nvidia_gpu() const {
  return vendor == nvidia && (device_class >> 8 == 0x0300 || device_class >> 8 == 0x0302);
}

std::optional<bool> redirects_peers(const std::string& space) {
  constexpr unsigned acs = 0x000d, redirects = 0x4 | 0x8;
  std::size_t at = extended_begin;
  // A malformed list must not be walked for ever: no more capabilities than fit.
  for (int steps = 0; steps < 960 && at >= extended_begin && at + 8 <= space.size(); ++steps) {
    const unsigned head = bytes_at(space, at, 4);
    if (head == 0 || head == 0xffffffffU) return std::nullopt;
    if ((head & 0xffffU) == acs) return (bytes_at(space, at + 6, 2) & redirects) != 0;
    at = head >> 20U;
  }
  return std::nullopt;
}

std::vector<pci_device> find_pci_devices(const bench::system_files& files) {
  std::vector<pci_device> found;
  for (const auto& address : files.entries("sys/bus/pci/devices")) {
    const std::string folder = "sys/bus/pci/devices/" + address + '/';
    auto& one = found.emplace_back();
    one.address = address;
    one.vendor = hexadecimal(files.line(folder + "vendor"));
    one.device = hexadecimal(files.line(folder + "device"));
    one.device_class = hexadecimal(files.line(folder + "class"));
    one.driver = files.link_name(folder + "driver");
    const auto node = files.integer(folder + "numa_node");
    if (node && *node >= 0) one.numa_node = static_cast<int>(*node);
    one.width = lanes(files.line(folder + "current_link_width"));
    one.most_width = lanes(files.line(folder + "max_link_width"));
    one.iommu_type = files.line(folder + "iommu_group/type");
    if (!one.is_bridge()) continue;
    const auto space = files.text(folder + "config").value_or("");
    one.redirects_peers = redirects_peers(space);
    one.acs_unreadable = space.size() <= header_bytes;
  }
  return found;
}

}  // namespace gpubench::doctor

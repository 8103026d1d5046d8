#include "bench/cloud.hpp"

#include "core/text.hpp"

#include <cctype>
#include <cstdlib>
#include <utility>

namespace gpubench::bench {

namespace {

struct firmware_strings {
  std::string vendor, product, version, bios_vendor, chassis_tag;
};

firmware_strings read_firmware(const system_files& files) {
  const auto read = [&](const char* name) { return files.line(std::string("sys/class/dmi/id/") + name).value_or(""); };
  return {read("sys_vendor"), read("product_name"), read("product_version"), read("bios_vendor"),
          read("chassis_asset_tag")};
}

/// Instance types look like "c7i.4xlarge" or "ecs.g7.large": letters, a dot, more; other product names ("HVM domU",
/// "Standard PC") do not.
std::optional<std::string> instance_type_in(const std::string& product) {
  const auto dot = product.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == product.size()) return std::nullopt;
  for (const char c : product) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') return std::nullopt;
  }
  return product;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

/// Azure sets this chassis tag on all its machines; Hyper-V elsewhere has another.
constexpr const char* azure_chassis_tag = "7783-7084-3265-9085-8269-3286-77";

}  // namespace

std::optional<results::cloud_environment> discover_cloud(const system_files& files) {
  const auto firmware = read_firmware(files);
  const auto cloud = [](const char* provider, std::optional<std::string> type) {
    return results::cloud_environment{provider, std::move(type), "DMI"};
  };
  if (firmware.vendor == "Amazon EC2") return cloud("aws", instance_type_in(firmware.product));
  // Instances before Nitro run on Xen and do not name their type.
  if (firmware.vendor == "Xen" && contains(firmware.version, "amazon")) return cloud("aws", std::nullopt);
  if (firmware.vendor == "Google" || firmware.product == "Google Compute Engine") return cloud("gcp", std::nullopt);
  if (firmware.vendor == "Microsoft Corporation" && firmware.chassis_tag == azure_chassis_tag) {
    return cloud("azure", std::nullopt);
  }
  if (contains(firmware.vendor, "Alibaba Cloud") || contains(firmware.product, "Alibaba Cloud")) {
    return cloud("alibaba", instance_type_in(firmware.product));
  }
  if (firmware.chassis_tag == "OracleCloud.com") return cloud("oci", std::nullopt);
  return std::nullopt;
}

std::optional<std::string> discover_hypervisor(const system_files& files) {
  const auto firmware = read_firmware(files);
  if (firmware.vendor == "Amazon EC2")
    return contains(firmware.product, ".metal") ? std::nullopt : std::optional<std::string>("KVM (Nitro)");
  if (const auto type = files.line("sys/hypervisor/type")) return *type == "xen" ? "Xen" : *type;
  if (contains(firmware.vendor, "QEMU") || contains(firmware.vendor, "Google") ||
      contains(firmware.vendor, "Alibaba Cloud") || contains(firmware.product, "KVM") ||
      contains(firmware.vendor, "Red Hat")) {
    return "KVM";
  }
  if (firmware.vendor == "Microsoft Corporation" && contains(firmware.product, "Virtual Machine")) {
    return "Microsoft Hyper-V";
  }
  if (contains(firmware.vendor, "VMware")) return "VMware";
  if (firmware.vendor == "Xen") return "Xen";
  const auto cpuinfo = files.text("proc/cpuinfo");
  const auto flags = cpuinfo ? colon_value(*cpuinfo, "flags") : std::nullopt;
  if (flags && contains(' ' + *flags + ' ', " hypervisor ")) return "yes, of unknown kind";
  return std::nullopt;
}

std::optional<std::string> discover_container(const system_files& files) {
  if (files.is_this_machine() && std::getenv("KUBERNETES_SERVICE_HOST") != nullptr) return "kubernetes";
  const auto cgroup = files.text("proc/1/cgroup").value_or("");
  if (contains(cgroup, "kubepods")) return "kubernetes";
  if (files.exists(".dockerenv") || contains(cgroup, "/docker")) return "docker";
  if (files.exists("run/.containerenv") || contains(cgroup, "libpod")) return "podman";
  if (contains(cgroup, "/lxc")) return "lxc";
  return std::nullopt;
}

}  // namespace gpubench::bench

#pragma once

#include "bench/system_files.hpp"
#include "results/environment.hpp"

#include <optional>
#include <string>

namespace gpubench::bench {

/// The cloud, and where it says so the instance type, from the strings that the firmware shows; asks no metadata
/// server. Source: cloud-init, tools/ds-identify and cloudinit/sources/DataSource*.py (the strings by which it tells
/// clouds apart); AWS, "Identify EC2 Linux instances" (product_name of Nitro instances is the instance type).
std::optional<results::cloud_environment> discover_cloud(const system_files& files);

/// "KVM", "Xen", "Microsoft Hyper-V", "VMware"; "yes, of unknown kind" where only the CPU's flag says so; absent on
/// bare metal.
std::optional<std::string> discover_hypervisor(const system_files& files);

/// "docker", "podman", "kubernetes", "lxc", or absent outside a container.
std::optional<std::string> discover_container(const system_files& files);

}  // namespace gpubench::bench

#include "fleet/kubernetes_objects.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "fleet/kubernetes_pod.hpp"
#include "fleet/kubernetes_volume.hpp"
#include "sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

campaign on_kubernetes() {
  campaign of = sample_campaign();
  of.engine = "kubernetes";
  of.image = "registry.example/gpubench:1";
  of.results = "/results";
  of.settings = {{"volume-claim", "results"}};
  of.jobs.front().instance_type = "p5.48xlarge";
  of.jobs.front().gpu_product = "NVIDIA-H100-80GB-HBM3";
  return of;
}

json only_object(const campaign& of) {
  const auto all = kubernetes_objects(of, of.jobs.front());
  EXPECT_EQ(all.size(), 1U);
  return all.front();
}

const json& at(const json& of, const char* path) {
  return of.at(json::json_pointer(path));
}

void expect_refused(const campaign& of, const std::string& says) {
  try {
    static_cast<void>(kubernetes_manifest(of, of.jobs.front()));
    static_cast<void>(kubernetes_volume_claim(of));
    FAIL() << "not refused: " << says;
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_THAT(e.describe(), testing::HasSubstr(says));
  }
}

json variable(const json& container, const std::string& name) {
  for (const json& one : container.at("env"))
    if (one.at("name") == name) return one;
  return nullptr;
}

TEST(KubernetesObjects, LabelsThatNoNodeHasTogetherAreRefused) {
  const auto with = [](const std::string& labels, auto change) {
    auto of = on_kubernetes();
    of.settings["node-selector"] = labels;
    change(of.jobs.front());
    return of;
  };
  const auto as_it_is = [](job&) {};
  expect_refused(with("node.kubernetes.io/instance-type=m5.large", as_it_is),
                 "node.kubernetes.io/instance-type=m5.large contradicts p5.48xlarge of --instance");
  expect_refused(with("beta.kubernetes.io/instance-type=m5.large", as_it_is), "p5.48xlarge of --instance");
  expect_refused(with("zone=a,nvidia.com/gpu.product=NVIDIA-L4", as_it_is),
                 "nvidia.com/gpu.product=NVIDIA-L4 contradicts NVIDIA-H100-80GB-HBM3 of --gpu-product");
  expect_refused(with("zone=a,zone=b", as_it_is), "zone=b contradicts zone=a");
  expect_refused(with("karpenter.sh/capacity-type=on-demand", [](job& one) { one.spot = true; }),
                 "karpenter.sh/capacity-type=on-demand contradicts karpenter.sh/capacity-type=spot of --spot");
  expect_refused(with("kubernetes.io/hostname=c",
                      [](job& one) {
                        one.hosts = {"b"};
                        one.nodes = 1;
                      }),
                 "kubernetes.io/hostname=c contradicts b of --host");

  const json job = only_object(
      with("node.kubernetes.io/instance-type=p5.48xlarge,zone=a,zone=a,nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3",
           as_it_is));
  EXPECT_EQ(at(job, "/spec/template/spec/nodeSelector"), (json{{"node.kubernetes.io/instance-type", "p5.48xlarge"},
                                                               {"nvidia.com/gpu.product", "NVIDIA-H100-80GB-HBM3"},
                                                               {"zone", "a"}}));
}

TEST(KubernetesObjects, EachValueOfATaintIsTolerated) {
  auto of = on_kubernetes();
  of.settings["toleration"] = "team=a,team=b";
  const json job = only_object(of);
  const json& tolerated = at(job, "/spec/template/spec/tolerations");
  ASSERT_EQ(tolerated.size(), 3U);
  EXPECT_EQ(tolerated[1]["value"], "a");
  EXPECT_EQ(tolerated[2]["value"], "b");
}

TEST(KubernetesObjects, EachOfSeveralNodesIsAnIndexOfOneJob) {
  const json job = only_object(on_kubernetes());
  EXPECT_EQ(at(job, "/apiVersion"), "batch/v1");
  EXPECT_EQ(at(job, "/kind"), "Job");
  EXPECT_EQ(at(job, "/metadata/name"), "night-3f9a12c4-p5-48xlarge");
  EXPECT_EQ(at(job, "/spec/completionMode"), "Indexed");
  EXPECT_EQ(at(job, "/spec/completions"), 4);
  EXPECT_EQ(at(job, "/spec/parallelism"), 4);
  EXPECT_EQ(at(job, "/spec/backoffLimitPerIndex"), 2);
  const json& pod = at(job, "/spec/template/spec");
  EXPECT_EQ(at(pod, "/nodeSelector/node.kubernetes.io~1instance-type"), "p5.48xlarge");
  EXPECT_EQ(at(pod, "/nodeSelector/nvidia.com~1gpu.product"), "NVIDIA-H100-80GB-HBM3");
  EXPECT_EQ(at(pod, "/containers/0/resources/limits/nvidia.com~1gpu"), "8");
  EXPECT_EQ(at(pod, "/tolerations/0/key"), "nvidia.com/gpu");
  EXPECT_EQ(at(pod, "/volumes/1/emptyDir/medium"), "Memory");
  EXPECT_EQ(at(pod, "/containers/0/volumeMounts/1/mountPath"), "/dev/shm");
  EXPECT_EQ(at(pod, "/securityContext/runAsNonRoot"), true);
  // A namespace of the profile "baseline" takes no pod that asks for more.
  EXPECT_EQ(at(pod, "/containers/0/securityContext/capabilities"), json({{"drop", {"ALL"}}}));
  EXPECT_EQ(at(pod, "/volumes/0/persistentVolumeClaim/claimName"), "results");
  EXPECT_EQ(variable(at(pod, "/containers/0"), "NCCL_SOCKET_IFNAME").at("value"), "eth0");
  EXPECT_EQ(at(variable(at(pod, "/containers/0"), "GPUBENCH_TASK"), "/valueFrom/fieldRef/fieldPath"),
            "metadata.annotations['batch.kubernetes.io/job-completion-index']");
  // No two on one node.
  EXPECT_EQ(at(pod, "/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/0/topologyKey"),
            "kubernetes.io/hostname");
}

TEST(KubernetesObjects, OneNodeIsAPlainJobAndAMigSliceAResourceOfItsOwn) {
  campaign of = on_kubernetes();
  of.jobs.front().nodes = 1;
  of.jobs.front().gpus_per_node = 1;
  of.jobs.front().gpu_resource = "nvidia.com/mig-3g.40gb";
  const json job = only_object(of);
  EXPECT_FALSE(at(job, "/spec").contains("completionMode"));
  EXPECT_EQ(at(job, "/spec/backoffLimit"), 2);
  EXPECT_EQ(at(job, "/spec/template/spec/containers/0/resources/limits"), json({{"nvidia.com/mig-3g.40gb", "1"}}));
  EXPECT_EQ(at(job, "/spec/template/spec/tolerations/0/key"), "nvidia.com/gpu");
  EXPECT_EQ(variable(at(job, "/spec/template/spec/containers/0"), "GPUBENCH_TASK").at("value"), "0");
  EXPECT_FALSE(at(job, "/spec/template/spec").contains("affinity"));
}

TEST(KubernetesObjects, WithoutGpusNoneIsAskedForAndNoMemoryLocked) {
  campaign of = on_kubernetes();
  of.jobs.front().gpus_per_node = 0;
  of.jobs.front().gpu_product.reset();
  of.jobs.front().cpus_per_node = 8;
  of.jobs.front().memory_bytes = 32.0 * 1024 * 1024 * 1024;
  const json pod = at(only_object(of), "/spec/template/spec");
  EXPECT_EQ(at(pod, "/containers/0/resources/limits"), json({{"cpu", "8"}, {"memory", "32768Mi"}}));
  EXPECT_EQ(at(pod, "/containers/0/resources/requests"), json({{"cpu", "8"}, {"memory", "32768Mi"}}));
  EXPECT_FALSE(at(pod, "/containers/0/securityContext/capabilities").contains("add"));
  EXPECT_FALSE(pod.contains("tolerations"));
}

TEST(KubernetesObjects, NamedHostsHaveAJobEach) {
  campaign of = on_kubernetes();
  of.jobs.front().hosts = {"n1", "n2", "n3", "n4"};
  const auto all = kubernetes_objects(of, of.jobs.front());
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(at(all[2], "/metadata/name"), "night-3f9a12c4-p5-48xlarge-h2");
  EXPECT_EQ(at(all[2], "/spec/template/spec/nodeSelector/kubernetes.io~1hostname"), "n3");
  EXPECT_EQ(variable(at(all[2], "/spec/template/spec/containers/0"), "GPUBENCH_TASK").at("value"), "2");
  const json third = kubernetes_submission(all, of, of.jobs.front(), "night-3f9a12c4-p5-48xlarge-9", 2);
  EXPECT_EQ(at(third, "/spec/template/spec/nodeSelector/kubernetes.io~1hostname"), "n3");
}

TEST(KubernetesObjects, ACollectiveIsAnMpiJobWithARankAGpu) {
  campaign of = on_kubernetes();
  of.jobs.front().collective = true;
  of.jobs.front().command = {"collective"};
  of.jobs.front().time_limit = std::chrono::seconds(1800);
  const json job = only_object(of);
  EXPECT_EQ(at(job, "/apiVersion"), "kubeflow.org/v2beta1");
  EXPECT_EQ(at(job, "/kind"), "MPIJob");
  EXPECT_EQ(at(job, "/spec/slotsPerWorker"), 8);
  EXPECT_EQ(at(job, "/spec/runPolicy/activeDeadlineSeconds"), 1800);
  const json& workers = at(job, "/spec/mpiReplicaSpecs/Worker");
  EXPECT_EQ(workers.at("replicas"), 4);
  EXPECT_EQ(at(workers, "/template/spec/containers/0/resources/limits/nvidia.com~1gpu"), "8");
  const json& launcher = at(job, "/spec/mpiReplicaSpecs/Launcher/template/spec");
  EXPECT_FALSE(at(launcher, "/containers/0/resources/limits").contains("nvidia.com/gpu"));
  EXPECT_FALSE(launcher.contains("nodeSelector"));
  const auto words = at(launcher, "/containers/0/command").get<std::vector<std::string>>();
  EXPECT_THAT(words, testing::IsSupersetOf({"mpirun", "-np", "32", "-x", "NCCL_DEBUG", "collective"}));
  // sshd hands on nothing of the container's environment: the driver's place, and the node's name, go other ways.
  EXPECT_THAT(words, testing::IsSupersetOf({"LD_LIBRARY_PATH", "PATH"}));
  const auto daemon = at(workers, "/template/spec/containers/0/command").get<std::vector<std::string>>();
  EXPECT_EQ(daemon.back(), "SetEnv=GPUBENCH_NODE=$(GPUBENCH_NODE)");
  EXPECT_EQ(at(workers, "/template/spec/securityContext/fsGroup"), 1000);
}

TEST(KubernetesObjects, ACollectiveOfRootHasWhatItsSshDaemonNeeds) {
  campaign of = on_kubernetes();
  of.jobs.front().collective = true;
  of.jobs.front().command = {"collective"};
  of.settings["user"] = "0";
  const json job = only_object(of);
  EXPECT_EQ(at(job, "/spec/sshAuthMountPath"), "/root/.ssh");
  for (const char* role : {"Launcher", "Worker"}) {
    const json& pod = job.at(json::json_pointer("/spec/mpiReplicaSpecs/" + std::string(role) + "/template/spec"));
    // It would make the key readable for a group, and ssh refuses such keys.
    EXPECT_FALSE(at(pod, "/securityContext").contains("fsGroup")) << role;
  }
  EXPECT_THAT(at(job, "/spec/mpiReplicaSpecs/Worker/template/spec/containers/0/securityContext/capabilities/add")
                  .get<std::vector<std::string>>(),
              testing::UnorderedElementsAre("IPC_LOCK", "SETGID", "SETUID", "SYS_CHROOT"));
  of.settings["user"] = "2000";
  expect_refused(of, "no user 2000");
  of.jobs.front().collective = false;
  EXPECT_EQ(at(only_object(of), "/spec/template/spec/securityContext/fsGroup"), 2000);
}

TEST(KubernetesObjects, CampaignsOnOneVolumeHaveAFolderEach) {
  campaign of = on_kubernetes();
  for (const bool collective : {false, true}) {
    of.jobs.front().collective = collective;
    const json object = only_object(of);
    const json& pod = at(object, collective ? "/spec/mpiReplicaSpecs/Launcher/template/spec" : "/spec/template/spec");
    EXPECT_EQ(at(pod, "/containers/0/volumeMounts/0/mountPath"), "/results");
    EXPECT_THAT(at(pod, "/containers/0/command").get<std::vector<std::string>>(),
                testing::IsSupersetOf({"--results-dir", "/results/night-3f9a12c4"}));
  }
}

TEST(KubernetesObjects, FurtherResourcesAreAskedForWhereItIsMeasured) {
  campaign of = on_kubernetes();
  of.jobs.front().collective = true;
  of.jobs.front().memory_bytes = 32.0 * 1024 * 1024 * 1024;
  of.settings["resources"] = "vpc.amazonaws.com/efa=32,hugepages-2Mi=5120Mi";
  const json job = only_object(of);
  EXPECT_EQ(at(job, "/spec/mpiReplicaSpecs/Worker/template/spec/containers/0/resources/limits"),
            json({{"nvidia.com/gpu", "8"},
                  {"memory", "32768Mi"},
                  {"vpc.amazonaws.com/efa", "32"},
                  {"hugepages-2Mi", "5120Mi"}}));
  const json& launcher = at(job, "/spec/mpiReplicaSpecs/Launcher/template/spec/containers/0/resources/limits");
  EXPECT_EQ(launcher, json({{"cpu", "1"}, {"memory", "2Gi"}}));
}

TEST(KubernetesObjects, OfAttachedGpusTheNodeKnowsTheMachineTypeAndGkeTheGpu) {
  campaign of = on_kubernetes();
  of.jobs.front().instance_type = "n1-standard-4+1xT4";
  of.jobs.front().gpu_product.reset();
  EXPECT_EQ(at(only_object(of), "/spec/template/spec/nodeSelector"),
            json({{"node.kubernetes.io/instance-type", "n1-standard-4"},
                  {"cloud.google.com/gke-accelerator", "nvidia-tesla-t4"}}));
  of.jobs.front().gpu_product = "Tesla-T4";
  EXPECT_EQ(at(only_object(of), "/spec/template/spec/nodeSelector"),
            json({{"node.kubernetes.io/instance-type", "n1-standard-4"}, {"nvidia.com/gpu.product", "Tesla-T4"}}));
}

TEST(KubernetesObjects, WhatIsHandedOverIsOneTaskUnderItsOwnName) {
  const campaign of = on_kubernetes();
  json written = only_object(of);
  written["spec"]["ttlSecondsAfterFinished"] = 60;  // the user's change stays
  const json one = kubernetes_submission({written}, of, of.jobs.front(), "night-3f9a12c4-p5-48xlarge-7", 3);
  EXPECT_EQ(at(one, "/metadata/name"), "night-3f9a12c4-p5-48xlarge-7");
  EXPECT_EQ(at(one, "/spec/completions"), 1);
  EXPECT_EQ(at(one, "/spec/ttlSecondsAfterFinished"), 60);
  EXPECT_FALSE(at(one, "/spec").contains("completionMode"));
  EXPECT_FALSE(at(one, "/spec").contains("backoffLimitPerIndex"));
  EXPECT_EQ(at(one, "/spec/backoffLimit"), 2);
  EXPECT_EQ(at(one, "/spec/podFailurePolicy/rules/1/action"), "FailJob");
  EXPECT_EQ(variable(at(one, "/spec/template/spec/containers/0"), "GPUBENCH_TASK"),
            json({{"name", "GPUBENCH_TASK"}, {"value", "3"}}));
  EXPECT_EQ(at(one, "/spec/template/metadata/labels/gpubench~1key"), "night-3f9a12c4-p5-48xlarge-7");
}

TEST(KubernetesObjects, WhatIsHandedOverIsFoundWhateverItsLabelsBecame) {
  campaign of = on_kubernetes();
  for (const bool collective : {false, true}) {
    of.jobs.front().collective = collective;
    if (collective) of.jobs.front().command = {"collective"};
    json written = only_object(of);
    std::vector<json::json_pointer> pods;
    for (const char* path :
         {"/spec/template", "/spec/mpiReplicaSpecs/Launcher/template", "/spec/mpiReplicaSpecs/Worker/template"})
      if (written.contains(json::json_pointer(path))) pods.emplace_back(path);
    auto all = pods;
    all.emplace_back("");
    for (const auto& one : all)
      written[one]["metadata"]["labels"] = {{"team", "ml"}, {"gpubench/campaign", "mine"}, {"gpubench/role", "none"}};
    written["metadata"]["labels"].erase("gpubench/role");
    const json object = kubernetes_submission({written}, of, of.jobs.front(), "k-1", 0);
    for (const auto& one : all) {
      const json& labels = object.at(one).at("metadata").at("labels");
      EXPECT_EQ(labels.at("team"), "ml") << one;
      EXPECT_EQ(labels.at("gpubench/campaign"), of.id) << one;
      EXPECT_EQ(labels.at("gpubench/job"), of.jobs.front().name) << one;
      EXPECT_EQ(labels.at("gpubench/key"), "k-1") << one;
    }
    for (const auto& one : pods)
      EXPECT_EQ(object.at(one).at("metadata").at("labels").at("gpubench/role"),
                one.to_string().find("Launcher") == std::string::npos ? "node" : "launcher");
    EXPECT_FALSE(object.at("metadata").at("labels").contains("gpubench/role"));
  }
}

TEST(KubernetesObjects, AManifestThatIsNoLongerOneIsRefused) {
  const campaign of = on_kubernetes();
  EXPECT_THROW(kubernetes_submission({json{{"kind", "Service"}}}, of, of.jobs.front(), "k", 0), error);
  EXPECT_THROW(kubernetes_submission({json{{"kind", "Job"}}}, of, of.jobs.front(), "k", 0), error);
  EXPECT_THROW(kubernetes_submission({}, of, of.jobs.front(), "k", 0), error);
}

TEST(KubernetesObjects, RootAndSpotAndQueuesAreSaidByTheUser) {
  campaign of = on_kubernetes();
  of.settings["user"] = "0";
  of.settings["queue"] = "gpus";
  of.settings["node-selector"] = "karpenter.sh/capacity-type=spot";
  of.settings["toleration"] = "kubernetes.azure.com/scalesetpriority=spot";
  of.jobs.front().spot = true;
  const json job = only_object(of);
  EXPECT_FALSE(at(job, "/spec/template/spec/securityContext").contains("runAsNonRoot"));
  EXPECT_EQ(at(job, "/spec/template/spec/securityContext/runAsUser"), 0);
  EXPECT_EQ(at(job, "/spec/template/spec/containers/0/securityContext/capabilities/add"), json({"IPC_LOCK"}));
  EXPECT_EQ(at(job, "/metadata/labels/kueue.x-k8s.io~1queue-name"), "gpus");
  EXPECT_EQ(at(job, "/spec/template/spec/nodeSelector/karpenter.sh~1capacity-type"), "spot");
  EXPECT_EQ(at(job, "/spec/template/spec/tolerations/1/value"), "spot");
}

TEST(KubernetesObjects, RefuseWhatKubernetesCannotBeTold) {
  const auto changed = [](auto change) {
    campaign of = on_kubernetes();
    change(of);
    return of;
  };
  expect_refused(changed([](campaign& c) { c.image.reset(); }), "no image");
  expect_refused(changed([](campaign& c) { c.settings.clear(); }), "where results are kept is missing");
  expect_refused(changed([](campaign& c) { c.settings["host-path"] = "/a"; }), "two places");
  expect_refused(changed([](campaign& c) { c.settings["volume-claim"] = "Results"; }), "volume claim 'Results'");
  expect_refused(changed([](campaign& c) { c.settings = {{"host-path", "shared"}}; }), "no whole path");
  expect_refused(changed([](campaign& c) { c.results = "results"; }), "no whole path");
  expect_refused(changed([](campaign& c) { c.settings["namespace"] = "a_b"; }), "namespace");
  expect_refused(changed([](campaign& c) { c.settings["user"] = "me"; }), "user");
  expect_refused(changed([](campaign& c) { c.settings["shared-memory"] = "lots"; }), "shared-memory");
  expect_refused(changed([](campaign& c) { c.settings["node-selector"] = "spot"; }), "node-selector");
  expect_refused(changed([](campaign& c) { c.settings["volume-size"] = "big"; }), "volume-size");
  expect_refused(changed([](campaign& c) { c.settings["volume-size"] = "10Gi"; }), "storage class");
  for (const char* odd : {"cpu=999", "memory=9999Gi", "vpc.amazonaws.com/efa", "rdma/hca=0", "rdma/hca=some", "a b=1",
                          "rdma/hca=1,rdma/hca=1", "nvidia.com/gpu=1", "hugepages-2Mi=5120Mi"})
    expect_refused(changed([&](campaign& c) { c.settings["resources"] = odd; }), "resources");
  expect_refused(changed([](campaign& c) { c.jobs[0].spot = true; }), "spot");
  expect_refused(changed([](campaign& c) { c.jobs[0].instance_type = "p5 48"; }), "instance type");
  expect_refused(changed([](campaign& c) { c.jobs[0].gpu_product = "NVIDIA H100"; }), "GPU product");
  expect_refused(changed([](campaign& c) { c.jobs[0].gpu_resource = "a b"; }), "no name of a resource");
  expect_refused(changed([](campaign& c) { c.jobs[0].gpu_resource = "amd.com/gpu"; }), "no back-end for amd.com/gpu");
  campaign collective = on_kubernetes();
  collective.jobs[0].collective = true;
  collective.jobs[0].hosts = {"a", "b", "c", "d"};
  expect_refused(collective, "named hosts");
  collective.jobs[0].hosts.clear();
  collective.id = "3rd-night-3f9a12c4";
  expect_refused(collective, "begins with a letter");
  collective.id = "a-night-with-a-very-long-name-indeed-3f9a12c4";
  expect_refused(collective, "at most 50 characters");
}

TEST(KubernetesObjects, NothingIsTakenForAVariableOfThePod) {
  campaign of = on_kubernetes();
  of.jobs.front().command = {"run", "--filter", "^gemm$", "--instance", "$(HOSTNAME)"};
  of.jobs.front().variables = {{"A", "$(B)"}, {"C", "a$$b"}, {"D", "a$b"}};
  const json container = at(only_object(of), "/spec/template/spec/containers/0");
  const auto words = container.at("command").get<std::vector<std::string>>();
  EXPECT_EQ(words.back(), "$$(HOSTNAME)");
  EXPECT_THAT(words, testing::Contains("^gemm$"));
  EXPECT_EQ(variable(container, "A").at("value"), "$$(B)");
  EXPECT_EQ(variable(container, "C").at("value"), "a$$$$b");
  EXPECT_EQ(variable(container, "D").at("value"), "a$b");
}

TEST(KubernetesObjects, AnotherVendorsGpuIsTakenWhereTheCpuAloneIsMeasured) {
  campaign of = on_kubernetes();
  of.jobs.front().gpu_resource = "amd.com/gpu";
  of.jobs.front().command = {"run", "--backend", "host"};
  EXPECT_EQ(at(only_object(of), "/spec/template/spec/tolerations/0/key"), "amd.com/gpu");
}

TEST(KubernetesObjects, WhoAsksForNoGpuSeesNoneOfTheNodes) {
  campaign of = on_kubernetes();
  const auto variables = [&] {
    const json env = at(only_object(of), "/spec/template/spec/containers/0/env");
    std::map<std::string, std::string> all;
    for (const auto& one : env) all[one.at("name")] = one.value("value", "");
    return all;
  };
  EXPECT_EQ(variables().count("NVIDIA_VISIBLE_DEVICES"), 0U);
  of.jobs.front().gpus_per_node = 0;
  EXPECT_EQ(variables().at("NVIDIA_VISIBLE_DEVICES"), "void");
  of.jobs.front().variables["NVIDIA_VISIBLE_DEVICES"] = "all";
  EXPECT_EQ(variables().at("NVIDIA_VISIBLE_DEVICES"), "all");
}

TEST(KubernetesObjects, TheReaderOfTheVolumeIsNoRootEither) {
  const json pod = kubernetes_reader_pod(on_kubernetes(), "night-3f9a12c4-read");
  EXPECT_EQ(at(pod, "/spec/securityContext/runAsNonRoot"), true);
  EXPECT_EQ(at(pod, "/spec/containers/0/volumeMounts/0/mountPath"), "/results");
}

TEST(KubernetesObjects, EveryPodMayPullTheImageAndKeepsToQuotas) {
  campaign of = on_kubernetes();
  of.settings.insert({{"pull-secret", "regcred"},
                      {"service-account", "bench"},
                      {"priority-class", "low"},
                      {"runtime-class", "nvidia"},
                      {"toleration", "team=bench"}});
  of.jobs.front().collective = true;
  of.jobs.front().command = {"collective"};
  const json object = only_object(of);
  const json reader = kubernetes_reader_pod(of, "night-3f9a12c4-read");
  const json launcher = at(object, "/spec/mpiReplicaSpecs/Launcher/template");
  const json worker = at(object, "/spec/mpiReplicaSpecs/Worker/template");
  for (const json* pod : {&reader, &launcher, &worker}) {
    EXPECT_EQ(at(*pod, "/spec/imagePullSecrets/0/name"), "regcred");
    EXPECT_EQ(at(*pod, "/spec/serviceAccountName"), "bench");
    EXPECT_EQ(at(*pod, "/spec/priorityClassName"), "low");
    EXPECT_EQ(pod->at("spec").at("tolerations").back().at("value"), "bench");
    EXPECT_EQ(pod->at("spec").contains("runtimeClassName"), pod == &worker);
  }
  for (const json* pod : {&reader, &launcher})
    for (const char* kind : {"requests", "limits"})
      EXPECT_THAT(at(*pod, "/spec/containers/0/resources").at(kind), testing::SizeIs(2)) << kind;
}

}  // namespace
}  // namespace gpubench::fleet

#include "tuning/launcher_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::tuning {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using variable = launcher_settings::variable;

TEST(LauncherSettings, OpenMpiSetsVariablesAndItsOwnParameters) {
  const auto read =
      read_launcher({"mpirun", "-n", "4", "-x", "NCCL_PROTO=LL", "-x", "NCCL_ALGO", "--mca",
                     "coll_tuned_use_dynamic_rules", "1", "--mca", "mca_base_env_list", "NCCL_DEBUG=INFO;HOME"});
  EXPECT_THAT(read.set, ElementsAre(variable{"NCCL_PROTO", "LL", "-x NCCL_PROTO=LL"},
                                    variable{"OMPI_MCA_coll_tuned_use_dynamic_rules", "1",
                                             "--mca coll_tuned_use_dynamic_rules 1"},
                                    variable{"NCCL_DEBUG", "INFO", "--mca mca_base_env_list 'NCCL_DEBUG=INFO;HOME'"},
                                    variable{"OMPI_MCA_mca_base_env_list", "NCCL_DEBUG=INFO;HOME",
                                             "--mca mca_base_env_list 'NCCL_DEBUG=INFO;HOME'"}));
  EXPECT_EQ(read.objection_to("NCCL_PROTO"),
            "in place of -x NCCL_PROTO=LL on the launcher's command line, which overrides the environment");
  EXPECT_EQ(read.objection_to("NCCL_ALGO"), std::nullopt);  // handed on as it is
  EXPECT_EQ(read.objection_to("NCCL_MAX_NCHANNELS"), std::nullopt);
}

TEST(LauncherSettings, TheLastOfAVariableCounts) {
  const auto read = read_launcher({"mpirun", "-x", "NCCL_PROTO=LL", "-x", "NCCL_PROTO=Simple"});
  EXPECT_THAT(read.set, ElementsAre(variable{"NCCL_PROTO", "Simple", "-x NCCL_PROTO=Simple"}));
}

TEST(LauncherSettings, HydraTakesNameAndValueApartOrTogether) {
  const auto read = read_launcher({"mpiexec", "-genv", "NCCL_PROTO", "LL", "-env", "NCCL_ALGO=Ring", "-n", "2"});
  EXPECT_THAT(read.set, ElementsAre(variable{"NCCL_PROTO", "LL", "-genv NCCL_PROTO LL"},
                                    variable{"NCCL_ALGO", "Ring", "-env NCCL_ALGO=Ring"}));
  const auto listed = read_launcher({"mpiexec", "-genvlist", "NCCL_ALGO,PATH", "-n", "2"});
  EXPECT_EQ(listed.objection_to("NCCL_ALGO"), std::nullopt);
  EXPECT_EQ(listed.objection_to("NCCL_PROTO"),
            "on the launcher's command line: -genvlist NCCL_ALGO,PATH keeps the environment from the ranks");
}

TEST(LauncherSettings, SlurmHandsOnAllOrWhatIsNamed) {
  const auto all = read_launcher({"srun", "--export=ALL,NCCL_PROTO=LL", "-N", "4"});
  EXPECT_THAT(all.set, ElementsAre(variable{"NCCL_PROTO", "LL", "--export=ALL,NCCL_PROTO=LL"}));
  EXPECT_EQ(all.objection_to("NCCL_ALGO"), std::nullopt);
  const auto some = read_launcher({"srun", "--export", "NCCL_ALGO,PATH"});
  EXPECT_EQ(some.objection_to("NCCL_ALGO"), std::nullopt);
  EXPECT_EQ(some.objection_to("NCCL_PROTO"),
            "on the launcher's command line: --export NCCL_ALGO,PATH keeps the environment from the ranks");
  EXPECT_NE(read_launcher({"srun", "--export=NONE"}).objection_to("NCCL_PROTO"), std::nullopt);
}

TEST(LauncherSettings, EnvBeforeTheProgramCounts) {
  EXPECT_NE(read_launcher({"mpirun", "-n", "2", "env", "NCCL_PROTO=LL"}).objection_to("NCCL_PROTO"), std::nullopt);
}

TEST(LauncherSettings, OpenMpiTakesToOtherMachinesWhatItIsTold) {
  const auto read = read_launcher({"/opt/bin/mpirun", "-x", "NCCL_ALGO", "-x", "NCCL_PROTO=LL"});
  EXPECT_EQ(read.condition_of("NCCL_MAX_NCHANNELS"),
            "with -x NCCL_MAX_NCHANNELS after mpirun, without which Open MPI hands it to no other machine");
  for (const char* name : {"NCCL_ALGO", "NCCL_PROTO", "OMPI_MCA_btl_tcp_eager_limit"})
    EXPECT_EQ(read.condition_of(name), std::nullopt) << name;
  EXPECT_EQ(read_launcher({"srun", "-N", "2"}).condition_of("NCCL_ALGO"), std::nullopt);
  EXPECT_EQ(read_launcher({}).condition_of("NCCL_ALGO"), std::nullopt) << "one process";
}

TEST(LauncherSettings, OptionsOfOtherThingsAreNone) {
  const auto read = read_launcher({"srun", "-N", "4", "--ntasks-per-node=8", "--mpi=pmix", "-x", "badnode", "mpirun",
                                   "--map-by", "ppr:8:node:PE=2"});
  EXPECT_THAT(read.set, IsEmpty());
  EXPECT_EQ(read.closed, std::nullopt);
}

}  // namespace
}  // namespace gpubench::tuning

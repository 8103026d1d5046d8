// Writes every hand-made report in one output form: write_fixture_report FORM DIRECTORY gives DIRECTORY/CASE.FORM. For
// tests that look at a report from outside, in a browser or with a schema validator.
#include "report/sink.hpp"

#include <fstream>
#include <iostream>

#include "fixtures.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: write_fixture_report FORM DIRECTORY\n";
    return 2;
  }
  for (const auto& fixture : gpubench::report::test::all_fixtures()) {
    const std::string path = std::string(argv[2]) + "/" + fixture.name + "." + argv[1];
    std::ofstream out(path, std::ios::binary);
    gpubench::report::find_sink(argv[1]).write(fixture.content, {}, out);
    out.close();
    if (!out) {
      std::cerr << "cannot write " << path << '\n';
      return 1;
    }
  }
}

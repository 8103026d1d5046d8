# What every target of the project shares: warnings and sanitizers as one private interface target, so that no flag is
# set globally and nothing leaks to users of a target.
add_library(gpubench_build_options INTERFACE)
target_compile_options(gpubench_build_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
    # False alarm of GCC 12 on std::string concatenation (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    $<$<BOOL:${GPUBENCH_WARNINGS_AS_ERRORS}>:-Werror>>)
if(GPUBENCH_SANITIZE)
  target_compile_options(gpubench_build_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${GPUBENCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
      # GCC takes what the sanitizers add to inlined library code (std::regex, std::optional) for uninitialised reads.
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>>)
  target_link_options(gpubench_build_options INTERFACE -fsanitize=${GPUBENCH_SANITIZE})
endif()

# gpubench_library(NAME [OBJECT] [PUBLIC dep...] [PRIVATE dep...])
# One library from the .cpp files of the current folder. OBJECT is for folders whose files register themselves: from a
# static archive the linker would drop them and the registry would be empty.
function(gpubench_library name)
  cmake_parse_arguments(ARG "OBJECT" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(ARG_OBJECT)
    add_library(${name} OBJECT ${sources})
  else()
    add_library(${name} STATIC ${sources})
  endif()
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:gpubench_build_options>)
endfunction()

# gpubench_tests(FOLDER [LABELS label...] LINK dep...)
# One test program from the *_test.cpp files of the current folder; ctest names are FOLDER.suite.case.
function(gpubench_tests folder)
  cmake_parse_arguments(ARG "" "" "LINK;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  set(name ${folder}_tests)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} gpubench_build_options GTest::gmock GTest::gtest_main)
  # Tests spend their time in what they test: optimising the asserts themselves only makes their build slower.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O1>)
  target_compile_definitions(${name} PRIVATE
    GPUBENCH_SOURCE_DIR="${PROJECT_SOURCE_DIR}" GPUBENCH_TEST_DATA_DIR="${CMAKE_CURRENT_SOURCE_DIR}/data")
  include(GoogleTest)
  gtest_discover_tests(${name} TEST_PREFIX ${folder}. DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${ARG_LABELS}")
endfunction()

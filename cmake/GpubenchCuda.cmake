# Whether and how the CUDA module is built. Sets GPUBENCH_CUDA_ENABLED for the folders below; included at the top
# because a language must be enabled above all targets that use it.
#   GPUBENCH_CUDA=AUTO  the module is built when a toolkit is found, and left out with a line that says why otherwise
#   GPUBENCH_CUDA=ON    a missing toolkit is an error
#   GPUBENCH_CUDA=OFF   nothing is looked for
set(GPUBENCH_CUDA_ENABLED OFF)

# Architectures that the module carries machine code for: what clouds rent, as far as the toolkit still (or already)
# knows it. The newest also as PTX, which the driver of a later GPU compiles.
function(gpubench_default_architectures result)
  set(wanted 70 75 80 86 89 90 100 120)
  execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --list-gpu-arch
                  OUTPUT_VARIABLE listed ERROR_QUIET RESULT_VARIABLE failed)
  set(chosen)
  foreach(architecture IN LISTS wanted)
    if(listed MATCHES "compute_${architecture}(\n|$)")
      list(APPEND chosen ${architecture})
    endif()
  endforeach()
  if(failed OR NOT chosen)
    set(${result} "" PARENT_SCOPE)
    return()
  endif()
  list(POP_BACK chosen newest)
  list(TRANSFORM chosen APPEND "-real")
  set(${result} "${chosen};${newest}" PARENT_SCOPE)
endfunction()

string(TOUPPER "${GPUBENCH_CUDA}" gpubench_cuda_wish)
if(NOT gpubench_cuda_wish MATCHES "^(AUTO|ON|OFF|1|0|TRUE|FALSE|YES|NO)$")
  message(FATAL_ERROR "GPUBENCH_CUDA is '${GPUBENCH_CUDA}'; it must be AUTO, ON or OFF")
endif()

if(gpubench_cuda_wish STREQUAL "AUTO" OR GPUBENCH_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES AND NOT DEFINED ENV{CUDAARCHS})
      gpubench_default_architectures(gpubench_architectures)
      if(gpubench_architectures)
        set(CMAKE_CUDA_ARCHITECTURES "${gpubench_architectures}" CACHE STRING "GPU architectures of the CUDA module")
      endif()
    endif()
    enable_language(CUDA)
    find_package(CUDAToolkit REQUIRED)
    set(GPUBENCH_CUDA_ENABLED ON)
    message(STATUS "CUDA back-end: toolkit ${CUDAToolkit_VERSION}, architectures ${CMAKE_CUDA_ARCHITECTURES}")
  elseif(gpubench_cuda_wish STREQUAL "AUTO")
    message(STATUS "CUDA back-end: left out, no working nvcc was found (PATH, CUDACXX)")
  else()
    message(FATAL_ERROR "GPUBENCH_CUDA=ON, but no working nvcc was found; add its folder to PATH or set CUDACXX")
  endif()
endif()

# Options that every CUDA source shares. C++17 on the device side: toolkits before 12 know no later standard.
function(gpubench_cuda_options target)
  set_target_properties(${target} PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON CUDA_VISIBILITY_PRESET hidden)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:--threads=0 -Xcompiler=-Wall,-Wextra,-Wshadow
      $<$<BOOL:${GPUBENCH_WARNINGS_AS_ERRORS}>:-Werror=all-warnings -Xcompiler=-Werror>>)
endfunction()

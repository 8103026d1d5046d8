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

# Before 12.2 the runtime lacks what the module asks of it, and no GPU that only an older one knows is rented any more.
set(GPUBENCH_OLDEST_CUDA 12.2)
function(gpubench_nvcc_version result)
  execute_process(COMMAND ${CMAKE_CUDA_COMPILER} --version OUTPUT_VARIABLE text ERROR_QUIET)
  set(${result} 0 PARENT_SCOPE)
  if(text MATCHES "release ([0-9]+\\.[0-9]+)")
    set(${result} ${CMAKE_MATCH_1} PARENT_SCOPE)
  endif()
endfunction()

string(TOUPPER "${GPUBENCH_CUDA}" gpubench_cuda_wish)
if(NOT gpubench_cuda_wish MATCHES "^(AUTO|ON|OFF|1|0|TRUE|FALSE|YES|NO)$")
  message(FATAL_ERROR "GPUBENCH_CUDA is '${GPUBENCH_CUDA}'; it must be AUTO, ON or OFF")
endif()

if(gpubench_cuda_wish STREQUAL "AUTO" OR GPUBENCH_CUDA)
  # Where NVIDIA's installers put it without adding it to PATH.
  if(NOT DEFINED CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    find_program(GPUBENCH_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
    mark_as_advanced(GPUBENCH_NVCC)
    if(GPUBENCH_NVCC)
      set(CMAKE_CUDA_COMPILER ${GPUBENCH_NVCC} CACHE FILEPATH "CUDA compiler")
    endif()
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    gpubench_nvcc_version(gpubench_nvcc)
  endif()
  if(CMAKE_CUDA_COMPILER AND gpubench_nvcc VERSION_LESS GPUBENCH_OLDEST_CUDA)
    set(gpubench_too_old "the toolkit is CUDA ${gpubench_nvcc}, ${GPUBENCH_OLDEST_CUDA} or newer is needed")
    if(gpubench_cuda_wish STREQUAL "AUTO")
      message(STATUS "CUDA back-end: left out, ${gpubench_too_old}")
    else()
      message(FATAL_ERROR "GPUBENCH_CUDA=ON, but ${gpubench_too_old}; name another nvcc in CUDACXX")
    endif()
  elseif(CMAKE_CUDA_COMPILER)
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

# Options that every CUDA source shares. C++17 on the device side: all that kernels need.
function(gpubench_cuda_options target)
  set_target_properties(${target} PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON CUDA_VISIBILITY_PRESET hidden)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:--threads=0 -Xcompiler=-Wall,-Wextra,-Wshadow
      $<$<BOOL:${GPUBENCH_WARNINGS_AS_ERRORS}>:-Werror=all-warnings -Xcompiler=-Werror>>)
endfunction()

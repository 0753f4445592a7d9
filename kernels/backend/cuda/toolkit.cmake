# Turns on CUDA. Included from the root, because every directory that links the engine needs to know the language.

# Takes the nvcc of deploy/install-cuda, and after it that of the usual place, where none is on the PATH or named by
# CUDACXX: so the presets need no settings.
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  if(DEFINED ENV{CTXFIT_CUDA_PREFIX})
    set(ctxfit_cuda_prefix $ENV{CTXFIT_CUDA_PREFIX})
  else()
    set(ctxfit_cuda_prefix ${PROJECT_SOURCE_DIR}/build/cuda-toolkit)
  endif()
  find_program(CTXFIT_NVCC nvcc PATHS ${ctxfit_cuda_prefix}/toolkit/bin /usr/local/cuda/bin)
  if(NOT CTXFIT_NVCC)
    message(FATAL_ERROR "CTXFIT_CUDA needs nvcc: run deploy/install --cuda, or set CUDACXX or CMAKE_CUDA_COMPILER")
  endif()
  set(CMAKE_CUDA_COMPILER ${CTXFIT_NVCC})
endif()

# Machine code for 8.x (Ampere, Ada) and 9.0 (Hopper). PTX of 9.0 carries it to 10.x and 11.x, which that of 12.0, the
# newest family that CUDA 13.0 knows, does not serve.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80-real 90 120-virtual)
endif()

# Static, so that binaries need nothing but the driver.
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
enable_language(CUDA)
# CMake 3.25 does not know that nvcc speaks C++20.
set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 13.0)
  message(FATAL_ERROR "${CMAKE_CUDA_COMPILER} is CUDA ${CMAKE_CUDA_COMPILER_VERSION}: must be 13.0 or newer")
endif()

# Keeps nvcc from contracting multiplications and additions.
set(ctxfit_no_contraction --fmad=false)

# Options of sources that include Thrust, besides those of all.
set(ctxfit_thrust_options)

# Lets `target` have CUDA sources. Warnings are errors, as for g++. 1675: nvcc's front end does not know the loop unrolling
# pragma that g++ needs. Not find_package(CUDAToolkit) for the include path: that of CMake 3.25 fails where the toolkit
# has no nvToolsExt, as none has since CUDA 12.9.
function(ctxfit_cuda_target target)
  target_include_directories(${target} SYSTEM PUBLIC ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings -diag-suppress=1675 --expt-relaxed-constexpr -Xcompiler=-Wall,-Wextra,-Werror>)
endfunction()

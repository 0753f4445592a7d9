# Takes the place of kernels/backend/cuda/toolkit.cmake where the CUDA backend is built for the emulator: its .cu files
# are C++ then. Included from the root, because kernels/ and tests/ need it.

# Addresses of code do not change from run to run, so that reports can name lines; kernels call the library of checks of
# arithmetic.
add_link_options(-no-pie -fsanitize=undefined)

# Compiles as nvcc does: its macros, its own header before the first line of a file, and contraction.
set(ctxfit_kernel_options -D__CUDACC__ -D__CUDA_ARCH__=900 -include cuda_runtime.h -Wno-unknown-pragmas -O2 -g1
  -ffp-contract=fast)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  list(APPEND ctxfit_kernel_options -mfma)
endif()
# Every access to memory calls a hook of the emulator (hooks.cc). Loops stay loops of single accesses, because g++ has no
# hook for vectors, nor for the memcpy that it may make of a loop.
list(APPEND ctxfit_kernel_options -fno-sanitize=all -fsanitize=thread -U__SANITIZE_THREAD__
  --param=tsan-instrument-func-entry-exit=0 -fno-tree-loop-distribute-patterns -fno-tree-vectorize)
# The hooks see accesses; these checks see arithmetic.
list(APPEND ctxfit_kernel_options
  -fsanitize=signed-integer-overflow,shift,integer-divide-by-zero,float-cast-overflow,bounds)

set(ctxfit_no_contraction -ffp-contract=off)

# Thrust's headers, of the same version as nvcc's, where tests/install-tools puts them; and the options of sources that
# include them. Without nvcc's macros Thrust is plain C++, and its algorithms are loops.
file(GLOB ctxfit_thrust_roots ${PROJECT_SOURCE_DIR}/build/venv/lib/python3*/site-packages/nvidia/*/include/cccl)
find_path(CTXFIT_THRUST thrust/version.h PATHS ${ctxfit_thrust_roots} NO_DEFAULT_PATH)
if(NOT CTXFIT_THRUST)
  message(FATAL_ERROR "CTXFIT_CUDA_EMULATED needs Thrust's headers: run tests/install-tools")
endif()
set(ctxfit_thrust_options -U__CUDACC__ -U__CUDA_ARCH__)

# Lets `target` have CUDA sources.
function(ctxfit_cuda_target target)
  target_link_libraries(${target} PUBLIC ctxfit_emulator)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cu$")
  set_source_files_properties(${sources} PROPERTIES LANGUAGE CXX COMPILE_OPTIONS "${ctxfit_kernel_options}")
endfunction()

# Included by CMake after llama-cpp-python's project() line: see cmake_args.py.
# llama-cpp-python insists on the helpers of llama.cpp's own programs through a cache variable, and then never loads
# them. They are more than half of the build's time. A normal variable hides a cache variable (policy CMP0126).
set(LLAMA_BUILD_COMMON OFF)

# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# What configuring refuses, each with one sentence: builds inside the source tree, instruction-set flags, and build
# directories that another machine or compiler began.

if(NOT PROJECT_IS_TOP_LEVEL)
    return()
endif()

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_BINARY_DIR)
    message(FATAL_ERROR "unloop: build outside the source tree, for example: cmake --preset release "
                        "(and remove the CMakeCache.txt and CMakeFiles that this attempt left behind)")
endif()

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()

# The linker merges inline functions: one translation unit built for a higher instruction set crashes the program on an
# older machine. The compiled part chooses its instructions at run time instead.
foreach(variable CMAKE_CXX_FLAGS CMAKE_CXX_FLAGS_DEBUG CMAKE_CXX_FLAGS_RELEASE CMAKE_CXX_FLAGS_RELWITHDEBINFO
        CMAKE_CXX_FLAGS_MINSIZEREL)
    if(" ${${variable}}" MATCHES "[ ;](-m[a-z0-9][^ ;]*)")
        message(FATAL_ERROR "unloop: ${variable} contains the instruction-set flag ${CMAKE_MATCH_1}; remove it "
                            "(and CXXFLAGS from the environment): unloop::kernels picks its instructions at run time")
    endif()
endforeach()

cmake_host_system_information(RESULT unloop_platform QUERY OS_PLATFORM)
execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -dumpmachine OUTPUT_VARIABLE unloop_triple
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -dumpversion OUTPUT_VARIABLE unloop_compiler
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(unloop_machine "${unloop_platform}, ${unloop_triple}, ${CMAKE_CXX_COMPILER_ID} ${unloop_compiler}")
if(DEFINED CACHE{UNLOOP_CONFIGURED_FOR} AND NOT UNLOOP_CONFIGURED_FOR STREQUAL unloop_machine)
    message(FATAL_ERROR "unloop: this build directory was configured for (${UNLOOP_CONFIGURED_FOR}), and this is "
                        "(${unloop_machine}); remove ${CMAKE_BINARY_DIR} and configure again")
endif()
set(UNLOOP_CONFIGURED_FOR "${unloop_machine}" CACHE INTERNAL "platform and compiler of this build directory")

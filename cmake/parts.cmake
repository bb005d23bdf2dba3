# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# The optional parts: unloop::highway, unloop::eigen, unloop::xtensor and unloop::json bring a foreign library to the
# headers that use it; unloop::kernels is the compiled part, which picks the widest instructions at run time.
# Each exists when its library is found and UNLOOP_PARTS names it.

set(UNLOOP_PARTS "highway;eigen;xtensor;json;kernels" CACHE STRING "Optional parts to offer when their libraries are found")

# unloop_part(NAME LIBRARY PACKAGE...): unloop::NAME, which brings LIBRARY, found by find_package(PACKAGE...).
function(unloop_part name library)
    if(NOT name IN_LIST UNLOOP_PARTS)
        return()
    endif()
    find_package(${ARGN} QUIET GLOBAL)
    if(NOT TARGET ${library})
        message(STATUS "unloop: no unloop::${name} (${library} is not found)")
        return()
    endif()
    add_library(unloop_${name} INTERFACE)
    add_library(unloop::${name} ALIAS unloop_${name})
    target_link_libraries(unloop_${name} INTERFACE unloop ${library})
endfunction()

# A newer Highway than the system's may be installed under build/deps (docs: add a kernel).
unloop_part(highway hwy::hwy hwy HINTS "${PROJECT_SOURCE_DIR}/build/deps")
unloop_part(eigen Eigen3::Eigen Eigen3)
unloop_part(xtensor xtensor xtensor)
unloop_part(json Boost::json Boost 1.81 COMPONENTS json)

set(unloop_kernels_sources "${PROJECT_SOURCE_DIR}/src/dispatched_kernels.cpp")
if("kernels" IN_LIST UNLOOP_PARTS AND TARGET unloop::highway AND EXISTS "${unloop_kernels_sources}")
    add_library(unloop_kernels STATIC ${unloop_kernels_sources})
    add_library(unloop::kernels ALIAS unloop_kernels)
    set_target_properties(unloop_kernels PROPERTIES POSITION_INDEPENDENT_CODE ON)
    # Highway's foreach_target.h includes the source again by its name.
    target_include_directories(unloop_kernels PRIVATE "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(unloop_kernels PUBLIC unloop PRIVATE hwy::hwy)
    if(PROJECT_IS_TOP_LEVEL)
        target_link_libraries(unloop_kernels PRIVATE $<BUILD_INTERFACE:unloop_dev>)
    elseif(NOT UNLOOP_INSTALL)  # what is installed must be built
        set_target_properties(unloop_kernels PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
    # These loops decide the speed of everything else, whatever the build type thinks of the rest.
    target_compile_options(unloop_kernels PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O3>)
endif()

# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# What only this project's own sources get: warnings as errors, and the helper that links the parts at hand.

add_library(unloop_dev INTERFACE)
add_library(unloop::dev ALIAS unloop_dev)
target_compile_options(unloop_dev INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
# GCC 12 sees overlapping copies in "text" + std::string() where there are none (GCC bug 105651, mended in 13).
target_compile_options(unloop_dev INTERFACE
                       $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

# unloop_link(TARGET PART...): links unloop::unloop, unloop::dev and those of the named parts that exist.
function(unloop_link target)
    target_link_libraries(${target} PRIVATE unloop::unloop unloop::dev)
    foreach(part IN LISTS ARGN)
        if(TARGET unloop::${part})
            target_link_libraries(${target} PRIVATE unloop::${part})
        endif()
    endforeach()
endfunction()

option(UNLOOP_COMPILE_TOGETHER "Compile the tool's files in few pieces: a fraction of the time, but all of it after every change" OFF)

# unloop_compile_together(TARGET PIECES): TARGET's files as PIECES translation units, if that is asked for.
function(unloop_compile_together target pieces)
    get_target_property(sources ${target} SOURCES)
    list(LENGTH sources count)
    math(EXPR batch "(${count} + ${pieces} - 1) / ${pieces}")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${UNLOOP_COMPILE_TOGETHER} UNITY_BUILD_BATCH_SIZE ${batch})
endfunction()

# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# What only this project's own sources get: warnings as errors, and the helper that links the parts at hand.

add_library(unloop_dev INTERFACE)
add_library(unloop::dev ALIAS unloop_dev)
target_compile_options(unloop_dev INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
# GCC 12 sees overlapping copies in "text" + std::string() where there are none (GCC bug 105651, mended in 13).
target_compile_options(unloop_dev INTERFACE
                       $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
# GCC collects its garbage every 128 MiB, which costs a seventh of its time; a translation unit here makes up to 3 GiB.
target_compile_options(unloop_dev INTERFACE "$<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1048576>")

# unloop_link(TARGET PART...): links unloop::unloop, unloop::dev and those of the named parts that exist.
function(unloop_link target)
    target_link_libraries(${target} PRIVATE unloop::unloop unloop::dev)
    foreach(part IN LISTS ARGN)
        if(TARGET unloop::${part})
            target_link_libraries(${target} PRIVATE unloop::${part})
        endif()
    endforeach()
endfunction()

option(UNLOOP_COMPILE_TOGETHER "Compile the files of the tool and of the tests several at a time: less time in all, more after a change" OFF)

# unloop_compile_together(TARGET FILES): up to FILES of TARGET's files as one translation unit, if that is asked for.
function(unloop_compile_together target files)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${UNLOOP_COMPILE_TOGETHER} UNITY_BUILD_BATCH_SIZE ${files})
endfunction()

# quickly_compiled(TARGET): for what spends its time in compiled kernels, and little of it. -Og takes GCC a quarter less
# time than -O1, and less than -O0, which emits every inline function. A second compiler only has to accept it and to run
# its laws.
function(quickly_compiled target)
    if(UNLOOP_CHECK_ONLY)
        target_compile_options(${target} PRIVATE -O0)
    else()
        target_compile_options(${target} PRIVATE "$<$<CONFIG:Release>:-Og>")
    endif()
endfunction()

# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Installs the headers, the law headers with the small model that examples to copy read, the parts that exist (each with
# an export file of its own, read only when a user asks for the component) and the package files. Headers alone fit every
# machine; with the compiled part the package does not.
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_DATADIR}/cmake/unloop")
set(version_options ARCH_INDEPENDENT)
if(TARGET unloop_kernels)
    set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/unloop")
    set(version_options)
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/unloop" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/tests/laws" DESTINATION "${CMAKE_INSTALL_DATADIR}/unloop"
        FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_SOURCE_DIR}/tests/golden/gguf/llama.bf16.gguf"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/unloop/golden/gguf")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

install(TARGETS unloop EXPORT unloop)
install(EXPORT unloop NAMESPACE unloop:: FILE unloop-targets.cmake DESTINATION "${package_folder}")
foreach(part highway eigen xtensor json kernels)
    if(TARGET unloop_${part})
        set_target_properties(unloop_${part} PROPERTIES EXPORT_NAME ${part})
        install(TARGETS unloop_${part} EXPORT unloop_${part} ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
        install(EXPORT unloop_${part} NAMESPACE unloop:: FILE unloop-${part}.cmake DESTINATION "${package_folder}")
    endif()
endforeach()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/unloopConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/unloopConfig.cmake" INSTALL_DESTINATION "${package_folder}"
                              PATH_VARS CMAKE_INSTALL_DATADIR NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/unloopConfigVersion.cmake" COMPATIBILITY SameMinorVersion
                                 ${version_options})
install(FILES "${PROJECT_BINARY_DIR}/unloopConfig.cmake" "${PROJECT_BINARY_DIR}/unloopConfigVersion.cmake"
        DESTINATION "${package_folder}")

# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Installs the build BUILD into an empty PREFIX.
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${PREFIX}"
                COMMAND_ERROR_IS_FATAL ANY)

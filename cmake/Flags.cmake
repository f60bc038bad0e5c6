# Compiler flags for our own code. Libraries come in as system headers and are not judged by them.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Release keeps its asserts: stopping is better than a wrong conclusion.
set(CMAKE_C_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")

add_library(attest_flags INTERFACE)
# What -std=c17 hides: POSIX.1-2008, and flock() and the like.
target_compile_definitions(attest_flags INTERFACE
    _POSIX_C_SOURCE=200809L _XOPEN_SOURCE=700 _DEFAULT_SOURCE _FILE_OFFSET_BITS=64
    ATTEST_VERSION="${PROJECT_VERSION}")
target_compile_options(attest_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wwrite-strings -Wcast-qual -Wvla -Wundef -Wformat=2
    -Wimplicit-fallthrough -Wnull-dereference -fno-common
    # The same program wherever the sources lie.
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(ATTEST_WERROR)
    target_compile_options(attest_flags INTERFACE -Werror)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_definitions(attest_flags INTERFACE _FORTIFY_SOURCE=3)
    target_compile_options(attest_flags INTERFACE -fstack-protector-strong -fstack-clash-protection)
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_compile_options(attest_flags INTERFACE -ftrivial-auto-var-init=zero)
    endif()
    add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(ATTEST_SANITIZE)
    add_compile_options(-fsanitize=${ATTEST_SANITIZE} -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${ATTEST_SANITIZE})
endif()
if(ATTEST_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(ATTEST_COVERAGE)
    # Counters that threads share.
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()

# -pie for the programs.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

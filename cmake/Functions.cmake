# attest_library(NAME files... LIBS targets...): one folder of src/.
function(attest_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
    add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${arg_LIBS} PRIVATE $<BUILD_INTERFACE:attest_flags>)
    # Compiling a folder needs the headers of lower ones, not their finished libraries.
    set_target_properties(${name} PROPERTIES OPTIMIZE_DEPENDENCIES ON)
endfunction()

# attest_program(NAME main.c LIBS targets...): a program at the root of the build folder.
# Left out while its source is not there or its folder is not built.
function(attest_program name main)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "LIBS")
    foreach(lib IN LISTS arg_LIBS)
        if(NOT TARGET ${lib})
            return()
        endif()
    endforeach()
    if(NOT EXISTS ${CMAKE_SOURCE_DIR}/${main})
        return()
    endif()
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE ${arg_LIBS} attest_flags)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}
        BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${duckdb_rpath}")
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# attest_test(NAME COMMAND command...): anything ctest runs, from the project's root.
function(attest_test name)
    add_test(NAME ${name} ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT
        "ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1;UBSAN_OPTIONS=print_stacktrace=1;LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/test/lsan.supp:print_suppressions=0")
endfunction()

# attest_unit_test(NAME files... LIBS targets...): one cmocka program.
function(attest_unit_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
    add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/test/unit)
    target_link_libraries(${name} PRIVATE ${arg_LIBS} PkgConfig::CMOCKA attest_flags)
    attest_test(${name} COMMAND ${name})
endfunction()

# attest_fuzz_target(NAME file.c LIBS targets...): LLVMFuzzerTestOneInput() of a parser of foreign
# bytes. With ATTEST_FUZZ it becomes fuzz_NAME; every build has replay_NAME, the test that runs
# each file of test/fuzz/corpus/NAME/.
function(attest_fuzz_target name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBS")
    foreach(lib IN LISTS arg_LIBS)
        if(NOT TARGET ${lib})
            return()
        endif()
    endforeach()
    add_executable(replay_${name} ${CMAKE_SOURCE_DIR}/test/fuzz/replay.c ${arg_UNPARSED_ARGUMENTS})
    target_link_libraries(replay_${name} PRIVATE ${arg_LIBS} attest_flags)
    attest_test(fuzz_corpus_${name} COMMAND replay_${name} test/fuzz/corpus/${name})
    if(ATTEST_FUZZ)
        add_executable(fuzz_${name} ${arg_UNPARSED_ARGUMENTS})
        target_link_libraries(fuzz_${name} PRIVATE ${arg_LIBS} attest_flags)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()

# The library "embedded": files in the binary, see src/base/embedded.h.
# A new file needs no list: the globs are looked at again on every build.
set(embedded_list "")
set(embedded_sources "")
# Folder, and what the paths begin with in the table.
foreach(pair IN ITEMS catalog:catalog src/report/assets:report src/store/migrations:migrations)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 root)
    list(GET pair 1 prefix)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/${root}
        ${CMAKE_SOURCE_DIR}/${root}/*)
    list(FILTER files EXCLUDE REGEX "(^|/)\\.|~$") # what editors leave
    foreach(file IN LISTS files)
        string(APPEND embedded_list "${prefix}/${file}\t${CMAKE_SOURCE_DIR}/${root}/${file}\n")
        list(APPEND embedded_sources ${CMAKE_SOURCE_DIR}/${root}/${file})
    endforeach()
endforeach()
set(embedded_dir ${CMAKE_BINARY_DIR}/embedded)
file(CONFIGURE OUTPUT ${embedded_dir}/files.txt CONTENT "${embedded_list}" @ONLY)

add_executable(embed ${CMAKE_SOURCE_DIR}/cmake/embed.c)
target_link_libraries(embed PRIVATE attest_flags)
add_custom_command(OUTPUT ${embedded_dir}/embedded.c
    COMMAND embed ${embedded_dir}/files.txt ${embedded_dir}/embedded.c
    DEPENDS embed ${embedded_dir}/files.txt ${embedded_sources}
    COMMENT "Embedding the catalogue and other files" VERBATIM)
add_library(embedded STATIC ${embedded_dir}/embedded.c)
target_include_directories(embedded PUBLIC ${CMAKE_SOURCE_DIR}/src)

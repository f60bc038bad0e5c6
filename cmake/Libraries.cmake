# The libraries, each an imported target (listed at the top of CMakeLists.txt).
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET GLOBAL libcrypto)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET GLOBAL yaml-0.1)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET GLOBAL sqlite3)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET GLOBAL libarchive)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET GLOBAL libzstd)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET GLOBAL zlib)
pkg_check_modules(GIT2 REQUIRED IMPORTED_TARGET GLOBAL libgit2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET GLOBAL cairo cairo-pdf)
pkg_check_modules(PANGO REQUIRED IMPORTED_TARGET GLOBAL pangocairo pangoft2 fontconfig)
pkg_check_modules(QPDF REQUIRED IMPORTED_TARGET GLOBAL libqpdf)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET GLOBAL libqrencode)
pkg_check_modules(XML REQUIRED IMPORTED_TARGET GLOBAL libxml-2.0)
pkg_check_modules(XLSXWRITER REQUIRED IMPORTED_TARGET GLOBAL xlsxwriter)
if(ATTEST_TESTS)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET GLOBAL cmocka)
endif()
pkg_check_modules(CMARK REQUIRED IMPORTED_TARGET GLOBAL libcmark-gfm)

# DuckDB: the pinned packages under vendor/ if they are there, else the system's.
set(duckdb_vendor ${CMAKE_SOURCE_DIR}/vendor/node_modules)
find_library(DUCKDB_LIBRARY duckdb
    HINTS ${duckdb_vendor}/@duckdb/node-bindings-linux-x64)
find_path(DUCKDB_INCLUDE_DIR duckdb.h
    HINTS ${duckdb_vendor}/duckdb/src/duckdb/src/include)
if(NOT DUCKDB_LIBRARY OR NOT DUCKDB_INCLUDE_DIR)
    message(FATAL_ERROR "libduckdb is missing: run ./dev deps, or install it and its duckdb.h")
endif()
add_library(DuckDB::duckdb SHARED IMPORTED GLOBAL)
set_target_properties(DuckDB::duckdb PROPERTIES
    IMPORTED_LOCATION ${DUCKDB_LIBRARY}
    IMPORTED_SONAME libduckdb.so
    INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR})
# A system's library stays where it is; the pinned one goes along with attest, which finds it beside
# itself, in the build folder as where it is installed. CMake's own way, to change the path on
# installation, would leave an empty one in the build folder's program: the folder of whoever runs it.
cmake_path(IS_PREFIX duckdb_vendor ${DUCKDB_LIBRARY} duckdb_is_vendored)
if(duckdb_is_vendored)
    set(duckdb_rpath "$ORIGIN/lib/attest;$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/attest")
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib/attest)
    file(CREATE_LINK ${DUCKDB_LIBRARY} ${CMAKE_BINARY_DIR}/lib/attest/libduckdb.so SYMBOLIC)
    install(FILES ${DUCKDB_LIBRARY} DESTINATION ${CMAKE_INSTALL_LIBDIR}/attest)
endif()

# The target openblas, from one of three places: the folder SINEW_OPENBLAS_ROOT (what Maven unpacked), the Maven artifact of
# SINEW_OPENBLAS_PLATFORM, fetched once into build/openblas, or the system.
set(SINEW_OPENBLAS_ROOT "" CACHE PATH "folder with OpenBLAS's shared library and include/cblas.h")
set(SINEW_OPENBLAS_PLATFORM "" CACHE STRING "fetch OpenBLAS for this platform by Maven: linux-x86_64, linux-arm64, macosx-arm64, macosx-x86_64, windows-x86_64")

if(SINEW_OPENBLAS_PLATFORM AND NOT SINEW_OPENBLAS_ROOT)
    file(READ "${CMAKE_CURRENT_SOURCE_DIR}/pom.xml" pom)
    string(REGEX MATCH "<openblas.version>([^<]+)<" match "${pom}")
    set(version "${CMAKE_MATCH_1}")
    set(cache "${CMAKE_CURRENT_SOURCE_DIR}/build/openblas")
    set(SINEW_OPENBLAS_ROOT "${cache}/${version}/org/bytedeco/openblas/${SINEW_OPENBLAS_PLATFORM}")
    if(NOT EXISTS "${SINEW_OPENBLAS_ROOT}/include/cblas.h")
        find_program(MAVEN NAMES mvn mvn.cmd REQUIRED)
        execute_process(COMMAND "${MAVEN}" -q -B org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy
            "-Dartifact=org.bytedeco:openblas:${version}:jar:${SINEW_OPENBLAS_PLATFORM}" "-DoutputDirectory=${cache}"
            WORKING_DIRECTORY "${CMAKE_BINARY_DIR}" COMMAND_ERROR_IS_FATAL ANY)
        file(ARCHIVE_EXTRACT INPUT "${cache}/openblas-${version}-${SINEW_OPENBLAS_PLATFORM}.jar" DESTINATION "${cache}/${version}"
            PATTERNS "*/lib*" "*/include/*") # every pattern must match: which libraries there are depends on the platform
    endif()
endif()

add_library(openblas SHARED IMPORTED)
if(SINEW_OPENBLAS_ROOT)
    find_file(SINEW_OPENBLAS_LIBRARY NAMES libopenblas.so.0 libopenblas.0.dylib libopenblas.dll
        PATHS "${SINEW_OPENBLAS_ROOT}" NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
    find_path(SINEW_OPENBLAS_INCLUDE cblas.h
        PATHS "${SINEW_OPENBLAS_ROOT}/include" NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
else()
    find_library(SINEW_OPENBLAS_LIBRARY openblas REQUIRED)
    find_path(SINEW_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas x86_64-linux-gnu aarch64-linux-gnu REQUIRED)
endif()
set_target_properties(openblas PROPERTIES
    IMPORTED_LOCATION "${SINEW_OPENBLAS_LIBRARY}"
    IMPORTED_IMPLIB "${SINEW_OPENBLAS_LIBRARY}" # Windows: MinGW's linker reads the DLL itself
    INTERFACE_INCLUDE_DIRECTORIES "${SINEW_OPENBLAS_INCLUDE}")

# What everybody may use: logging, status macros, descriptors.
find_package(absl REQUIRED)
find_package(spdlog REQUIRED)

add_library(emu_base_support STATIC log.cc)
target_link_libraries(emu_base_support
  PUBLIC emu_options absl::status absl::statusor absl::strings
  PRIVATE spdlog::spdlog)
# The backend is told that there are no exceptions to catch.
target_compile_definitions(emu_base_support PRIVATE SPDLOG_NO_EXCEPTIONS)

add_executable(emu_base_support_test log_test.cc)
target_link_libraries(emu_base_support_test PRIVATE emu_base_support GTest::gtest_main)
gtest_discover_tests(emu_base_support_test PROPERTIES LABELS unit)

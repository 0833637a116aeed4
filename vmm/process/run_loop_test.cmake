# Tests of the I/O loop and the state driver, with a fake translator.
find_package(ZLIB REQUIRED)
add_executable(emu_run_loop_test host_io_test.cc io_worker_test.cc run_loop_test.cc)
target_link_libraries(emu_run_loop_test PRIVATE emu_run_loop emu_machine GTest::gtest_main
                      ZLIB::ZLIB)
gtest_discover_tests(emu_run_loop_test PROPERTIES LABELS unit)

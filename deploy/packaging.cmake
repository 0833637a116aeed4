# What is installed where, and two Debian packages of it: `cpack -G DEB` (deploy/package).
include(GNUInstallDirs)

install(TARGETS emud RUNTIME COMPONENT emud)
install(TARGETS emu-vm emu-net RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/emud COMPONENT emud)
install(PROGRAMS daemon/image_builder/build-image
        DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/emud/image_builder COMPONENT emud)
install(DIRECTORY daemon/image_builder/ DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/emud/image_builder
        COMPONENT emud FILES_MATCHING PATTERN "*.py" PATTERN "*_test.py" EXCLUDE PATTERN "__pycache__" EXCLUDE
        PATTERN "*_stage.sh" PATTERN "*_init.sh" PATTERN "*.toml")
install(TARGETS emuctl RUNTIME COMPONENT emuctl)
set(reference ${CMAKE_BINARY_DIR}/client/reference)
install(DIRECTORY ${reference}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT emuctl)
install(FILES ${CMAKE_BINARY_DIR}/daemon/emud.8
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT emud)
install(FILES ${reference}/emuctl.bash RENAME emuctl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT emuctl)
install(FILES ${reference}/emuctl.zsh RENAME _emuctl
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT emuctl)
install(FILES ${reference}/emuctl.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT emuctl)

foreach(unit emud.service emud-vms.service)
  configure_file(deploy/systemd/${unit}.in ${unit} @ONLY)
endforeach()
install(FILES ${CMAKE_BINARY_DIR}/emud.service ${CMAKE_BINARY_DIR}/emud-vms.service deploy/systemd/emud.socket
        DESTINATION /lib/systemd/system COMPONENT emud)
install(FILES deploy/emud.yaml DESTINATION /etc/emud COMPONENT emud)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "emu developers <emu@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL emud emuctl)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)

set(CPACK_DEBIAN_EMUD_PACKAGE_NAME emud)
set(CPACK_DEBIAN_EMUD_PACKAGE_RECOMMENDS "opensbi, emuctl, python3, mtools, e2fsprogs, debian-archive-keyring")
set(CPACK_DEBIAN_EMUD_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles;${CMAKE_SOURCE_DIR}/deploy/debian/postinst"
    "${CMAKE_SOURCE_DIR}/deploy/debian/prerm;${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
set(CPACK_COMPONENT_EMUD_DESCRIPTION
    "Virtual machines as a service: the daemon
Hosts many isolated virtual machines of other architectures, each in a process
of its own, and serves a gRPC API to create, run and watch them.")
set(CPACK_DEBIAN_EMUCTL_PACKAGE_NAME emuctl)
set(CPACK_COMPONENT_EMUCTL_DESCRIPTION
    "Virtual machines as a service: the command line
Creates, starts and watches the virtual machines of emud, and attaches their
consoles.")
include(CPack)

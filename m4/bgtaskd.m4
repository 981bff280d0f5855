dnl SPDX-License-Identifier: MPL-2.0

dnl BG_FIND_MOZJS: the newest SpiderMonkey that pkg-config knows and the engine layer supports.
AC_DEFUN([BG_FIND_MOZJS], [
  MOZJS_MAJOR=
  for bg_version in 140 128 115 102; do
    AS_IF([test -z "$MOZJS_MAJOR"], [
      PKG_CHECK_EXISTS([mozjs-$bg_version], [MOZJS_MAJOR=$bg_version])
    ])
  done
  AS_IF([test -z "$MOZJS_MAJOR"],
    [AC_MSG_ERROR([no SpiderMonkey found: install mozjs-140, -128, -115 or -102, or use --disable-backgroundtasks])])
  AC_MSG_NOTICE([using SpiderMonkey $MOZJS_MAJOR])
  PKG_CHECK_MODULES([MOZJS], [mozjs-$MOZJS_MAJOR])
  AC_SUBST([MOZJS_MAJOR])
])

dnl BG_APPEND_FLAG(VARIABLE, FLAG, LANGUAGE): append FLAG if the compiler of LANGUAGE takes it.
AC_DEFUN([BG_APPEND_FLAG], [
  AS_VAR_PUSHDEF([bg_cache], [bg_cv_$3_flag_$2])
  AC_LANG_PUSH([$3])
  AC_CACHE_CHECK([whether the $3 compiler takes $2], [bg_cache], [
    bg_saved_flags="$_AC_LANG_PREFIX[]FLAGS"
    _AC_LANG_PREFIX[]FLAGS="$_AC_LANG_PREFIX[]FLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM()], [AS_VAR_SET([bg_cache], [yes])], [AS_VAR_SET([bg_cache], [no])])
    _AC_LANG_PREFIX[]FLAGS="$bg_saved_flags"
  ])
  AC_LANG_POP([$3])
  AS_VAR_IF([bg_cache], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([bg_cache])
])

dnl BG_FLAGS: sets BG_CFLAGS, BG_CXXFLAGS, BG_LDFLAGS from the options and what the compilers take.
AC_DEFUN([BG_FLAGS], [
  BG_CFLAGS="-std=gnu17"
  BG_CXXFLAGS="-std=gnu++17"
  BG_LDFLAGS=
  m4_foreach_w([bg_flag], [-Wall -Wextra -Wundef -Wshadow -Wpointer-arith -Wwrite-strings -Wvla
      -Wformat=2 -Wimplicit-fallthrough -Wlogical-op -Wduplicated-cond -Wduplicated-branches
      -Wdate-time -Wnull-dereference -Wswitch-enum -Wno-unused-parameter
      -fno-strict-aliasing -fno-common -ffile-prefix-map=$srcdir=.],
    [BG_APPEND_FLAG([BG_CFLAGS], bg_flag, [C])])
  m4_foreach_w([bg_flag], [-Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations
      -Wold-style-definition -Wnested-externs -Wbad-function-cast
      -Werror=incompatible-pointer-types -Werror=int-conversion -Werror=implicit-function-declaration],
    [BG_APPEND_FLAG([BG_CFLAGS], bg_flag, [C])])
  m4_foreach_w([bg_flag], [-Wall -Wextra -Wshadow -Wno-unused-parameter -Wno-invalid-offsetof
      -fno-rtti -fno-exceptions -fno-strict-aliasing],
    [BG_APPEND_FLAG([BG_CXXFLAGS], bg_flag, [C++])])
  dnl FORTIFY needs optimisation, and the sanitizers check more than it does.
  AS_IF([test "x$enable_hardening" = xyes && test "x$enable_sanitizers" = xno && test "x$enable_coverage" = xno], [
    m4_foreach_w([bg_flag], [-fstack-protector-strong -fstack-clash-protection -fcf-protection],
      [BG_APPEND_FLAG([BG_CFLAGS], bg_flag, [C])
       BG_APPEND_FLAG([BG_CXXFLAGS], bg_flag, [C++])])
    BG_HARDENING_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"
    BG_CFLAGS="$BG_CFLAGS -fPIE"
    BG_CXXFLAGS="$BG_CXXFLAGS -fPIE"
    BG_LDFLAGS="$BG_LDFLAGS -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack"
  ])
  BG_LDFLAGS="$BG_LDFLAGS -Wl,--as-needed"
  AS_IF([test "x$enable_sanitizers" = xyes], [
    BG_CFLAGS="$BG_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
    BG_CXXFLAGS="$BG_CXXFLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-sanitize=vptr -fno-omit-frame-pointer"
    BG_LDFLAGS="$BG_LDFLAGS -fsanitize=address,undefined"
    AC_DEFINE([HAVE_SANITIZERS], [1], [Whether this build has AddressSanitizer.])
  ])
  AS_IF([test "x$enable_fuzzers" = xyes], [
    bg_before="$BG_CFLAGS"
    BG_APPEND_FLAG([BG_CFLAGS], [-fsanitize=fuzzer-no-link], [C])
    AS_IF([test "x$BG_CFLAGS" = "x$bg_before"],
      [AC_MSG_ERROR([--enable-fuzzers needs a compiler that has libFuzzer: CC=clang CXX=clang++])])
    BG_CXXFLAGS="$BG_CXXFLAGS -fsanitize=fuzzer-no-link"
  ])
  AS_IF([test "x$enable_coverage" = xyes], [
    BG_CFLAGS="$BG_CFLAGS --coverage -O0"
    BG_CXXFLAGS="$BG_CXXFLAGS --coverage -O0"
    BG_LDFLAGS="$BG_LDFLAGS --coverage"
  ])
  AS_IF([test "x$enable_werror" = xyes], [
    BG_CFLAGS="$BG_CFLAGS -Werror"
    BG_CXXFLAGS="$BG_CXXFLAGS -Werror"
  ])
  AC_SUBST([BG_CFLAGS])
  AC_SUBST([BG_CXXFLAGS])
  AC_SUBST([BG_LDFLAGS])
  AC_SUBST([BG_HARDENING_CPPFLAGS])
])

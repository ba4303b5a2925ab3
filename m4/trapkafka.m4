dnl SPDX-License-Identifier: Apache-2.0

dnl TK_REQUIRE(PREFIX, MODULE SPEC, DEBIAN PACKAGE): find a library with pkg-config; if it is missing, name the package.
AC_DEFUN([TK_REQUIRE], [
    PKG_CHECK_MODULES([$1], [$2], [],
        [AC_MSG_ERROR([$2 is missing ($$1[]_PKG_ERRORS); install Debian's package $3])])
])

dnl TK_TRY_FLAGS(FLAGS): add those flags to TK_WARNINGS that the compiler knows.
AC_DEFUN([TK_TRY_FLAGS], [
    for flag in $1; do
        tk_saved=$CFLAGS
        CFLAGS="$CFLAGS -Werror $flag"
        AC_MSG_CHECKING([whether $CC knows $flag])
        AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
            [AC_MSG_RESULT([yes]); TK_WARNINGS="$TK_WARNINGS $flag"], [AC_MSG_RESULT([no])])
        CFLAGS=$tk_saved
    done
])

AC_DEFUN([TK_COMPILER_FLAGS], [
    TK_WARNINGS=
    TK_TRY_FLAGS([-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpedantic -Wcast-qual \
        -Wpointer-arith -Wvla -Wundef -Wwrite-strings -Wformat=2 -Wnull-dereference -Wduplicated-cond])
    AS_IF([test "$enable_devel" = yes], [TK_WARNINGS="$TK_WARNINGS -Werror"])
    TK_CFLAGS="-std=gnu11 -fvisibility=hidden -pthread -fno-strict-aliasing"
    AC_SUBST([TK_WARNINGS])
    AC_SUBST([TK_CFLAGS])
])

AC_DEFUN([TK_SANITIZER], [
    TK_SANITIZE=
    AS_IF([test "$with_sanitizer" != no],
        [TK_SANITIZE="-fsanitize=$with_sanitizer -fno-omit-frame-pointer -g"])
    AC_SUBST([TK_SANITIZE])
    AM_CONDITIONAL([SANITIZED], [test "$with_sanitizer" != no])
    AM_CONDITIONAL([TSAN], [test "$with_sanitizer" = thread])
])

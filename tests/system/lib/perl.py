# SPDX-License-Identifier: Apache-2.0
"""snmptrapd with and without NetSNMP::TrapReceiver on one machine.

Debian's snmptrapd brings snmp_perl_trapd.pl, which it runs at the first `perl` line of its configuration, and that says
`use NetSNMP::TrapReceiver`. The module itself is in libsnmp-perl, which nothing pulls in: without it that start fails,
and snmptrapd ignores every `perl` line. PERL5LIB decides which of the two a test sees.
"""

from lib.need import need_perl

_STUB = 'die "Can\'t locate NetSNMP/TrapReceiver.pm in \\@INC (hidden by the tests)\\n";\n'


def with_perl():
    """Environment of a machine that has libsnmp-perl."""
    return {"PERL5LIB": need_perl()}


def without_perl(folder):
    """Environment of a machine that lacks it; `folder` takes a module that fails like an absent one."""
    module = folder / "no-libsnmp-perl" / "NetSNMP" / "TrapReceiver.pm"
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(_STUB)
    for up in (module.parent, module.parent.parent):
        up.chmod(0o755)
    return {"PERL5LIB": str(module.parent.parent)}

# SPDX-License-Identifier: Apache-2.0
"""Which notifications have rules that were written by reading: they get no derived rule."""
from .shipped import Shipped


def notifications(top):
    """The OIDs (names, where the facts don't know them) that standard and vendors' rules name."""
    shipped = Shipped(top, derived=False)
    return {i for rule in shipped.rules for i in rule.ids}

# SPDX-License-Identifier: Apache-2.0
"""What mibs/derive-rules and mibs/measure-rules are made of."""

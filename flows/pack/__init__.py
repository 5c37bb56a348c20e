"""The auditor's pack of a night: what is told (`facts`), its files (`files`), written and signed whole (`folder`), and
verified anywhere (`verifying`). The same night gives the same bytes whenever it is asked for.
"""

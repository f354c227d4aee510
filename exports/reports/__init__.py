"""Reports: a PDF that shows what happened to a task or a project, and how to check that.

Facts are gathered from the log into plain dataclasses (`gather`), printed to HTML (`page`), and rendered by a child
process that has neither database nor network (`render`, `child`). `service.make_report` is the way in.
"""

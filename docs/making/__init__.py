"""What the site's build makes of the package itself. Everything here is a page or a picture that nobody writes by hand.

links        links of pages to files that the site has elsewhere, or not at all
pages        writing what is made
neighbours   pages that are files elsewhere in the repository
docstrings   the package's docstrings as reStructuredText
api          a page for each public name
suites       the registered suites and their workloads
behaviour    what a component does, in a picture
drawn        a figure as an element of a page
pictures     all of them, by two processes, and kept
tables       tables and headings
components   a page for each component
workloads    a page for each suite and workload
commands     a page for each command
hooks        a page for each hook
fields       every field of a suite's file
gallery      every figure of a small run
build        Sphinx calls this: what is made, and when
linked       whether all links of the built site lead somewhere
"""

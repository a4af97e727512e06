"""A board: packed results of many people as a static site. Entries are made, read as a stranger's, ranked and shown.

card     what an entry says of itself, and how it is checked
entry    an entry's folder, read without executing anything in it
league   entries of one suite, put into one comparison
data     the same as JSON with a schema, and as Parquet
cite     a citation for each entry
pages    what the site shows
site     entries to a site
submit   results to an entry
verify   an entry run again: the only place where what is in it is executed, when asked
"""

"""The documentation site: `python docs/build.py` builds it; CONTRIBUTING.md says what is chosen and why."""

import os
import sys
from importlib.metadata import version as installed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
# Whatever is installed beside: a page for what optbench has, and nobody else observes the runs of the gallery.
os.environ.setdefault("OPTBENCH_PLUGINS", "")

project = "optbench"
author = copyright = "the optbench maintainers"
version = release = installed("optbench")

extensions = [
    "sphinx.ext.autodoc",
    "myst_nb",
    "sphinx_copybutton",
    "making.build",  # docs/making: what is made of the registry, the models and the commands
]
exclude_patterns = ["build", "**.ipynb_checkpoints", "making", "static"]
nitpicky = True
smartquotes = False  # quotes in docstrings are code's

# Pages: GitHub reads them, too, so that nothing of MyST's own syntax is needed but headings' anchors.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "dollarmath", "attrs_block"]
nb_execution_mode = "cache"
nb_execution_in_temp = True
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_merge_streams = True

# Names: the public ones, as docstrings say them.
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries = False

# Looks: colours and letters of the report, in docs/static/site.css.
html_theme = "pydata_sphinx_theme"
html_title = "optbench"
html_math_renderer = "mathml"  # docs/making/formulas.py
html_static_path = ["static", "../optbench/report/templates/pictures.css"]
html_css_files = ["pictures.css", "site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "optbench"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "navigation_depth": 1,  # deeper ones fold, by a button that has no name to be read aloud
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
# A page for each name, component and workload: their list stands on the index, not beside each of them again.
html_sidebars = {
    "reference/*/**": [],
    "gallery/*": [],
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# `python docs/build.py --builder linkcheck` asks the network; CI has none for it.
linkcheck_ignore = [r"http://localhost.*", r"https://doi\.org/.*"]
linkcheck_timeout = 20

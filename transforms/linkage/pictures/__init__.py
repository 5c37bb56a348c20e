"""Linkage for people to look at: why one pair, why not the other, what a model believes, what a run has found.

Pure functions that return SVG or a whole HTML page as text: no script, no outside request, light and dark, Chinese
and English. Texts are escaped by the templates, personal values masked unless `reveal` is said.

`waterfall` (one pair), `against` (two candidates), `model_page` (a model and its training), `reliability`
(calibration), `viewer` (the patterns of a run); `reports` has the types that training and evaluation fill.
"""

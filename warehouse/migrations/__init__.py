"""The revisions of the tables. A revision that stands is never edited; the views are not in them:
views.py makes them anew after every migration."""

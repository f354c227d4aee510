"""GeoJSON (RFC 7946): what is drawn on maps, in longitude and latitude; Labeltrail's and Kili's own files, and others'.

It knows nothing of times or versions: a project loaded from it has tasks and labels, and no history.
"""

"""Pascal VOC's annotations: an XML file a picture with the bounding boxes of what is in it, in pixels.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/devkit_doc.pdf, and as Kili's SDK, labelImg and Labeltrail write it.
"""

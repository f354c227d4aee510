"""COCO's JSON of images with boxes, outlines, masks and keypoints (https://cocodataset.org/#format-data).

It knows nothing of people, times or versions: a project loaded from it has tasks and labels, and no history.
"""

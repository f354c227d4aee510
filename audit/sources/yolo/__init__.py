"""YOLO's data sets: a text file a picture with its boxes or outlines in fractions, and a file that names the classes.

Darknet's (obj.names or classes.txt) and Ultralytics' (data.yaml, https://docs.ultralytics.com/datasets/detect/).
"""

"""Data sets that have a file of labels for each picture, as YOLO and Pascal VOC do: what is common to them.

They know nothing of people, times or versions: a project loaded from one has tasks and labels, and no history.
"""

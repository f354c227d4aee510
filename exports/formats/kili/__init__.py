"""Kili's family: its own files, and COCO, YOLO, Pascal VOC and GeoJSON as it lays them out."""

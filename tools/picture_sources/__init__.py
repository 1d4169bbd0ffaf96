"""Where labelled pictures come from: folders, tables, COCO files, objects. `tools/labelled.py` gathers them."""

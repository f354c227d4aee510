"""What people ask for beside the platforms' formats: text spans, classes, tracks."""

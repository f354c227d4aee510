"""Label Studio's JSON of tasks, and the labelling configuration that fits it."""

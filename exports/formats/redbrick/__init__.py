"""RedBrick's export: tasks.json with masks in every mode."""

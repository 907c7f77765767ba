"""What a person may write, as models, and the JSON Schemas that editors read."""

"""What the line is made of: settings, their fields, schedules, numbers, spoken forms, limits, findings."""

"""From the files of a home to a line that is right as a whole, or to findings."""
